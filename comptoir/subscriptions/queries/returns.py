"""What was sold to a subscription as the rules of returns read it, and what a return would give back (rules 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from hashlib import sha256

from django.db.models import QuerySet, Sum

from comptoir.billing.models import InvoiceBalance, InvoiceLine
from comptoir.billing.queries.credits import preview_credit, treatment_of
from comptoir.billing.rules import Credit, TaxTreatment
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum as Words
from comptoir.ui.arithmetic import seats_for_days, tax_at

from ..models import OrderLine, Sale, Subscription
from ..ports import Ports
from ..rules import (
    LineKind,
    Owned,
    Quote,
    Returnable,
    ReturnPlan,
    SaleKind,
    SeatLine,
    Sitting,
    SoldLine,
    newest_sale,
    plan_return,
    return_facts,
    return_until,
)
from ..rules import Sale as Sold
from .states import lengths, sale_words


@dataclass(frozen=True, slots=True)
class SoldRow:
    """One sale: its row, how the rules see it, and the lines of its invoice, in the order of the rules' lines."""

    row: Sale
    sold: Sold
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True)
class ReturnPreview:
    """What a return would give back and leave behind, with the quote that holds it."""

    sale: Sale
    seats: int
    whole: bool  # nothing of it is left then
    on: date
    until: date
    plan: ReturnPlan
    credit: Credit
    treatment: TaxTreatment
    lines: tuple[tuple[InvoiceLine, int], ...]  # of the invoice, and how many seats of each
    open: Money  # what is still to be paid of the invoice
    quote: str

    @property
    def kind_word(self) -> str:
        """What was sold, in words."""
        return sale_words()[self.sale.kind]

    @property
    def sums(self) -> list[Words]:
        """What is given back, line by line, in words."""
        given = [
            (line, seats, net)
            for (line, seats), net in zip(self.lines, (credit.net for credit in self.plan.credits), strict=True)
        ]
        return [
            seats_for_days(
                seats, line.unit_price, line.days, line.denominator, -net, start=line.start, end=line.end, kind=line.kind
            )
            for line, seats, net in given
        ]

    @property
    def taxes(self) -> list[Words]:
        """The tax that is given back, in words."""
        return [tax_at(self.treatment.rate_basis_points, self.credit.tax, self.treatment.code)]

    @property
    def money_back(self) -> Money:
        """What goes back the way it came: nothing of what was never paid."""
        zero = Money.zero(self.credit.total.currency)
        return max(zero, self.credit.total - max(zero, self.open))


@dataclass(frozen=True, slots=True)
class Returned:
    """One sale of a subscription as its page lists it: until when it can be returned, and every reason why not."""

    sale: Sale
    kind_word: str
    until: date
    left: int  # seats that are still sold
    reasons: tuple[Told, ...]
    codes: tuple[str, ...]


def sale_of(actor: Actor, number: str, invoice: str) -> Sale:
    """What that invoice sold to that subscription, for those who see its prices. Raises Sale.DoesNotExist."""
    row = _sales().get(organisation_id=actor.customer_id, subscription__number=number, invoice__number=invoice)
    if not actor.may(Can.SEE_PRICES, row.subscription.contract_id):
        raise Sale.DoesNotExist(invoice)
    return row


def sale_to_ask_for(actor: Actor, number: str, pk: int) -> Sale:
    """One sale of that subscription, for those who may ask for its return: they are shown no number of an invoice.

    Raises Sale.DoesNotExist.
    """
    row = _sales().get(organisation_id=actor.customer_id, subscription__number=number, pk=pk)
    if not (actor.may(Can.RETURN, row.contract_id) or actor.may_ask(Can.RETURN, row.contract_id)):
        raise Sale.DoesNotExist(pk)
    return row


def _sales() -> QuerySet[Sale]:
    return Sale.objects.select_related("subscription__product", "subscription__organisation", "subscription__contract", "invoice")


