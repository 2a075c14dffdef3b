"""The preview of added seats: the same computation that the action stores."""

from dataclasses import dataclass
from datetime import date

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.queries.payments import method_to_charge
from comptoir.billing.rules import TaxTreatment, Totals, totals
from comptoir.catalogue.models import Price
from comptoir.catalogue.queries import prices_of, valid_on
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum, seats_for_a_term, seats_for_days, tax_at

from ..models import Period, Subscription
from ..rules import AddSeats, PaidPeriod, SeatPlan, SeatState, plan_added_seats, quote_of


@dataclass(frozen=True, slots=True)
class SeatPreview:
    """What adding seats would charge and leave behind, with the quote that holds it."""

    add: int
    on: date
    plan: SeatPlan
    treatment: TaxTreatment
    totals: Totals
    quote: str
    paid_with: PaymentMethod | None  # None: on invoice
    renews_on: date
    renewal_price: Money | None  # per seat; None where the book has none or nothing renews
    at_renewal: Money | None  # without tax

    @property
    def payment_method(self) -> str:
        """How it will be paid: card, sepa, invoice."""
        return "invoice" if self.paid_with is None else self.paid_with.kind

    @property
    def sums(self) -> list[Sum]:
        """The lines in words."""
        return [
            seats_for_days(line.quantity, line.unit_price, line.days, line.denominator, line.net, start=line.start, end=line.end)
            for line in self.plan.lines
        ]

    @property
    def taxes(self) -> list[Sum]:
        """The tax in words."""
        return [tax_at(self.treatment.rate_basis_points, self.totals.tax, self.treatment.code)]

    @property
    def later(self) -> list[Sum]:
        """What the next renewal will cost, in words; nothing where none is planned or priced."""
        if self.renewal_price is None or self.at_renewal is None:
            return []
        return [seats_for_a_term(self.plan.seats_at_renewal_after, self.renewal_price, self.at_renewal)]

    @property
    def warnings(self) -> list[Told]:
        """What to know before the click."""
        return [tell(Refused(warning.code, params=warning.params)) for warning in self.plan.warnings]


def preview_added_seats(subscription: Subscription, add: int, on: date) -> SeatPreview:
    """The lines, tax, total and next renewal for `add` more seats from `on` (rules 3).

    Raises Refused `seats_out_of_range`, `no_paid_period`, `price_missing`, `tax_rate_missing`.
    """
    prices = prices_of(subscription.product_id, Term(subscription.term), subscription.organisation.currency)
    plan = plan_added_seats(_state(subscription, valid_on(prices, on), on), AddSeats(add), on)
    treatment = treatment_for(subscription.organisation, on)
    summed = totals([line.net for line in plan.lines], treatment)
    then = valid_on(prices, subscription.renews_on) if subscription.automatic_renewal else None
    renewal = then.renewal if then else None
    return SeatPreview(
        add=add,
        on=on,
        plan=plan,
        treatment=treatment,
        totals=summed,
        quote=quote_of(plan, summed.tax, subscription.version, on),
        paid_with=charged_to(subscription, on),
        renews_on=subscription.renews_on,
        renewal_price=renewal,
        at_renewal=None if renewal is None else renewal * plan.seats_at_renewal_after,
    )


def charged_to(subscription: Subscription, on: date) -> PaymentMethod | None:
    """The card or account that an order for this subscription is charged to; None: it goes on invoice (rules 6)."""
    if subscription.payment_method == Subscription.PaymentMethod.INVOICE:
        return None
    return method_to_charge(subscription.organisation_id, subscription.payment_method, on, preferred=subscription.paid_with_id)


def _state(subscription: Subscription, price: Price | None, on: date) -> SeatState:
    periods = Period.objects.filter(
        organisation_id=subscription.organisation_id, subscription=subscription, end__gt=on, undone_on=None
    )
    return SeatState(
        seats_now=subscription.seats_now,
        seats_at_renewal=subscription.seats_at_renewal,
        periods=tuple(
            PaidPeriod(row.start, row.end, row.days, Term(row.term), row.price, row.kind == Period.Kind.RENEWAL)
            for row in periods
        ),
        term=Term(subscription.term),
        currency=subscription.organisation.currency,
        new_price=None if price is None else price.new,
        product_name=subscription.product.name,
        version=subscription.version,
        automatic_renewal=subscription.automatic_renewal,
    )


_NUMBERED = Prepared(
    lambda customer, number: Subscription.objects.select_related("contract__reseller", "product", "organisation").filter(
        organisation_id=customer, number=number
    ),
    customer=int,
    number=str,
)


def subscription_of(actor: Actor, number: str) -> Subscription:
    """One subscription with what its rules read. Raises Subscription.DoesNotExist where the actor may not see it."""
    return _seen(actor, _NUMBERED.get(customer=actor.customer_id, number=number))


_BARE = Prepared(
    lambda customer, number: Subscription.objects.filter(organisation_id=customer, number=number), customer=int, number=str
)


def bare_subscription_of(actor: Actor, number: str) -> Subscription:
    """The same without what its rules read: for a verb, which locks it and reads it again."""
    return _seen(actor, _BARE.get(customer=actor.customer_id, number=number))


def _seen(actor: Actor, row: Subscription) -> Subscription:
    contracts = actor.contracts(Can.SEE_PRODUCTS)
    if contracts is not None and row.contract_id not in contracts and not actor.may_ask(Can.ADD_SEATS, row.contract_id):
        raise Subscription.DoesNotExist(row.number)
    return row
