"""Which business day it is. Read in views, api and jobs only, and passed down as `on=` or `at=`.

Business days follow this clock; sessions, codes, signatures, limits and logs follow real time (rules 1).
"""

from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from .models import House
from .prepared import Prepared

_SANDBOX_DAY: Prepared[House] = Prepared(lambda: House.objects.filter(single=True).values_list("business_day"))


def business_day() -> date:
    """The day in the vendor's billing time zone; in a sandbox, the day that its clock was set to."""
    if settings.SANDBOX:
        [(day,)] = _SANDBOX_DAY.all()
        if day is not None:
            return cast(date, day)
    return timezone.now().astimezone(ZoneInfo(settings.BILLING_ZONE)).date()


def now() -> datetime:
    """Real time, for logs and limits."""
    return timezone.now()
