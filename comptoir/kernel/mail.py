"""Mail: written with the change that causes it, handed over afterwards by a worker.

A mail server can't tell us after a crash whether it took a message, so a message may be handed over again with the same
Message-ID, which receivers use to drop the second one. It is never lost and never written twice (`once` is unique).
"""

import hashlib
import logging
import re
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context, Engine
from django.template.defaultfilters import linebreaks_filter, urlize
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from .actor import Actor
from .clock import now
from .failpoints import failpoint
from .jobs import enqueue, job, within
from .models import Message
from .pause import paused_because

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a mail, and in which language. A mailbox that is nobody's has the person 0."""

    person_id: int
    email: str
    name: str
    language: str


def forget_mails_to(person_id: int) -> None:
    """Erase what was written to a person who is erased, in their own wall; what their customers wrote is not there."""
    Message.objects.filter(organisation_id=None, person_id=person_id).delete()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    kind: str  # application/pdf
    content: bytes


Attacher = Callable[[Actor, int], Attachment]
ATTACHERS: dict[str, Attacher] = {}


def attacher(name: str) -> Callable[[Attacher], Attacher]:
    """Register what makes a file of a row when a mail is handed over, inside its customer's wall: `name:id` in `attached`."""

    def decorate(make: Attacher) -> Attacher:
        ATTACHERS[name] = make
        return make

    return decorate


def write(
    to: Recipient,
    template: str,
    context: Mapping[str, object],
    *,
    once: str,
    organisation_id: int | None = None,
    secret: bool = False,
    attached: str = "",
) -> None:
    """Write one mail in the recipient's language. `template` has `<template>_subject.txt`, `.txt` and `.html`.

    `once` names what the mail is about: a second call with the same `once` writes nothing.
    """
    language = to.language if to.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    subject, text, html = rendered(to, template, context, language)
    write_rendered(
        to, subject, text, html, once=once, organisation_id=organisation_id, secret=secret, language=language, attached=attached
    )


def rendered(to: Recipient, template: str, context: Mapping[str, object], language: str) -> tuple[str, str, str]:
    """A mail as it would be written in that language: subject, text, HTML."""
    told = {**context, "to": to, "vendor": settings.VENDOR, "base_url": settings.BASE_URL}
    with translation.override(language):
        subject = " ".join(plain(f"{template}_subject.txt", told).split())
        text = plain(f"{template}.txt", told).strip() + "\n"
        return subject, text, render_to_string(f"{template}.html", told)


def plain(template: str, context: Mapping[str, object]) -> str:
    """A template as text, in which a name with an apostrophe or an ampersand stays as it is written."""
    return Engine.get_default().get_template(template).render(Context(dict(context), autoescape=False))


def on_our_sheet(message: Message) -> str:
    """The HTML of a mail, whole: the vendor's name over it and its contacts under it; a mail of text alone gets its twin."""
    told = {
        "subject": message.subject,
        "language": message.language,
        "body": mark_safe(message.html or _twin_of(message.text)),
        "vendor": settings.VENDOR,
        "base_url": settings.BASE_URL,
    }
    with translation.override(message.language):
        return render_to_string("kernel/mail/sheet.html", told)


# a paragraph that is nothing but a code to type
_CODE = re.compile(r"<p>([0-9A-Z]{3,8}(?:-[0-9A-Z]{3,8})?)</p>")


def _twin_of(text: str) -> str:
    return _CODE.sub(r'<p class="code">\1</p>', linebreaks_filter(urlize(text.strip())))


def write_rendered(
    to: Recipient,
    subject: str,
    text: str,
    html: str = "",
    *,
    once: str,
    language: str,
    organisation_id: int | None = None,
    secret: bool = False,
    attached: str = "",
) -> None:
    """Write one mail whose text is ready. `attached` names what goes with it (`attacher`)."""
    if Message.objects.filter(once=once).exists():
        return
    person_id = to.person_id if organisation_id is None else None
    Message.objects.bulk_create(
        [
            Message(
                organisation_id=organisation_id,
                person_id=person_id,
                once=once,
                to=to.email,
                language=language,
                subject=subject,
                text=text,
                html=html,
                secret=secret,
                attached=attached,
            )
        ],
        ignore_conflicts=True,  # somebody may write it at the same moment
    )
    enqueue("kernel.hand_over", organisation_id=organisation_id, person_id=person_id, once=once)


@job("kernel.hand_over", own_transactions=True)
def hand_over(actor: Actor, *, once: str, person_id: int | None = None) -> None:
    """Hand one message to the mail server, unless that was done.

    Raises what the server raises, and Message.DoesNotExist: the job comes again, and never ends on a mail that waits.
    """
    with transaction.atomic():
        within(actor, person_id)
        message = Message.objects.select_for_update(no_key=True).get(once=once)
        if message.state != Message.State.WAITING:
            return
        if reason := paused_because():
            raise HeldBack(f"mail waits: {reason}")
        failpoint("mail.claimed")
        if settings.EMAIL_HOST:
            _send(actor, message)
            failpoint("mail.handed_over")
            message.state = Message.State.HANDED_OVER
            if message.secret:
                message.text = message.html = ""
        else:
            message.state = Message.State.KEPT
        message.handed_over_at = now()
        message.save()


class HeldBack(RuntimeError):
    """The house is paused: the mail waits in its row and its job is tried again."""


def _send(actor: Actor, message: Message) -> None:
    name = hashlib.sha256(message.once.encode()).hexdigest()[:32]
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.to],
        headers={"Message-ID": f"<{name}@{settings.MAIL_DOMAIN}>", "Content-Language": message.language},
    )
    mail.attach_alternative(on_our_sheet(message), "text/html")
    if message.attached:
        maker, _colon, pk = message.attached.rpartition(":")
        made = ATTACHERS[maker](actor, int(pk))
        mail.attach(made.name, made.content, made.kind)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        log.warning("the mail server refuses the recipient of message %s for good", message.pk)
