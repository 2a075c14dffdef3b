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
from django.template.loader import render_to_string
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
        if person is not None and code:
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
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", told).split())
        text = render_to_string(f"{template_prefix}_message.txt", told)
    to = mail.Recipient(person.pk, person.email, person.full_name, language)
    with transaction.atomic(), wall_opened(person=person.pk):
        mail.write_rendered(to, subject, text, language=language, once=f"{template_prefix}:{once}", secret="code" in context)


TRIES = 3  # at one code; then a new one is needed
_CONFIRMING = "confirming"  # where a session keeps the address that is being confirmed, and the digest of its code


def ask_to_confirm(request: HttpRequest, email: str, language: str) -> bool:
    """Have a code mailed to an address that may be nobody's yet; False where too many were asked for.

    Whether somebody has the address must not show, not even by time: a worker looks, and mails them what to do instead.
    """
    if not ratelimit.consume(request, action="register", key=email.lower()):
        return False
    code, ticket = get_adapter().generate_login_code(), get_random_string(22)
    cache.set(_kept_at(ticket), (email, code, language), MAILED_WITHIN)
    enqueue("identity.mail_registration", ticket=ticket)
    # what was typed goes with the session, as the address goes
    request.session.set_expiry(settings.UNCONFIRMED_DAYS * 24 * 3600)
    request.session[_CONFIRMING] = {
        "email": email,
        "digest": _digest(email, code),
        "until": _seconds() + MAILED_WITHIN,
        "tries": 0,
    }
    return True


def confirming(request: HttpRequest) -> str | None:
    """The address for which this session waits for a code; None where there is none, or its time is over."""
    told = request.session.get(_CONFIRMING)
    return str(told["email"]) if told and told["until"] > _seconds() and told["tries"] < TRIES else None


def confirmed(request: HttpRequest, code: str) -> Person | None:
    """Whoever was mailed that very code, in this session. Each wrong one counts."""
    email, told = confirming(request), request.session.get(_CONFIRMING)
    if email is None or told is None:
        return None
    told["tries"] += 1
    request.session[_CONFIRMING] = told
    if not hmac.compare_digest(_digest(email, code), told["digest"]):
        return None
    with signing_in():
        person = queries.by_sign_in_name(email)
    # who signs in already was mailed no code; the one that was guessed opens nothing
    if person is None or person.is_active:
        return None
    del request.session[_CONFIRMING]
    request.session.set_expiry(None)
    return person


def mail_registration(ticket: str, on: date) -> None:
    """Write the mail of a registration: a code, or to somebody who is here already what to do; once."""
    asked = cache.get(_kept_at(ticket))
    if asked is None:
        return
    email, code, language = asked
    with signing_in():
        person = queries.by_sign_in_name(email)
        if person is None or not person.is_active:
            house = the_house()
            person = actions.note_address(Actor.job("registration", None), house, email=email, language=language, on=on)
        template = "account/email/already_here" if person.is_active else "account/email/register_code"
        write(person, template, {} if person.is_active else {"code": code}, once=ticket)
    cache.delete_many([_kept_at(ticket)])


def _digest(email: str, code: str) -> str:
    typed = "".join(code.upper().replace("-", " ").split())
    return salted_hmac("comptoir.register", f"{email.lower()}:{typed}", algorithm="sha256").hexdigest()


def _seconds() -> int:
    return int(now().timestamp())
