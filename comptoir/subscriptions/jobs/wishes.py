"""Wishes to align: each night those whose subscriptions match now are told to whoever manages them (rules 5)."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import job
from comptoir.kernel.nightly import nightly
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import who_may
from comptoir.permissions import DIRECT, Can

from ..actions.alignment import wish_is_ready
from ..queries.wishes import customers_that_wish, numbers_of, ready_wishes, wish_that_waits

ORDER = 30  # after the renewals, which make terms match


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with a wish that waits."""
    return customers_that_wish(ids)


@nightly("subscriptions.wishes", order=ORDER, due=due)
def look_at_wishes(actor: Actor, *, day: date) -> None:
    """Note the wishes of one customer whose subscriptions match since today."""
    for wish in ready_wishes(actor, day):
        wish_is_ready(actor, wish, on=day)


@job("subscriptions.tell_alignment_ready")
def tell_alignment_ready(actor: Actor, *, wish_id: int) -> None:
    """Those who may align them hear that they match now, each in their language, with where to look at the price."""
    wish = wish_that_waits(actor, wish_id)
    if wish is None:
        return
    roles = [role for role, reach in Can.ALIGN.reach_of.items() if reach in DIRECT]
    contracts, numbers = numbers_of(wish)
    told = {"customer": Organisation.objects.get(pk=actor.customer_id), "numbers": numbers, "wish": wish}
    found = [{member.pk: member for member in who_may(actor, roles, contract)} for contract in contracts]
    for pk, member in found[0].items():
        if all(pk in members for members in found):
            person = member.person
            to = mail.Recipient(person.pk, person.email, member.name, person.language)
            once = f"alignment-ready:{wish.pk}:{pk}"
            mail.write(to, "subscriptions/mail/alignment_ready", told, once=once, organisation_id=member.organisation_id)
