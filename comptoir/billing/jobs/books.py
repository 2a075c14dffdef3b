"""The nightly reconciliation: each provider's books of each day against ours, so that no charge is lost, altered or unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.house import the_house
from comptoir.kernel.jobs import enqueue, every, job, within
from comptoir.kernel.money import Money
from comptoir.kernel.pause import paused_because
from comptoir.kernel.roster import every_customer
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Organisation

from ..actions.books import note_comparison, note_return_failed
from ..models import Attempt, Finding, Reconciliation, Refund
from ..ports import Charge, GiveBack, Listed, NoAnswer, Outcome, Ports, Provider
from ..queries.findings import GIVEN_BACK, reference_of, refunds_of_findings, remedy_of
from ..rules.books import Difference, Entry, compare
from .asking import NotKnownYet, hold_back, hold_back_while_paused, outside, provider_of

AT_ONCE = 500  # customers that are looked at in one transaction
FIRST_DAYS = 7  # that are compared when none was before
Key = tuple[str, str]
Asked = Charge | GiveBack


@every("*/30 * * * *", "books_of_yesterday")
def books_of_yesterday() -> None:
    """Have the days up to yesterday compared that were not, for each provider."""
    if paused_because():
        return
    today = business_day()
    for name in Ports.providers.by_name:
        last = Reconciliation.objects.filter(provider=name).aggregate(day=Max("day"))["day"]
        first = today - timedelta(days=FIRST_DAYS) if last is None else last + timedelta(days=1)
        for ahead in range((today - first).days):
            enqueue("billing.compare_books", provider=name, day=(first + timedelta(days=ahead)).isoformat())


@job("billing.compare_books", own_transactions=True)
def compare_books(actor: Actor, *, provider: str, day: str) -> None:
    """Compare one day. Raises NotKnownYet without an answer."""
    hold_back_while_paused()
    asked, this = provider_of(provider), date.fromisoformat(day)
    try:
        listed = outside(lambda: list(asked.listed(this)))
        disputed = outside(lambda: list(asked.disputed(this)))
        failpoint("books.read")
        theirs = _theirs(listed)
        references = {entry.reference for entry in theirs}
        ours, charges = _ours(provider, this, references)
        ours |= refunds_of_findings(references)
        theirs += _elsewhere(asked, ours, charges, {(entry.kind, entry.reference) for entry in theirs})
    except NoAnswer as reason:
        raise NotKnownYet(f"the books of {provider}: {reason}") from None
    compared = compare(ours, theirs)
    told = [_finding(each) for each in compared.differences]
    with transaction.atomic():
        open_wall(house=True)
        note_comparison(actor, the_house(), provider=provider, day=this, charges=len(listed), differences=told, on=business_day())
        for entry in compared.ask_again:
            whose = charges.get((entry.kind, entry.reference))
            if whose is not None:
                enqueue("billing.follow", organisation_id=whose.customer_id, what=entry.kind, reference=entry.reference)
        for taken in disputed:  # what was noted already is no news
            enqueue("billing.follow", organisation_id=taken.customer_id, what="dispute", reference=taken.reference)


def _theirs(listed: Sequence[Listed]) -> list[Entry]:
    """What the provider has, each with the number of the customer whose it says it is."""
    ids = sorted({each.customer_id for each in listed if each.customer_id is not None})
    with wall_opened(read=ids):
        numbers = dict(Organisation.objects.filter(pk__in=ids).values_list("pk", "number"))
    return [
        Entry(
            each.kind,
            each.reference,
            each.provider_ref,
            each.amount.minor,
            each.amount.currency,
            each.state,
            numbers.get(each.customer_id or 0, ""),
        )
        for each in listed
    ]


def _ours(provider: str, day: date, references: set[str]) -> tuple[dict[Key, Entry], dict[Key, Asked]]:
    """What of ours the provider should know of that day, over all customers, a part of them at a time."""
    found: dict[Key, Entry] = {}
    charges: dict[Key, Asked] = {}
    for ids in every_customer(AT_ONCE):
        with wall_opened(read=ids):
            for entry, charge in _of_customers(provider, day, ids, references):
                found[entry.kind, entry.reference], charges[entry.kind, entry.reference] = entry, charge
    return found, charges


def _of_customers(provider: str, day: date, ids: Sequence[int], references: set[str]) -> Iterable[tuple[Entry, Asked]]:
    that_day = Q(ended_on=day) | Q(made_on=day) | Q(reference__in=references)
    rows = Attempt.objects.filter(that_day, organisation_id__in=ids, method__provider=provider).exclude(state="created")
    for row in rows.select_related("organisation", "method"):
        told = (row.reference, row.provider_ref, row.amount_minor, row.currency, row.state, row.organisation.number)
        yield Entry("charge", *told), _charge(row, day)
    backs = Refund.objects.filter(that_day, organisation_id__in=ids, payment__attempt__method__provider=provider)
    for back in backs.exclude(state="created").select_related("organisation", "payment__attempt__method"):
        told = (back.reference, back.provider_ref, back.amount_minor, back.currency, back.state, back.organisation.number)
        if back.payment.attempt is not None:
            yield Entry("refund", *told), _give_back(back, back.payment.attempt.provider_ref, day)


def _charge(row: Attempt, day: date) -> Charge:
    return Charge(
        reference=row.reference,
        amount=row.amount,
        kind=row.method.kind,
        customer_ref=row.method.customer_ref,
        token_ref=row.method.token_ref,
        customer_id=row.organisation_id,
        description="",
        return_url="",
        by_hand=row.by_hand,
        day=day,
        provider_ref=row.provider_ref,
        hours_ago=24,
    )


def _give_back(row: Refund, charge_ref: str, day: date) -> GiveBack:
    return GiveBack(
        reference=row.reference,
        charge_ref=charge_ref,
        amount=row.amount,
        customer_id=row.organisation_id,
        day=day,
        provider_ref=row.provider_ref,
        hours_ago=24,
    )


def _elsewhere(provider: Provider, ours: dict[Key, Entry], asked: dict[Key, Asked], listed: set[Key]) -> list[Entry]:
    """Of what we say succeeded and that day's list does not have, what the provider has on another day."""
    found = []
    for key in sorted(key for key, entry in ours.items() if key not in listed and entry.state == "succeeded"):
        wanted, own = asked[key], ours[key]
        outcome = outside(lambda wanted=wanted: _look_up(provider, wanted))  # type: ignore[misc]
        if outcome.state not in {"absent", "unknown"}:
            found.append(replace(own, provider_ref=outcome.provider_ref, state=outcome.state))
    return found


