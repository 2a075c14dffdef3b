"""How requests for home use and previous versions are told, and what approving one would do today (rules 7, 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.models import AskedVerb
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.requests import AskedKind, Names, tells
from comptoir.subscriptions.queries.seats import subscription_of

from ..rules.use_rights import UseKind, last_day_after
from .use_rights import Wanted, refuse_use

VERB = {UseKind.HOME: "entitlements.give_home_use", UseKind.PREVIOUS: "entitlements.give_previous_version"}
LONGEST_SERIAL = 200


@dataclass(frozen=True, slots=True)
class UseAsked:
    """What approving would do today: a licence until a day."""

    subscription: Subscription
    kind: UseKind
    ends_on: date
    country: str
    version: str
    quote: str = ""

    @property
    def last_day(self) -> date:
        """The last day with it."""
        return add_days(self.ends_on, -1)


def use_preview(actor: Actor, asked: AskedVerb, on: date) -> UseAsked:
    """What giving it would do today. Raises Refused with why it can't be given."""
    subscription, told = subscription_of(actor, asked.target_number), asked.arguments
    kind = next(kind for kind, verb in VERB.items() if verb == asked.verb)
    wanted = Wanted(kind, country=told.get("country"), version=told.get("version"))
    refuse_use(actor, subscription, int(told["member"]), wanted, on)
    return UseAsked(subscription, kind, last_day_after(on), wanted.country or "", wanted.version or "")


def arguments_of(actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """What a request for oneself stores."""
    what = {"country": wanted.country} if wanted.kind == UseKind.HOME else {"version": wanted.version}
    return {"member": actor.member_id, **what}


def chosen(typed: Mapping[str, str]) -> Mapping[str, Any]:
    """The serial number or key that whoever approves gives with it."""
    return {"serial": typed.get("serial", "").strip()[:LONGEST_SERIAL]}


def _home_title(asked: AskedVerb, names: Names) -> str:
    return _("Home use of %(product)s") % {"product": names.subscriptions[asked.target].product.name}


def _previous_title(asked: AskedVerb, names: Names) -> str:
    told = {"product": names.subscriptions[asked.target].product.name, "version": asked.arguments["version"]}
    return _("%(product)s, previous version %(version)s") % told


for kind, title in ((UseKind.HOME, _home_title), (UseKind.PREVIOUS, _previous_title)):
    tells(VERB[kind], AskedKind(title, use_preview, orders=False, told_by="entitlements/_asked_use.html", chosen=chosen))
