"""The contracts of a customer as the API lists them."""

from typing import Any

import pytest
from django.test import Client

from comptoir.contracts.models import Contract
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Reseller
from tests.cast import Cast, raise_curtain

CONTRACTS = "/api/v1/customers/5200001/contracts"


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def test_the_list_tells_each_contract_as_its_own_address_does(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        sold = Reseller.objects.create(name="Revendeur du Port")
        Contract.objects.filter(pk=cast.contract.pk).update(channel="reseller", reseller=sold)
    client = Client(headers={"Authorization": f"Bearer {token_of(cast.camille)}"})
    listed: list[dict[str, Any]] = client.get(CONTRACTS).json()["items"]
    assert listed == [client.get(f"{CONTRACTS}/{row['number']}").json() for row in listed]
    assert [(row["number"], row["reseller"]) for row in listed] == [
        (cast.contract.number, "Revendeur du Port"),
        (cast.second_contract.number, None),
    ]


def test_a_page_has_as_many_rows_as_are_asked_for(cast: Cast) -> None:
    client = Client(headers={"Authorization": f"Bearer {token_of(cast.camille)}"})
    first = client.get(CONTRACTS, {"limit": 1}).json()
    second = client.get(CONTRACTS, {"limit": 1, "cursor": first["next"]}).json()
    assert [len(page["items"]) for page in (first, second)] == [1, 1]
    assert [first["items"][0]["number"], second["items"][0]["number"]] == [cast.contract.number, cast.second_contract.number]
    assert (first["next"] is None, second["next"]) == (False, None)
    assert client.get(CONTRACTS, {"limit": 201}).status_code == 422
