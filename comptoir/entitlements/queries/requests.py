"""How requests for a seat are told, and what approving one would do today (rules 7, 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.models import AskedVerb
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.requests import AskedKind, Names, tells
from comptoir.subscriptions.queries.seats import subscription_of

from ..rules import Beyond
from .asking import ASSIGN
from .giving import Giving, preview_giving


@dataclass(frozen=True, slots=True)
class SeatAsked:
    """What approving a request for a seat would do today: one is given, or none is left."""

    subscription: Subscription
    giving: Giving
    may_add: bool  # whoever looks may add seats themselves

    @property
    def quote(self) -> str:
        """The text that holds it."""
        return self.giving.quote


def seat_title(asked: AskedVerb, names: Names) -> str:
    """What is asked for."""
    return _("A seat of %(product)s") % {"product": names.subscriptions[asked.target].product.name}


def seat_preview(actor: Actor, asked: AskedVerb, on: date) -> SeatAsked:
    """What giving it would do today. Raises what `preview_giving` refuses."""
    subscription = subscription_of(actor, asked.target_number)
    giving = preview_giving(actor, subscription, asked.arguments["members"], Beyond.REFUSE, on)
    return SeatAsked(subscription, giving, actor.may(Can.ADD_SEATS, subscription.contract_id))


def chosen(typed: Mapping[str, str]) -> Mapping[str, Any]:
    """Whether whoever asks shall wait where no seat is left."""
    return {"beyond": Beyond.WAIT.value if typed.get("beyond") == Beyond.WAIT else Beyond.REFUSE.value}


tells(ASSIGN, AskedKind(seat_title, seat_preview, orders=False, told_by="entitlements/_asked_seat.html", chosen=chosen))
