"""The renewal plan: what is pending, and what the next renewal would charge after a change (rules 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.rules import TaxTreatment, Totals, totals
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import Told, tell
from comptoir.ui.arithmetic import Sum, seats_for_a_term, tax_at, what_for
from comptoir.ui.templatetags.ui import day, number

from ..models import Subscription
from ..ports import Ports
from ..rules import (
    LineKind,
    Pending,
    PlanChange,
    PlanField,
    PlanPreview,
    PlanState,
    PriceBook,
    Reason,
    Sitting,
    TermChoice,
    compare_terms,
    pending_changes,
    preview_plan,
    quote_of_what,
)
from .renewal_states import planned_terms, renewal_states


@dataclass(frozen=True, slots=True)
class PlannedRenewal:
    """What the next renewal would charge after a change of plan, with tax, and its quote. Nothing is charged now."""

    change: PlanChange
    on: date
    plan: PlanPreview
    treatment: TaxTreatment
    totals: Totals
    before: PlanState
    as_planned_now: Money | None  # without tax: what it would charge if nothing were changed; None: the book has no price
    sitting: Sequence[Sitting]
    quote: str

    @property
    def sums(self) -> list[Sum]:
        """The lines in words; none where nothing renews by itself."""
        return [
            replace(
                seats_for_a_term(line.quantity, line.unit_price, line.net),
                note=what_for(line.kind) if line.kind == LineKind.RAISED else "",
            )
            for line in self.plan.lines
        ]

    @property
    def taxes(self) -> list[Sum]:
        """The tax in words."""
        return [tax_at(self.treatment.rate_basis_points, self.totals.tax, self.treatment.code)]

    @property
    def warnings(self) -> list[Told]:
        """What to know before the click."""
        return [told_of(warning) for warning in self.plan.warnings]

    @property
    def must_choose(self) -> bool:
        """Whether fewer seats than people are planned, so that somebody would lose access."""
        return bool(self.plan.losing)

    @property
    def stay(self) -> frozenset[int]:
        """The memberships of those who keep their seat if nobody chooses otherwise."""
        losing = {one.key for one in self.plan.losing}
        return frozenset(one.key for one in self.sitting if one.key not in losing)


def told_of(reason: Reason) -> Told:
    """A reason or warning in words."""
    return tell(Refused(reason.code, params=reason.params))


def plan_states(subscriptions: Sequence[Subscription]) -> dict[int, PlanState]:
    """Each on the way to its next renewal, by id. Three statements, whatever their number.

    What is planned is planned for the renewal after all that was ordered, also where the last invoice is still open.
    """
    states = renewal_states(subscriptions)
    return {each.pk: replace(states[each.pk].plan, renews_on=each.renews_on) for each in subscriptions}


def plan_state(subscription: Subscription) -> PlanState:
    """As `plan_states`, of one."""
    return plan_states([subscription])[subscription.pk]


def preview_planned(actor: Actor, subscription: Subscription, change: PlanChange, on: date) -> PlannedRenewal:
    """What the next renewal would charge, and who would lose access, after a change of plan (rules 4).

    Raises Refused `last_seat`, `seats_out_of_range`, `already_renewed`, `automatic_renewal_off`, `price_missing`,
    `tax_rate_missing`.
    """
    sitting = Ports.seated.sitting(actor, [subscription.pk])[subscription.pk]
    return previewed(subscription, plan_state(subscription), change, sitting, on)


def previewed(
    subscription: Subscription, state: PlanState, change: PlanChange, sitting: Sequence[Sitting], on: date
) -> PlannedRenewal:
    """As `preview_planned`, from what was read already."""
    plan = preview_plan(state, change, sitting)
    treatment = treatment_for(subscription.organisation, subscription.renews_on)
    currency = subscription.organisation.currency
    summed = totals([line.net for line in plan.lines] or [Money.zero(currency)], treatment)
    after = plan.after
    left_behind = after.seats_at_renewal, after.planned_term, after.automatic, plan.ends
    quote = quote_of_what(plan.lines, summed.tax, left_behind, subscription.version, on)
    return PlannedRenewal(change, on, plan, treatment, summed, state, _net(state), sitting, quote)


def _net(state: PlanState) -> Money | None:
    try:
        return preview_plan(state, PlanChange()).net
    except Refused:
        return None


def terms_compared(subscription: Subscription) -> tuple[TermChoice, ...]:
    """Each term with what it costs at the next renewal, over three years, and against today's (P3)."""
    return compare_terms(plan_state(subscription))


