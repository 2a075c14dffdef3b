"""The people of a customer as the API lists them."""

import pytest
from django.test import Client

from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, raise_curtain


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def test_each_is_told_with_the_roles_and_where_they_count_and_nothing_more(cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {token_of(cast.camille)}"}
    answer = Client(headers=headers).get("/api/v1/customers/5200001/people").json()
    told = {row["name"]: row for row in answer["items"]}
    with wall_opened(read=[cast.nord.pk]):
        expected = [
            {
                "id": member.pk,
                "name": member.name,
                "email": member.email,
                "joined_on": member.joined_on.isoformat(),
                "roles": roles,
            }
            for member, roles in (
                (cast.emil, []),
                (cast.camille, [{"role": "contract_manager", "contract_id": None}]),
                (cast.anton, [{"role": "contract_manager", "contract_id": cast.second_contract.pk}]),
            )
        ]
    assert [told[row["name"]] for row in expected] == expected
    assert cast.oskar.name not in told
    assert answer["next"] is None
