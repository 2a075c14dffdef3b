"""What a group brings its people is told to each of them by name, to those who join it later too, and to nobody else."""

import pytest

from comptoir.downloads.actions.updates import assign_update
from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.actions.groups import give_to_group, take_from_group
from comptoir.entitlements.actions.seats import assign
from comptoir.home.tests.test_notices import read_logs, told
from comptoir.kernel.tests.stage import inside
from comptoir.organisations.actions.groups import join_group, make_group
from comptoir.organisations.models import Group
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of
from tests.released import release

pytestmark = pytest.mark.django_db
GIVEN = "You were given a seat of Sculpt LT through the group Drafting."


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def group(cast: Cast) -> Group:
    """Emil is in the group Drafting, which Camille made."""
    with inside(cast.camille) as actor:
        made = make_group(actor, cast.nord, name="Drafting", on=TODAY)
    join(cast, made, cast.emil.pk)
    return made


def join(cast: Cast, group: Group, *members: int) -> None:
    with inside(cast.camille) as actor:
        join_group(actor, group, members=list(members), on=TODAY)


def heard(cast: Cast, *names: str) -> list[bool]:
    read_logs(cast)
    return [GIVEN in told(getattr(cast, name)) for name in names]


def test_a_seat_through_a_group_is_told_to_its_people_and_to_who_joins_later(cast: Cast, group: Group) -> None:
    with inside(cast.camille) as actor:
        give_to_group(actor, group, subscriptions=[cast.subscription.pk], on=TODAY)
    assert heard(cast, "emil", "rita", "camille") == [True, False, False]
    join(cast, group, cast.rita.pk)
    assert heard(cast, "rita", "sofia") == [True, False]
    assert "Un poste de Sculpt LT vous est attribué par le groupe Drafting." in words_of(
        signed_in(cast.rita, "fr").get("/c/5200001/notices/")
    )
    with inside(cast.camille) as actor:
        take_from_group(actor, group, subscription=cast.subscription.pk, on=TODAY)
    read_logs(cast)
    gone = "The group Drafting brings no seat of Sculpt LT any more, and you had it so."
    assert (gone in told(cast.rita), gone in told(cast.sofia)) == (True, False)


def test_who_has_the_seat_already_or_waits_for_one_is_not_told_of_a_gift(cast: Cast, group: Group) -> None:
    with inside(cast.camille) as actor:
        assign(actor, cast.subscription, members=[each.pk for each in (cast.emil, cast.sofia, cast.pierre, cast.anton)], on=TODAY)
        join_group(actor, group, members=[cast.rita.pk], on=TODAY)
    with inside(cast.camille) as actor:
        give_to_group(actor, group, subscriptions=[cast.subscription.pk], beyond="wait", on=TODAY)
    assert heard(cast, "emil", "rita") == [False, False]
    assert "You wait for a seat of Sculpt LT." in told(cast.rita)


def test_a_benefit_through_a_group_is_told_unless_it_was_chosen_for_oneself(cast: Cast, group: Group) -> None:
    with inside(cast.camille) as actor:
        choose_benefits(actor, cast.nord, people=[[cast.sofia.pk, "phone_support", "withheld"]], on=TODAY)
        choose_benefits(actor, cast.nord, groups=[[group.pk, "phone_support", "given"]], on=TODAY)
    join(cast, group, cast.rita.pk, cast.sofia.pk)
    read_logs(cast)
    brought = "You were given a benefit through the group Drafting: Phone support."
    assert [brought in told(who) for who in (cast.emil, cast.rita, cast.sofia, cast.pierre)] == [True, True, False, False]
    with inside(cast.camille) as actor:
        choose_benefits(actor, cast.nord, groups=[[group.pk, "training", "withheld"]], on=TODAY)
    read_logs(cast)
    assert "training" not in told(cast.emil).lower()


def test_who_joins_a_group_that_is_to_install_something_hears_of_it(cast: Cast, group: Group) -> None:
    out = release(cast.sculpt, "2027", TODAY)
    with inside(cast.camille) as actor:
        give_to_group(actor, group, subscriptions=[cast.subscription.pk], on=TODAY)
        assign_update(actor, cast.nord, release=out.pk, groups=[group.pk], on=TODAY)
    join(cast, group, cast.rita.pk)
    read_logs(cast)
    asked = "Sculpt LT 2027 is to be installed by everybody in the group Drafting."
    assert [asked in told(who) for who in (cast.rita, cast.emil, cast.sofia)] == [True, False, False]
    assert "Sculpt LT 2027 is to be installed." in told(cast.emil)
