"""Codes and tokens that are over, of which nothing is needed any more."""

from datetime import timedelta

from django.db.models import Min, Q

from comptoir.kernel.clock import now

from ..models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken
from ..queries import IDLE

A_DAY = timedelta(days=1)


def forget_what_is_over() -> int:
    """Erase it; returns how many rows went.

    Used refresh tokens stay for as long as a copy could be tried, and the first of each sign-in that still lives, which tells
    since when it does.
    """
    at = now()
    gone: int = 0
    gone += DeviceGrant.objects.filter(expires__lt=at - A_DAY / 2).delete()[0]
    gone += Grant.objects.filter(expires__lt=at - A_DAY).delete()[0]
    over = Q(access_token=None) | Q(access_token__expires__lt=at - IDLE)
    RefreshToken.objects.filter(over, revoked=None).update(revoked=at, access_token=None)
    living = RefreshToken.objects.filter(revoked=None).values("token_family")
    first = RefreshToken.objects.filter(token_family__in=living).values("token_family").annotate(first=Min("pk")).values("first")
    gone += RefreshToken.objects.filter(revoked__lt=at - IDLE).exclude(pk__in=first).delete()[0]
    gone += AccessToken.objects.filter(expires__lt=at - A_DAY, refresh_token=None).delete()[0]
    gone += IDToken.objects.filter(expires__lt=at - A_DAY, access_token=None).delete()[0]
    return gone
