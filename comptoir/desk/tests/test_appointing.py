"""Contract managers appointed at the desk: only after a check that is told, never without whoever is there hearing of it."""

import json

import pytest
from django.test import Client

from comptoir.identity.models import StaffRole
from comptoir.kernel.clock import now
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Appointment, Membership, RoleGrant
from comptoir.subscriptions.tests.nights import run_queue
from conftest import FreshDatabase
from tests.cast import Cast, at_desk, customer, make_contract, raise_curtain, signed_in, staff_member, words_of
from tests.visitor import visited

LIST, PAGE = "/desk/unmanaged/", "/desk/customers/5200001/managers/"
RITA = {
    "email": "Rita.Nielsen@example.com",
    "language": "en",
    "contract": "all",
    "checked": "Called back at the number of the register.",
}
NINA = {**RITA, "email": "nina.neu@example.com", "first_name": "Nina", "last_name": "Neu"}


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def ada(cast: Cast) -> Client:
    return at_desk(staff_member("Ada", "Sommer", "administrator"))


def nobody_manages(cast: Cast) -> None:
    """As an old centre may have left it: nobody manages Atelier Nord, and Anton the second contract."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        RoleGrant.objects.filter(role="contract_manager", contract_id=None).delete()


def appointments(cast: Cast) -> list[tuple[str, str, str]]:
    with wall_opened(read=[cast.nord.pk]):
        return [(row.membership.name, row.contract, row.checked) for row in Appointment.objects.order_by("pk")]


def test_customers_without_a_manager_are_listed_until_somebody_is_appointed(cast: Cast, ada: Client) -> None:
    assert "Each contract has somebody who manages it." in words_of(ada.get(LIST))
    assert "nobody who manages" not in words_of(ada.get("/desk/"))
    nobody_manages(cast)
    said = words_of(ada.get(LIST))
    assert "Atelier Nord 5200001" in said
    assert "110000001" in said
    assert "110000002" not in said, "Anton manages the second contract"
    assert "Studio Est" not in said
    assert "1 customer has nobody who manages it." in words_of(ada.get("/desk/"))
    assert "Nobody can manage the contract 110000001." in words_of(ada.get(PAGE))
    preview = ada.post(PAGE, RITA)
    assert "Appoint Rita Nielsen?" in words_of(preview)
    assert "Also hear of it Sofia Costa, Anton Weber" in words_of(preview), "also who manages a part of it"
    assert appointments(cast) == [], "nothing happens before the second click"
    assert ada.post(PAGE, {**RITA, "sure": "yes"}).status_code == 302
    assert appointments(cast) == [("Rita Nielsen", "", RITA["checked"])]
    assert "Each contract has somebody" in words_of(ada.get(LIST))
    assert (
        signed_in(cast.rita).post(f"/c/5200001/people/{cast.emil.pk}/roles/", {"role": "payer", "where": "all"}).status_code
        == 302
    )
    said = words_of(ada.get(PAGE))
    assert "Rita Nielsen can manage everything here." in said
    assert "The whole customer Called back at the number of the register. 21 November 2026" in said


def test_a_customer_without_a_contract_wants_a_manager_too(cast: Cast, ada: Client) -> None:
    empty = customer("5200003", "Bureau Sud", "FR")
    assert "Bureau Sud 5200003 – France No contract yet" in words_of(ada.get(LIST))
    make_contract(empty, "110000009")
    assert "110000009" in words_of(ada.get(LIST))
    assert "Nobody can manage the contract 110000009." in words_of(ada.get("/desk/customers/5200003/managers/"))


def test_whoever_is_new_is_invited_and_manages_once_they_are_in(cast: Cast, ada: Client) -> None:
    nobody_manages(cast)
    assert "Nobody here has this address." in words_of(ada.post(PAGE, {**NINA, "first_name": "", "last_name": ""}))
    assert "new: is invited" in words_of(ada.post(PAGE, NINA))
    assert ada.post(PAGE, {**NINA, "sure": "yes", "contract": "110000001"}).status_code == 302
    run_queue("organisations")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        nina = Membership.objects.get(email="nina.neu@example.com")
        assert (nina.active, nina.invited_until is not None) == (False, True)
        grant = RoleGrant.objects.get(membership=nina)
        assert (grant.role, grant.contract_id) == ("contract_manager", cast.contract.pk)
        mails = dict(Message.objects.values_list("to", "subject"))
    assert set(mails) == {"nina.neu@example.com", "sofia.costa@example.com"}
    assert "Atelier Nord gives you access to" in mails["nina.neu@example.com"]
    assert mails["sofia.costa@example.com"] == "Nina Neu was appointed contract manager of Atelier Nord"
    assert "has not come in yet" in words_of(ada.get(PAGE))
    assert "Nobody can manage the contract 110000001." in words_of(ada.get(PAGE)), "who is invited can’t act yet"


def test_where_somebody_manages_it_is_said_and_they_hear_of_it_at_once(cast: Cast, ada: Client) -> None:
    assert "Camille Morel can act as manager there already." in words_of(ada.post(PAGE, RITA))
    refused = ada.post(PAGE, {**RITA, "sure": "yes"})
    assert (refused.status_code, "Camille Morel can act as manager" in words_of(refused)) == (409, True)
    assert appointments(cast) == []
    assert ada.post(PAGE, {**RITA, "sure": "yes", "although_managed": "on"}).status_code == 302
    run_queue("organisations")
    with wall_opened(read=[cast.nord.pk]):
        written = dict(Message.objects.values_list("to", "text"))
        event = Event.objects.get(kind="role.manager_appointed")
    told = {f"{name}@example.com" for name in ("camille.morel", "sofia.costa", "anton.weber", "rita.nielsen")}
    assert set(written) == told
    assert "If this is not right, write to" in written["camille.morel@example.com"]
    assert "name a second manager" in written["rita.nielsen@example.com"]
    assert not any(RITA["checked"] in text for text in written.values()), "how it was checked stays at the desk"
    assert (event.detail["member"], RITA["checked"] in json.dumps(event.detail)) == (cast.rita.pk, False)
    assert "appointed them contract manager" in words_of(signed_in(cast.camille).get("/c/5200001/activity/"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"checked": ""}, "Say how you checked it"),
        ({"checked": "He said so", "sure": "yes"}, "in 20 characters or more"),
        ({"email": "no address"}, "This is no e-mail address."),
        ({"contract": "110000003"}, "Select a valid choice"),
        ({"email": "camille.morel@example.com", "sure": "yes", "although_managed": "on"}, "has this role already"),
    ],
)
def test_what_can_not_be_is_said_and_nobody_is_appointed(cast: Cast, ada: Client, wrong: dict[str, str], said: str) -> None:
    answer = ada.post(PAGE, {**RITA, **wrong})
    assert answer.status_code in {409, 422}
    assert said in words_of(answer)
    assert appointments(cast) == []


def test_only_an_administrator_who_has_just_shown_who_they_are_appoints(cast: Cast) -> None:
    for role in ("finance", "catalogue", "support_agent"):
        somebody = at_desk(staff_member("Some", role.title(), role))
        assert somebody.get(LIST).status_code == somebody.get(PAGE).status_code == 404
        assert somebody.post(PAGE, {**RITA, "sure": "yes"}).status_code == 404
    stale = at_desk(staff_member("Ada", "Sommer", "administrator"), fresh=False)
    again = "/sign-in/again/?next=%2Fdesk%2Fcustomers%2F5200001%2Fmanagers%2F"
    assert stale.get(PAGE).headers["Location"] == again, "before anything is typed"
    assert stale.post(PAGE, {**RITA, "sure": "yes"}).headers["Location"] == again
    assert signed_in(cast.camille).get(PAGE).status_code == 404
    assert appointments(cast) == []


def test_the_desk_sees_who_manages_over_all_customers_and_no_other_role(cast: Cast) -> None:
    ada, fiona = staff_member("Ada", "Sommer", "administrator"), staff_member("Fiona", "Lenoir", "finance")
    with wall_opened(person=ada.pk, desk=True):
        assert set(RoleGrant.objects.values_list("role", flat=True)) == {"contract_manager"}
        assert not Membership.objects.exists()
        assert RoleGrant.objects.update(role="payer") == 0
    with wall_opened(person=fiona.pk, desk=True):
        assert not RoleGrant.objects.exists()
    with wall_opened(desk=True, house=True):
        StaffRole.objects.filter(person=ada).update(ended_on=now().date())
    with wall_opened(person=ada.pk, desk=True):
        assert not RoleGrant.objects.exists()


@pytest.mark.parametrize("failpoint", ["door.acted:kill", "gate.before_commit:kill", "gate.after_commit:kill"])
def test_a_kill_appoints_once_or_not_at_all_and_the_second_click_finds_it_done(
    fresh_database: FreshDatabase, failpoint: str
) -> None:
    cast = raise_curtain()
    nobody_manages(cast)
    ada = staff_member("Ada", "Sommer", "administrator")
    proof = {"account_authentication_methods": [{"method": "password", "at": now().timestamp()}]}
    session = {**proof, "account_authentication_methods_user": str(ada.pk)}
    form = {**RITA, "sure": "yes", "request_key": "the same click"}

    def click(failpoint: str = "") -> int:
        return visited(ada.pk, PAGE, form, fresh_database.app_url, failpoint, session=session).returncode

    assert click(failpoint) == -9
    assert len(appointments(cast)) == ("after_commit" in failpoint)
    for _again in range(2):
        assert click() == 0
    assert len(appointments(cast)) == 1
    with wall_opened(read=[cast.nord.pk]):
        assert Event.objects.filter(kind="role.manager_appointed").count() == 1
