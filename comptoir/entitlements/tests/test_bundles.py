"""Groups of products: given together, all or nothing (rules 9)."""

import re
from datetime import date

import pytest

from comptoir.entitlements.actions import bundles
from comptoir.entitlements.models import Assignment, Bundle, BundleItem
from comptoir.entitlements.rules import Beyond
from comptoir.kernel.errors import Refused
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, subscribe, words_of

from .test_groups import group

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/bundles/"


@pytest.fixture
def cast() -> Cast:
    """Four seats of one subscription and one of another."""
    made = raise_curtain()
    subscribe(made.contract, made.sculpt, "560000060", seats=1, start=date(2026, 11, 1))
    return made


def both(cast: Cast) -> Bundle:
    actor = actor_of(cast.sofia)
    ids = list(Subscription.objects.filter(number__in=["560000001", "560000060"]).values_list("pk", flat=True))
    return bundles.make_bundle(actor, cast.nord, name="Drawing", subscriptions=ids, on=TODAY)


def seats() -> int:
    return Assignment.objects.filter(ended_on=None, waiting=False).count()


def test_all_of_it_is_given_or_nothing(cast: Cast) -> None:
    made = both(cast)
    with pytest.raises(Refused, match="seats_short"):
        bundles.give_bundle(actor_of(cast.sofia), made, members=[cast.emil.pk, cast.rita.pk], on=TODAY)
    assert seats() == 0
    bundles.give_bundle(actor_of(cast.sofia), made, members=[cast.emil.pk, cast.rita.pk], beyond=Beyond.WAIT, on=TODAY)
    assert (seats(), Assignment.objects.filter(waiting=True).count()) == (3, 1)


def test_who_has_a_part_of_it_gets_the_rest_and_nothing_twice(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    made = both(cast)
    bundles.give_bundle(actor_of(cast.sofia), made, members=[cast.emil.pk], on=TODAY)
    assert seats() == 2
    with pytest.raises(Refused, match="seated_already"):
        bundles.give_bundle(actor_of(cast.sofia), made, members=[cast.emil.pk], on=TODAY)


def test_its_name_is_taken_while_it_lives_and_seats_outlive_it(cast: Cast) -> None:
    made = both(cast)
    with pytest.raises(Refused, match="bundle_name_taken"):
        bundles.make_bundle(actor_of(cast.sofia), cast.nord, name="DRAWING", subscriptions=[cast.subscription.pk], on=TODAY)
    bundles.give_bundle(actor_of(cast.sofia), made, members=[cast.emil.pk], on=TODAY)
    bundles.end_bundle(actor_of(cast.sofia), made, on=TODAY)
    assert seats() == 2
    assert not BundleItem.objects.filter(removed_on=None).exists()
    assert both(cast).pk != made.pk


def test_whose_contract_it_is_not_makes_and_gives_none(cast: Cast) -> None:
    made = both(cast)
    for who in (cast.anton, cast.emil):
        with pytest.raises(Refused, match="not_allowed"):
            bundles.give_bundle(actor_of(who), made, members=[cast.emil.pk], on=TODAY)
    with pytest.raises(Subscription.DoesNotExist):
        bundles.make_bundle(
            actor_of(cast.sofia), cast.nord, name="Theirs", subscriptions=[cast.foreign_subscription.pk], on=TODAY
        )
    assert seats() == 0


def test_the_pages_make_it_and_give_it_to_a_list_and_to_a_group(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    assert "There is no subscription 999 that you may see." in words_of(
        browser.post(PAGE, {"name": "All", "subscriptions": "560000001, 999"})
    )
    at = browser.post(PAGE, {"name": "All", "subscriptions": ["560000001", "560000060"]}).headers["Location"]  # ticked
    assert "All Sculpt LT 560000001" in words_of(browser.get(PAGE))
    ticked = re.findall(r'value="(\d{9})"[^>]* checked', browser.get(f"{at}change/").content.decode())
    assert sorted(ticked) == ["560000001", "560000060"]
    told = words_of(browser.post(at, {"people": "emil.larsen@example.com rita.nielsen@example.com", "beyond": "refuse"}))
    assert "There are not enough seats: 1 more needed" in told
    assert browser.post(at, {"people": "emil.larsen@example.com", "beyond": "refuse"}).status_code == 302
    drawing = group(cast, "Drawing", cast.emil)
    assert browser.post(at, {"group": drawing.pk}).status_code == 302
    actor_of(cast.sofia)
    assert seats() == 2
    assert browser.post(f"{at}end/").headers["Location"] == PAGE
    assert browser.get(at).status_code == 404
