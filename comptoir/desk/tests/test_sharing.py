"""How the licence of one subscription is shared, said at the desk (rules 9)."""

import pytest

from comptoir.entitlements.queries.use_rights import Wanted, reasons_of
from comptoir.entitlements.rules.use_rights import UseKind
from comptoir.kernel.models import Event
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of, of
from tests.cast import TODAY, Cast, at_desk, raise_curtain, seat, staff_member, words_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/customers/5200001/subscriptions/560000001/sharing/"
NAMED = "home_use_named_licence"


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    made.sculpt.home_use = True
    made.sculpt.save()
    seat(made.subscription, made.emil)
    return made


def in_the_way(cast: Cast) -> set[str]:
    actor = actor_of(cast.emil)
    row = of(actor_of(cast.sofia))
    return {each.code for each in reasons_of(actor, [row], cast.emil.pk, Wanted(UseKind.HOME), TODAY)[row.pk]}


def test_an_administrator_says_it_for_one_subscription_and_the_rule_follows_at_once(cast: Cast) -> None:
    assert NAMED in in_the_way(cast)
    ada = at_desk(staff_member("Ada", "Vendor", "administrator"))
    assert PAGE in ada.get("/desk/customers/5200001/subscriptions/").content.decode()
    assert "As the product says: each seat has a name." in words_of(ada.get(PAGE))
    assert ada.post(PAGE, {"sharing": "multi_user", "reason": " "}).status_code == 422
    assert ada.post(PAGE, {"sharing": "everybody", "reason": "x"}).status_code == 422
    assert ada.post(PAGE, {"sharing": "multi_user", "reason": "By contract"}).status_code == 302
    assert "Said for this subscription: many people share the licence." in words_of(ada.get(PAGE))
    assert NAMED not in in_the_way(cast)
    told = Event.objects.get(kind="licence.sharing_set")
    assert (told.organisation_id, told.detail["sharing"], told.detail["reason"]) == (cast.nord.pk, "multi_user", "By contract")
    assert "nothing changes" in words_of(ada.post(PAGE, {"sharing": "multi_user", "reason": "again"}))
    assert ada.post(PAGE, {"sharing": "product", "reason": "No longer"}).status_code == 302
    assert NAMED in in_the_way(cast)
    assert Subscription.objects.filter(number="560000001", sharing="").exists()


@pytest.mark.parametrize("role", ["finance", "catalogue", "support_agent"])
def test_nobody_else_at_the_desk_says_it(cast: Cast, role: str) -> None:
    somebody = at_desk(staff_member("Some", "Body", role))
    assert somebody.get(PAGE).status_code == 404
    assert somebody.post(PAGE, {"sharing": "multi_user", "reason": "x"}).status_code == 404
    assert at_desk(staff_member("Ada", "Vendor", "administrator")).get(PAGE.replace("5200001", "5200002")).status_code == 404
    actor_of(cast.camille)
    assert not Event.objects.filter(kind="licence.sharing_set").exists()
