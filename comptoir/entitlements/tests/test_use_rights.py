"""Home use and previous versions: who may have one, how many, until when (rules 9, F3.1)."""

from datetime import date

import pytest

from comptoir.downloads.models import Release
from comptoir.downloads.queries.releases import refuse_not_installable
from comptoir.entitlements.actions import exceptions, use_rights
from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.models import UseRight
from comptoir.entitlements.queries.exceptions import excepted_versions
from comptoir.entitlements.queries.use_rights import states_of
from comptoir.entitlements.rules.use_rights import Sharing, UseFacts, UseKind, UseState, sharing_of, why_not
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import approve, ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.organisations.actions.people import remove_people
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, staff_member
from tests.released import file, release

GOOD = {"works": True, "seated": True, "benefit": True, "held_until": None, "maintenance": False}
GOOD |= {"sharing": Sharing.MULTI_USER, "home_list": True, "same_country": True, "others": 0, "seats": 4}


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, []),
        ({"sharing": Sharing.NAMED}, ["home_use_named_licence"]),
        ({"sharing": Sharing.NAMED, "maintenance": True}, []),
        ({"home_list": False}, ["home_use_not_offered"]),
        ({"works": False}, ["use_subscription_stopped"]),
        ({"seated": False}, ["use_needs_seat"]),
        ({"benefit": False}, ["use_withheld"]),
        ({"same_country": False}, ["home_use_other_country"]),
        ({"held_until": TODAY}, ["use_held_already"]),
        ({"others": 3}, []),
        ({"others": 4}, ["home_use_all_given"]),
        ({"installable": False}, []),
        ({"home_list": False, "seated": False, "others": 9}, ["home_use_not_offered", "use_needs_seat", "home_use_all_given"]),
    ],
)
def test_home_use_takes_all_of_these(changed: dict[str, object], reasons: list[str]) -> None:
    assert list(why_not(UseKind.HOME, UseFacts(**{**GOOD, **changed}))) == reasons  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"home_list": False, "sharing": Sharing.NAMED, "same_country": False, "others": 9}, []),
        ({"installable": False}, ["previous_version_too_old"]),
        ({"seated": False, "benefit": False}, ["use_needs_seat", "use_withheld"]),
        ({"works": False, "held_until": TODAY}, ["use_subscription_stopped", "use_held_already"]),
    ],
)
def test_a_previous_version_takes_a_seat_and_a_version_that_may_be_installed(
    changed: dict[str, object], reasons: list[str]
) -> None:
    assert list(why_not(UseKind.PREVIOUS, UseFacts(**{**GOOD, **changed}))) == reasons  # type: ignore[arg-type]


def test_a_subscription_may_be_shared_otherwise_than_its_product() -> None:
    assert sharing_of("named", "") == Sharing.NAMED
    assert sharing_of("named", "multi_user") == Sharing.MULTI_USER
    assert sharing_of("multi_user", "named") == Sharing.NAMED


def lent_to(cast: Cast) -> Cast:
    """Sculpt LT is offered for home use, by a multi-user licence of two seats; Emil and Sofia have them."""
    cast.sculpt.home_use, cast.sculpt.sharing, cast.sculpt.previous_versions = True, "multi_user", 1
    cast.sculpt.save()
    for version, day in (("2025", "2024-10-01"), ("2026", "2025-10-01"), ("2027", "2026-10-01")):
        release(cast.sculpt, version, date.fromisoformat(day))
    for member in (cast.emil, cast.sofia):
        seat(cast.subscription, member)
    return cast


@pytest.fixture
def cast(db: None) -> Cast:
    return lent_to(raise_curtain())


def give(who: Membership, to: Membership, *, country: str = "FR", serial: str = "K-1", on: date = TODAY) -> None:
    actor = actor_of(who)
    row = Subscription.objects.get(number="560000001")
    use_rights.give_home_use(actor, row, member=to.pk, country=country, serial=serial, on=on)


