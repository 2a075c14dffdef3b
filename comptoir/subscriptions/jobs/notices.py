"""The notices of rules 6: one mail for each reader and day, however many subscriptions; receipts, and what staff must hear."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import job
from comptoir.kernel.nightly import nightly
from comptoir.organisations.models import Membership, Organisation, Reseller

from ..queries.notice_words import letters
from ..queries.notices import notices_of, with_notices
from ..queries.receipts import failure_letters, receipts_of

ORDER = 30  # after the renewals: what was renewed needs no notice


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers of whom somebody gets a notice on that day."""
    return with_notices(ids, day)


@nightly("subscriptions.notices", order=ORDER, due=due)
def notify(actor: Actor, *, day: date) -> None:
    """Write the notices of a day; a night that is late writes what is still true up to today, and later ones nothing twice."""
    today = max(day, business_day())
    for letter in letters(actor, notices_of(actor, add_days(day, -1), today)):
        write_letter(letter, "subscriptions/mail/notices", once=f"notices:{today.isoformat()}")


@job("subscriptions.tell_renewed")
def tell_renewed(actor: Actor, *, run_id: int) -> None:
    """The receipts of a night: one mail for each who sees amounts, with the invoices of their contracts."""
    for letter in receipts_of(actor, run_id):
        write_letter(letter, "subscriptions/mail/renewed", once=f"renewed:{run_id}")


@job("subscriptions.tell_charge_failed")
def tell_charge_failed(actor: Actor, *, attempt_id: int) -> None:
    """A renewal could not be charged: those who can pay it hear so with each try, and when the next one is."""
    for letter in failure_letters(actor, attempt_id):
        write_letter(letter, "subscriptions/mail/charge_failed", once=f"charge-failed:{attempt_id}")


class Addressed(Protocol):
    """A letter: to a member, or to the reseller of what it is about."""

    @property
    def customer(self) -> Organisation: ...

    @property
    def member(self) -> Membership | None: ...

    @property
    def reseller(self) -> Reseller | None: ...


def write_letter(letter: Addressed, template: str, *, once: str) -> None:
    """Write it to its reader, once: `once` is told apart by who reads."""
    told, organisation_id = {"letter": letter, "customer": letter.customer}, letter.customer.pk
    if letter.member is not None:
        person = letter.member.person
        to = mail.Recipient(person.pk, person.email, letter.member.name, person.language)
        mail.write(to, template, told, once=f"{once}:{letter.member.pk}", organisation_id=organisation_id)
    if letter.reseller is not None:
        to = mail.Recipient(0, letter.reseller.email, letter.reseller.name, letter.customer.language)
        mail.write(to, template, told, once=f"{once}:{organisation_id}:r{letter.reseller.pk}", organisation_id=organisation_id)
