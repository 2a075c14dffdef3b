"""Everything that can happen, as the activity log says it, and whether webhooks may carry it."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Kind:
    """One thing that can happen. `sentence` is filled from the event's actor, subject and detail when it is shown."""

    name: str
    sentence: str
    webhook: bool = False
    money: bool = False


class Events:
    """The table. Names are stable: others store them."""

    CUSTOMER_IMPORTED = Kind(
        "customer.imported",
        _("{actor} brought over this customer from the old centre: {contracts} contracts, {people} people"),
    )
    CENTRE_IMPORTED = Kind("centre.imported", _("{actor} imported the old centre"))
    REGISTRATION_ASKED = Kind("registration.asked", _("Asked to register a company with this e-mail address"))
    PERSON_REGISTERED = Kind("person.registered", _("Confirmed an e-mail address, to register a company"))
    CUSTOMER_REGISTERED = Kind("customer.registered", _("{actor} registered this customer and accepted the terms of sale {terms}"))
    SPENDING_LIMIT_SET = Kind("spending_limit.set", _("{actor} set a spending limit: {limit}"), money=True)
    WORLD_SEEDED = Kind("world.seeded", _("{actor} filled this customer with generated data"))
    SANDBOX_FILLED = Kind("sandbox.filled", _("{actor} filled the sandbox’s catalogue: {products} products"))
    CLOCK_MOVED = Kind("clock.moved", _("{actor} moved the business day to {to}"))
    STAFF_ROLE_GIVEN = Kind("staff.role_given", _("{actor} made somebody {role} of the vendor’s staff"))
    STAFF_ROLE_ENDED = Kind("staff.role_ended", _("{actor} ended somebody’s role {role} in the vendor’s staff"))
    LANGUAGE_CONFIRMED = Kind("language.confirmed", _("{actor} confirmed {language} as language"))
    PASSWORD_UPGRADED = Kind("password.upgraded", _("{actor} signed in with the password of the old centre"))
    TOKEN_CREATED = Kind("token.created", _("{actor} created the access token {name}"))
    SEATS_ADDED = Kind("seats.added", _("{actor} added {add} seats to {subject}: {before} before, {after} now"), webhook=True)
    ORDER_PLACED = Kind("order.placed", _("{actor} placed the order {order}, which waits for its payment"))
    ORDER_FAILED = Kind("order.failed", _("Nothing came of the order {order}: its payment did not succeed"))
    RENEWAL_PLANNED = Kind("renewal.planned", _("{actor} planned the next renewal of {subject}: {seats} seats, term {term}"))
    PLAN_WITHDRAWN = Kind("renewal.plan_withdrawn", _("{actor} withdrew a planned change of {subject}"))
    AUTOMATIC_RENEWAL_SET = Kind("renewal.automatic_set", _("{actor} turned automatic renewal of {subject} {state}"), webhook=True)
    SUBSCRIPTION_RENEWED = Kind("subscription.renewed", _("{subject} was renewed until {until}"), webhook=True)
    SUBSCRIPTION_LAPSED = Kind("subscription.lapsed", _("{subject} is {state}"), webhook=True)
    SUBSCRIPTION_BOUGHT = Kind("subscription.bought", _("{actor} bought {subject}: {add} seats until {until}"), webhook=True)
    DATES_ALIGNED = Kind("dates.aligned", _("{actor} aligned {subject}, paid until {until}"), webhook=True)
    ALIGNMENT_WISHED = Kind("alignment.wished", _("{actor} wished to align subscriptions as soon as they match"))
    METHOD_CHANGED = Kind("subscription.method_changed", _("{actor} changed how {subject} is paid"))
    SALE_RETURNED = Kind("sale.returned", _("{actor} returned what invoice {invoice} sold to {subject}"), webhook=True)
    SALE_TAKEN_BACK = Kind("sale.taken_back", _("What invoice {invoice} sold to {subject} was taken back, as it was not paid"), webhook=True)
    RENEWALS_RUN = Kind("renewals.run", _("The renewals of {day} ran: {renewed} subscriptions"))
    RENEWAL_PARKED = Kind("renewal.parked", _("The renewal of {subject} is held until the vendor has looked at it"))
    INVOICE_ISSUED = Kind("invoice.issued", _("Invoice {number} was issued: {total}"), webhook=True, money=True)
    CREDIT_NOTE_ISSUED = Kind(
        "invoice.credited", _("Credit note {number} was issued for invoice {invoice}: {total}"), webhook=True, money=True
    )
    VERB_ASKED = Kind("request.asked", _("{actor} asked: {sentence}"))
    VERB_APPROVED = Kind("request.approved", _("{actor} approved the request of {asker}"))
    VERB_DECLINED = Kind("request.declined", _("{actor} declined the request of {asker}"))
    VERB_WITHDRAWN = Kind("request.withdrawn", _("{actor} withdrew the request"))


def table() -> dict[str, Kind]:
    """Every kind of event by its name."""
    return {kind.name: kind for kind in vars(Events).values() if isinstance(kind, Kind)}
