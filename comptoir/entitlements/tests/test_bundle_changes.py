"""Groups of products that change: whoever holds one gets and loses accordingly, all or nothing (rules 9)."""

from collections.abc import Collection
from datetime import date

import pytest

from comptoir.entitlements.actions import bundles, groups
from comptoir.entitlements.models import Assignment, Bundle, BundleItem, GroupSeat
from comptoir.entitlements.queries.bundle_changes import BundleChange, preview_change
from comptoir.entitlements.rules import Beyond
from comptoir.entitlements.rules.bundles import Held, Holders, holders
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, subscribe, words_of

from .test_bundles import both
from .test_groups import group

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "560000001", "560000060", "560000061"


@pytest.fixture
def cast() -> Cast:
    """Four seats of one, one of another, two of a third."""
    made = raise_curtain()
    for number, seats in ((SECOND, 3), (THIRD, 2)):
        subscribe(made.contract, made.sculpt, number, seats=seats, start=date(2026, 11, 1))
    return made


def ids(*numbers: str) -> list[int]:
    return list(Subscription.objects.filter(number__in=numbers).order_by("number").values_list("pk", flat=True))


def give(cast: Cast, made: Bundle, *members: Membership) -> None:
    bundles.give_bundle(actor_of(cast.sofia), made, members=[each.pk for each in members], on=TODAY)


def change(cast: Cast, made: Bundle, *numbers: str, name: str = "Drawing", **more: str) -> Bundle:
    return bundles.change_bundle(actor_of(cast.sofia), made, name=name, subscriptions=ids(*numbers), on=TODAY, **more)


def preview(cast: Cast, made: Bundle, *numbers: str) -> BundleChange:
    return preview_change(actor_of(cast.sofia), made, "Drawing", ids(*numbers), TODAY)


def who(number: str) -> list[str]:
    rows = Assignment.objects.filter(subscription__number=number, ended_on=None, waiting=False)
    return sorted(rows.values_list("membership__name", flat=True))


@pytest.mark.parametrize(
    ("held", "given", "found"),
    [
        ([(1, 7, True), (2, 7, True)], [], Holders((), (7,))),
        ([(1, 7, True)], [], Holders((), ())),
        ([(1, 7, False), (2, 7, False)], [(5, 1), (5, 2)], Holders((5,), ())),
        ([(1, 7, True), (2, 7, False)], [(5, 1), (5, 2)], Holders((5,), ())),
        ([(1, 7, True), (2, 7, True)], [(5, 1), (5, 2)], Holders((5,), (7,))),
        ([(1, 7, True), (2, 7, False)], [(5, 2)], Holders((), (7,))),
    ],
)
def test_who_has_each_part_of_it_holds_it(
    held: Collection[tuple[int, int, bool]], given: Collection[tuple[int, int]], found: Holders
) -> None:
    assert holders([1, 2], [Held(*row) for row in held], given, {5: [7]}) == found
    assert holders([], [Held(*row) for row in held], given, {5: [7]}) == Holders((), ())


def test_who_holds_it_gets_what_is_put_in_and_loses_what_is_taken_out(cast: Cast) -> None:
    made = both(cast)  # the first and the second
    give(cast, made, cast.emil, cast.rita)
    seat(cast.subscription, cast.pierre)  # has a part of it only
    told = preview(cast, made, FIRST, THIRD)
    assert [(each.subscription.number, each.names) for each in (*told.gains, *told.losses)] == [
        (THIRD, ["Emil Larsen", "Rita Nielsen"]),
        (SECOND, ["Emil Larsen", "Rita Nielsen"]),
    ]
    assert (who(SECOND), who(THIRD)) == (["Emil Larsen", "Rita Nielsen"], [])  # nothing has changed
    change(cast, made, FIRST, THIRD, name="Modelling", quote=told.quote)
    assert who(FIRST) == ["Emil Larsen", "Pierre Payet", "Rita Nielsen"]
    assert (who(SECOND), who(THIRD)) == ([], ["Emil Larsen", "Rita Nielsen"])
    made.refresh_from_db()
    assert made.name == "Modelling"
    assert Event.objects.get(kind="bundle.changed").detail == {"name": "Modelling", "added": 1, "removed": 1}
    assert BundleItem.objects.get(subscription__number=SECOND).removed_on == TODAY


