"""Codes by mail: for those who sign in, who are not known yet, and who have a second account.

Who asked for a code is not known: whether there is an account must not show, not even by time. So a worker looks. What the
session keeps of a code is its digest.
"""

import hmac
from datetime import date
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.crypto import get_random_string, salted_hmac

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.walls import wall_opened

from .. import actions, queries
from ..models import Person
from ..queries import signing_in

MAILED_WITHIN = 15 * 60  # seconds; longer than any code is good for


def have_code_mailed(template_prefix: str, email: str, code: str) -> None:
    """Have a worker mail a code to whoever has this address, if anybody has."""
    ticket = get_random_string(22)
    cache.set(_kept_at(ticket), (template_prefix, email, code), MAILED_WITHIN)
    enqueue("identity.mail_code", ticket=ticket)


def mail_code(ticket: str) -> None:
    """Write the mail that was asked for on a sign-in page, if its address is somebody's; once, however often it is run."""
    asked = cache.get(_kept_at(ticket))
    if asked is None:
        return
    template_prefix, email, code = asked
    with signing_in():
        person = queries.by_sign_in_name(email)
        if person is not None and person.is_active and code:
            write(person, template_prefix, {"code": code}, once=ticket)
    cache.delete_many([_kept_at(ticket)])


def _kept_at(ticket: str) -> str:
    # a job's arguments are logged, so the code and the address wait here
    return f"mail:{ticket}"


def write(person: Person, template_prefix: str, context: dict[str, Any], *, once: str) -> None:
    """Write one mail of allauth's, or of its kind, in the person's language; one that holds a code is a secret."""
    language = queries.shown_language(person)
    told = {**context, "vendor": settings.VENDOR, "base_url": settings.BASE_URL, "to": person}
    with translation.override(language):
        subject = " ".join(mail.plain(f"{template_prefix}_subject.txt", told).split())
        text = mail.plain(f"{template_prefix}_message.txt", told)
    to = mail.Recipient(person.pk, person.email, person.full_name, language)
    with transaction.atomic(), wall_opened(person=person.pk):
        mail.write_rendered(to, subject, text, language=language, once=f"{template_prefix}:{once}", secret="code" in context)


TRIES = 3  # at one code; then a new one is needed
# where a session keeps the name for which a code is awaited, and the digest of that code
_CONFIRMING, _PROVING = "confirming", "proving"
_PROVED = "proved"  # the other account that this session has shown to be its person's
PROVED_FOR = 15 * 60  # seconds


def ask_to_confirm(request: HttpRequest, email: str, language: str, *, to_join: bool = False) -> bool:
    """Have a code mailed to an address that may be nobody's yet, to register, or `to_join`; False where too many were asked for.

    Whether somebody has the address must not show, not even by time: a worker looks, and mails them what to do instead.
    """
    if not ratelimit.consume(request, action="register", key=email.lower()):
        return False
    code, ticket = get_adapter().generate_login_code(), get_random_string(22)
    cache.set(_kept_at(ticket), (email, code, language, "join" if to_join else "register"), MAILED_WITHIN)
    enqueue("identity.mail_registration", ticket=ticket)
    # what was typed goes with the session, as the address goes
    request.session.set_expiry(settings.UNCONFIRMED_DAYS * 24 * 3600)
    _await(request, _CONFIRMING, email, code)
    return True


def confirming(request: HttpRequest) -> str | None:
    """The address for which this session waits for a code; None where there is none, or its time is over."""
    return _awaited(request, _CONFIRMING)


def confirmed(request: HttpRequest, code: str) -> Person | None:
    """Whoever was mailed that very code, in this session. Each wrong one counts."""
    person = _who_typed(request, _CONFIRMING, code)
    # who signs in already was mailed no code; the one that was guessed opens nothing
    if person is None or person.is_active:
        return None
    del request.session[_CONFIRMING]
    request.session.set_expiry(None)
    return person


