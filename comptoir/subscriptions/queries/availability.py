"""What can be done to a subscription by whoever looks at it, and every reason why not (rules 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, Value
from django.utils.translation import gettext as _

from comptoir.billing.queries import invoices as billing
from comptoir.catalogue.queries import prices_of, valid_on
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.refusals import Told, tell
from comptoir.organisations.queries import who_may
from comptoir.permissions import DIRECT, Can, Permission, Reach

from ..models import Period, PlannedChange, Subscription
from ..ports import Ports, SeatUse
from ..rules import (
    Alignable,
    Channel,
    Facts,
    Plan,
    ProductStatus,
    Reason,
    SoldBy,
    Verb,
    reasons,
    renewable_from,
)
from .next_steps import url_of
from .returns import returnable
from .running import with_payment_running
from .states import lengths, state_on

# which line of the permission table stands behind each verb
PERMISSION: Mapping[Verb, Permission] = {
    Verb.BUY: Can.BUY,
    Verb.ADD_SEATS: Can.ADD_SEATS,
    **dict.fromkeys((Verb.PLAN_SEATS, Verb.PLAN_TERM, Verb.AUTOMATIC_ON, Verb.AUTOMATIC_OFF), Can.PLAN_RENEWAL),
    Verb.ALIGN: Can.ALIGN,
    Verb.RENEW: Can.RENEW,
    Verb.PAY: Can.PAY,
    Verb.CHANGE_METHOD: Can.PAY,
    Verb.RETURN: Can.RETURN,
    Verb.ASSIGN: Can.ASSIGN_SEATS,
}
ENOUGH = 3  # numbers to name
# verbs with a page of their own: the name of its address
HERE = {
    Verb.ADD_SEATS: "add_seats",
    Verb.PLAN_SEATS: "plan_seats",
    Verb.PLAN_TERM: "plan_term",
    Verb.AUTOMATIC_ON: "automatic_renewal",
    Verb.AUTOMATIC_OFF: "automatic_renewal",
    Verb.ALIGN: "align_with",
    Verb.RENEW: "renew",
    Verb.CHANGE_METHOD: "change_method",
    Verb.RETURN: "return",
    Verb.ASSIGN: "seats_of",
}
# verbs whose page takes a request from those who may only ask
ASKED_FOR = frozenset(
    {Verb.ADD_SEATS, Verb.PLAN_SEATS, Verb.PLAN_TERM, Verb.AUTOMATIC_ON, Verb.AUTOMATIC_OFF, Verb.ALIGN, Verb.RENEW, Verb.RETURN}
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One action as a page shows it: to be done here, or why not, or by whom instead."""

    verb: Verb
    label: str
    how: str  # what it does, in a sentence
    url_name: str | None  # takes the customer and the subscription; None where there is no page
    reasons: tuple[Told, ...]
    codes: tuple[str, ...]
    may_ask: bool
    by_the_desk: bool  # available, and done by the vendor's desk on request
    who_may: tuple[str, ...] = ()  # the names of those who may, where this actor may not


def offers(actor: Actor, subscription: Subscription, on: date) -> list[Offer]:
    """Every action on this subscription, in the order in which people look for them."""
    facts = facts_of(actor, subscription, on)
    automatic = Verb.AUTOMATIC_OFF if subscription.automatic_renewal else Verb.AUTOMATIC_ON
    verbs = (
        Verb.ADD_SEATS,
        Verb.ASSIGN,
        Verb.RENEW,
        Verb.PLAN_SEATS,
        Verb.PLAN_TERM,
        automatic,
        Verb.ALIGN,
        Verb.CHANGE_METHOD,
        Verb.RETURN,
    )
    return [_offer(verb, facts, subscription, on) for verb in verbs]


def offer_of(actor: Actor, subscription: Subscription, verb: Verb, on: date) -> Offer:
    """One action on this subscription."""
    return _offer(verb, facts_of(actor, subscription, on), subscription, on)


def _offer(verb: Verb, facts: Facts, subscription: Subscription, on: date) -> Offer:
    why, label = reasons(verb, facts, on), label_of(verb)
    asks = [reason.code for reason in why] == ["not_allowed"] and facts.reach.get(verb) == Reach.ASK and verb in ASKED_FOR
    return Offer(
        verb=verb,
        label=label,
        how=how_of(verb),
        url_name=HERE.get(verb) if not why or asks else None,
        reasons=tuple(_told(reason, verb, label, subscription) for reason in why),
        codes=tuple(reason.code for reason in why),
        may_ask=asks,
        by_the_desk=not why and verb not in HERE,
        who_may=facts.who_may.get(verb, ()),
    )


def _told(reason: Reason, verb: Verb, label: str, subscription: Subscription) -> Told:
    """A reason in words, with where its next step is done."""
    return replace(tell(Refused(reason.code, params=reason.params)), url=url_of(reason, verb, label, subscription))


