"""Asking is a stored verb: approved once, as the approver, through the same door; declined or withdrawn, also once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from comptoir.kernel import action as door
from comptoir.kernel.asking import approve, ask, decline, withdraw
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.models import AskedVerb, Event
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, member, raise_curtain, subscribe

from .stage import at_once, grow, inside, kinds_of_events, looking, meeting, seats_of

GROW = "kernel.grow"


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    return raise_curtain()


def asked_by(asker: Membership, cast: Cast, by: int = 3) -> AskedVerb:
    """The asker asks for more seats of the subscription."""
    with inside(asker) as actor:
        return ask(actor, cast.subscription, verb=GROW, arguments={"by": by}, reason=" for Liam ", on=TODAY)


def now(cast: Cast, asked: AskedVerb) -> AskedVerb:
    """The request as it is now."""
    with looking(cast.nord.pk):
        return AskedVerb.objects.get(pk=asked.pk)


def test_who_may_not_asks_and_nothing_else_happens(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    assert (asked.verb, asked.arguments, asked.reason) == (GROW, {"by": 3}, "for Liam")
    assert (asked.target_number, asked.contract_id, asked.asked_by_id) == ("560000001", cast.contract.pk, cast.emil.pk)
    assert now(cast, asked).state == AskedVerb.State.OPEN
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == ["request.asked"]


@pytest.mark.parametrize(("name", "code"), [("camille", "no_need_to_ask"), ("pierre", "not_allowed"), ("rita", "not_allowed")])
def test_who_may_and_who_may_not_even_ask_are_told_so(name: str, code: str, cast: Cast) -> None:
    with inside(getattr(cast, name)) as actor, pytest.raises(Refused) as refusal:
        # every member is an end user too, who may ask: here the first role counts alone
        ask(replace(actor, grants=actor.grants[:1]), cast.subscription, verb=GROW, arguments={"by": 3}, on=TODAY)
    assert refusal.value.code == code
    assert kinds_of_events(cast.nord.pk) == []


def test_approving_runs_the_verb_as_the_approver(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(cast.camille) as actor:
        approve(actor, asked)
    assert seats_of(cast.subscription) == 7
    decided = now(cast, asked)
    assert (decided.state, decided.decided_by_id) == (AskedVerb.State.APPROVED, cast.camille.pk)
    assert decided.decided_at is not None
    assert decided.result == f"subscriptions.subscription:{cast.subscription.pk}"
    with looking(cast.nord.pk):
        told = list(Event.objects.order_by("seq").values_list("kind", "by_membership_id"))
    assert told == [("request.asked", cast.emil.pk), ("test.grown", cast.camille.pk), ("request.approved", cast.camille.pk)]


@pytest.mark.parametrize("name", ["emil", "sofia", "anton", "pierre"])
def test_who_may_not_run_the_verb_approves_nothing(name: str, cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(getattr(cast, name)) as actor, pytest.raises(Refused) as refusal:
        approve(actor, asked)
    assert refusal.value.code == ("request_of_own" if name == "emil" else "not_allowed")
    assert now(cast, asked).state == AskedVerb.State.OPEN
    assert seats_of(cast.subscription) == 4


def test_another_customers_manager_finds_no_such_request(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    for close in (approve, decline, withdraw):
        with inside(cast.oskar) as actor, pytest.raises(ObjectDoesNotExist):
            close(actor, asked)
    assert now(cast, asked).state == AskedVerb.State.OPEN


def test_a_request_is_decided_once(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(cast.camille) as actor:
        approve(actor, asked)
        for close in (approve, decline):
            with pytest.raises(Refused) as refusal:
                close(actor, asked)
            assert refusal.value.code == "request_already_decided"
    with inside(cast.emil) as actor, pytest.raises(Refused) as refusal:
        withdraw(actor, asked)
    assert refusal.value.code == "request_already_decided"
    assert seats_of(cast.subscription) == 7


def test_the_twin_of_an_approval_gets_the_first_result(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(cast.camille, key="k") as actor:
        first, twin = approve(actor, asked), approve(actor, now(cast, asked))
    assert first.pk == twin.pk == cast.subscription.pk
    assert seats_of(cast.subscription) == 7


def test_one_key_does_not_approve_two_requests(cast: Cast) -> None:
    first, second = asked_by(cast.emil, cast), asked_by(cast.sofia, cast)
    with inside(cast.camille, key="k") as actor:
        approve(actor, first)
        with pytest.raises(Refused) as refusal:
            approve(actor, second)
    assert (refusal.value.code, refusal.value.status) == ("request_key_reused", 422)
    assert now(cast, second).state == AskedVerb.State.OPEN
    assert seats_of(cast.subscription) == 7


def test_nobody_asks_twice_for_one_thing_until_the_first_is_withdrawn(cast: Cast) -> None:
    first = asked_by(cast.emil, cast)
    with pytest.raises(Refused) as refusal:
        asked_by(cast.emil, cast, by=5)
    assert (refusal.value.code, refusal.value.status) == ("request_already_open", 409)
    other = subscribe(cast.contract, cast.sculpt, "560000051", seats=1, start=TODAY)
    with inside(cast.emil) as actor:
        ask(actor, other, verb=GROW, arguments={"by": 3}, on=TODAY)  # another thing
    asked_by(cast.sofia, cast)  # another person
    assert kinds_of_events(cast.nord.pk) == ["request.asked"] * 3
    with inside(cast.emil) as actor:
        withdraw(actor, now(cast, first))
    assert asked_by(cast.emil, cast, by=5).state == AskedVerb.State.OPEN


def test_eight_who_ask_at_once_for_the_same_ask_once(committed: Cast) -> None:
    def one(_index: int) -> str:
        try:
            asked_by(committed.emil, committed)
        except Refused as refusal:
            return refusal.code
        return "asked"

    assert sorted(str(each) for each in at_once(8, one)) == ["asked", *["request_already_open"] * 7]
    assert kinds_of_events(committed.nord.pk) == ["request.asked"]


def test_two_managers_approve_at_once_and_the_seats_come_once(committed: Cast) -> None:
    assert sorted(_approved_by_two_at_once(committed)) == ["approved", "request_already_decided"]
    assert seats_of(committed.subscription) == 7
    assert kinds_of_events(committed.nord.pk).count("request.approved") == 1


def test_without_the_look_at_its_state_a_request_is_approved_twice(committed: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(door, "_asked", lambda asked_id, *_: AskedVerb.objects.get(pk=asked_id))
    assert _approved_by_two_at_once(committed) == ["approved", "approved"]
    assert seats_of(committed.subscription) == 10


def test_one_approves_while_the_other_declines_and_one_of_them_wins(committed: Cast) -> None:
    asked = asked_by(committed.emil, committed)

    def decide(index: int) -> str:
        with inside(committed.camille) as actor:
            try:
                (approve, decline)[index](actor, asked)
            except Refused as refusal:
                return refusal.code
            return "decided"

    assert sorted(at_once(2, decide)) == ["decided", "request_already_decided"]  # type: ignore[type-var]
    approved = now(committed, asked).state == AskedVerb.State.APPROVED
    assert seats_of(committed.subscription) == (7 if approved else 4)


def test_declining_answers_whoever_asked_and_does_nothing_else(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(cast.camille) as actor:
        decline(actor, asked, answer=" there is a free seat ")
    decided = now(cast, asked)
    assert (decided.state, decided.answer, decided.decided_by_id) == ("declined", "there is a free seat", cast.camille.pk)
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == ["request.asked", "request.declined"]


def test_one_withdraws_only_ones_own(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    for other in (cast.sofia, cast.camille):
        with inside(other) as actor, pytest.raises(Refused) as refusal:
            withdraw(actor, asked)
        assert refusal.value.code == "not_allowed"
    with inside(cast.emil) as actor:
        withdraw(actor, asked)
    assert now(cast, asked).state == AskedVerb.State.WITHDRAWN
    with inside(cast.camille) as actor, pytest.raises(Refused) as refusal:
        approve(actor, asked)
    assert refusal.value.code == "request_already_decided"
    assert seats_of(cast.subscription) == 4


def test_a_request_answers_only_the_verb_and_the_row_that_it_names(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    other = subscribe(cast.contract, cast.sculpt, "560000003", seats=1, start=date(2026, 4, 10))
    with inside(cast.camille) as actor, pytest.raises(HouseRule, match="asks for"):
        grow(replace(actor, answering=asked.pk), other, by=3)
    assert seats_of(other) == 1
    assert now(cast, asked).state == AskedVerb.State.OPEN


def test_what_the_verb_refuses_leaves_the_request_open(cast: Cast) -> None:
    asked = asked_by(cast.emil, cast)
    with inside(cast.camille) as actor, pytest.raises(ZeroDivisionError):
        approve(actor, asked, then=lambda: 1 / 0)
    assert now(cast, asked).state == AskedVerb.State.OPEN
    assert kinds_of_events(cast.nord.pk) == ["request.asked"]


def _approved_by_two_at_once(cast: Cast) -> list[Any]:
    asked, meet = asked_by(cast.emil, cast), meeting(2)
    second = member(cast.nord, "Nora", "Neumann", (Role.CONTRACT_MANAGER, None))

    def decide(index: int) -> str:
        with inside((cast.camille, second)[index]) as actor:
            meet()
            try:
                approve(actor, asked)
            except Refused as refusal:
                return refusal.code
            return "approved"

    return at_once(2, decide)
