"""Older versions, allowed at the desk (rules 9)."""

from datetime import date

import pytest

from comptoir.catalogue.models import Product
from comptoir.entitlements.models import VersionException
from comptoir.kernel.models import Event
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of
from tests.released import release

pytestmark = pytest.mark.django_db
PAGE = "/desk/customers/5200001/exceptions/"


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    for version, day in (("2026", date(2025, 10, 1)), ("2027", date(2026, 10, 1))):
        release(made.sculpt, version, day)
    return made


def test_an_administrator_allows_an_old_version_with_a_reason_and_ends_it(cast: Cast) -> None:
    ada = at_desk(staff_member("Ada", "Vendor", "administrator"))
    assert "Older versions" in words_of(ada.get("/desk/customers/5200001/"))
    assert "Sculpt LT 2026 (560000001)" in words_of(ada.get(PAGE))
    told = {"what": "560000001 2026", "until": "2026-12-31", "reason": ""}
    assert ada.post(PAGE, told).status_code == 422
    assert ada.post(PAGE, {**told, "reason": "x", "until": "2026-11-20"}).status_code == 422
    assert ada.post(PAGE, {**told, "reason": "x", "what": "560000001 2027"}).status_code == 422
    assert ada.post(PAGE, {**told, "reason": "An old model"}).status_code == 302
    assert "An old model 21 November 2026 31 December 2026 End it" in words_of(ada.get(PAGE))
    actor_of(cast.camille)
    made = VersionException.objects.get()
    assert Event.objects.get(kind="version.exception_given").organisation_id == cast.nord.pk
    assert ada.post(f"{PAGE}{made.pk}/end/").status_code == 302
    assert ada.post(f"/desk/customers/5200002/exceptions/{made.pk}/end/").status_code == 404
    assert "20 November 2026 ended" in words_of(ada.get(PAGE))


@pytest.mark.parametrize("role", ["finance", "catalogue", "support_agent"])
def test_nobody_else_at_the_desk_allows_one(cast: Cast, role: str) -> None:
    somebody = at_desk(staff_member("Some", "Body", role))
    assert somebody.get(PAGE).status_code == 404
    assert somebody.post(PAGE, {"what": "560000001 2026", "until": "2026-12-31", "reason": "x"}).status_code == 404


def test_a_product_is_offered_for_home_use_by_a_shared_licence(cast: Cast) -> None:
    karl = at_desk(staff_member("Karl", "Vendor", "catalogue"))
    told = {"status": "active", "self_service": "on", "home_use": "on", "sharing": "multi_user"}
    assert karl.post("/desk/prices/SCLT/", told).status_code == 302
    product = Product.objects.get(code="SCLT")
    assert (product.home_use, product.sharing, product.self_service) == (True, "multi_user", True)
