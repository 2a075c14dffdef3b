"""A subscription renewed with fewer seats: the first by rank keep theirs, the others are told (rules 4, 9)."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import job
from comptoir.kernel.nightly import nightly
from comptoir.organisations.queries import members_by_id, who_may
from comptoir.permissions import Can, Role
from comptoir.subscriptions.models import Subscription

from .actions.keeping import let_go
from .queries.rank import customers_with_fewer_seats, over_seats

ORDER = 20  # after the renewals, which make seats fewer


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with a subscription that renews with fewer seats by that day."""
    return customers_with_fewer_seats(ids, day)


@nightly("entitlements.over_seats", order=ORDER, due=due)
def let_go_over_seats(actor: Actor, *, day: date) -> None:
    """Put whoever has no seat any more on the waiting list."""
    for subscription in over_seats(actor):
        let_go(actor, subscription, on=day)


@job("entitlements.let_go")
def let_go_now(actor: Actor, *, subscription_id: int) -> None:
    """The same of one subscription, as soon as it has renewed with fewer seats."""
    for subscription in over_seats(actor, subscription_id):
        let_go(actor, subscription, on=business_day())


@job("entitlements.tell_let_go")
def tell_let_go(actor: Actor, *, subscription_id: int, members: str, day: str) -> None:
    """Those who lost their seat hear it, with who can give one."""
    subscription = Subscription.objects.select_related("product", "organisation").get(
        organisation_id=actor.customer_id, pk=subscription_id
    )
    roles = [role for role, reach in Can.ASSIGN_SEATS.reach_of.items() if reach == "x"]
    givers = [member.name for member in who_may(actor, map(Role, roles), subscription.contract_id)]
    told = {"subscription": subscription, "customer": subscription.organisation, "givers": givers}
    for pk, member in members_by_id(actor, map(int, members.split(","))).items():
        if member.left_on is None:
            person = member.person
            to = mail.Recipient(person.pk, person.email, member.name, person.language)
            once = f"let-go:{subscription.pk}:{day}:{pk}"
            mail.write(to, "entitlements/mail/let_go", told, once=once, organisation_id=member.organisation_id)
