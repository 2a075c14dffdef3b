"""The subscriptions of a customer as the API lists them: whoever sees all of them, and whoever sees one contract."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.subscriptions.models import PlannedChange
from tests.cast import TODAY, Cast, product, raise_curtain, subscribe

ROW = {
    "number": "560000001",
    "contract": "5100001",
    "product": "SLT",
    "product_name": "Sculpt LT",
    "term": "year",
    "seats_now": 4,
    "seats_at_renewal": 4,
    "renews_on": "2027-04-10",
    "automatic_renewal": True,
    "payment_method": "invoice",
    "planned_term": None,
}


@pytest.fixture
def cast(db: None) -> Cast:
    made = raise_curtain()
    small = product("SML", "Small", {"year": (45000, 42000)})
    for number, contract in (("560000011", made.contract), ("560000012", made.second_contract)):
        subscribe(contract, small, number, seats=1, start=date(2026, 10, 15))
    return made


def page(member: Membership, **asked: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token_of(member)}"}
    answer = Client(headers=headers).get("/api/v1/customers/5200001/subscriptions", asked)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def numbers(member: Membership, **asked: Any) -> list[str]:
    return [row["number"] for row in page(member, **asked)["items"]]


def test_the_list_goes_on_where_the_page_before_ended(cast: Cast) -> None:
    first = page(cast.camille, limit=2)
    assert [row["number"] for row in first["items"]] == ["560000001", "560000011"]
    last = page(cast.camille, limit=2, cursor=first["next"])
    assert [row["number"] for row in last["items"]] == ["560000012"]
    assert last["next"] is None


def test_who_manages_one_contract_is_listed_the_same_rows_of_it_and_no_others(cast: Cast) -> None:
    [everything, own] = page(cast.camille)["items"], page(cast.anton)["items"]
    assert own == [row for row in everything if row["contract"] == cast.second_contract.number] != []
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        RoleGrant.objects.filter(membership=cast.camille).update(contract_id=cast.contract.pk)
    assert numbers(cast.camille) == ["560000001", "560000011"]
    assert numbers(cast.camille, limit=1) == ["560000001"]


def test_a_row_tells_the_term_that_is_planned_and_only_while_it_is(cast: Cast) -> None:
    assert page(cast.camille)["items"][0] == {**ROW, "contract": cast.contract.number, "product": cast.subscription.product.code}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        planned = PlannedChange.objects.create(
            organisation=cast.nord,
            subscription=cast.subscription,
            field=PlannedChange.Field.TERM,
            term="3years",
            made_on=TODAY,
        )
    assert [row["planned_term"] for row in page(cast.camille)["items"]] == ["3years", None, None]
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        PlannedChange.objects.filter(pk=planned.pk).update(outcome=PlannedChange.Outcome.WITHDRAWN, ended_on=TODAY)
    assert [row["planned_term"] for row in page(cast.camille)["items"]] == [None, None, None]
