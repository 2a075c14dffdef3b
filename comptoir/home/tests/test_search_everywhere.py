"""Search over all customers that one person belongs to: whose each thing is, as far as one may see in each, and no further."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.home.queries.searching import Group, found_everywhere
from comptoir.kernel.ports import Ports
from comptoir.kernel.searching import Typed
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from comptoir.subscriptions.models import Subscription
from tests.cast import (
    TODAY,
    Cast,
    at_desk,
    customer,
    make_contract,
    member,
    raise_curtain,
    seat,
    signed_in,
    staff_member,
    subscribe,
    words_of,
)
from tests.invoiced import invoiced, line
from tests.released import release

pytestmark = pytest.mark.django_db
SEARCH = "/search/"
WORDS = ("müller", "sculpt", "5600000", "11000000", "2026-0000", "f-2026")


@pytest.fixture
def cast() -> Cast:
    """Camille manages Atelier Nord and coordinates software under one contract of Studio Est; each has an invoice."""
    cast = raise_curtain()
    member(cast.est, "Camille", "Morel", (Role.SOFTWARE_COORDINATOR, cast.foreign_contract))
    make_contract(cast.est, "110000009")
    for organisation, contract, mark in ((cast.nord, cast.contract, "nord"), (cast.est, cast.foreign_contract, "est")):
        member(organisation, "Élodie", f"Müller-{mark}")
        invoiced(contract, line(1, "280.00"))
    release(cast.sculpt, "2026.1", TODAY)
    return cast


def found(who: Membership, words: str) -> list[Group]:
    with wall_opened(person=who.person_id):
        visits = Ports.grants.visits(who.person_id)
    open_wall(read=[visit.customer.id for visit in visits], person=who.person_id)
    return found_everywhere(visits, Typed.of(words), TODAY)


def whose(who: Membership, words: str) -> dict[str, set[tuple[str, str]]]:
    """What somebody finds, and with which customer, by kind."""
    return {group.kind: {(hit.customer, hit.name) for hit in group.hits} for group in found(who, words)}


def test_what_is_found_says_whose_it_is_and_leads_there(cast: Cast) -> None:
    assert whose(cast.camille, "muller")["people"] == {
        ("Atelier Nord", "Élodie Müller-nord"),
        ("Studio Est", "Élodie Müller-est"),
    }
    assert {hit.url.split("/")[2] for group in found(cast.camille, "muller") for hit in group.hits} == {"5200001", "5200002"}
    for kind in ("products", "releases", "subscriptions"):
        assert [customer for customer, _name in sorted(whose(cast.camille, "sculpt")[kind])] == ["Atelier Nord", "Studio Est"], (
            kind
        )


def test_in_each_customer_one_sees_what_ones_roles_show_there(cast: Cast) -> None:
    assert {name for _customer, name in whose(cast.camille, "11000000")["contracts"]} == {"110000001", "110000002", "110000003"}
    assert {customer for customer, _name in whose(cast.camille, "f-2026")["invoices"]} == {
        "Atelier Nord"
    }  # coordinators see none


def test_who_belongs_to_one_customer_finds_nothing_of_another(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    for who in (cast.emil, cast.sofia, cast.anton):
        names = {hit.name for words in WORDS for group in found(who, words) for hit in group.hits}
        assert names
        assert not [name for name in names if "est" in name or name in ("560000002", "110000003")], who.name
    assert [hit.customer for group in found(cast.sofia, "muller") for hit in group.hits] == [""]  # there is only one


def test_a_seat_that_stands_beyond_the_seats_of_one_customer_gives_no_download_there(cast: Cast) -> None:
    rosa = member(cast.nord, "Rosa", "Both")
    seat(cast.subscription, rosa)
    fewer = subscribe(cast.foreign_contract, cast.sculpt, "560000077", seats=2, start=TODAY)
    seat(fewer, cast.oskar, kept=True)
    seat(fewer, member(cast.est, "Rosa", "Both"))
    assert {customer for customer, _name in whose(rosa, "sculpt")["releases"]} == {"Atelier Nord", "Studio Est"}
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):  # the renewal's day has come, its job has not run
        Subscription.objects.filter(pk=fewer.pk).update(seats_at_renewal=1, renews_on=TODAY, automatic_renewal=True)
    assert {customer for customer, _name in whose(rosa, "sculpt")["releases"]} == {"Atelier Nord"}


def test_of_one_kind_each_customer_has_its_turn(cast: Cast) -> None:
    for n in range(7):
        subscribe(cast.contract, cast.sculpt, f"57000000{n}", seats=1, start=TODAY)
    subscribe(cast.foreign_contract, cast.sculpt, "570000099", seats=1, start=TODAY)
    (subscriptions,) = [group for group in found(cast.camille, "57") if group.kind == "subscriptions"]
    assert [hit.customer for hit in subscriptions.hits].count("Studio Est") == 1
    assert (len(subscriptions.hits), subscriptions.more) == (5, True)


def test_the_number_of_statements_does_not_grow_with_the_customers(cast: Cast) -> None:
    camille = signed_in(cast.camille)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            page = camille.get(SEARCH, {"q": "sculpt 56000000"})
        assert page.status_code == 200
        return len(made)

    asked()  # the frame's figures are kept from now on
    few = asked()
    for n in range(4):
        more = customer(f"530000{n}", f"Filiale {n}", "FR")
        contract = make_contract(more, f"12000000{n}")
        subscribe(contract, cast.sculpt, f"56000010{n}", seats=1, start=TODAY)
        member(more, "Camille", "Morel", (Role.CONTRACT_MANAGER, None))
    assert asked() == few <= 32


def test_pages_about_oneself_have_the_field_and_its_answers_need_no_script(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    for path in ("/profile/", "/", SEARCH.replace("search", "profile/products")):
        assert 'hx-get="/search/"' in camille.get(path).content.decode(), path
    assert 'hx-get="/c/5200002/search/"' in camille.get("/profile/?customer=5200002").content.decode()
    page = camille.get(SEARCH, {"q": "müller"})
    assert "2 things begin with “müller”." in words_of(page)
    assert "Studio Est · elodie" in words_of(page).replace("élodie", "elodie")
    assert 'method="get" action="/search/"' in page.content.decode()
    part = camille.get(SEARCH, {"q": "müller"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'href="/search/?q=m%C3%BCller"' in part.content.decode()
    assert "all 2 customers that you belong to" in words_of(camille.get(SEARCH))


def test_who_left_a_customer_finds_nothing_of_it_and_staff_and_strangers_have_no_such_page(cast: Cast) -> None:
    assert whose(cast.camille, "560000002") != {}
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        Membership.objects.filter(name="Camille Morel").update(left_on=TODAY)
    assert whose(cast.camille, "560000002") == {}
    assert signed_in(cast.gaston).get(SEARCH).status_code == 404
    assert at_desk(staff_member("Karl", "Lang", "catalogue")).get(SEARCH).status_code == 404
