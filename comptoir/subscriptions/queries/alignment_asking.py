"""Aligning for those who may only ask for it: what they may pick, and what is asked of somebody who may (rules 5, 7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can

from ..models import Subscription
from ..rules import CommonDate, likeness_of, possible_dates
from .alignment import Member, matched, members, preview_alignment
from .availability import contracts_to_ask_for
from .states import not_cancelled, term_words


@dataclass(frozen=True, slots=True)
class ToPick:
    """A subscription that may be named in the request. No price and no way of payment: they may not see any."""

    number: str
    product: str
    renews_on: date
    term_word: str
    seats: int
    picked: bool


@dataclass(frozen=True, slots=True)
class AskingPage:
    """What can be asked for: those that match, the dates they have, how many others there are, who will decide."""

    lines: Sequence[ToPick]
    dates: Sequence[CommonDate]
    others: int
    deciders: Sequence[str]


def asks_to_align(actor: Actor) -> bool:
    """Whether the actor aligns nothing itself, and may ask for it somewhere."""
    return not actor.may(Can.ALIGN, anywhere=True) and contracts_to_ask_for(actor, Can.ALIGN) != frozenset()


def members_to_ask_for(actor: Actor, on: date, numbers: Sequence[str] | None = None) -> list[Member]:
    """The subscriptions that the actor may ask to align, the next to renew first; with `numbers` only those."""
    contracts = contracts_to_ask_for(actor, Can.ALIGN)
    rows = Subscription.objects.prefetch_related("contract__reseller", "product", "organisation")
    rows = rows.filter(not_cancelled(on), organisation_id=actor.customer_id)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    return members(actor, list(rows.order_by("renews_on", "number")), on, as_who_may=True)


def asking_page(actor: Actor, on: date, *, numbers: Sequence[str], around: str = "") -> AskingPage:
    """What the form shows: all that match `around`, or what most share, picked as they were typed, else all of them."""
    found = members_to_ask_for(actor, on)
    named = [one.candidate for one in found if one.candidate.key == around]
    matching = {one.key for one in matched(found, likeness_of(named[0]) if named else None).matching}
    terms, picked = term_words(), set(numbers) & matching or matching
    return AskingPage(
        lines=[_line(one, terms[one.candidate.term], picked) for one in found if one.candidate.key in matching],
        dates=possible_dates([one.candidate for one in found if one.candidate.key in matching]),
        others=len(found) - len(matching),
        deciders=_deciders(actor, {one.subscription.contract_id for one in found}),
    )


def alignment_to_ask_for(
    actor: Actor, on: date, numbers: Sequence[str], day: date | None
) -> tuple[Subscription, dict[str, object]]:
    """What is asked for: the subscription that it is about, and the arguments of the verb; `day` None: the latest of their days.

    Raises Refused: `subscription_unknown`, and what the preview of whoever may would refuse.
    """
    found = members_to_ask_for(actor, on, numbers)
    missing = sorted(set(numbers) - {one.candidate.key for one in found})
    if missing:
        raise Refused("subscription_unknown", params={"number": missing[0]}, field="subscriptions", status=422)
    if len(found) < 2:
        raise Refused("nothing_to_align")
    plan = preview_alignment(found, on, day).plan
    first, *others = sorted(found, key=lambda one: one.subscription.pk)
    also = sorted(one.subscription.number for one in others)
    return first.subscription, {"also": also, "to": plan.common.day.isoformat()}


def _deciders(actor: Actor, contracts: Collection[int]) -> list[str]:
    """Who may align some of these contracts, those of the whole customer first."""
    places = who_may_where(actor, Can.ALIGN)
    found = [contact for place in (None, *sorted(contracts)) for contact in places.get(place, ())]
    return list({contact.membership_id: contact.name for contact in found}.values())


def _line(member: Member, term_word: str, picked: set[str]) -> ToPick:
    row = member.subscription
    return ToPick(row.number, row.product.name, row.renews_on, term_word, member.candidate.seats, row.number in picked)
