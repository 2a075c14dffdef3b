"""User management to read: who belongs to the customer, and with which roles."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions import give_role, make_group
from comptoir.organisations.tests.stage import acting
from comptoir.permissions import Role
from tests.cast import TODAY, Cast, member, raise_curtain, seat, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
PEOPLE = "/c/5200001/people/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def names_in(page: str) -> list[str]:
    """The people that the list shows, in its order."""
    return [part.split(">", 1)[1].split("<")[0] for part in page.split('<th scope="row"><a href="')[1:]]


def test_everybody_is_listed_by_last_name_with_their_roles(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    answer = signed_in(cast.camille).get(PEOPLE)
    everybody = ["Sofia Costa", "Emil Larsen", "Camille Morel", "Rita Nielsen", "Pierre Payet", "Anton Weber"]
    assert names_in(answer.content.decode()) == everybody
    page = words_of(answer)
    assert "6 people belong to Atelier Nord; 2 of them manage contracts." in page
    assert "Anton Weber anton.weber@example.com Contract manager contract 110000002" in page
    assert "Camille Morel camille.morel@example.com Contract manager everywhere" in page
    assert "Emil Larsen emil.larsen@example.com End user 1 January 2020 1" in page
    assert "Gaston" not in page
    assert "Oskar" not in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "NIELS"}, ["Rita Nielsen"]),
        ({"q": "emil lar"}, ["Emil Larsen"]),
        ({"q": "PAYET@example"}, ["Pierre Payet"]),
        ({"q": "léa"}, ["Léa Ångström"]),
        ({"q": "angstrom"}, ["Léa Ångström"]),
        ({"q": "100%"}, []),
        ({"role": "contract_manager"}, ["Camille Morel", "Anton Weber"]),
        ({"role": "end_user"}, ["Léa Ångström", "Emil Larsen"]),
        ({"role": "payer", "q": "emil"}, []),
    ],
)
def test_people_are_found_by_name_mail_and_role(cast: Cast, asked: dict[str, str], found: list[str]) -> None:
    lea = member(cast.nord, "Léa", "Ångström")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        type(lea).objects.filter(pk=lea.pk).update(sort_name="angstrom lea")
    assert names_in(signed_in(cast.camille).get(PEOPLE, asked).content.decode()) == found


def test_a_role_that_does_not_exist_is_named(cast: Cast) -> None:
    answer = signed_in(cast.camille).get(PEOPLE, {"role": "king"})
    assert answer.status_code == 422
    assert "“king” is not a role: choose one from the list." in words_of(answer)


def test_pages_of_people_lead_to_and_fro(cast: Cast) -> None:
    for n in range(100):
        member(cast.nord, f"P{n:03}", "Same")
    camille = signed_in(cast.camille)
    first = camille.get(PEOPLE).content.decode()
    second_address = PEOPLE + first.split('rel="next" href="')[1].split('"')[0]
    second = camille.get(second_address).content.decode()
    third = camille.get(PEOPLE + second.split('rel="next" href="')[1].split('"')[0]).content.decode()
    assert [len(names_in(page)) for page in (first, second, third)] == [50, 50, 6]
    assert len({*names_in(first), *names_in(second), *names_in(third)}) == 106
    back = camille.get(PEOPLE + third.split('rel="prev" href="')[1].split('"')[0]).content.decode()
    assert names_in(back) == names_in(second)


@pytest.mark.parametrize("who", ["pierre", "emil"])
def test_people_are_not_for_everybody(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(PEOPLE).status_code == 404
    assert client.get(f"{PEOPLE}{cast.camille.pk}/").status_code == 404


@pytest.mark.parametrize("whom", ["oskar", "gaston"])
def test_a_strangers_and_a_former_members_page_is_not_found(cast: Cast, whom: str) -> None:
    camille = signed_in(cast.camille)
    assert camille.get(f"{PEOPLE}{getattr(cast, whom).pk}/").status_code == 404
    assert camille.get(f"{PEOPLE}999999999999999999999/").status_code == 404


def test_one_person_shows_their_roles_and_their_seats_of_today_and_before(cast: Cast) -> None:
    seat(cast.subscription, cast.emil, given_on=date(2026, 6, 1))
    second = subscribe(cast.second_contract, cast.sculpt, "560000040", seats=1, start=date(2026, 11, 1))
    seat(second, cast.emil, waiting=True)
    third = subscribe(cast.contract, cast.sculpt, "560000041", seats=1, start=date(2026, 11, 1))
    seat(third, cast.emil, given_on=date(2026, 1, 1), ended_on=date(2026, 2, 2))
    page = words_of(signed_in(cast.camille).get(f"{PEOPLE}{cast.emil.pk}/"))
    assert "Emil Larsen has 1 seat, waits for 1, and no role: an end user." in page
    today, past = page.split("Seats of the past", 1)
    assert "560000001 1 June 2026 has a seat" in today
    assert "560000040 21 November 2026 waits for a seat" in today
    assert "560000041 1 January 2026 2 February 2026" in past


def test_a_manager_of_one_contract_sees_no_role_and_no_seat_of_another(cast: Cast) -> None:
    third = member(cast.nord, "Iris", "Ilg", (Role.CONTRACT_MANAGER, cast.contract), (Role.PAYER, cast.second_contract))
    seat(cast.subscription, third)
    anton = signed_in(cast.anton)
    page = words_of(anton.get(f"{PEOPLE}{third.pk}/"))
    assert "Payer Contract 110000002" in page
    assert "Iris Ilg has no seat under your contracts and 1 role." in page
    assert "110000001" not in page
    assert "560000001" not in page
    listed = words_of(anton.get(PEOPLE))
    assert "110000001" not in listed
    assert "Seats under your contracts" in listed
    assert names_in(anton.get(PEOPLE, {"role": "contract_manager"}).content.decode()) == ["Camille Morel", "Anton Weber"]


def test_who_sees_no_contract_reads_of_all_seats_of_their_own(cast: Cast) -> None:
    greta = member(cast.nord, "Greta", "Grau")
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    give_role(acting(cast.camille), cast.nord, member=greta.pk, role="access_manager", group=group.pk, on=TODAY)
    seat(cast.subscription, greta)
    assert "Greta Grau has 1 seat and 1 role." in words_of(signed_in(greta).get(f"{PEOPLE}{greta.pk}/"))


def test_a_report_viewer_reads_people_too(cast: Cast) -> None:
    assert signed_in(cast.rita).get(f"{PEOPLE}{cast.emil.pk}/").status_code == 200


def test_an_evil_name_stays_text(cast: Cast) -> None:
    villain = member(cast.nord, "<img src=x>", "O'Neil & Sons")
    camille = signed_in(cast.camille)
    for path in (PEOPLE, f"{PEOPLE}{villain.pk}/", f"{PEOPLE}?q=%3Cimg"):
        page = camille.get(path).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x&gt; O&#x27;Neil &amp; Sons" in page.replace("&#39;", "&#x27;")  # each engine has its own apostrophe
        assert "&amp;#x27;" not in page


def test_the_number_of_queries_does_not_grow_with_the_people(cast: Cast) -> None:
    def queries(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as made:
            assert client.get(path).status_code == 200
        return len(made)

    def grow(numbers: range) -> None:
        for n in numbers:
            who = member(
                cast.nord, f"P{n:03}", "Many", (Role.SOFTWARE_COORDINATOR, cast.contract), (Role.PAYER, cast.second_contract)
            )
            seat(roomy, who)
            line = subscribe(cast.contract, cast.sculpt, f"5600005{n:03}", seats=1, start=date(2026, 11, 1))
            seat(line, cast.emil)

    roomy = subscribe(cast.contract, cast.sculpt, "560000600", seats=60, start=date(2026, 11, 1))
    camille, one = signed_in(cast.camille), f"{PEOPLE}{cast.emil.pk}/"
    grow(range(5))
    few = queries(camille, PEOPLE), queries(camille, one)
    grow(range(5, 60))
    assert (queries(camille, PEOPLE), queries(camille, one)) == few