def label_of(verb: Verb) -> str:
    """The words on the button."""
    labels = {
        Verb.BUY: _("Buy"),
        Verb.ADD_SEATS: _("Add seats"),
        Verb.PLAN_SEATS: _("Change the seats of the next renewal"),
        Verb.PLAN_TERM: _("Change the term of the next renewal"),
        Verb.AUTOMATIC_ON: _("Turn automatic renewal on"),
        Verb.AUTOMATIC_OFF: _("Turn automatic renewal off"),
        Verb.ALIGN: _("Align payment dates"),
        Verb.RENEW: _("Renew now"),
        Verb.PAY: _("Pay"),
        Verb.CHANGE_METHOD: _("Change the payment method"),
        Verb.RETURN: _("Return"),
        Verb.ASSIGN: _("Give a seat"),
    }
    return labels[verb]


def how_of(verb: Verb) -> str:
    """What the action does, in a sentence."""
    sentences = {
        Verb.ADD_SEATS: _("They work at once, are paid for the days left, and renew with the others."),
        Verb.PLAN_SEATS: _("More or fewer seats from the next renewal on. Nothing is charged before."),
        Verb.PLAN_TERM: _("Month, year or three years: compare what each costs. Nothing is charged before."),
        Verb.AUTOMATIC_ON: _("It then renews by itself on its renewal date, at the renewal price."),
        Verb.AUTOMATIC_OFF: _("It then ends on its renewal date, unless somebody renews it by hand."),
        Verb.ALIGN: _("One renewal date for several subscriptions: the extension is paid now."),
        Verb.RENEW: _("Pay the next period now, at the renewal price."),
        Verb.CHANGE_METHOD: _("A card, an account, or on invoice: for all that is charged from now on."),
        Verb.RETURN: _("Give back what was bought lately; the money goes back the way it came."),
        Verb.ASSIGN: _("Somebody of your company may then use it."),
    }
    return sentences.get(verb, "")


def refuse_unless_available(
    actor: Actor, subscription: Subscription, verb: Verb, on: date, *, planned_seats: int | None = None
) -> None:
    """Raises Refused with the first reason why the verb is not available, and the codes of all."""
    why = reasons_of(actor, subscription, verb, on, planned_seats=planned_seats)
    if why:
        raise refusal_of(why)


def reasons_of(
    actor: Actor, subscription: Subscription, verb: Verb, on: date, *, planned_seats: int | None = None
) -> tuple[Reason, ...]:
    """Every reason why the verb is not available; `planned_seats` is what a plan asks for."""
    return reasons(verb, replace(facts_of(actor, subscription, on), planned_seats=planned_seats), on)


# what is told of one sale by its own preview; whether the actor may return is the door's to say
OF_THE_SALE = frozenset({"return_window_over", "return_newer_first", "seats_in_use", "not_allowed"})


def refuse_return(actor: Actor, subscription: Subscription, on: date) -> None:
    """Raises Refused for the reasons of rules 8 that are about the subscription, not about one sale.

    Whether the actor may return at all is the door's to say.
    """
    why = reasons(Verb.RETURN, facts_of(actor, subscription, on), on)
    others = tuple(reason for reason in why if reason.code not in OF_THE_SALE)
    if others:
        raise refusal_of(others)


def refusal_of(why: tuple[Reason, ...]) -> Refused:
    """A refusal for the first of several reasons, naming them all."""
    status = 403 if why[0].code == "not_allowed" else 409
    return Refused(why[0].code, params={**why[0].params, "reasons": [reason.code for reason in why]}, status=status)


def facts_of(actor: Actor, subscription: Subscription, on: date) -> Facts:
    """All that the table of rules 8 reads, for one subscription and one actor."""
    contract, product = subscription.contract, subscription.product
    period = _last_period(subscription)
    late = subscription.lapses_on <= on
    renewable = on if late else renewable_from(period.start, period.end, Term(period.term), lengths())
    prices = prices_of(subscription.product_id, Term(subscription.term), subscription.organisation.currency)
    today, then = valid_on(prices, on), valid_on(prices, subscription.renews_on)
    use = Ports.seated.use(actor, [subscription.pk], on).get(subscription.pk, SeatUse())
    reach = {verb: actor.reach(can, contract.pk) for verb, can in PERMISSION.items()}
    return Facts(
        product=product.name,
        country=subscription.organisation.country,
        country_served=subscription.organisation.country not in settings.COUNTRIES_NOT_SERVED,
        channel=Channel(contract.channel),
        plan=Plan(contract.plan),
        product_status=ProductStatus(product.status),
        self_service=product.self_service,
        new_price_known=today is not None and today.new is not None,
        renewal_price_known=then is not None and then.renewal is not None,
        reach=reach,
        state=state_on(subscription, on),
        automatic_renewal=subscription.automatic_renewal,
        renews_on=min(subscription.renews_on, subscription.lapses_on) if late else subscription.renews_on,
        renewable_from=renewable,
        already_renewed=subscription.turns_on is not None and subscription.turns_on > on,
        turns_on=subscription.turns_on,
        invoice_overdue=billing.overdue(actor, contract.pk, on),
        payment_running=bool(with_payment_running(subscription.organisation_id, [subscription.pk])),
        seats=subscription.seats_now,
        seats_left=max(0, subscription.seats_now - use.used - use.borrowed),
        who_may=_names(actor, contract.pk, reach),
        sold_by=_sold_by(subscription),
        alignable=_alignable(actor, subscription, on),
        returnable=returnable(actor, subscription, on),
    )


