"""The front door, the shell, and what needs somebody today."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from comptoir.home.queries.shell import PLACES, Shells
from comptoir.identity.models import Person
from comptoir.kernel.asking import ask
from comptoir.kernel.ports import Ports
from comptoir.kernel.tests.stage import grow, inside
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from comptoir.ui.shell import Shell, Vendor
from tests.cast import (
    TODAY,
    Cast,
    customer,
    make_contract,
    member,
    nights_are_over,
    raise_curtain,
    seat,
    signed_in,
    subscribe,
    words_of,
)

pytestmark = pytest.mark.django_db
HOME = "/c/5200001/"


@pytest.fixture
def cast() -> Cast:
    nights_are_over()
    return raise_curtain()


def test_whoever_belongs_to_one_customer_goes_straight_home(cast: Cast) -> None:
    answer = signed_in(cast.camille).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)


def test_whoever_belongs_to_several_chooses_by_name(cast: Cast) -> None:
    join(cast.camille, cast)
    camille = signed_in(cast.camille)
    page = words_of(camille.get("/"))
    assert "For whom are you here?" in page
    assert page.index("Atelier Nord") < page.index("Studio Est")
    assert "Studio Est 5200002 Germany" in page
    inside = camille.get(HOME).content.decode()
    assert "Change customer" in inside
    assert 'href="/c/5200002/"' in inside


def join(who: Membership, cast: Cast) -> None:
    """Make them a member of Studio Est too."""
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        Membership.objects.create(
            organisation=cast.est,
            person_id=who.person_id,
            name=who.name,
            sort_name=who.sort_name,
            email=who.email,
            joined_on=TODAY,
        )


def test_whoever_left_every_customer_is_told_what_to_do(cast: Cast) -> None:
    page = words_of(signed_in(cast.gaston).get("/"))
    assert "You belong to no customer" in page
    assert "Atelier Nord" not in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (
            "camille",
            "Home Products and services Downloads Updates Contracts and orders User management Activity log "
            "Catalogue My notices Profile "
            "Waiting for me",
        ),
        (
            "pierre",
            "Home Products and services Downloads Updates Contracts and orders Activity log My requests "
            "Catalogue My notices Profile",
        ),
        (
            "sofia",
            "Home Products and services Downloads Updates Contracts and orders User management Activity log "
            "Catalogue My notices Profile "
            "Waiting for me",
        ),
        (
            "rita",
            "Home Products and services Downloads Updates Contracts and orders User management Activity log My requests "
            "Catalogue My notices Profile",
        ),
        ("emil", "Home Products and services Downloads Updates Activity log My requests Catalogue My notices Profile"),
    ],
)
def test_one_sees_the_places_where_one_may_go_and_no_others(cast: Cast, who: str, sees: str) -> None:
    page = signed_in(getattr(cast, who)).get(HOME).content.decode()
    rail = page.split('<aside class="rail"')[1].split("</aside>")[0].split("<nav")[1].split("</nav>")[0]
    assert words_of(HttpResponse(f"<nav{rail}")) == sees


@pytest.mark.parametrize(
    ("page", "place"),
    [
        *((page, "people") for page in ("groups/", "people/new/", "people/lists/", "domains/", "people/")),
        *((page, "products") for page in ("benefits/", "bundles/", "home-use/", "subscriptions/560000001/people/")),
    ],
)
def test_a_page_that_lies_below_a_place_shows_which(cast: Cast, page: str, place: str) -> None:
    shown = signed_in(cast.camille).get(f"{HOME}{page}").content.decode()
    rail = shown.split('<aside class="rail"')[1].split("</aside>")[0]
    assert f'href="{HOME}{place}/" aria-current="page"' in rail


def test_every_page_that_lies_below_a_place_has_an_address() -> None:
    known = get_resolver().reverse_dict
    assert [name for _can, at, _icon, below in PLACES for name in (at, *below) if name not in known] == []


def test_the_shell_says_who_is_here_for_whom_and_which_day_it_is(cast: Cast) -> None:
    page = words_of(signed_in(cast.sofia).get(HOME))
    for words in ("Atelier Nord Customer 5200001", "Sofia Costa Software coordinator", "business day 21 November 2026"):
        assert words in page


def test_the_profile_keeps_the_customer_one_came_from(cast: Cast) -> None:
    join(cast.camille, cast)
    camille = signed_in(cast.camille)
    assert "Contracts and orders" in words_of(camille.get("/profile/?customer=5200001"))
    for elsewhere in ("/profile/", "/profile/?customer=5200009", "/profile/?customer=110000001"):
        page = words_of(camille.get(elsewhere))
        assert "Contracts and orders" not in page
        assert "Atelier Nord Studio Est Profile" in page


def test_the_shell_takes_one_query_and_counts_requests_only_when_the_log_has_moved(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
    with wall_opened(person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, "5200001")
    assert visit is not None
    request = HttpRequest()
    request.user = Person.objects.none().model(pk=cast.camille.person_id, first_name="Camille")
    request.actor, request.customer, request.resolver_match = visit.actor, visit.customer, None  # type: ignore[attr-defined]
    request.customers = visit.customers  # type: ignore[attr-defined]
    with wall_opened(read=[cast.nord.pk], person=cast.camille.person_id), CaptureQueriesContext(connection) as made:
        first = Shells().shell_of(request, Vendor("Atelier Sculpt"))
        anew = len(made)
        shell = Shells().shell_of(request, Vendor("Atelier Sculpt"))
    assert (anew, len(made) - anew) == (2, 1)
    assert shell == first
    assert [entry.url for entry in shell.navigation][:2] == [HOME, f"{HOME}products/"]


def test_a_stranger_sees_the_vendor_and_the_languages_only() -> None:
    request = HttpRequest()
    request.user = AnonymousUser()
    assert Shells().shell_of(request, Vendor("V")) == Shell(vendor=Vendor("V"), language_url="/language/")


def test_home_says_what_the_subscriptions_come_to(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000020", seats=6, start=TODAY - timedelta(days=3), term="month")
    seat(cast.subscription, cast.emil)
    page = words_of(signed_in(cast.camille).get(HOME))
    assert "1 subscription renews within 60 days; 9 of 10 seats are not used." in page
    assert "To pay within 60 days, without tax 186.00 EUR" in page
    assert "Sculpt LT 560000020 18 December 2026" in page
    assert "Renewals of the next 12 months" in page


def test_home_names_what_needs_somebody_the_gravest_first(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000021", seats=1, start=date(2025, 10, 20))  # suspended
    subscribe(cast.contract, cast.sculpt, "560000022", seats=1, start=date(2025, 11, 15))  # in grace
    subscribe(cast.contract, cast.sculpt, "560000023", seats=1, start=date(2025, 12, 24), automatic_renewal=False)
    seat(cast.subscription, cast.emil, waiting=True)
    page = words_of(signed_in(cast.camille).get(HOME))
    told = [
        "1 subscription is suspended",
        "1 subscription is past its renewal date",
        "1 subscription ends within 60 days unless somebody renews it",
        "1 person waits for a seat.",
        "6 of 6 seats are not used.",
    ]
    needs = page.split("What needs you today", 1)[1]
    places = [needs.index(words) for words in told]
    assert places == sorted(places)


def test_nothing_to_do_is_said_too(cast: Cast) -> None:
    for holder in (cast.emil, cast.rita, cast.sofia, cast.pierre):
        seat(cast.subscription, holder)
    assert "Nothing needs you today." in words_of(signed_in(cast.camille).get(HOME))


def test_a_customer_with_nothing_yet_is_led_to_the_catalogue_from_every_empty_page(cast: Cast) -> None:
    new = signed_in(member(customer("5200009", "Bureau Neuf", "FR"), "Nina", "Neuf", (Role.CONTRACT_MANAGER, None)))
    leads = {
        "": "There is no subscription that works.",
        "products/": "There is no product here for you yet.",
        "contracts/": "No subscription works today. Contract number",
        "subscriptions/": "No subscription works today. Number or product",
        "downloads/": "There is nothing to download for you yet.",
    }
    for page, lead in leads.items():
        answer = new.get(f"/c/5200009/{page}")
        assert lead in words_of(answer)
        assert "Open the catalogue" in words_of(answer)
    assert "No subscription can be renewed today." in words_of(new.get("/c/5200009/renewals/"))


def test_what_was_asked_waits_for_whoever_may_decide_it_alone(cast: Cast) -> None:
    with wall_opened(person=cast.sofia.person_id):
        visit = Ports.grants.visit(cast.sofia.person_id, "5200001")
    assert visit is not None
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.sofia.person_id):
        ask(visit.actor, cast.subscription, verb="subscriptions.add_seats", arguments={"add": 3}, on=TODAY)
    assert "1 request waits for your answer." in words_of(signed_in(cast.camille).get(HOME))
    assert 'Waiting for me</span><span class="count">1</span>' in signed_in(cast.camille).get(HOME).content.decode()
    for who in (cast.sofia, cast.rita, cast.anton):  # anton manages another contract
        assert "waits for your answer" not in words_of(signed_in(who).get(HOME))


def test_a_contract_without_manager_is_named(cast: Cast) -> None:
    coordinator = member(cast.est, "Otto", "Amt", (Role.SOFTWARE_COORDINATOR, None))
    otto = signed_in(coordinator)
    assert "no contract manager" not in words_of(otto.get("/c/5200002/"))
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        cast.oskar.roles.all().delete()
    assert "Contract 110000003 has no contract manager." in words_of(otto.get("/c/5200002/"))
    make_contract(cast.est, "110000004")
    assert "Contracts 110000003, 110000004 have no contract manager." in words_of(otto.get("/c/5200002/"))


def test_the_language_is_asked_for_until_it_is_confirmed(cast: Cast) -> None:
    words = "Confirm the language and the time zone in which pages, mails and support speak to you."
    emil = signed_in(cast.emil)
    assert words not in words_of(emil.get(HOME))
    with wall_opened(person=cast.emil.person_id):
        Person.objects.filter(pk=cast.emil.person_id).update(language_confirmed_at=None)
    assert words in words_of(emil.get(HOME))


def test_an_end_user_is_told_of_their_own_products_and_of_who_gives_the_others(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    before = words_of(emil.get(HOME))
    assert "You have no seat yet." in before
    assert "Sculpt LT SCLT Sofia Costa, Camille Morel" in before
    seat(cast.subscription, cast.emil)
    after = words_of(emil.get(HOME))
    assert "You have a seat of 1 product." in after
    assert "Camille Morel" not in after
    for words in ("EUR", "Renewals of the next 12 months", "seats are not used"):
        assert words not in before + after


def test_a_manager_of_one_contract_counts_that_contract_alone(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000024", seats=3, start=date(2026, 11, 1))
    page = words_of(signed_in(cast.anton).get(HOME))
    assert "3 of 3 seats are not used." in page
    assert "560000001" not in page


def test_a_stranger_finds_nothing_and_a_former_member_no_more(cast: Cast) -> None:
    assert signed_in(cast.oskar).get(HOME).status_code == 404
    assert signed_in(cast.gaston).get(HOME).status_code == 404
    assert Client().get(HOME).headers["Location"] == f"/sign-in/?next={HOME}"


def test_a_page_that_is_not_there_still_has_a_face(cast: Cast) -> None:
    answer = signed_in(cast.camille).get(f"{HOME}nowhere/")
    assert answer.status_code == 404
    assert "We can’t find this page" in words_of(answer)
