"""Which notices one customer gets when, as things stand today, and the mails as their readers would get them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.mail import Recipient, rendered
from comptoir.subscriptions.queries.notice_words import Letter, letters
from comptoir.subscriptions.queries.notices import Told, days_with_notices, notices_of

AHEAD = 120  # days: past the earliest notice of all, 90 days before the end
TEMPLATE = "subscriptions/mail/notices"


@dataclass(frozen=True, slots=True)
class Coming:
    """The notices of one day."""

    day: date
    told: Sequence[Told]


def coming(actor: Actor, on: date) -> list[Coming]:
    """The days of the next months on which the customer gets notices, asked day by day as the nights will."""
    near = days_with_notices(actor, on, add_days(on, AHEAD))
    found = (Coming(day, notices_of(actor, add_days(day, -1), day)) for day in near)
    return [each for each in found if each.told]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in one language, as its reader would get it."""

    to: str
    language: str
    own: bool  # the language in which it would really be written
    subject: str
    text: str


def mails_of(actor: Actor, day: date) -> list[Mail]:
    """The mails of that day, each in every language."""
    return [mail for letter in letters(actor, notices_of(actor, add_days(day, -1), day)) for mail in _mails(letter)]


def _mails(letter: Letter) -> list[Mail]:
    if letter.member is not None:
        person = letter.member.person
        to = Recipient(person.pk, person.email, letter.member.name, person.language)
    elif letter.reseller is not None:
        to = Recipient(0, letter.reseller.email, letter.reseller.name, letter.customer.language)
    else:
        return []
    known = [code for code, _name in settings.LANGUAGES]
    own = to.language if to.language in known else settings.LANGUAGE_CODE
    told = {"letter": letter, "customer": letter.customer}
    mails = []
    for code in known:
        subject, text, _html = rendered(to, TEMPLATE, told, code)
        mails.append(Mail(f"{to.name} <{to.email}>", code, code == own, subject, text))
    return mails