def refused(code: str) -> "pytest.RaisesContext[Refused]":
    return pytest.raises(Refused, match=f"^{code}$")


def state(cast: Cast, right: UseRight, on: date) -> UseState:
    return states_of(actor_of(cast.sofia), [right.subscription_id], on).get(right.pk, UseState.ENDED)


def test_an_end_user_asks_and_a_coordinator_approves_with_a_serial_number(cast: Cast) -> None:
    actor = actor_of(cast.emil)
    told = {"member": cast.emil.pk, "country": "FR"}
    asked = ask(actor, cast.subscription, verb="entitlements.give_home_use", arguments=told, on=TODAY)
    with refused("not_allowed"):
        use_rights.give_home_use(actor, cast.subscription, **told, on=TODAY)  # type: ignore[arg-type]
    assert not UseRight.objects.exists()
    approve(actor_of(cast.sofia), asked, on=TODAY, serial=" 667-1 ")
    right = UseRight.objects.get()
    assert (right.membership_id, right.number, right.ends_on) == (cast.emil.pk, "667-1", date(2027, 11, 21))
    assert Event.objects.get(kind="use_right.given").detail["use"] == "home"
    with refused("use_held_already"):
        give(cast.camille, cast.emil)


def test_it_ends_by_itself_after_twelve_months_and_is_given_anew(cast: Cast) -> None:
    give(cast.camille, cast.emil)
    first = UseRight.objects.get()
    Subscription.objects.update(renews_on=date(2029, 4, 10), lapses_on=date(2029, 4, 10))
    assert state(cast, first, date(2027, 11, 20)) == UseState.COUNTS
    assert state(cast, first, date(2027, 11, 21)) == UseState.ENDED
    give(cast.camille, cast.emil, serial="K-2", on=date(2027, 11, 21))
    assert list(UseRight.objects.order_by("pk").values_list("number", "closed")) == [("K-1", True), ("K-2", False)]


def test_it_ends_with_the_contract_when_that_comes_first(cast: Cast) -> None:
    give(cast.camille, cast.emil)
    right = UseRight.objects.get()
    Subscription.objects.update(ended_on=date(2027, 1, 1))
    assert state(cast, right, date(2027, 1, 1)) == UseState.ENDED


def test_never_more_home_use_than_seats_also_when_there_are_fewer(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=2, seats_at_renewal=2)
    give(cast.camille, cast.emil)
    give(cast.camille, cast.sofia)
    seats = Subscription.objects.filter(pk=cast.subscription.pk)
    seats.update(seats_now=1, seats_at_renewal=1)
    emils, sofias = UseRight.objects.order_by("pk")
    assert (state(cast, emils, TODAY), state(cast, sofias, TODAY)) == (UseState.COUNTS, UseState.RESTS)
    seats.update(seats_now=2)
    assert state(cast, sofias, TODAY) == UseState.COUNTS


def test_a_home_abroad_and_a_withheld_benefit_are_refused_with_every_reason(cast: Cast) -> None:
    wishes = [[cast.emil.pk, "home_use", "withheld"]]
    choose_benefits(actor_of(cast.camille), cast.nord, people=wishes, on=TODAY)
    with pytest.raises(Refused) as found:
        give(cast.camille, cast.emil, country="DE")
    assert found.value.params["reasons"] == ["use_withheld", "home_use_other_country"]
    with refused("country_unknown"):
        give(cast.camille, cast.emil, country="fr")
    with refused("use_needs_seat"):
        give(cast.camille, cast.rita)
    with refused("member_unknown"):
        give(cast.camille, cast.gaston)
    assert not UseRight.objects.exists()


def test_whoever_leaves_loses_it_and_the_number_is_kept(cast: Cast) -> None:
    give(cast.camille, cast.emil)
    actor = actor_of(cast.camille)
    actor_of(cast.camille)
    remove_people(actor, cast.nord, members=[cast.emil.pk], on=TODAY)
    right = UseRight.objects.get()
    assert (right.closed, right.ends_on, right.number) == (True, TODAY, "K-1")


