"""What a worker does for those who sign in."""

from datetime import timedelta

from django.conf import settings

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import the_house
from comptoir.kernel.jobs import enqueue, every, job
from comptoir.kernel.walls import wall_opened

from . import adapters, queries
from .actions import forget_unconfirmed

AT_ONCE = 500  # people that are erased in one transaction


@job("identity.mail_code")
def mail_code(actor: Actor, *, ticket: str) -> None:
    """Mail a code to whoever asked for it, if there is such a person."""
    adapters.mail_code(ticket)


@job("identity.mail_registration")
def mail_registration(actor: Actor, *, ticket: str) -> None:
    """Mail a code to whoever wants to register a company, or, to somebody who is here already, what to do instead."""
    adapters.mail_registration(ticket, business_day())


@every("15 3 * * *", "unconfirmed_addresses")
def unconfirmed_addresses() -> None:
    """Each night, have those forgotten who typed an address and never confirmed it."""
    enqueue("identity.forget_unconfirmed")


@job("identity.forget_unconfirmed", own_transactions=True)
def forget(actor: Actor) -> None:
    """Erase who did not confirm within the days of the setting, some at a time, and sessions that are over."""
    today = business_day()
    before = today - timedelta(days=settings.UNCONFIRMED_DAYS)
    with adapters.signing_in():
        ids = list(queries.unconfirmed(before).values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        with adapters.signing_in(), wall_opened(house=True):
            forget_unconfirmed(actor, the_house(), people=ids[first : first + AT_ONCE], before=before, on=today)
    adapters.forget_sessions_that_are_over()


@job("identity.tell_merged")
def tell_merged(actor: Actor, *, merge_id: int) -> None:
    """Write to both addresses that the two accounts are one."""
    with adapters.signing_in():
        kept, closed = queries.both_of(merge_id)
        by_staff = queries.was_merged_at_desk(merge_id)
    for to in (kept, closed):
        with wall_opened(person=to.pk):
            recipient = mail.Recipient(to.pk, to.email, str(to), queries.shown_language(to))
            told = {"kept": kept.email, "closed": closed.email, "by_staff": by_staff}
            mail.write(recipient, "identity/mail/merged", told, once=f"merged:{merge_id}:{to.pk}")
