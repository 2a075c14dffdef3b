"""People added, invited, coming in and removed: what each verb does, to whom it says no, and what nobody learns by it."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from comptoir.identity.models import Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.actions import (
    accept_invitation,
    add_person,
    give_role,
    invite_again,
    join_group,
    make_group,
    remove_people,
)
from comptoir.organisations.actions.people import GOOD_FOR
from comptoir.organisations.models import AccessToken, GroupMember, Membership, RoleGrant, SpendingLimit
from comptoir.organisations.ports import Ending, Ports
from tests.cast import TODAY, Cast, member, raise_curtain

from .stage import acting, added, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture(autouse=True)
def nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "grouped", ())
    monkeypatch.setattr(Ports, "leaving", ())


def enters(who: Membership) -> bool:
    with wall_opened(person=who.person_id):
        return KernelPorts.grants.visit(who.person_id, who.organisation.number) is not None


def accept(who: Membership, on: date = TODAY) -> Membership:
    with wall_opened(read=[who.organisation_id], person=who.person_id):
        who = Membership.objects.select_related("person", "organisation").get(pk=who.pk)
    open_wall(person=who.person_id)
    assert who.invited_until
    told = {"organisation": who.organisation_id, "member": who.pk, "until": who.invited_until}
    return accept_invitation(themselves(who.person_id), who.person, **told, on=on)


def test_whoever_is_added_comes_in_once_they_have_accepted(cast: Cast) -> None:
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    payer = {"role": "payer", "contract": cast.contract.pk, "group": None}
    nina = added(cast, cast.camille, roles=[payer], groups=[group.pk])
    assert (nina.name, nina.sort_name, nina.email) == ("Nina Neu", "neu nina", "nina.neu@example.com")
    assert not enters(nina)
    accept(nina)
    assert enters(nina)
    actor = acting(nina)
    assert [(grant.role, grant.contract_id) for grant in actor.grants] == [("payer", cast.contract.pk), ("end_user", None)]
    assert GroupMember.objects.filter(group=group, membership=nina, left_on=None).exists()
    assert [detail["member"] for detail in told("member.added")] == [nina.pk]
    assert [detail["member"] for detail in told("member.joined")] == [nina.pk]


def test_nobody_learns_that_an_address_is_known_elsewhere_nor_the_name_behind_it(cast: Cast) -> None:
    # Oskar works for another customer
    known = added(cast, cast.camille, email="OSKAR.OST@example.com", first_name="O.", last_name="Unknown")
    new = added(cast, cast.camille, email="nobody@example.com", first_name="O.", last_name="Unknown")
    assert known.person_id == cast.oskar.person_id
    for each in (known, new):
        assert (each.name, each.sort_name, each.active) == ("O. Unknown", "unknown o.", False)
    accept(known)
    with wall_opened(read=[cast.nord.pk]):
        assert Membership.objects.get(pk=known.pk).name == "Oskar Ost"
    with wall_opened(read=[cast.est.pk]):
        assert Membership.objects.get(pk=cast.oskar.pk).name == "Oskar Ost"
    with signing_in():
        assert Person.objects.get(pk=cast.oskar.person_id).full_name == "Oskar Ost"


def test_adding_twice_with_one_key_adds_once_and_without_a_key_is_refused(cast: Cast) -> None:
    names = {"first_name": "Nina", "last_name": "Neu", "language": "en", "invite": True}
    asked = {"email": "nina.neu@example.com", "on": TODAY, **names}
    actor = acting(cast.camille).with_key("one")
    assert add_person(actor, cast.nord, **asked) == add_person(actor, cast.nord, **asked)
    assert len(told("member.invited")) == 1
    with pytest.raises(Refused, match="member_here_already"):
        add_person(acting(cast.camille), cast.nord, **asked)
    assert len(told("member.added")) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"email": "nobody"}, "email_malformed"),
        ({"email": ""}, "email_malformed"),
        ({"email": "a@b@example.com"}, "email_malformed"),
        ({"first_name": " ", "last_name": ""}, "name_missing"),
        ({"roles": [{"role": "emperor"}]}, "role_unknown"),
        ({"roles": [{"role": "end_user"}]}, "role_unknown"),
        ({"roles": [{"role": "access_manager"}]}, "role_needs_a_group"),
        ({"roles": [{"role": "payer", "group": 1}]}, "role_not_on_a_group"),
        ({"roles": [{"role": "payer", "contract": 10**9}]}, "contract_unknown"),
        ({"groups": [10**9]}, "group_unknown"),
    ],
)
def test_what_makes_no_sense_adds_nobody(cast: Cast, changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        added(cast, cast.camille, **changed)
    assert not Membership.objects.filter(name="Nina Neu").exists()
    assert told("member.added") == []


def test_a_contract_of_another_customer_is_unknown_here(cast: Cast) -> None:
    with pytest.raises(Refused, match="contract_unknown"):
        added(cast, cast.camille, roles=[{"role": "payer", "contract": cast.foreign_contract.pk}])


def test_coordinators_add_people_without_roles_and_others_add_nobody(cast: Cast) -> None:
    added(cast, cast.sofia)
    with pytest.raises(Refused, match="not_allowed"):
        added(cast, cast.sofia, email="b@example.com", roles=[{"role": "payer"}])
    for who in (cast.pierre, cast.rita, cast.emil):
        with pytest.raises(Refused, match="not_allowed"):
            added(cast, who, email="c@example.com")
    with pytest.raises(Refused, match="not_allowed"):  # Anton manages the second contract only
        added(cast, cast.anton, email="d@example.com", roles=[{"role": "payer", "contract": cast.contract.pk}])
    added(cast, cast.anton, email="e@example.com", roles=[{"role": "payer", "contract": cast.second_contract.pk}])
    assert len(told("member.added")) == 2


def test_who_looks_after_a_group_adds_people_to_it_alone(cast: Cast) -> None:
    own = make_group(acting(cast.camille), cast.nord, name="Own", on=TODAY)
    other = make_group(acting(cast.camille), cast.nord, name="Other", on=TODAY)
    give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="access_manager", group=own.pk, on=TODAY)
    with pytest.raises(Refused, match="group_needed"):
        added(cast, cast.emil)
    with pytest.raises(Refused, match="group_unknown"):
        added(cast, cast.emil, groups=[other.pk])
    nina = added(cast, cast.emil, groups=[own.pk])
    again = added(cast, cast.emil, groups=[own.pk], email=nina.email)  # is here: nothing is told, nothing changes
    assert (again, again.invited_until) == (nina, nina.invited_until)  # no way to flood somebody with invitations
    assert GroupMember.objects.filter(membership=nina).count() == 1


def test_an_invitation_lasts_seven_days_and_its_newest_link_alone_is_good(cast: Cast) -> None:
    nina = added(cast, cast.camille)
    first = nina.invited_until
    assert first is not None
    assert timedelta(days=6, hours=23) < first - now() <= GOOD_FOR
    with pytest.raises(Refused, match="invited_just_now"):
        invite_again(acting(cast.camille), nina)
    Membership.objects.filter(pk=nina.pk).update(invited_until=now() - timedelta(days=1))
    nina.refresh_from_db()
    with pytest.raises(Refused, match="invitation_over"):
        accept(nina)
    acting(cast.camille)
    again = invite_again(acting(cast.camille), nina)
    open_wall(person=nina.person_id)
    told_ = {"organisation": cast.nord.pk, "member": nina.pk, "until": first}
    with pytest.raises(Refused, match="invitation_over"):
        accept_invitation(themselves(nina.person_id), again.person, **told_, on=TODAY)
    accept(again)
    with pytest.raises(Refused, match="member_active_already"):
        invite_again(acting(cast.camille), Membership.objects.get(pk=nina.pk))


def test_nobody_accepts_for_somebody_else(cast: Cast) -> None:
    nina = added(cast, cast.camille)
    open_wall(person=cast.oskar.person_id)
    told_ = {"organisation": cast.nord.pk, "member": nina.pk, "until": nina.invited_until}
    with pytest.raises(Refused, match="invitation_over"):
        accept_invitation(themselves(cast.oskar.person_id), cast.oskar.person, **told_, on=TODAY)
    with pytest.raises(ObjectDoesNotExist):
        accept_invitation(themselves(cast.oskar.person_id), nina.person, **told_, on=TODAY)
    assert not enters(nina)


def test_whoever_is_removed_is_out_at_the_next_click_and_nothing_of_theirs_goes_on(cast: Cast) -> None:
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    join_group(acting(cast.camille), group, members=[cast.emil.pk], on=TODAY)
    nord = {"organisation": cast.nord}
    AccessToken.objects.create(**nord, membership=cast.emil, name="t", digest="d", hint="h", scopes=["people:read"])
    SpendingLimit.objects.create(**nord, membership=cast.emil, amount_minor=1)
    asked = {"verb": "v", "target": "t:1", "target_number": "1", "arguments": {}, "asked_on": TODAY}
    AskedVerb.objects.create(organisation_id=cast.nord.pk, asked_by_id=cast.emil.pk, **asked)
    assert enters(cast.emil)
    remove_people(acting(cast.sofia), cast.nord, members=[cast.emil.pk], on=TODAY)
    assert not enters(cast.emil)
    assert not AccessToken.objects.filter(revoked_at=None).exists()
    assert not SpendingLimit.objects.exists()
    assert GroupMember.objects.get().left_on == TODAY
    assert AskedVerb.objects.get().state == "withdrawn"
    assert told("member.left") == [{"count": 1, "member": cast.emil.pk, "members": str(cast.emil.pk)}]
    with pytest.raises(Refused, match="member_not_here"):
        remove_people(acting(cast.sofia), cast.nord, members=[cast.emil.pk], on=TODAY)


def test_a_coordinator_never_removes_a_manager(cast: Cast) -> None:
    for manager in (cast.camille, cast.anton):
        with pytest.raises(Refused, match="manager_by_coordinator"):
            remove_people(acting(cast.sofia), cast.nord, members=[cast.emil.pk, manager.pk], on=TODAY)
    remove_people(acting(cast.sofia), cast.nord, members=[cast.pierre.pk], on=TODAY)  # a payer is no manager
    assert enters(cast.emil)  # all or nothing


class Above:
    """A context above: seats under both contracts."""

    def __init__(self, *ends: Ending) -> None:
        self.endings = ends
        self.gone: list[set[int]] = []

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        return [end for end in self.endings if end.membership_id in memberships]

    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        self.gone.append(set(memberships))


def test_a_manager_of_one_contract_removes_only_who_has_nothing_elsewhere(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Ending(cast.emil.pk, "seat", "Sculpt LT", "1", cast.second_contract.pk)
    above = Above(mine, Ending(cast.rita.pk, "seat", "Sculpt LT", "1", cast.contract.pk))
    monkeypatch.setattr(Ports, "leaving", (above,))
    for other in (cast.rita, cast.pierre, cast.sofia):
        with pytest.raises(Refused, match="beyond_your_contracts"):
            remove_people(acting(cast.anton), cast.nord, members=[other.pk], on=TODAY)
    with pytest.raises(Refused, match="manager_by_coordinator"):
        remove_people(acting(cast.anton), cast.nord, members=[cast.camille.pk], on=TODAY)
    assert above.gone == []
    remove_people(acting(cast.anton), cast.nord, members=[cast.emil.pk], on=TODAY)
    assert above.gone == [{cast.emil.pk}]


def test_who_comes_back_is_invited_anew_and_has_none_of_the_old_roles(cast: Cast) -> None:
    back = added(cast, cast.camille, email="gaston.ancien@example.com", first_name="Gaston", last_name="Ancien")
    assert back.pk == cast.gaston.pk
    assert (back.left_on, back.active, back.joined_on) == (None, False, TODAY)
    RoleGrant.objects.filter(membership=back).delete()  # the cast left it its role, which removing takes away
    accept(back)
    assert enters(back)
    assert [grant.role for grant in acting(back).grants] == ["end_user"]


def test_the_door_knows_no_member_of_another_customer(cast: Cast) -> None:
    with pytest.raises(ObjectDoesNotExist):
        remove_people(acting(cast.oskar), cast.nord, members=[cast.emil.pk], on=TODAY)
    with pytest.raises(Refused, match="member_not_here"):
        remove_people(acting(cast.camille), cast.nord, members=[cast.oskar.pk], on=TODAY)


def test_an_address_that_once_asked_to_register_and_never_typed_its_code_can_be_added(cast: Cast) -> None:
    half = member(cast.est, "Half", "Way")
    with signing_in():
        Person.objects.filter(pk=half.person_id).update(is_active=False, first_name="", last_name="")
    nina = added(cast, cast.camille, email=half.email)
    accepted = accept(nina)
    with signing_in():
        person = Person.objects.get(pk=half.person_id)
    assert (person.is_active, person.full_name, accepted.name) == (True, "Nina Neu", "Nina Neu")
