"""Requests: what was asked, by whom, and what it would do today. Each verb that can be asked for says so in `KINDS`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comptoir.catalogue.queries import TermsOfSale
from comptoir.contracts.queries import numbers as numbers_of
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.deciding import decidable, decided_by
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.money import Money
from comptoir.kernel.recording import label
from comptoir.kernel.refusals import Told
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import members_by_id, names_of_groups, own_organisation
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum
from comptoir.ui.templatetags.ui import day, number

from ..models import Sale, Subscription
from ..rules import PlanChange
from ..rules.basket import Wish
from .alignment import members_of, preview_alignment
from .availability import refuse_return
from .basket import names_of, preview_purchase
from .plans import lengths_in_words, preview_planned
from .renewing import preview_renewals, renewables_of
from .returns import preview_return, sale_to_ask_for
from .seats import preview_added_seats, subscription_of
from .states import sale_words

SHOWN = 100  # the newest; older ones are in the activity log


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a page shows it. `title` says what is asked for; `about` is the number that people know it by."""

    asked: AskedVerb
    title: str
    about: str
    subscription: Subscription | None
    asker: Membership | None
    decider: Membership | None
    mine: bool
    may_decide: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.asked.state == AskedVerb.State.OPEN


@dataclass(frozen=True, slots=True)
class RequestPreview:
    """What approving a request would charge today, with the quote that holds it."""

    sums: Sequence[Sum]
    net: Money
    taxes: Sequence[Sum]
    total: Money
    quote: str
    later: Sequence[Sum] = ()
    later_title: str = ""
    warnings: Sequence[Told] = ()


class Quoted(Protocol):
    """What approving a request would do, where it costs nothing: told by a template of its own, held by a quote."""

    @property
    def quote(self) -> str:
        """The text that holds it."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """What titles need, read once for a list: subscriptions and sales by the target that names them, products by code, and
    for requests about roles people, contracts' numbers and groups by id.
    """

    subscriptions: Mapping[str, Subscription]
    products: Mapping[str, str]
    sales: Mapping[str, Sale]
    people: Mapping[int, str]
    contracts: Mapping[int, str]
    groups: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class AskedKind:
    """How requests for one verb are told and priced.

    `fresh` are the arguments that whoever approves gives beside the quote; `accepts_terms`: approving accepts the terms of sale;
    `orders`: approving orders something, to be paid now; `gives_back`: it gives something back, by a credit note;
    `pays`: whoever approves says how; `told_by` is the template that shows the preview of what costs nothing, and `chosen`
    reads what whoever approves chose on it.
    """

    title: Callable[[AskedVerb, Names], str]
    preview: Callable[[Actor, AskedVerb, date], "RequestPreview | Quoted"]
    fresh: Callable[[date], Mapping[str, Any]] = field(default=lambda _on: {})
    accepts_terms: bool = False
    orders: bool = True
    gives_back: bool = False
    pays: bool = False
    told_by: str = ""
    chosen: Callable[[Mapping[str, str]], Mapping[str, Any]] = field(default=lambda _typed: {})


def requests_of(actor: Actor) -> list[Request]:
    """The requests that the actor sent or may decide, open ones first, then newest first."""
    seen = AskedVerb.objects.filter(_seen_by(actor), organisation_id=actor.customer_id).order_by("-id")
    waiting = list(seen.filter(state=AskedVerb.State.OPEN)[:SHOWN])
    return _as_shown(actor, [*waiting, *seen.exclude(state=AskedVerb.State.OPEN)[: SHOWN - len(waiting)]])


def request_of(actor: Actor, pk: int) -> Request:
    """One request. Raises AskedVerb.DoesNotExist for somebody else's that one may not decide."""
    return _as_shown(actor, [AskedVerb.objects.get(_seen_by(actor), organisation_id=actor.customer_id, pk=pk)])[0]


def kind_of(asked: AskedVerb) -> AskedKind:
    """How requests for its verb are told. Raises Refused `request_not_shown` for a verb that nobody told of."""
    if asked.verb not in KINDS:
        raise Refused("request_not_shown", params={"verb": asked.verb})
    return KINDS[asked.verb]


def tells(verb: str, kind: AskedKind) -> None:
    """Say how requests for a verb of a context above are told. Once, where that context's own verbs are loaded."""
    KINDS[verb] = kind


def preview_of(actor: Actor, request: Request, on: date) -> "RequestPreview | Quoted":
    """What approving it today would charge. Raises what the preview refuses."""
    return kind_of(request.asked).preview(actor, request.asked, on)


