"""Spending limits before approval: what the rule says, who sets them, and that somebody can always approve."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client

from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, SpendingLimit
from comptoir.organisations.rules import beyond, spending_limit
from tests.cast import Cast, raise_curtain, signed_in, words_of

HERE = "/c/5200001/spending-limits/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.mark.parametrize(
    ("own", "of_roles", "limit"),
    [
        (None, (), None),
        (None, (None,), None),
        (None, (100,), 100),
        (None, (100, 300), 300),  # of several roles the widest counts
        (None, (100, None), None),  # a role without a limit is not bound by another's
        (50, (100,), 50),  # a person's own comes first, if lower
        (500, (100,), 500),  # and if higher
        (0, (None,), 0),
    ],
)
def test_which_limit_counts(own: int | None, of_roles: Iterable[int | None], limit: int | None) -> None:
    assert spending_limit(own, of_roles) == limit


def test_a_sum_that_is_just_the_limit_is_within_it() -> None:
    assert not beyond(100, 100)
    assert beyond(101, 100)
    assert not beyond(10**12, None)


def limits(cast: Cast) -> set[tuple[str, int]]:
    with wall_opened(read=[cast.nord.pk]):
        rows = SpendingLimit.objects.select_related("membership")
        return {(row.membership.name if row.membership else row.role, row.amount_minor) for row in rows}


def member(who: Membership) -> str:
    return f"member:{who.pk}"


@pytest.mark.django_db
def test_a_manager_sets_changes_and_takes_away_a_limit(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    camille.post(HERE, {"who": member(cast.anton), "amount": "1500"})
    assert limits(cast) == {("Anton Weber", 150_000)}
    camille.post(HERE, {"who": member(cast.anton), "amount": "20,50"})
    assert limits(cast) == {("Anton Weber", 2_050)}
    assert "Anton Weber 20.50" in words_of(camille.get(HERE))
    camille.post(HERE, {"who": member(cast.anton), "amount": ""})
    assert limits(cast) == set()


@pytest.mark.django_db
def test_somebody_who_may_order_any_sum_must_remain(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    for who in (member(cast.camille), "role:contract_manager"):
        answer = camille.post(HERE, {"who": who, "amount": "10"})
        assert answer.status_code == 409
        assert "With this limit nobody could approve a larger order." in words_of(answer)
    assert limits(cast) == set()


@pytest.mark.django_db
def test_whom_a_limit_binds_sets_none(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        SpendingLimit.objects.create(organisation=cast.nord, membership=cast.camille, amount_minor=100)
    answer = signed_in(cast.camille).post(HERE, {"who": member(cast.camille), "amount": ""})
    assert answer.status_code == 403
    assert limits(cast) == {("Camille Morel", 100)}


@pytest.mark.django_db
def test_only_managers_of_the_whole_customer_see_and_set_them(cast: Cast) -> None:
    for who in (cast.pierre, cast.sofia, cast.rita, cast.emil, cast.oskar):
        assert signed_in(who).get(HERE).status_code == 404
    answer = signed_in(cast.anton).post(HERE, {"who": member(cast.camille), "amount": "1"})  # manages one contract
    assert answer.status_code in {403, 404}
    assert limits(cast) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["-1", "much", "1.234", "9" * 20])
def test_an_amount_that_is_none_is_told(cast: Cast, amount: str) -> None:
    answer = signed_in(cast.camille).post(HERE, {"who": member(cast.anton), "amount": amount})
    assert answer.status_code == 422
    assert "Write an amount in plain digits" in words_of(answer)
    assert limits(cast) == set()


def call(who: Membership, method: str, body: object = None) -> Any:
    headers = {"authorization": f"Bearer {token_of(who)}"}
    sent = "" if body is None else json.dumps(body)
    path = "/api/v1/customers/5200001/spending-limits"
    return Client().generic(method, path, sent, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_a_program_sets_reads_and_takes_away_the_same_limits(cast: Cast) -> None:
    told = call(cast.camille, "PUT", {"member": cast.anton.pk, "amount": "1500"}).json()
    line = {"member": cast.anton.pk, "name": "Anton Weber", "role": None, "amount": "1500.00"}
    assert told == {"currency": "EUR", "items": [line]}
    assert call(cast.camille, "GET").json() == told
    assert "Anton Weber 1,500.00" in words_of(signed_in(cast.camille).get(HERE))
    assert call(cast.camille, "PUT", {"member": cast.anton.pk, "amount": None}).json()["items"] == []
    assert limits(cast) == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ({"role": "contract_manager"}, "limit_leaves_nobody"),
        ({"role": "payer"}, "limit_for_nobody"),  # who orders nothing needs no limit
        ({"role": "king"}, "limit_for_nobody"),
        ({}, "limit_for_nobody"),
        ({"member": "emil"}, "limit_for_nobody"),
        ({"member": "oskar"}, "limit_for_nobody"),  # another customer's, and nothing tells so
        ({"member": "anton", "role": "contract_manager"}, "limit_for_nobody"),
        ({"member": "anton", "amount": "1.234"}, "amount_malformed"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_and_changes_nothing(cast: Cast, who: dict[str, str], code: str) -> None:
    body: dict[str, object] = {"amount": "10", **who}
    if "member" in who:
        body["member"] = getattr(cast, who["member"]).pk
    assert call(cast.camille, "PUT", body).json()["code"] == code
    assert limits(cast) == set()


@pytest.mark.django_db
def test_tokens_of_others_neither_read_nor_set_them(cast: Cast) -> None:
    take_away = {"role": "contract_manager", "amount": None}
    assert call(cast.anton, "PUT", take_away).status_code == 403  # he manages one contract alone
    for who in (cast.pierre, cast.sofia, cast.emil):
        assert {call(who, "GET").status_code, call(who, "PUT", take_away).status_code} == {403}
    assert call(cast.oskar, "GET").status_code == 404