def _look_up(provider: Provider, wanted: Asked) -> Outcome:
    if isinstance(wanted, GiveBack):
        return provider.look_up_refund(wanted)
    return provider.look_up([wanted])[0]


def _finding(difference: Difference) -> dict[str, object]:
    ours, theirs = difference.ours, difference.theirs
    either = ours or theirs
    return {
        "kind": difference.kind,
        "what": either.kind if either else "charge",
        "reference": either.reference if either else "",
        "provider_ref": (theirs.provider_ref if theirs else "") or (ours.provider_ref if ours else ""),
        "customer": either.customer if either else "",
        "currency": either.currency if either else "",
        "ours_minor": ours.minor if ours else None,
        "theirs_minor": theirs.minor if theirs else None,
        "ours_state": ours.state if ours else "",
        "theirs_state": theirs.state if theirs else "",
    }


@job("billing.return_charge", own_transactions=True)
def return_charge(actor: Actor, *, finding: int) -> None:
    """Have the provider give back what a finding says, once. Raises NotKnownYet without an answer."""
    with transaction.atomic():
        within(actor)
        hold_back()
        row = Finding.objects.get(pk=finding)
        if row.answer != GIVEN_BACK:
            return
        organisation = Organisation.objects.get(pk=actor.customer_id)
    amount, today = Money(remedy_of(row).give_back, row.currency), business_day()
    wanted = GiveBack(reference_of(row), row.provider_ref, amount, organisation.pk, today)
    asked = provider_of(row.provider)
    try:
        outcome = outside(lambda: asked.look_up_refund(wanted))
        if outcome.state == "absent":
            outcome = outside(lambda: asked.give_back(wanted))
    except NoAnswer as reason:
        raise NotKnownYet(f"refund of finding {finding}: {reason}") from None
    if outcome.state == "failed":
        with transaction.atomic():
            within(actor)
            note_return_failed(actor, organisation, finding=finding, on=today)
