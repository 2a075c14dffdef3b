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
    WORLD_SEEDED = Kind("world.seeded", _("{actor} filled this customer with generated data"))
    CLOCK_MOVED = Kind("clock.moved", _("{actor} moved the business day to {to}"))
    LANGUAGE_CONFIRMED = Kind("language.confirmed", _("{actor} confirmed {language} as language"))
    PASSWORD_UPGRADED = Kind("password.upgraded", _("{actor} signed in with the password of the old centre"))
    TOKEN_CREATED = Kind("token.created", _("{actor} created the access token {name}"))
    SEATS_ADDED = Kind("seats.added", _("{actor} added {add} seats to {subject}: {before} before, {after} now"), webhook=True)
    INVOICE_ISSUED = Kind("invoice.issued", _("Invoice {number} was issued: {total}"), webhook=True, money=True)
    VERB_ASKED = Kind("request.asked", _("{actor} asked: {sentence}"))
    VERB_APPROVED = Kind("request.approved", _("{actor} approved the request of {asker}"))
    VERB_DECLINED = Kind("request.declined", _("{actor} declined the request of {asker}"))
    VERB_WITHDRAWN = Kind("request.withdrawn", _("{actor} withdrew the request"))


def table() -> dict[str, Kind]:
    """Every kind of event by its name."""
    return {kind.name: kind for kind in vars(Events).values() if isinstance(kind, Kind)}
