"""Aligning payment dates: who can be aligned with whom, every possible date, and what the chosen one charges (rules 5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import ngettext

from comptoir.billing.models import InvoiceBalance, PaymentMethod
from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.queries.payments import chargeable
from comptoir.billing.rules import TaxTreatment, Totals
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.permissions import Can, Reach
from comptoir.ui.arithmetic import Sum, seats_for_days, tax_at
from comptoir.ui.templatetags.ui import number

from ..models import Subscription
from ..rules import (
    Alignable,
    AlignmentPlan,
    Candidate,
    Channel,
    DateOption,
    Extension,
    Facts,
    Likeness,
    Matching,
    Plan,
    PriceKind,
    ProductStatus,
    Reason,
    RenewalState,
    State,
    Unmatched,
    Verb,
    date_options,
    match_candidates,
    plan_alignment,
    quote_of_what,
    reasons,
)
from ..rules.totals import totals_by_contract
from .availability import refusal_of
from .renewal_states import renewal_states
from .running import with_payment_running
from .states import not_cancelled, states_on


@dataclass(frozen=True, slots=True)
class Member:
    """A subscription that may be picked: what is aligned of it, and what rules 8 say against it."""

    subscription: Subscription
    candidate: Candidate
    blocked: tuple[Reason, ...]
    charged_to: PaymentMethod | None


@dataclass(frozen=True, slots=True)
class AlignmentPreview:
    """What aligning would charge now, with tax, and leave behind, with the quote that holds it."""

    on: date
    members: Sequence[Member]
    plan: AlignmentPlan
    treatment: TaxTreatment
    totals: Totals
    quote: str
    paid_with: PaymentMethod | None

    @property
    def sums(self) -> list[Sum]:
        """The lines in words; a subscription that ends there already is not charged."""
        return self.first_sums(len(self.plan.extensions))

    def first_sums(self, most: int) -> list[Sum]:
        """At most so many lines in words, and what all the others come to in one more line."""
        charged = [extension for extension in self.plan.extensions if extension.charged]
        told = [_sum(extension) for extension in charged[:most]]
        if left := len(charged) - len(told):
            words = ngettext("%(n)s more subscription", "%(n)s more subscriptions", left) % {"n": number(left)}
            told.append(Sum(words, Money.sum((each.line.net for each in charged[most:]), self.plan.net.currency)))
        return told

    @property
    def taxes(self) -> list[Sum]:
        """The tax in words."""
        return [tax_at(self.treatment.rate_basis_points, self.totals.tax, self.treatment.code)]

    @property
    def contracts(self) -> int:
        """How many invoices there will be: one for each contract."""
        charged = {extension.candidate.key for extension in self.plan.extensions if extension.charged}
        return len({member.subscription.contract_id for member in self.members if member.subscription.number in charged})


def _sum(extension: Extension) -> Sum:
    line = extension.line
    return seats_for_days(
        line.quantity,
        line.unit_price,
        line.days,
        line.denominator,
        line.net,
        start=line.start,
        end=line.end,
        item=f"{extension.candidate.name} ({extension.candidate.key})",
    )


def members_of(actor: Actor, on: date, numbers: Sequence[str] | None = None) -> list[Member]:
    """The subscriptions whose dates the actor may align, the next to renew first; with `numbers` only those.

    The same number of statements for one as for a thousand.
    """
    # prefetched, not joined: a thousand rows share a few contracts and products
    rows = Subscription.objects.prefetch_related("contract__reseller", "product", "organisation")
    rows = rows.filter(not_cancelled(on), organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.ALIGN)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    return members(actor, list(rows.order_by("renews_on", "number")), on)


def members(actor: Actor, rows: Sequence[Subscription], on: date, *, as_who_may: bool = False) -> list[Member]:
    """These subscriptions as they may be aligned, in their order; `as_who_may`: whatever the actor itself may."""
    if not rows:
        return []
    customer = rows[0].organisation_id
    states, methods = renewal_states(rows), chargeable(customer, on)
    overdue = _overdue(customer, on)
    running, stand = with_payment_running(customer, [row.pk for row in rows]), states_on(rows, on)
    found, told = [], {}  # the table reads the same of many: asked once for each kind of contract, product, price
    for row in rows:
        charged_to = _charged_to(row, methods)
        candidate = _candidate(row, states[row.pk], charged_to, stand[row.pk], on, overdue=row.contract_id in overdue)
        reach = Reach.ALL if as_who_may else actor.reach(Can.ALIGN, row.contract_id)
        price = candidate.book.find(PriceKind.RENEWAL, candidate.term, on)
        key = (reach, row.contract.channel, row.contract.plan, row.product_id, price is None, row.pk in running)
        if key not in told:
            told[key] = _blocked(row, on, reach, priced=price is not None, running=row.pk in running)
        found.append(Member(row, candidate, told[key], charged_to))
    return found


def _candidate(
    row: Subscription, state: RenewalState, charged_to: PaymentMethod | None, stands: State, on: date, *, overdue: bool
) -> Candidate:
    plan = state.plan
    ahead = row.turns_on is not None and row.turns_on > on
    # the term of a period that is paid ahead comes as surely as a planned one
    coming = plan.term if ahead else plan.planned_term
    return Candidate(
        key=row.number,
        name=row.product.name,
        contract=row.contract.number,
        state=stands,
        term=Term(row.term),
        method=_method(row, charged_to),
        ends_on=row.renews_on,
        anchor_day=row.anchor_day,
        seats=row.seats_at_renewal if ahead else row.seats_now,
        seats_at_renewal=row.seats_at_renewal,
        book=plan.book,
        automatic=row.automatic_renewal,
        planned_term=coming,
        overdue=overdue,
    )


def _charged_to(row: Subscription, methods: Mapping[int, PaymentMethod]) -> PaymentMethod | None:
    """As `queries.seats.charged_to`, from what was read already."""
    of_kind = [method for method in methods.values() if method.kind == row.payment_method]
    if row.paid_with_id in {method.pk for method in of_kind}:
        return methods[row.paid_with_id or 0]
    return max(of_kind, key=lambda method: method.pk, default=None)


def _method(row: Subscription, charged_to: PaymentMethod | None) -> str:
    return f"{row.payment_method}:{charged_to.pk}" if charged_to else row.payment_method


def _overdue(organisation_id: int, on: date) -> frozenset[int]:
    rows = InvoiceBalance.objects.filter(organisation_id=organisation_id, due_on__lt=on, open_minor__gt=0)
    return frozenset(rows.values_list("contract_id", flat=True))


def _blocked(row: Subscription, on: date, reach: Reach, *, priced: bool, running: bool) -> tuple[Reason, ...]:
    """What the table of rules 8 says, but for what `match_candidates` tells of each by itself: that counts as good here."""
    facts = Facts(
        product=row.product.name,
        country=row.organisation.country,
        country_served=row.organisation.country not in settings.COUNTRIES_NOT_SERVED,
        channel=Channel(row.contract.channel),
        plan=Plan(row.contract.plan),
        product_status=ProductStatus(row.product.status),
        self_service=row.product.self_service,
        new_price_known=True,
        renewal_price_known=priced,
        reach={Verb.ALIGN: reach},
        state=State.ACTIVE,
        automatic_renewal=row.automatic_renewal,
        renews_on=row.renews_on,
        renewable_from=row.renews_on,
        already_renewed=False,
        invoice_overdue=False,
        payment_running=running,
        seats=row.seats_now,
        seats_left=0,
        alignable=Alignable(matching=("",)),
    )
    return reasons(Verb.ALIGN, facts, on)


def matched(found: Iterable[Member], likeness: Likeness | None = None) -> Matching:
    """Which of them can be aligned together, and every step that makes each of the others match."""
    rows = list(found)
    free, blocked = [row for row in rows if not row.blocked], [row for row in rows if row.blocked]
    matching = match_candidates([row.candidate for row in free], likeness)
    closed = tuple(Unmatched(row.candidate, row.blocked) for row in blocked)
    return Matching(matching.likeness, matching.matching, (*matching.unmatched, *closed))


def options_of(found: Sequence[Member], on: date) -> tuple[DateOption, ...]:
    """Every possible common date of members that match, first what is paid if nothing is aligned; none below two."""
    return date_options([row.candidate for row in found], on) if len(found) > 1 else ()


def preview_alignment(found: Sequence[Member], on: date, day: date | None = None) -> AlignmentPreview:
    """What aligning exactly these would charge: everything or nothing (rules 5); `day` None: the latest of their dates.

    Raises Refused for the first that can't be aligned with the others, `nothing_to_align`, `date_not_common`,
    `price_missing`, `tax_rate_missing`.
    """
    # whoever asks and in whatever order they were read: the same lines, the same quote
    found = sorted(found, key=lambda row: (row.subscription.renews_on, row.subscription.number))
    for row in found:
        if row.blocked:
            refusal = refusal_of(row.blocked)
            raise Refused(refusal.code, params={**refusal.params, "names": [row.candidate.name]}, status=refusal.status)
    plan = plan_alignment([row.candidate for row in found], on, day)
    rows = {row.subscription.number: row for row in found}
    treatment = treatment_for(found[0].subscription.organisation, on)
    nets = [(rows[each.candidate.key].subscription.contract_id, each.line.net) for each in plan.extensions]
    summed = totals_by_contract(nets, treatment)
    versions = sum(row.subscription.version for row in found)
    left_behind = [(each.candidate.key, each.ends_on, plan.common.anchor_day) for each in plan.extensions]
    quote = quote_of_what([each.line for each in plan.extensions], summed.tax, left_behind, versions, on)
    return AlignmentPreview(on, found, plan, treatment, summed, quote, found[0].charged_to)
