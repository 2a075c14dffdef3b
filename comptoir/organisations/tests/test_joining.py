"""Nobody joins alone; who has an address of a listed domain may ask, and learns nothing by it."""

from collections.abc import Callable

import pytest

from comptoir.identity.models import Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.actions import approve_joining, ask_to_join, decline_joining, list_domain, unlist_domain
from comptoir.organisations.models import EmailDomain, JoinRequest, Membership
from comptoir.organisations.queries import customers_that_list
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

from .stage import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture(autouse=True)
def a_domain_of_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comptoir.organisations.actions.joining.is_public", lambda domain: domain == "gmail.com")


def listed(cast: Cast) -> None:
    list_domain(acting(cast.camille), cast.nord, domain="@Example.com", on=TODAY)


def ask(cast: Cast, who: Membership) -> None:
    """What the click and the job after it do."""
    open_wall(person=who.person_id)
    ask_to_join(themselves(who.person_id), who.person, on=TODAY)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    run, _own = JOBS["organisations.note_wish"]
    run(Actor.job("organisations.note_wish", cast.nord.pk), person=who.person_id)


def test_a_manager_lists_the_domain_of_their_own_address_and_no_other(cast: Cast) -> None:
    for domain, code in (("other.example", "domain_not_yours"), ("gmail.com", "domain_public")):
        with pytest.raises(Refused, match=code):
            list_domain(acting(cast.camille), cast.nord, domain=domain, on=TODAY)
    listed(cast)
    with pytest.raises(Refused, match="domain_listed"):
        listed(cast)
    with pytest.raises(Refused, match="not_allowed"):
        list_domain(acting(cast.sofia), cast.nord, domain="example.com", on=TODAY)
    assert [row.domain for row in EmailDomain.objects.all()] == ["example.com"]


def test_where_each_contract_has_a_manager_of_its_own_each_lists_the_domain_and_takes_it_off(cast: Cast) -> None:
    made = list_domain(acting(cast.anton), cast.nord, domain="example.com", on=TODAY)
    unlist_domain(acting(cast.camille), made)
    assert not EmailDomain.objects.exists()


def test_whoever_asks_is_let_in_by_a_click_and_is_active_at_once(cast: Cast) -> None:
    listed(cast)
    ask(cast, cast.oskar)
    ask(cast, cast.oskar)  # asking twice asks once
    camille = signed_in(cast.camille)
    assert "Oskar Ost" in words_of(camille.get("/c/5200001/people/newcomers/"))
    with wall_opened(read=[cast.nord.pk]):
        wish = JoinRequest.objects.get()
    assert camille.post(f"/c/5200001/people/newcomers/{wish.pk}/approval/").status_code == 302
    with wall_opened(person=cast.oskar.person_id):
        visit = KernelPorts.grants.visit(cast.oskar.person_id, cast.nord.number)
    assert visit is not None
    assert [grant.role for grant in visit.actor.grants] == ["end_user"]
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    with pytest.raises(Refused, match="request_already_decided"):
        decline_joining(acting(cast.camille), wish, on=TODAY)


def test_managers_and_coordinators_hear_of_a_wish_and_others_do_not(cast: Cast) -> None:
    listed(cast)
    ask(cast, cast.oskar)
    run, _own = JOBS["organisations.tell_wish"]
    for _ in range(2):
        run(Actor.job("organisations.tell_wish", cast.nord.pk), wish_id=JoinRequest.objects.get().pk)
    mails = Message.objects.filter(once__startswith="wish:").values_list("to", flat=True)
    # Anton manages one contract only, and may let people in
    assert sorted(mails) == ["anton.weber@example.com", "camille.morel@example.com", "sofia.costa@example.com"]


def test_who_belongs_here_or_has_another_address_leaves_no_wish(cast: Cast) -> None:
    ask(cast, cast.oskar)  # nothing is listed
    listed(cast)
    ask(cast, cast.emil)  # belongs here
    with signing_in():
        Person.objects.filter(pk=cast.oskar.person_id).update(email="oskar@elsewhere.example")
    ask(cast, cast.oskar)
    assert not JoinRequest.objects.exists()


def test_nobody_learns_which_customers_list_a_domain(cast: Cast) -> None:
    oskar = signed_in(cast.oskar)
    before = words_of(oskar.post("/access/request/"))
    listed(cast)
    assert words_of(oskar.post("/access/request/")) == before
    assert cast.nord.name not in before
    with wall_opened(person=cast.oskar.person_id):
        assert list(customers_that_list(cast.oskar.person_id)) == [cast.nord.pk]
    with signing_in():
        Person.objects.filter(pk=cast.oskar.person_id).update(email="oskar@elsewhere.example")
    with wall_opened(person=cast.oskar.person_id):
        assert list(customers_that_list(cast.oskar.person_id)) == []


@pytest.mark.parametrize("decide", [approve_joining, decline_joining])
def test_only_who_adds_people_decides(cast: Cast, decide: Callable[..., object]) -> None:
    listed(cast)
    ask(cast, cast.oskar)
    wish = JoinRequest.objects.get()
    for who in (cast.pierre, cast.rita, cast.emil):
        with pytest.raises(Refused, match="not_allowed"):
            decide(acting(who), wish, on=TODAY)
    assert JoinRequest.objects.get().state == "open"