def sold_to(subscription: Subscription) -> list[SoldRow]:
    """All that was sold to it here and not undone, oldest first. Four statements."""
    return sold_to_each([subscription])[subscription.pk]


def sold_to_each(subscriptions: Sequence[Subscription]) -> Mapping[int, list[SoldRow]]:
    """The same of several subscriptions of one customer, by their ids. Four statements, whatever their number."""
    by_id = {each.pk: each for each in subscriptions}
    customer = {"organisation_id__in": {each.organisation_id for each in subscriptions}}
    sales = list(
        Sale.objects.filter(**customer, subscription__in=by_id, undone_on=None).select_related("invoice", "period").order_by("id")
    )
    lines = _lines_of(by_id, sales)
    terms = dict(
        OrderLine.objects.filter(**customer, order__in={sale.order_id for sale in sales})
        .exclude(term="")
        .order_by("-position")
        .values_list("order_id", "term")
    )
    credited = _credited(customer, (line.pk for own in lines.values() for line in own))
    found: dict[int, list[SoldRow]] = {pk: [] for pk in by_id}
    for sale in sales:
        subscription, rows = by_id[sale.subscription_id], found[sale.subscription_id]
        own = lines[sale.invoice_id, subscription.number]
        term = Term((sale.period.term if sale.period else "") or terms.get(sale.order_id or 0) or subscription.term)
        sold = _sold(sale, len(rows), term, [(line, credited.get(line.pk, 0)) for line in own])
        rows.append(SoldRow(sale, sold, tuple(own)))
    return found


def owned_by(actor: Actor, subscription: Subscription) -> Owned:
    """What it has today, and who sits on it."""
    return owned(subscription, Ports.seated.sitting(actor, [subscription.pk])[subscription.pk])


def owned(subscription: Subscription, sitting: Iterable[Sitting]) -> Owned:
    """What it has today, with those who sit on it."""
    return Owned(
        seats_now=subscription.seats_now,
        seats_at_renewal=subscription.seats_at_renewal,
        renews_on=subscription.renews_on,
        anchor_day=subscription.anchor_day,
        automatic=subscription.automatic_renewal,
        sitting=tuple(sitting),
    )


def returnable(actor: Actor, subscription: Subscription, on: date) -> Returnable:
    """What the table of rules 8 asks about the newest of its sales; of what was ordered here, never of what was imported."""
    sales = [each.sold for each in sold_to(subscription)]
    newest = newest_sale(sales)
    if newest is None:
        return Returnable()
    return return_facts(newest, sales, owned_by(actor, subscription), on, lengths())


def preview_return(actor: Actor, sale: Sale, on: date, *, seats: int | None = None) -> ReturnPreview:
    """What returning it on that day would give back, all of it or (the desk) so many of its seats.

    Raises Refused `return_window_over`, `return_newer_first`, `seats_in_use`, `seats_out_of_range`.
    """
    subscription = sale.subscription
    every = sold_to(subscription)
    mine = next((each for each in every if each.row.pk == sale.pk), None)
    if mine is None or not mine.sold.left:
        raise Refused("return_window_over", params={"until": None})
    sales = [each.sold for each in every]
    plan = plan_return(mine.sold, sales, owned_by(actor, subscription), on, seats=seats, lengths=lengths())
    lines = credited_lines(mine, plan)
    credit = preview_credit(sale.invoice, lines)
    return ReturnPreview(
        sale=sale,
        seats=mine.sold.left if seats is None else seats,
        whole=seats is None or seats == mine.sold.left,
        on=on,
        until=return_until(mine.sold, lengths()),
        plan=plan,
        credit=credit,
        treatment=treatment_of(sale.invoice, mine.lines),
        lines=lines,
        open=_open(sale),
        quote=_quote(sale, plan, credit, subscription.version, on),
    )


def credited_lines(sold: SoldRow, plan: ReturnPlan) -> tuple[tuple[InvoiceLine, int], ...]:
    """The lines of the invoice that a plan gives back, each with its seats."""
    rows = {id(part.line): row for part, row in zip(sold.sold.lines, sold.lines, strict=True)}
    return tuple((rows[id(credit.line)], credit.quantity) for credit in plan.credits)


