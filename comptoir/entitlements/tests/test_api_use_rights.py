"""The API of home use and previous versions (F3.1)."""

import pytest

from comptoir.entitlements.tests.test_use_rights import lent_to
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from tests.cast import Cast, raise_curtain

pytestmark = pytest.mark.django_db
HERE = "/api/v1/customers/5200001"


def test_one_learns_why_not_before_asking_and_a_number_comes_with_the_approval() -> None:
    cast: Cast = lent_to(raise_curtain())
    emil, sofia = token_of(cast.emil), token_of(cast.sofia)
    [choice] = call("get", f"{HERE}/use-rights/choices", emil).json()
    assert (choice["home"], choice["previous"], choice["previous_versions"]) == ([], [], ["2026"])
    line = f"{HERE}/subscriptions/560000001/home-use"
    assert call("post", line, emil, {"member": cast.emil.pk, "country": "FR"}).status_code == 403
    refused = call("post", f"{line}/requests", emil, {"country": "DE"}).json()
    assert (refused["code"], refused["params"]["reasons"]) == ("home_use_other_country", ["home_use_other_country"])
    asked = call("post", f"{line}/requests", emil, {"country": "FR"}).json()
    assert call("get", f"{HERE}/use-rights", emil).json()["items"] == []
    assert call("post", f"{HERE}/requests/{asked['id']}/approval", sofia, {"serial": "667-1"}).status_code == 200
    [given] = call("get", f"{HERE}/use-rights?whose=all", sofia).json()["items"]
    assert (given["number"], given["state"], given["ends_on"]) == ("667-1", "counts", "2027-11-21")
    assert call("post", f"{HERE}/use-rights/{given['id']}/end", token_of(cast.pierre)).status_code in {403, 404}
    assert call("post", f"{HERE}/use-rights/{given['id']}/end", emil).json()["state"] == "ended"