def ask_to_prove(request: HttpRequest, name: str) -> bool:
    """Have a code mailed to whoever signs in by this name, if anybody does; False where too many were asked for."""
    with signing_in():
        person = queries.by_sign_in_name(name)
    # counted by the account, whichever of its names is typed
    if not ratelimit.consume(request, action="prove", key=f"person:{person.pk}" if person else f"name:{name.lower()}"):
        return False
    code = get_adapter().generate_login_code()
    have_code_mailed("account/email/prove_code", name, code)
    _await(request, _PROVING, name, code)
    return True


def proving(request: HttpRequest) -> str | None:
    """The name for which the signed-in person's session waits for a code; None where its time is over."""
    return _awaited(request, _PROVING)


def prove_by_code(request: HttpRequest, code: str) -> Person | None:
    """Note that the account whose code this is is the person's too; None for a wrong one, which counts."""
    person = _who_typed(request, _PROVING, code)
    if person is None or not person.is_active:
        return None
    del request.session[_PROVING]
    return _note_proof(request, person)


def prove_by_password(request: HttpRequest, name: str, password: str) -> Person | None:
    """Note that the account with this password is the person's too; None for a wrong one.

    Guesses are counted as those at the entrance are. Raises ValidationError after too many.
    """
    person = get_adapter(request).authenticate(request, email=name, password=password)
    return None if person is None else _note_proof(request, person)


def proved_other(request: HttpRequest) -> int | None:
    """The other account that the signed-in person has shown to be theirs in the last quarter of an hour, in this session."""
    told = request.session.get(_PROVED)
    if told is None or told["by"] != request.user.pk or told["until"] <= _seconds():
        return None
    return int(told["person"])


def forget_proof(request: HttpRequest) -> None:
    """The proof has served."""
    request.session.pop(_PROVED, None)


def _note_proof(request: HttpRequest, person: Person) -> Person:
    request.session[_PROVED] = {"by": request.user.pk, "person": person.pk, "until": _seconds() + PROVED_FOR}
    return person


def _await(request: HttpRequest, place: str, name: str, code: str) -> None:
    told = {"email": name, "digest": _digest(place, name, code), "until": _seconds() + MAILED_WITHIN, "tries": 0}
    request.session[place] = told


def _awaited(request: HttpRequest, place: str) -> str | None:
    told = request.session.get(place)
    return str(told["email"]) if told and told["until"] > _seconds() and told["tries"] < TRIES else None


def _who_typed(request: HttpRequest, place: str, code: str) -> Person | None:
    """Whoever has the name for which this very code was made, in this session. Each wrong one counts."""
    name, told = _awaited(request, place), request.session.get(place)
    if name is None or told is None:
        return None
    told["tries"] += 1
    request.session[place] = told
    if not hmac.compare_digest(_digest(place, name, code), told["digest"]):
        return None
    with signing_in():
        return queries.by_sign_in_name(name)


def mail_registration(ticket: str, on: date) -> None:
    """Write the mail of a registration or of a newcomer: a code, or to somebody who is here already what to do; once."""
    asked = cache.get(_kept_at(ticket))
    if asked is None:
        return
    email, code, language, purpose = asked
    with signing_in():
        person = queries.by_sign_in_name(email)
        if person is None or not person.is_active:
            house = the_house()
            person = actions.note_address(Actor.job("registration", None), house, email=email, language=language, on=on)
        template = f"account/email/{purpose}_{'already_here' if person.is_active else 'code'}"
        write(person, template, {} if person.is_active else {"code": code}, once=ticket)
    cache.delete_many([_kept_at(ticket)])


def _digest(place: str, name: str, code: str) -> str:
    typed = "".join(code.upper().replace("-", " ").split())
    return salted_hmac(f"comptoir.{place}", f"{name.lower()}:{typed}", algorithm="sha256").hexdigest()


def _seconds() -> int:
    return int(now().timestamp())