def title_of(actor: Actor, asked: AskedVerb) -> str:
    """What is asked for, in the language that is active."""
    return _title(asked, _names(actor, [asked]))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the log tells of it: what for, and whether the reader may open it."""

    title: str
    subscription: str  # its number; empty where it is about none
    may_open: bool


def asked_in_words(actor: Actor, pks: Collection[int]) -> Mapping[int, Asked]:
    """What was asked for in each of these requests; those for a verb that nobody told of are missing. Four statements at most."""
    if not pks:
        return {}
    rows = [row for row in AskedVerb.objects.filter(organisation_id=actor.customer_id, pk__in=pks) if row.verb in KINDS]
    names, mine = _names(actor, rows), decidable(actor, rows)
    return {
        row.pk: Asked(
            _title(row, names),
            _number(row, names),
            row.asked_by_id == actor.membership_id or row.pk in mine,
        )
        for row in rows
    }


def _number(row: AskedVerb, names: Names) -> str:
    subscription = names.subscriptions.get(row.target)
    return subscription.number if subscription else ""


def _seen_by(actor: Actor) -> Q:
    return decided_by(actor) | Q(asked_by_id=actor.member_id)


def _as_shown(actor: Actor, rows: Sequence[AskedVerb]) -> list[Request]:
    names = _names(actor, rows)
    may = decidable(actor, [row for row in rows if row.state == AskedVerb.State.OPEN])
    people = members_by_id(actor, {pk for row in rows for pk in (row.asked_by_id, row.decided_by_id) if pk is not None})
    return [
        Request(
            asked=row,
            title=_title(row, names),
            about=_about(actor, row),
            subscription=names.subscriptions.get(row.target),
            asker=people.get(row.asked_by_id),
            decider=people.get(row.decided_by_id or 0),
            mine=row.asked_by_id == actor.membership_id,
            may_decide=row.pk in may,
        )
        for row in rows
    ]


def _about(actor: Actor, row: AskedVerb) -> str:
    """The number that it is about, for whoever may see it; whoever asked for seats sees the number of the subscription."""
    of_contract = row.target.startswith("contracts.")
    return row.target_number if not of_contract or actor.may(Can.SEE_CONTRACTS, row.contract_id) else ""


def _title(asked: AskedVerb, names: Names) -> str:
    kind = KINDS.get(asked.verb)
    return kind.title(asked, names) if kind else asked.verb


def _names(actor: Actor, rows: Sequence[AskedVerb]) -> Names:
    ids = [int(row.target.rpartition(":")[2]) for row in rows if row.target.startswith("subscriptions.subscription:")]
    found = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=ids).select_related("product", "contract")
    wishes = [wish for row in rows if row.verb == "subscriptions.buy" for wish in wishes_of(row)]
    sold = [int(row.target.rpartition(":")[2]) for row in rows if row.target.startswith("subscriptions.sale:")]
    sales = Sale.objects.filter(organisation_id=actor.customer_id, pk__in=sold) if sold else Sale.objects.none()
    returned = {label(row): row for row in sales.select_related("subscription__product", "subscription__contract", "invoice")}
    named = {label(row): row for row in found} | {target: sale.subscription for target, sale in returned.items()}
    return Names(named, names_of(wishes) if wishes else {}, returned, *_of_roles(actor, rows))


def _of_roles(actor: Actor, rows: Sequence[AskedVerb]) -> tuple[Mapping[int, str], Mapping[int, str], Mapping[int, str]]:
    """Who and what requests about roles name: people, contracts, groups. No statement where there is none."""
    told = [row.arguments for row in rows if row.verb.startswith("organisations.")]
    found = {name: {each[name] for each in told if each.get(name)} for name in ("member", "giver", "taker", "contract", "group")}
    people = found["member"] | found["giver"] | found["taker"]
    return (
        {pk: each.name for pk, each in members_by_id(actor, people).items()} if people else {},
        numbers_of(actor, found["contract"]) if found["contract"] else {},
        names_of_groups(actor, found["group"]) if found["group"] else {},
    )


def wishes_of(asked: AskedVerb) -> list[Wish]:
    """What a request to buy wishes for."""
    return [Wish(product, Term(term), seats) for product, term, seats in asked.arguments["wishes"]]


def _more_seats(asked: AskedVerb, names: Names) -> str:
    product, seats = names.subscriptions[asked.target].product.name, int(asked.arguments["add"])
    told = ngettext("%(n)s more seat of %(product)s", "%(n)s more seats of %(product)s", seats)
    return told % {"n": number(seats), "product": product}


def _seats_cost(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    subscription = subscription_of(actor, asked.target_number)
    found = preview_added_seats(subscription, int(asked.arguments["add"]), on)
    title = _("At the next renewal, %(renews)s") % {"renews": day(found.renews_on)}
    sums = (found.sums, found.totals.net, found.taxes, found.totals.total)
    return RequestPreview(*sums, found.quote, found.later, title, found.warnings)


def _to_buy(asked: AskedVerb, names: Names) -> str:
    parts = []
    for wish in wishes_of(asked):
        told = ngettext("%(n)s seat of %(product)s", "%(n)s seats of %(product)s", wish.seats)
        parts.append(told % {"n": number(wish.seats), "product": names.products.get(wish.product, wish.product)})
    return _("Buy %(what)s") % {"what": ", ".join(parts)}


def _purchase_costs(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    found = preview_purchase(
        own_organisation(actor), wishes_of(asked), on, code=asked.arguments.get("code", ""), language=get_language() or ""
    )
    sums = (found.sums, found.totals.net, found.taxes, found.totals.total)
    return RequestPreview(*sums, found.quote, found.later, _("At the first renewal, at today’s prices, without tax"))


def _planned_seats(asked: AskedVerb, names: Names) -> str:
    product, seats = names.subscriptions[asked.target].product.name, int(asked.arguments["seats"])
    told = ngettext("%(product)s: renew with %(n)s seat", "%(product)s: renew with %(n)s seats", seats)
    return told % {"n": number(seats), "product": product}


def _planned_term(asked: AskedVerb, names: Names) -> str:
    told = {"product": names.subscriptions[asked.target].product.name, "term": lengths_in_words()[asked.arguments["term"]]}
    return _("%(product)s: renew for %(term)s") % told


def _automatic_on(asked: AskedVerb, names: Names) -> str:
    return _("%(product)s: turn automatic renewal on") % {"product": names.subscriptions[asked.target].product.name}


def _automatic_off(asked: AskedVerb, names: Names) -> str:
    return _("%(product)s: turn automatic renewal off") % {"product": names.subscriptions[asked.target].product.name}


def _renewed(asked: AskedVerb, names: Names) -> str:
    return _("%(product)s: renew now") % {"product": names.subscriptions[asked.target].product.name}


def _renewed_costs(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    found = preview_renewals(renewables_of(actor, [subscription_of(actor, asked.target_number)], on), on)[0]
    return RequestPreview(found.sums, found.totals.net, found.taxes, found.totals.total, found.quote)


def _returned(asked: AskedVerb, names: Names) -> str:
    sale = names.sales[asked.target]
    told = {"product": sale.subscription.product.name, "what": sale_words()[sale.kind], "on": day(sale.on)}
    return _("%(product)s: return what was bought on %(on)s (%(what)s)") % told


def _return_gives(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    pk = int(asked.target.rpartition(":")[2])
    sale = sale_to_ask_for(actor, asked.target_number, pk)
    refuse_return(actor, sale.subscription, on)
    found = preview_return(actor, sale, on)
    return RequestPreview(found.sums, found.credit.net, found.taxes, found.credit.total, found.quote)


def refuse_asking_for_return(actor: Actor, sale: Sale, on: date) -> None:
    """Raises Refused where nobody could return it today, as far as whoever asks may know: no names, no numbers of invoices."""
    refuse_return(actor, sale.subscription, on)
    try:
        preview_return(actor, sale, on)
    except Refused as refusal:
        unseen = {"return_newer_first": _("what was bought after it")}
        if not actor.may(Can.SEE_PEOPLE, sale.contract_id):
            unseen["seats_in_use"] = _("somebody")
        if refusal.code not in unseen:
            raise
        raise Refused(refusal.code, params={"names": (unseen[refusal.code],)}) from None


def _renewal_costs(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    automatic = {"subscriptions.automatic_on": True, "subscriptions.automatic_off": False}.get(asked.verb)
    term = asked.arguments.get("term")
    change = PlanChange(seats=asked.arguments.get("seats"), term=Term(term) if term else None, automatic=automatic)
    found = preview_planned(actor, subscription_of(actor, asked.target_number), change, on)
    sums = (found.sums, found.totals.net, found.taxes, found.totals.total)
    return RequestPreview(*sums, found.quote, warnings=found.warnings)


def _aligned(asked: AskedVerb, names: Names) -> str:
    told = ngettext(
        "Align %(product)s and %(n)s other subscription on %(on)s",
        "Align %(product)s and %(n)s other subscriptions on %(on)s",
        len(asked.arguments["also"]),
    )
    on, product = day(date.fromisoformat(asked.arguments["to"])), names.subscriptions[asked.target].product.name
    return told % {"product": product, "n": number(len(asked.arguments["also"])), "on": on}


def _alignment_costs(actor: Actor, asked: AskedVerb, on: date) -> RequestPreview:
    wanted = {asked.target_number, *asked.arguments["also"]}
    found = members_of(actor, on, sorted(wanted))
    if missing := sorted(wanted - {member.subscription.number for member in found}):
        raise Refused("subscription_unknown", params={"number": missing[0]})
    preview = preview_alignment(found, on, date.fromisoformat(asked.arguments["to"]))
    return RequestPreview(preview.sums, preview.totals.net, preview.taxes, preview.totals.total, preview.quote)


KINDS: dict[str, AskedKind] = {
    "subscriptions.plan_seats": AskedKind(_planned_seats, _renewal_costs, orders=False),
    "subscriptions.plan_term": AskedKind(_planned_term, _renewal_costs, orders=False),
    "subscriptions.automatic_on": AskedKind(_automatic_on, _renewal_costs, orders=False),
    "subscriptions.automatic_off": AskedKind(_automatic_off, _renewal_costs, orders=False),
    "subscriptions.return_sale": AskedKind(_returned, _return_gives, orders=False, gives_back=True),
    "subscriptions.renew": AskedKind(_renewed, _renewed_costs),
    "subscriptions.add_seats": AskedKind(_more_seats, _seats_cost),
    "subscriptions.align": AskedKind(_aligned, _alignment_costs),
    "subscriptions.buy": AskedKind(
        _to_buy, _purchase_costs, lambda on: {"terms_version": TermsOfSale().current(on)}, accepts_terms=True, pays=True
    ),
}