def test_it_is_ended_early_by_its_person_or_who_gives_it_and_by_nobody_else(cast: Cast) -> None:
    give(cast.camille, cast.emil)
    right = UseRight.objects.get()
    for stranger in (cast.rita, cast.anton, cast.pierre):
        with refused("not_allowed"):
            use_rights.end_use_right(actor_of(stranger), right, on=TODAY)
    use_rights.end_use_right(actor_of(cast.emil), right, on=TODAY)
    with refused("use_right_has_ended"):
        use_rights.end_use_right(actor_of(cast.camille), right, on=TODAY)
    give(cast.camille, cast.emil, serial="K-2")
    assert UseRight.objects.filter(closed=False).count() == 1


def previous(cast: Cast, version: str, to: Membership, *, on: date = TODAY) -> None:
    actor = actor_of(cast.camille)
    row = Subscription.objects.get(pk=cast.subscription.pk)
    use_rights.give_previous_version(actor, row, member=to.pk, version=version, on=on)


def at_desk(cast: Cast) -> Actor:
    ada = staff_member("Ada", "Vendor", Role.ADMINISTRATOR.value)
    actor_of(cast.camille)
    return Actor.staff(ada.pk, (Role.ADMINISTRATOR,), cast.nord.pk)


def test_one_version_back_is_given_and_two_back_takes_an_exception(cast: Cast) -> None:
    previous(cast, "2026", cast.emil)
    for version in ("2025", "2027", "1999"):
        with refused("previous_version_too_old"):
            previous(cast, version, cast.emil)
    assert UseRight.objects.get().version == "2026"


def test_an_exception_ends_on_its_day_and_is_in_the_customers_log(cast: Cast) -> None:
    desk = at_desk(cast)
    last = date(2026, 12, 31)
    for wrong, code in (("2026", "exception_not_needed"), ("1999", "version_unknown")):
        with refused(code):
            exceptions.except_version(desk, cast.subscription, version=wrong, until=last, reason="a model", on=TODAY)
    with refused("exception_day_in_the_past"):
        exceptions.except_version(desk, cast.subscription, version="2025", until=date(2026, 11, 20), reason="a", on=TODAY)
    exceptions.except_version(desk, cast.subscription, version="2025", until=last, reason="An old model", on=TODAY)
    event = Event.objects.get(kind="version.exception_given")
    assert (event.organisation_id, event.detail["reason"]) == (cast.nord.pk, "An old model")
    reader = actor_of(cast.emil)
    assert excepted_versions(reader, cast.sculpt.pk, last) == {"2025"}
    assert excepted_versions(reader, cast.sculpt.pk, date(2027, 1, 1)) == frozenset()
    assert excepted_versions(actor_of(cast.oskar), cast.sculpt.pk, last) == frozenset()
    previous(cast, "2025", cast.emil)
    right = UseRight.objects.get()
    assert state(cast, right, last) == UseState.COUNTS
    assert state(cast, right, date(2027, 1, 1)) == UseState.RESTS


def test_an_exception_opens_the_download_and_its_end_closes_it(cast: Cast) -> None:
    old = file(Release.objects.get(version="2025"))
    with refused("version_too_old"):
        refuse_not_installable(actor_of(cast.emil), old, TODAY)
    desk = at_desk(cast)
    made = exceptions.except_version(desk, cast.subscription, version="2025", until=TODAY, reason="A model", on=TODAY)
    refuse_not_installable(actor_of(cast.emil), old, TODAY)
    exceptions.end_exception(desk, made, on=TODAY)
    with refused("exception_has_ended"):
        exceptions.end_exception(desk, made, on=TODAY)
    with refused("version_too_old"):
        refuse_not_installable(actor_of(cast.emil), old, TODAY)
