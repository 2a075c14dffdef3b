"""Staff: roles at the desk are given and ended by an administrator, in the browser."""

import pytest
from django.test import Client

from comptoir.identity.models import Person, StaffRole
from comptoir.identity.queries import signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/staff/"
NEW = {"email": "Noah.Vidal@vendor.example", "name": "Noah Vidal", "role": "finance", "request_key": "k"}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def ada(cast: Cast) -> Client:
    return at_desk(staff_member("Ada", "Sommer", "administrator"))


def roles() -> list[tuple[str, str, bool]]:
    with wall_opened(desk=True):
        return sorted((row.name, row.role, row.ended_on is None) for row in StaffRole.objects.all())


def role_of(name: str, role: str) -> int:
    with wall_opened(desk=True):
        return StaffRole.objects.get(name=name, role=role, ended_on=None).pk


def test_an_administrator_gives_a_role_once_and_ends_it(ada: Client) -> None:
    for _again in range(2):
        assert ada.post(PAGE, NEW).status_code == 302
    page = words_of(ada.get(PAGE))
    assert "2 people work at the desk" in page
    assert "noah.vidal@vendor.example" in page
    assert "the last one: stays" in page
    with signing_in():
        noah = Person.objects.get(email="noah.vidal@vendor.example")
    assert at_desk(noah).get("/desk/runs/").status_code == 200
    assert "already" in words_of(ada.post(PAGE, NEW | {"request_key": "other"}))
    pk = role_of("Noah Vidal", "finance")
    assert "End a role of Noah Vidal" in words_of(ada.get(f"{PAGE}{pk}/"))
    assert ada.post(f"{PAGE}{pk}/").status_code == 302
    assert at_desk(noah).get("/desk/runs/").status_code == 404
    assert roles() == [("Ada Sommer", "administrator", True), ("Noah Vidal", "finance", False)]
    assert "Roles that have ended" in words_of(ada.get(PAGE))
    assert ada.post(f"{PAGE}{pk}/").status_code == 404
    with wall_opened(house=True):
        assert [event.kind for event in Event.objects.order_by("seq")] == ["staff.role_given", "staff.role_ended"]


def test_the_last_administrator_stays_and_of_two_one_may_go(ada: Client) -> None:
    pk = role_of("Ada Sommer", "administrator")
    answer = ada.post(f"{PAGE}{pk}/")
    assert answer.status_code == 409
    assert "the last administrator" in words_of(answer)
    staff_member("Eva", "Roux", "administrator")
    assert ada.post(f"{PAGE}{pk}/").status_code == 302
    assert ada.get(PAGE).status_code == 404
    assert roles() == [("Ada Sommer", "administrator", False), ("Eva Roux", "administrator", True)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "no address"}, "This is no e-mail address."),
        ({"name": ""}, "Give a name as well"),
        ({"role": "king"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_is_said_and_nobody_is_added(ada: Client, wrong: dict[str, str], said: str) -> None:
    answer = ada.post(PAGE, NEW | wrong)
    assert answer.status_code in {409, 422}
    assert said in words_of(answer)
    assert len(roles()) == 1


def test_a_role_wants_a_fresh_proof_of_who_one_is(cast: Cast) -> None:
    stale = at_desk(staff_member("Ada", "Sommer", "administrator"), fresh=False)
    assert stale.post(PAGE, NEW).headers["Location"] == "/sign-in/again/?next=%2Fdesk%2Fstaff%2F"
    assert len(roles()) == 1


@pytest.mark.parametrize("role", ["finance", "catalogue", "support_agent"])
def test_nobody_else_gives_roles(cast: Cast, role: str) -> None:
    somebody = at_desk(staff_member("Fiona", "Lenoir", role))
    assert somebody.get(PAGE).status_code == somebody.post(PAGE, NEW).status_code == 404
    assert somebody.post(f"{PAGE}{role_of('Fiona Lenoir', role)}/").status_code == 404
    assert len(roles()) == 1


def test_whoever_gets_a_role_hears_so_by_mail(ada: Client) -> None:
    ada.post(PAGE, NEW)
    with signing_in():
        noah = Person.objects.get(email="noah.vidal@vendor.example")
    job = "desk.tell_staff_role"
    JOBS[job][0](Actor.job(job, None), person=noah.pk, role="finance", event=1)
    with wall_opened(person=noah.pk):
        mail = Message.objects.get()
    assert (mail.to, "Finance" in mail.text) == ("noah.vidal@vendor.example", True)


def test_support_reads_what_they_can_do(cast: Cast) -> None:
    sam = at_desk(staff_member("Sam", "Petit", "support_agent"))
    page = words_of(sam.get("/desk/"))
    assert "Your role is Support: you answer the cases of customers." in page
    assert "Customers can’t open cases here yet" in page
    assert "Atelier Nord" not in page
    assert sam.get("/desk/customers/").status_code == 404
    assert "Your role is Support" not in words_of(at_desk(staff_member("Fiona", "Lenoir", "finance")).get("/desk/"))