@dataclass(frozen=True, slots=True)
class PendingChange:
    """One pending change in words, wherever the subscription is shown."""

    field: PlanField
    sentence: str
    mark: str  # in a list, beside what it changes
    undo: str  # the label of what takes it back


def pending_of(subscription: Subscription) -> list[PendingChange]:
    """What the next renewal of one subscription will do differently. One statement."""
    terms = planned_terms([subscription.pk], subscription.organisation_id)
    return in_words(subscription, terms.get(subscription.pk))


def in_words(subscription: Subscription, planned: Term | None) -> list[PendingChange]:
    """The pending changes of a subscription whose planned term is known."""
    # the seats of a period that is paid ahead are settled, not planned
    ahead = subscription.turns_on is not None
    at_renewal = subscription.seats_now if ahead else subscription.seats_at_renewal
    automatic, renews_on = subscription.automatic_renewal, subscription.renews_on
    found = pending_in_row(subscription.seats_now, at_renewal, renews_on, automatic=automatic, planned=planned)
    return [PendingChange(each.field, _sentence(each, day(renews_on)), mark_of(each), _undo(each)) for each in found]


def pending_in_row(now: int, at_renewal: int, renews_on: date, *, automatic: bool, planned: Term | None) -> tuple[Pending, ...]:
    """What is pending, from a row of a list: no price is read."""
    nothing = PriceBook("", "", ())
    return pending_changes(
        PlanState(
            seats_now=now,
            seats_at_renewal=at_renewal,
            term=Term.YEAR,
            renews_on=renews_on,
            anchor_day=renews_on.day,
            book=nothing,
            planned_term=planned,
            automatic=automatic,
        )
    )


def mark_of(each: Pending) -> str:
    """A pending change in a few words."""
    match each.field:
        case PlanField.SEATS:
            seats = int(each.planned)
            return ngettext("%(n)s seat from the renewal", "%(n)s seats from the renewal", seats) % {"n": number(seats)}
        case PlanField.TERM:
            return _("renews for %(term)s") % {"term": lengths_in_words()[str(each.planned)]}
    return _("ends then")


def _sentence(each: Pending, renews_on: str) -> str:
    match each.field:
        case PlanField.SEATS:
            told = {"now": number(int(each.today)), "then": number(int(each.planned)), "on": renews_on}
            return _("From the renewal on %(on)s: %(then)s seats instead of %(now)s.") % told
        case PlanField.TERM:
            return _("On %(on)s it renews for %(term)s.") % {"on": renews_on, "term": lengths_in_words()[str(each.planned)]}
    return _("Automatic renewal is off: all seats end on %(on)s unless somebody renews.") % {"on": renews_on}


def _undo(each: Pending) -> str:
    match each.field:
        case PlanField.SEATS:
            return _("Keep the seats of today")
        case PlanField.TERM:
            return _("Keep the term of today")
    return _("Turn automatic renewal on")


def lengths_in_words() -> Mapping[str, str]:
    """How long each term is."""
    return {Term.MONTH: _("a month"), Term.YEAR: _("a year"), Term.THREE_YEARS: _("3 years")}


def losing_seats(actor: Actor, subscription: Subscription) -> Told | None:
    """The warning that people will lose access at the next renewal, until a manager has chosen who keeps a seat (rules 4)."""
    if subscription.turns_on is not None or subscription.seats_at_renewal >= subscription.seats_now:
        return None
    sitting = Ports.seated.sitting(actor, [subscription.pk])[subscription.pk]
    losing = sitting[subscription.seats_at_renewal :]
    if not losing or sum(one.kept for one in sitting) >= subscription.seats_at_renewal:
        return None
    names = tuple(one.name for one in losing)
    return told_of(
        Reason("people_lose_access", {"names": names, "on": subscription.renews_on, "seats": subscription.seats_at_renewal})
    )
