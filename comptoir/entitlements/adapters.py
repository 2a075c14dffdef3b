"""What guesses of keys and secrets cost: they are counted by address over all processes, and good ones cost nothing."""

import time
from collections import OrderedDict
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from comptoir.identity.adapters import address_of
from comptoir.kernel.errors import Refused

WINDOW = 60  # seconds
_MOST = 10_000
_shut: OrderedDict[str, float] = OrderedDict()  # address -> until when, by the process's own clock
_lock = Lock()


def refuse_guesser(request: HttpRequest) -> None:
    """Raise Refused `too_many_guesses` (429) for an address that guessed too often within a minute. No query."""
    if not _shut:
        return
    address = address_of(request)
    with _lock:
        until = _shut.get(address, 0.0)
    if until > time.monotonic():
        raise Refused("too_many_guesses", status=429)


def note_guess(request: HttpRequest) -> None:
    """An address sent a secret that is nobody's: past the limit it is refused here, and by each other process at its next."""
    address = address_of(request)
    key = f"licence-guesses:{address}"
    if cache.add(key, 1, WINDOW):
        return
    try:
        guesses = cache.incr(key)
    except ValueError:  # it ran out just now
        return
    if guesses > settings.LICENCE_GUESSES:
        with _lock:
            _shut[address] = time.monotonic() + WINDOW
            while len(_shut) > _MOST:
                _shut.popitem(last=False)


def forget_guessers() -> None:
    """Let everybody in again: for tests, which share a process."""
    with _lock:
        _shut.clear()
