"""One person's two accounts become one: what each customer sees of it, and what they don't (decision 19)."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import now

from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries.people import members_by_email as seated_by_email
from comptoir.identity.models import Person, StaffRole
from comptoir.identity.queries import by_sign_in_name, signing_in
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.actions import add_people, add_person
from comptoir.organisations.models import AccessToken, Group, GroupMember, JoinRequest, Membership, RoleGrant, SpendingLimit
from comptoir.organisations.queries import judge_list, members_by_email
from comptoir.organisations.rules import FIELDS
from comptoir.permissions import Role
from tests.cast import TODAY, Cast, member, raise_curtain, seat, subscribe

from .merging import bring_over, merge, merged
from .stage import acting, told

pytestmark = pytest.mark.django_db
BEFORE = date(2026, 5, 1)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def emma(cast: Cast) -> Membership:
    """The second account of Emil, also at Atelier Nord."""
    return member(cast.nord, "Emma", "Larsen")


def inside(cast: Cast) -> None:
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)


def holders(cast: Cast) -> list[tuple[int, date, bool]]:
    """Who has a seat of the subscription, or waits for one: since when, and which."""
    inside(cast)
    rows = Assignment.objects.filter(subscription=cast.subscription, ended_on=None).order_by("given_on", "pk")
    return list(rows.values_list("membership_id", "given_on", "waiting"))


def test_with_another_customer_the_membership_changes_its_account_and_keeps_its_name(cast: Cast) -> None:
    done = merged(cast.emil, cast.oskar)
    assert (done.customers, done.done_on) == ([], TODAY)
    with wall_opened(person=cast.emil.person_id):
        visit = KernelPorts.grants.visit(cast.emil.person_id, cast.est.number)
        assert KernelPorts.grants.visit(cast.emil.person_id, cast.nord.number) is not None
    assert visit is not None
    assert [grant.role for grant in visit.actor.grants] == ["contract_manager", "end_user"]
    # the customer goes on knowing them by the name and the address that it knew
    assert (visit.actor.name, visit.actor.membership_id) == ("Oskar Ost", cast.oskar.pk)
    open_wall(read=[cast.est.pk])
    row = Membership.objects.get(pk=cast.oskar.pk)
    assert (row.person_id, row.email) == (cast.emil.person_id, "oskar.ost@example.com")
    assert told("member.account_changed") == [{"member": cast.oskar.pk}]
    inside(cast)
    assert told("member.account_changed") == told("member.united") == []  # the other one hears of nothing


def test_with_the_same_customer_two_memberships_become_one(cast: Cast, emma: Membership) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        roles = {"organisation": cast.nord, "membership": emma, "given_on": BEFORE}
        RoleGrant.objects.create(**roles, role=Role.PAYER)
        RoleGrant.objects.create(**roles, role=Role.REPORT_VIEWER)
        RoleGrant.objects.create(**{**roles, "membership": cast.emil}, role=Role.REPORT_VIEWER)
        both, hers = (Group.objects.create(organisation=cast.nord, name=name, made_on=BEFORE) for name in ("A", "B"))
        for group, who in ((both, emma), (both, cast.emil), (hers, emma)):
            GroupMember.objects.create(organisation=cast.nord, group=group, membership=who, joined_on=BEFORE)
        for who, amount in ((emma, 500), (cast.emil, 900)):
            SpendingLimit.objects.create(organisation=cast.nord, membership=who, amount_minor=amount)
        AccessToken.objects.create(organisation=cast.nord, membership=emma, name="t", digest="d", hint="h", scopes=[])
    merged(cast.emil, emma)
    inside(cast)
    grants = RoleGrant.objects.filter(membership__in=[emma, cast.emil]).order_by("role")
    assert list(grants.values_list("membership_id", "role", "given_on")) == [
        (cast.emil.pk, "payer", BEFORE),
        (cast.emil.pk, "report_viewer", BEFORE),
    ]
    stays = GroupMember.objects.filter(left_on=None).order_by("group_id").values_list("membership_id", "group_id", "joined_on")
    assert list(stays) == [(cast.emil.pk, both.pk, BEFORE), (cast.emil.pk, hers.pk, TODAY)]
    was_in = GroupMember.objects.filter(membership=emma).order_by("group_id")
    assert list(was_in.values_list("joined_on", "left_on")) == [(BEFORE, TODAY), (BEFORE, TODAY)]  # who was in on any day
    assert SpendingLimit.objects.get().amount_minor == 500  # no way past the lower one
    assert AccessToken.objects.get().revoked_at is not None
    assert Membership.objects.get(pk=emma.pk).left_on == TODAY
    assert told("member.united") == [{"member": cast.emil.pk, "giver": emma.pk}]
    assert told("role.given")[0]["role"] == "payer"


@pytest.mark.parametrize("earlier", ["kept", "closed"])
def test_who_holds_two_seats_of_a_subscription_keeps_the_earlier_and_the_first_in_line_gets_the_other(
    cast: Cast, emma: Membership, earlier: str
) -> None:
    days = {"kept": (BEFORE, TODAY - timedelta(days=1)), "closed": (TODAY - timedelta(days=1), BEFORE)}[earlier]
    seat(cast.subscription, cast.emil, given_on=days[0])
    seat(cast.subscription, emma, given_on=days[1], last_used_on=TODAY)
    for who in (cast.sofia, cast.rita):
        seat(cast.subscription, who, given_on=BEFORE)
    seat(cast.subscription, cast.pierre, waiting=True)
    merged(cast.emil, emma)
    living = holders(cast)
    assert sorted(living) == sorted(
        [
            (cast.emil.pk, BEFORE, False),
            (cast.sofia.pk, BEFORE, False),
            (cast.rita.pk, BEFORE, False),
            (cast.pierre.pk, TODAY, False),
        ]
    )
    over = Assignment.objects.exclude(ended_on=None).filter(waiting=False).values_list("membership_id", "given_on", "ended_on")
    # on any day of the past as many seats were in use as were
    assert list(over) == [(emma.pk, TODAY - timedelta(days=1), TODAY)]
    assert Assignment.objects.get(membership=cast.emil, ended_on=None).last_used_on == TODAY


def test_a_seat_a_place_in_line_and_their_rank_go_over(cast: Cast, emma: Membership) -> None:
    other = subscribe(cast.contract, cast.sculpt, "560000009", seats=2, start=date(2026, 4, 10))
    seat(cast.subscription, emma, given_on=BEFORE)
    seat(other, cast.emil, given_on=TODAY, waiting=True)
    seat(other, emma, given_on=BEFORE)
    merged(cast.emil, emma)
    inside(cast)
    rows = Assignment.objects.filter(ended_on=None).order_by("subscription__number")
    assert list(rows.values_list("subscription__number", "membership_id", "given_on", "waiting")) == [
        ("560000001", cast.emil.pk, BEFORE, False),
        ("560000009", cast.emil.pk, BEFORE, False),
    ]


def test_the_last_manager_goes_on_managing_by_the_account_that_stays(cast: Cast, emma: Membership) -> None:
    merged(emma, cast.camille)
    inside(cast)
    managers = RoleGrant.objects.filter(role=Role.CONTRACT_MANAGER, contract_id=None, membership__left_on=None)
    assert [grant.membership_id for grant in managers] == [emma.pk]
    acting(emma)


def test_what_they_asked_for_is_asked_by_the_one_and_once(cast: Cast, emma: Membership) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told_of = {"organisation_id": cast.nord.pk, "verb": "subscriptions.add_seats", "arguments": {}, "asked_on": TODAY}
        for who, target in ((emma, "a:1"), (emma, "a:2"), (cast.emil, "a:1")):
            AskedVerb.objects.create(**told_of, target=target, target_number="1", asked_by_id=who.pk)
        done = {"state": "declined", "decided_by_id": cast.camille.pk, "decided_at": now()}
        AskedVerb.objects.create(**told_of, **done, target="a:3", target_number="1", asked_by_id=emma.pk)
    merged(cast.emil, emma)
    inside(cast)
    rows = AskedVerb.objects.order_by("target", "state").values_list("target", "state", "asked_by_id")
    assert list(rows) == [
        ("a:1", "open", cast.emil.pk),
        ("a:1", "withdrawn", emma.pk),
        ("a:2", "open", cast.emil.pk),
        ("a:3", "declined", cast.emil.pk),
    ]


def test_who_left_and_is_here_by_the_other_account_comes_back(cast: Cast, emma: Membership) -> None:
    merged(cast.gaston, emma)
    inside(cast)
    row = Membership.objects.get(pk=cast.gaston.pk)
    assert (row.left_on, row.joined_on, row.active) == (None, TODAY, True)
    assert not RoleGrant.objects.filter(membership=cast.gaston, role=Role.PAYER).exists()


def test_who_left_by_the_other_account_has_left(cast: Cast) -> None:
    merged(cast.emil, cast.gaston)
    inside(cast)
    assert Membership.objects.get(pk=cast.gaston.pk).left_on == date(2026, 10, 1)
    assert list(RoleGrant.objects.filter(membership=cast.emil)) == []


def test_a_wish_to_join_goes_over_and_one_that_is_fulfilled_goes(cast: Cast) -> None:
    asked = {"person_id": cast.oskar.person_id, "name": "O", "email": "o@example.com", "asked_on": TODAY}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JoinRequest.objects.create(organisation=cast.nord, **asked)
    merged(cast.gaston, cast.oskar)
    inside(cast)
    assert JoinRequest.objects.get().person_id == cast.gaston.person_id
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JoinRequest.objects.update(person_id=cast.pierre.person_id)
    merged(cast.emil, cast.pierre)
    inside(cast)
    assert not JoinRequest.objects.exists()


def test_the_names_of_the_closed_account_lead_to_the_one_that_stays_also_after_another_merge(cast: Cast) -> None:
    merged(cast.emil, cast.oskar)
    merged(cast.sofia, cast.emil)
    with signing_in():
        for name in ("oskar.ost@example.com", "EMIL.larsen@example.com", "sofia.costa@example.com"):
            found = by_sign_in_name(name)
            assert found is not None
            assert found.pk == cast.sofia.person_id
        assert not Person.objects.filter(pk__in=[cast.emil.person_id, cast.oskar.person_id], is_active=True).exists()


def test_who_is_added_by_the_address_of_a_closed_account_is_the_one_that_stays(cast: Cast) -> None:
    merged(cast.emil, cast.oskar)
    names = {"first_name": "O", "last_name": "O", "language": "en", "invite": False, "on": TODAY}
    other = member(cast.est, "Olga", "Ost", (Role.CONTRACT_MANAGER, None))
    with pytest.raises(Refused, match="member_here_already"):
        add_person(acting(other), cast.est, email="oskar.ost@example.com", **names)
    added = add_person(acting(cast.camille), cast.nord, email="new@example.com", **names)
    assert added.person_id not in (cast.emil.person_id, cast.oskar.person_id)
    with signing_in():
        assert not Person.objects.get(pk=cast.oskar.person_id).is_active


LISTED = [("emma.larsen@example.com", "Emma", "Larsen"), ("new.one@example.com", "New", "One")]


def test_a_list_with_the_address_of_a_closed_account_says_that_they_are_here_already(cast: Cast, emma: Membership) -> None:
    fields = {0: "email", 1: "first_name", 2: "last_name"}
    merged(cast.emil, emma)
    inside(cast)
    judged = judge_list(acting(cast.camille), LISTED, fields, language="en")
    assert [row.verdict for row in judged] == ["already_here", "will_be_added"]
    told = [dict(zip(fields.values(), row, strict=True)) for row in LISTED]
    people = [[row.get(name, "") for name in FIELDS] for row in told]
    done = add_people(acting(cast.camille), cast.nord, people=people, language="en", group=None, invite=False, on=TODAY)
    assert (done.added, done.refused) == (1, 1)
    assert Membership.objects.get(email="emma.larsen@example.com").left_on == TODAY


def test_wherever_people_are_named_by_address_the_old_one_names_whoever_stays(cast: Cast, emma: Membership) -> None:
    told = ["emma.larsen@example.com", "EMIL.larsen@example.com", "oskar.ost@example.com"]
    merged(cast.emil, emma)
    merged(cast.emil, cast.oskar)  # whom this customer never knew
    inside(cast)
    for found in (members_by_email(acting(cast.camille), told), seated_by_email(acting(cast.camille), told)):
        assert found == {"emma.larsen@example.com": cast.emil.pk, "emil.larsen@example.com": cast.emil.pk}
    Membership.objects.filter(pk=cast.emil.pk).update(left_on=TODAY)
    assert members_by_email(acting(cast.camille), told) == {}


@pytest.mark.parametrize("which", ["kept", "closed"])
def test_an_account_of_the_staff_is_not_merged(cast: Cast, which: str) -> None:
    who = cast.emil if which == "kept" else cast.oskar
    with wall_opened(desk=True, house=True):
        StaffRole.objects.create(person_id=who.person_id, name="E", role="finance", given_on=TODAY)
    with pytest.raises(Refused, match="merge_of_staff"):
        merge(cast.emil, cast.oskar)
    with signing_in():
        assert Person.objects.get(pk=cast.oskar.person_id).is_active


def test_merging_twice_with_itself_or_into_a_closed_account_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="merge_with_itself"):
        merge(cast.emil, cast.emil)
    first = merge(cast.emil, cast.oskar)
    for kept, closed, code in (
        (cast.emil, cast.oskar, "merge_of_nobody"),
        (cast.oskar, cast.emil, "merge_of_nobody"),
        (cast.sofia, cast.emil, "merge_running"),
    ):
        with pytest.raises(Refused, match=code):
            merge(kept, closed)
    bring_over(first)
    merge(cast.sofia, cast.emil)


def test_brought_over_again_nothing_is_left_to_do(cast: Cast, emma: Membership) -> None:
    done = merged(cast.emil, emma)
    done.customers = [cast.nord.pk]  # as a job that a dead worker left behind still thinks
    bring_over(done)
    inside(cast)
    assert len(told("member.united")) == 1
