"""The notices of coming days as they will be written if nothing changes: for the vendor's desk, in every language."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import translation

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.mail import Recipient, plain

from .notice_words import Letter, letters
from .notices import notices_of


@dataclass(frozen=True, slots=True)
class Written:
    """One mail in one language."""

    language: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class PreviewedLetter:
    """One mail of one day: to whom, in which language it will go, and how it reads in each."""

    on: date
    name: str
    email: str
    language: str
    amounts: bool
    written: tuple[Written, ...]


def notices_preview(actor: Actor, first: date, days: int = 1) -> list[PreviewedLetter]:
    """The notices of a customer on so many days from `first` on, one after the other, as rows tell today."""
    found = []
    for ahead in range(days):
        on = add_days(first, ahead)
        found += [_previewed(letter, on) for letter in letters(actor, notices_of(actor, add_days(on, -1), on))]
    return found


def _previewed(letter: Letter, on: date) -> PreviewedLetter:
    if letter.member is not None:
        to = Recipient(letter.member.person_id, letter.member.email, letter.member.name, letter.member.person.language)
    elif letter.reseller is not None:
        to = Recipient(0, letter.reseller.email, letter.reseller.name, letter.customer.language)
    else:
        to = Recipient(0, "", "", settings.LANGUAGE_CODE)
    language = to.language if to.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    written = tuple(_written(letter, to, code) for code, _name in settings.LANGUAGES)
    return PreviewedLetter(on, to.name, to.email, language, any(line.amounts for line in letter.lines), written)


def _written(letter: Letter, to: Recipient, language: str) -> Written:
    told = {"letter": letter, "to": to, "vendor": settings.VENDOR, "base_url": settings.BASE_URL}
    with translation.override(language):
        subject = " ".join(plain("subscriptions/mail/notices_subject.txt", told).split())
        return Written(language, subject, plain("subscriptions/mail/notices.txt", told).strip())