def contracts_to_ask_for(actor: Actor, can: Permission) -> frozenset[int] | None:
    """The contracts on which the actor may ask for `can`; None means all of the customer's."""
    if actor.lacks_scope(Can.ASK):
        return frozenset()
    held = [grant for grant in actor.grants if can.reach_of[grant.role] == Reach.ASK and grant.group_id is None]
    if any(grant.contract_id is None for grant in held):
        return None
    return frozenset(grant.contract_id for grant in held if grant.contract_id is not None)


def _last_period(subscription: Subscription) -> Period:
    # where a return ended it no period stands: its last one still says what it was
    return _LAST.get(customer=subscription.organisation_id, subscription=subscription.pk)


_LAST: Prepared[Period] = Prepared(
    lambda customer, subscription: Period.objects.filter(organisation_id=customer, subscription_id=subscription).order_by(
        F("undone_on").asc(nulls_first=True), "-start"
    )[:1],
    customer=int,
    subscription=int,
)


def _names(actor: Actor, contract_id: int, reach: Mapping[Verb, Reach]) -> Mapping[Verb, tuple[str, ...]]:
    """Who may do what this actor may not (F1.7)."""
    closed = {PERMISSION[verb] for verb, how_far in reach.items() if how_far not in DIRECT}
    names = {}
    for can in closed:
        roles = [role for role, how_far in can.reach_of.items() if how_far in DIRECT]
        names[can] = tuple(member.name for member in who_may(actor, roles, contract_id))
    return {verb: names[can] for verb, can in PERMISSION.items() if can in names}


def _sold_by(subscription: Subscription) -> SoldBy:
    reseller = subscription.contract.reseller
    if reseller is None:
        return SoldBy()
    return SoldBy(name=reseller.name, email=reseller.email, phone=reseller.phone)


def _alignable(actor: Actor, subscription: Subscription, on: date) -> Alignable:
    """The customer's other subscriptions whose contracts the actor manages, or may ask about, and whose date differs (rules 5).

    One statement of three short probes of an index, whatever the number of subscriptions; three numbers each are enough.
    """
    rows = Subscription.objects.filter(
        organisation_id=actor.customer_id,
        renews_on__gt=on,
        contract__channel=Channel.DIRECT,
        contract__plan=Plan.SUBSCRIPTION,
        product__self_service=True,
        product__status=ProductStatus.ACTIVE,
    ).exclude(renews_on=subscription.renews_on)
    may_ask = actor.may_ask(Can.ALIGN, subscription.contract_id)
    managed = contracts_to_ask_for(actor, Can.ALIGN) if may_ask else actor.contracts(Can.ALIGN)
    if managed is not None:
        rows = rows.filter(contract_id__in=managed)
    terms = [term.value for term in Term]
    methods = [method.value for method in Subscription.PaymentMethod]
    term, method = [subscription.term], [subscription.payment_method]
    kinds = {
        "matching": rows.filter(term__in=term, payment_method__in=method),
        "term_differs": rows.filter(term__in=set(terms) - set(term), payment_method__in=methods),
        "method_differs": rows.filter(term__in=terms, payment_method__in=set(methods) - set(method)),
    }
    probes = [found.annotate(probe=Value(kind)).values_list("probe", "number")[:ENOUGH] for kind, found in kinds.items()]
    numbers = list(probes[0].union(*probes[1:], all=True))
    told = {kind: tuple(number for probe, number in numbers if probe == kind) for kind in kinds}
    pending = bool(_PENDING.all(customer=actor.customer_id, subscription=subscription.pk))
    return Alignable(told["matching"], told["term_differs"], told["method_differs"], pending)


_PENDING: Prepared[Any] = Prepared(
    lambda customer, subscription: PlannedChange.objects.filter(
        organisation_id=customer,
        subscription_id=subscription,
        field=PlannedChange.Field.TERM,
        outcome=PlannedChange.Outcome.PENDING,
    ).values_list("pk")[:1],
    customer=int,
    subscription=int,
)
