"""One change of the plan for many subscriptions: what it would do to each, and why it can't be done to some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can, Permission

from ..models import Subscription
from ..ports import Ports
from ..rules import PlanChange, Verb
from .availability import reasons_of
from .plans import PendingChange, PlannedRenewal, in_words, plan_states, previewed, told_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change would do to one subscription; `preview` None where it can't be, with every reason."""

    subscription: Subscription
    pending: Sequence[PendingChange]
    preview: PlannedRenewal | None
    reasons: Sequence[Told]

    @property
    def before(self) -> Money | None:
        """What its next renewal costs as it is planned now, without tax; None where it does not renew by itself."""
        return self.preview.as_planned_now if self.preview and self.preview.before.automatic else None

    @property
    def after(self) -> Money | None:
        """What it would cost, without tax; None where it would not renew by itself."""
        return self.preview.plan.net if self.preview and self.preview.plan.lines else None


def chosen(actor: Actor, numbers: Sequence[str], can: Permission = Can.PLAN_RENEWAL) -> list[Subscription]:
    """The subscriptions with these numbers for which the actor may do `can`, the next to renew first. One statement."""
    rows = Subscription.objects.select_related("contract__reseller", "product", "organisation")
    rows = rows.filter(organisation_id=actor.customer_id, number__in=[number for number in numbers if number.isprintable()])
    contracts = actor.contracts(can)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    return list(rows.order_by("renews_on", "number"))


def verdicts(actor: Actor, rows: Sequence[Subscription], change: PlanChange, on: date) -> list[Verdict]:
    """What the change would do to each, in their order."""
    states, sitting = plan_states(rows), Ports.seated.sitting(actor, [row.pk for row in rows])
    found = []
    for row in rows:
        state = states[row.pk]
        pending = in_words(row, state.planned_term)
        reasons = _reasons(actor, row, change, on)
        if reasons:
            found.append(Verdict(row, pending, None, reasons))
            continue
        try:
            preview = previewed(row, state, change, sitting[row.pk], on)
            if preview.plan.after == state:
                raise Refused("plan_unchanged")
            found.append(Verdict(row, pending, preview, ()))
        except Refused as refusal:
            found.append(Verdict(row, pending, None, (tell(refusal),)))
    return found


def _reasons(actor: Actor, row: Subscription, change: PlanChange, on: date) -> list[Told]:
    asked = [
        (Verb.PLAN_SEATS, change.seats is not None),
        (Verb.PLAN_TERM, change.term is not None),
        (Verb.AUTOMATIC_ON, change.automatic is True),
        (Verb.AUTOMATIC_OFF, change.automatic is False),
    ]
    found = {}
    for verb, wanted in asked:
        for reason in reasons_of(actor, row, verb, on, planned_seats=change.seats) if wanted else ():
            if not (change.automatic and reason.code == "automatic_renewal_off"):
                found[reason.code] = told_of(reason)
    return list(found.values())
