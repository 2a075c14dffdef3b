"""Price quotes: a basket whose prices are kept for some days, and accepted once by whoever may buy (P13)."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings

from comptoir.contracts.models import Contract
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Order, PriceQuote, PriceQuoteLine
from ..queries.basket import preview_purchase
from ..queries.buying import method_of
from ..queries.price_quotes import preview_quoted, refuse_unless_open
from ..rules import moved
from ..rules.basket import Wish
from .buying import order_purchase, organisation_of, refuse_purchase


@action(Can.MAKE_PRICE_QUOTE)
def make_price_quote(
    actor: Actor, under: Organisation | Contract, *, wishes: Sequence[Sequence[str | int]], code: str = "", on: date
) -> PriceQuote:
    """Keep the prices that these wishes have on `on`, for as many days as the vendor's setting says.

    Raises Refused as `buy`, but for the terms and the spending limit: nothing is ordered.
    """
    organisation = organisation_of(under)
    refuse_purchase(organisation, under)
    wanted = [Wish(str(product), Term(str(term)), int(seats)) for product, term, seats in wishes]
    preview = preview_purchase(organisation, wanted, on, code=code)
    made = PriceQuote.objects.create(
        organisation=organisation,
        contract=under if isinstance(under, Contract) else None,
        number=_next_number(organisation),
        made_on=on,
        made_by_id=actor.member_id,
        expires_on=on + timedelta(days=settings.PRICE_QUOTE_DAYS),
        currency=organisation.currency,
    )
    PriceQuoteLine.objects.bulk_create(
        PriceQuoteLine(
            organisation=organisation,
            price_quote=made,
            position=position,
            product=priced.product,
            term=priced.wish.term,
            seats=priced.wish.seats,
            unit_minor=priced.plan.line.unit_price.minor,
            list_minor=None if priced.plan.line.list_price is None else priced.plan.line.list_price.minor,
            promotion=priced.plan.line.promotion,
            currency=organisation.currency,
        )
        for position, priced in enumerate(preview.lines, 1)
    )
    record(Events.PRICE_QUOTE_MADE, made, on=on, until=made.expires_on, net=preview.totals.net)
    return made


def _next_number(organisation: Organisation) -> str:
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    return f"{organisation.number}-Q{PriceQuote.objects.filter(organisation=organisation).count() + 1}"


@action(Can.ACCEPT_PRICE_QUOTE)
def accept_price_quote(
    actor: Actor,
    price_quote: PriceQuote,
    *,
    po_number: str = "",
    terms_version: str = "",
    paid_with: int | None = None,
    on: date,
    quote: str | None = None,
) -> Order:
    """Order what was quoted, at its prices, whatever the price book says now; the tax is that of today.

    Raises Refused `price_quote_expired`, `price_quote_accepted`, and as `buy`.
    """
    refuse_unless_open(price_quote, on)
    under = price_quote.contract or price_quote.organisation
    # the contract before the customer, as when one buys under it
    type(under).objects.select_for_update(no_key=True).get(pk=under.pk)
    refuse_purchase(price_quote.organisation, under)
    preview = preview_quoted(price_quote, on)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    method = method_of(price_quote.organisation, paid_with, on)
    order = order_purchase(actor, under, preview, method=method, po_number=po_number, terms_version=terms_version)
    price_quote.order = order
    price_quote.save(update_fields=["order"])
    record(Events.PRICE_QUOTE_ACCEPTED, price_quote, on=on, order=order.number)
    return order