def test_too_few_seats_change_nothing_and_the_shortfall_is_named(cast: Cast) -> None:
    made = both(cast)
    give(cast, made, cast.emil, cast.rita, cast.pierre)
    assert [each.short for each in preview(cast, made, FIRST, SECOND, THIRD).gains] == [1]
    with pytest.raises(Refused, match="bundle_short") as refused:
        change(cast, made, FIRST, THIRD)
    assert refused.value.params == {"shortfall": 1, "where": [f"Sculpt LT ({THIRD})"]}
    assert (len(who(SECOND)), who(THIRD)) == (3, [])
    change(cast, made, FIRST, THIRD, beyond=Beyond.WAIT)
    assert (len(who(THIRD)), Assignment.objects.filter(waiting=True, subscription__number=THIRD).count()) == (2, 1)


def test_a_group_of_people_that_holds_it_gets_and_loses_as_a_group(cast: Cast) -> None:
    made, drawing = both(cast), group(cast, "Drawing", cast.emil, cast.rita)
    groups.give_to_group(actor_of(cast.sofia), drawing, subscriptions=ids(FIRST, SECOND), on=TODAY)
    other = group(cast, "Other", cast.rita)
    groups.give_to_group(actor_of(cast.sofia), other, subscriptions=ids(SECOND), on=TODAY)
    change(cast, made, FIRST, THIRD)
    given = GroupSeat.objects.filter(group=drawing, ended_on=None).values_list("subscription__number", flat=True)
    assert sorted(given) == [FIRST, THIRD]
    assert (who(SECOND), who(THIRD)) == (["Rita Nielsen"], ["Emil Larsen", "Rita Nielsen"])  # hers by the other group
    assert not Assignment.objects.filter(subscription__number=THIRD, direct=True).exists()


def test_what_was_shown_and_moved_since_is_shown_again(cast: Cast) -> None:
    made = both(cast)
    give(cast, made, cast.emil)
    quote = preview(cast, made, FIRST, THIRD).quote
    give(cast, made, cast.rita)
    with pytest.raises(Refused, match="quote_moved"):
        change(cast, made, FIRST, THIRD, quote=quote)
    with pytest.raises(Refused, match="bundle_unchanged"):
        change(cast, made, FIRST, SECOND)
    with pytest.raises(Refused, match="not_allowed"):
        bundles.change_bundle(actor_of(cast.anton), made, name="Mine", subscriptions=ids(FIRST), on=TODAY)
    assert who(SECOND) == ["Emil Larsen", "Rita Nielsen"]


def test_the_page_shows_who_gets_and_loses_before_it_does_it(cast: Cast) -> None:
    made, browser = both(cast), signed_in(cast.sofia)
    give(cast, made, cast.emil)
    at = f"/c/5200001/bundles/{made.pk}/change/"
    typed = {"name": "Drawing", "subscriptions": f"{FIRST} {THIRD}", "beyond": "refuse"}
    answer = browser.post(at, typed)
    told = words_of(answer)
    assert "put in: they get a seat Emil Larsen" in told
    assert "taken out: they lose their seat Emil Larsen" in told
    quote = answer.context["change"].quote
    assert browser.post(at, {**typed, "quote": quote}).headers["Location"] == f"/c/5200001/bundles/{made.pk}/"
    actor_of(cast.sofia)
    assert (who(SECOND), who(THIRD)) == ([], ["Emil Larsen"])
    assert "nothing changes" in words_of(browser.post(at, typed))


def test_the_api_lists_makes_gives_changes_and_ends_them(cast: Cast) -> None:
    sofia, here = token_of(cast.sofia), "/api/v1/customers/5200001/bundles"
    made = call("post", here, sofia, {"name": "All", "subscriptions": [FIRST, SECOND]}).json()
    one = f"{here}/{made['id']}"
    assert call("post", f"{one}/assignments", sofia, {"members": [cast.emil.pk]}).status_code == 200
    body = {"name": "Most", "subscriptions": [FIRST, THIRD]}
    told = call("post", f"{one}/change/preview", sofia, body).json()
    assert (told["gains"], told["missing"]) == ([{"subscription": THIRD, "members": [cast.emil.pk], "missing": 0}], 0)
    assert call("post", f"{one}/change", sofia, {**body, "quote": told["quote"]}).json()["name"] == "Most"
    assert [row["subscription"] for row in call("get", one, sofia).json()["subscriptions"]] == [FIRST, THIRD]
    assert call("post", f"{one}/change", sofia, {**body, "subscriptions": ["999"]}).json()["code"] == "subscription_unknown"
    assert call("get", one, token_of(cast.emil)).status_code in {403, 404}
    assert call("post", f"{one}/end", sofia).status_code == 200
    assert call("get", here, sofia).json() == {"items": []}
