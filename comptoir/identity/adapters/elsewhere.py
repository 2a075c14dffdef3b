"""Limits on what is asked from outside, and what ends with the sessions of a browser."""

from collections.abc import Iterable
from typing import Any

from allauth.core import ratelimit
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from ..ports import Ports


def within_limit(request: HttpRequest, action: str, key: str) -> bool:
    """Whether this may be done once more, over all processes: `action` is a line of the setting ACCOUNT_RATE_LIMITS."""
    return bool(ratelimit.consume(request, action=action, key=key))


def known_address(request: HttpRequest) -> str | None:
    """The network address that a request came from; None behind a socket, or a proxy that does not say."""
    try:
        return str(ratelimit._impl.get_ip(request))
    except PermissionDenied:
        return None


def address_of(request: HttpRequest) -> str:
    """The address as the limits count it: where none is told, all count as one."""
    return known_address(request) or "unknown"


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Who signs out of all other browsers signs out of the products too."""

    def end_sessions(self, sessions: Iterable[Any]) -> None:
        """End the sessions, and what signs in as their people outside of a browser."""
        ending = list(sessions)
        super().end_sessions(ending)
        people = {session.user_id for session in ending}
        if self.request is not None and self.request.user.is_authenticated:
            people.add(self.request.user.pk)  # no other browser, but perhaps a product
        for person_id in people:
            Ports.elsewhere.end_all(person_id)