def returns_of(actor: Actor, subscription: Subscription, on: date) -> list[Returned]:
    """What was sold to it here and is still returnable by its day, or was until lately: the newest first, each with why not."""
    every = sold_to(subscription)
    sales, mine, words = [each.sold for each in every], owned_by(actor, subscription), sale_words()
    why = {each.row.pk: _why_not(each.sold, sales, mine, on) for each in every}
    return [
        Returned(
            sale=each.row,
            kind_word=words[each.row.kind],
            until=return_until(each.sold, lengths()),
            left=each.sold.left,
            reasons=tuple(map(tell, why[each.row.pk])),
            codes=tuple(refusal.code for refusal in why[each.row.pk]),
        )
        for each in reversed(every)
        if each.sold.left
    ]


def _why_not(sold: Sold, sales: Sequence[Sold], mine: Owned, on: date) -> tuple[Refused, ...]:
    facts = return_facts(sold, sales, mine, on, lengths())
    if facts.until is None or on > facts.until:
        return (Refused("return_window_over", params={"until": facts.until}),)
    newer = (Refused("return_newer_first", params={"names": facts.newer}),) if facts.newer else ()
    in_use = (Refused("seats_in_use", params={"names": facts.seats_in_use_by}),) if facts.seats_in_use_by else ()
    return (*newer, *in_use)


def _lines_of(by_id: Mapping[int, Subscription], sales: Iterable[Sale]) -> Mapping[tuple[int, str], list[InvoiceLine]]:
    """The invoice lines of these subscriptions, by invoice and number; an invoice may be about several."""
    rows = InvoiceLine.objects.filter(
        organisation_id__in={each.organisation_id for each in by_id.values()},
        invoice__in={sale.invoice_id for sale in sales},
        reference__in=[each.number for each in by_id.values()],
    )
    found: dict[tuple[int, str], list[InvoiceLine]] = defaultdict(list)
    for row in rows.order_by("invoice_id", "position"):
        found[row.invoice_id, row.reference].append(row)
    return found


def _credited(customer: Mapping[str, object], lines: Iterable[int]) -> Mapping[int, int]:
    rows = InvoiceLine.objects.filter(**customer, credits__in=list(lines))
    return dict(rows.values_list("credits").annotate(Sum("quantity")).order_by())


def _sold(sale: Sale, nth: int, term: Term, lines: Sequence[tuple[InvoiceLine, int]]) -> Sold:
    back = sale.period is not None and sale.kind in {SaleKind.RENEWAL, SaleKind.ALIGNMENT}
    issued = sale.invoice.issued_on or sale.on
    return Sold(
        key=str(sale.invoice.number),
        kind=SaleKind(sale.kind),
        order=nth,
        invoiced_on=issued,
        term=term,
        lines=tuple(SoldLine(_line(line, term), returned) for line, returned in lines),
        ends_before=sale.period.start if back and sale.period else None,
        anchor_before=sale.anchor_day_before,
    )


def _line(row: InvoiceLine, term: Term) -> SeatLine:
    return SeatLine(
        kind=LineKind(row.kind) if row.kind in set(LineKind) else LineKind.RUNNING,
        quantity=row.quantity,
        unit_price=row.unit_price,
        days=row.days,
        denominator=row.denominator,
        start=row.start,
        end=row.end,
        net=row.net,
        term=term,
    )


def _open(sale: Sale) -> Money:
    row = InvoiceBalance.objects.filter(organisation_id=sale.organisation_id, invoice_id=sale.invoice_id).first()
    return row.open if row else Money.zero(sale.invoice.currency)


def _quote(sale: Sale, plan: ReturnPlan, credit: Credit, version: int, on: date) -> str:
    said = sale.pk, astuple(plan), astuple(credit)
    return str(Quote(on, version, sha256(repr(said).encode()).hexdigest()[:16]))
