"""Requests: what was asked, by whom, and what it would do today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import members_by_id
from comptoir.permissions import Can

from ..models import Subscription
from .seats import SeatPreview, preview_added_seats, subscription_of

SHOWN = 100  # the newest; older ones are in the activity log


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a page shows it."""

    asked: AskedVerb
    subscription: Subscription
    asker: Membership | None
    decider: Membership | None
    mine: bool
    may_decide: bool

    @property
    def seats(self) -> int:
        """How many seats it asks for."""
        return int(self.asked.arguments["add"])


def requests_of(actor: Actor) -> list[Request]:
    """The requests that the actor sent or may decide, open ones first, then newest first."""
    seen = AskedVerb.objects.filter(_seen_by(actor), organisation_id=actor.customer_id).order_by("-id")
    waiting = list(seen.filter(state=AskedVerb.State.OPEN)[:SHOWN])
    return _as_shown(actor, [*waiting, *seen.exclude(state=AskedVerb.State.OPEN)[: SHOWN - len(waiting)]])


def request_of(actor: Actor, pk: int) -> Request:
    """One request. Raises AskedVerb.DoesNotExist for somebody else's that one may not decide."""
    return _as_shown(actor, [AskedVerb.objects.get(_seen_by(actor), organisation_id=actor.customer_id, pk=pk)])[0]


def preview_of(actor: Actor, request: Request, on: date) -> SeatPreview:
    """What approving it today would charge. Raises what the preview refuses."""
    return preview_added_seats(subscription_of(actor, request.subscription.number), request.seats, on)


def _seen_by(actor: Actor) -> Q:
    contracts = actor.contracts(Can.DECIDE_REQUESTS)
    return Q() if contracts is None else Q(asked_by_id=actor.membership_id) | Q(contract_id__in=contracts)


def _as_shown(actor: Actor, rows: Sequence[AskedVerb]) -> list[Request]:
    numbers = {row.target_number for row in rows}
    found = Subscription.objects.filter(organisation_id=actor.customer_id, number__in=numbers).select_related(
        "product", "contract"
    )
    by_number = {row.number: row for row in found}
    people = members_by_id(actor, {pk for row in rows for pk in (row.asked_by_id, row.decided_by_id) if pk is not None})
    return [
        Request(
            asked=row,
            subscription=by_number[row.target_number],
            asker=people.get(row.asked_by_id),
            decider=people.get(row.decided_by_id or 0),
            mine=row.asked_by_id == actor.membership_id,
            may_decide=row.state == AskedVerb.State.OPEN and actor.may(Can.DECIDE_REQUESTS, row.contract_id),
        )
        for row in rows
    ]
