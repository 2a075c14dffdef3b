"""Which business day it is. Read in views, api and jobs only, and passed down as `on=` or `at=`.

Business days follow this clock; sessions, codes, signatures, limits and logs follow real time (rules 1).
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from .models import House


def business_day() -> date:
    """The day in the vendor's billing time zone; in a sandbox, the day that its clock was set to."""
    if settings.SANDBOX:
        day = House.objects.values_list("business_day", flat=True).get(single=True)
        if day is not None:
            return day
    return timezone.now().astimezone(ZoneInfo(settings.BILLING_ZONE)).date()


def now() -> datetime:
    """Real time, for logs and limits."""
    return timezone.now()
