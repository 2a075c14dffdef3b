"""What goes from one membership to the other when a person's two accounts become one (decision 19): seats, and beside them."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Exists, F, OuterRef

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.organisations.ports import Two
from comptoir.subscriptions.models import Subscription

from ..models import Assignment, BenefitChoice, SerialNumber, UseRight
from ..queries.giving import rows_of
from ..queries.rank import living
from .sitting import end


class UnitingSeats:
    """Fills `organisations.Uniting`: one person counts once per subscription, and the earlier given stays (rules 9)."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """Nothing that `Leaving.ends` has not told."""
        return {}

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """Seats and places in lines with their rank, benefits, licences beside a seat, serial numbers."""
        if two.kept == two.closed:
            return
        held = living().filter(organisation_id=actor.customer_id, membership_id=two.closed)
        subscriptions = Subscription.objects.filter(pk__in=held.values("subscription_id"))
        for subscription in subscriptions.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            rows = rows_of(subscription, [two.kept, two.closed])
            if two.kept in rows:
                _one_seat(rows[two.kept], rows[two.closed], on)
            else:
                _give(rows[two.closed], two.kept)
        _unite_benefits(actor, two)
        _unite_use_rights(actor, two)
        serials = SerialNumber.objects.filter(organisation_id=actor.customer_id, membership_id=two.closed)
        serials.update(membership_id=two.kept)


def _give(row: Assignment, member: int) -> None:
    row.membership_id = member
    row.save(update_fields=["membership"])


@step
def _one_seat(own: Assignment, other: Assignment, on: date) -> None:
    """Both have one: the rank of the better one stays. The other row ends when its membership leaves, and its seat is free."""
    if own.waiting and not other.waiting:
        end([own], on)
        other.direct = other.direct or own.direct
        other.membership_id = own.membership_id
        other.save(update_fields=["membership", "direct"])
        return
    own.direct, own.kept = own.direct or other.direct, own.kept or other.kept
    if own.waiting == other.waiting:
        # exchanged, not copied: on any day of the past as many seats are in use as were
        own.given_on, other.given_on = sorted([own.given_on, other.given_on])
        own.last_used_on = max(filter(None, [own.last_used_on, other.last_used_on]), default=None)
        other.save(update_fields=["given_on"])
    own.save(update_fields=["direct", "kept", "given_on", "last_used_on"])


@step
def _unite_benefits(actor: Actor, two: Two) -> None:
    choices = BenefitChoice.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    same = choices.filter(membership_id=two.kept, benefit=OuterRef("benefit"))
    choices.filter(membership_id=two.closed).exclude(Exists(same)).update(membership_id=two.kept)


@step
def _unite_use_rights(actor: Actor, two: Two) -> None:
    """Once per person and product: where both have a licence, that of the membership that stays does."""
    rights = UseRight.objects.filter(organisation_id=actor.customer_id, closed=False)
    same = rights.filter(membership_id=two.kept, **{part: OuterRef(part) for part in ("product", "kind", "version")})
    rights.filter(membership_id=two.closed, ends_on__gt=F("given_on")).exclude(Exists(same)).update(membership_id=two.kept)
