"""Search everything: who finds what, by which words, and what nobody finds."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.entitlements.models import SerialNumber
from comptoir.home.queries.searching import found_for
from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Ports
from comptoir.kernel.searching import Typed
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Group, GroupMember, Membership, MemberWord, RoleGrant
from comptoir.permissions import Role
from tests.cast import TODAY, Cast, member, product, raise_curtain, seat, signed_in, subscribe, words_of
from tests.invoiced import invoiced, line
from tests.released import release

pytestmark = pytest.mark.django_db
SEARCH = "/c/5200001/search/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def full(cast: Cast) -> Cast:
    """A customer with one of each kind, and another with the same names: none of its rows may show."""
    for organisation, contract, subscription, mark in (
        (cast.nord, cast.contract, cast.subscription, "nord"),
        (cast.est, cast.foreign_contract, cast.foreign_subscription, "est"),
    ):
        member(organisation, "Élodie", f"Müller-{mark}")
        with wall_opened(read=[organisation.pk], write=organisation.pk):
            Group.objects.create(organisation=organisation, name=f"Équipe {mark}", made_on=TODAY)
            told = {"organisation": organisation, "subscription": subscription}
            SerialNumber.objects.create(**told, number=f"777-{mark}", version="2026")
        invoiced(contract, line(1, "280.00"))
    release(cast.sculpt, "2026.1", TODAY)
    return cast


def actor_of(who: Membership) -> Actor:
    with wall_opened(person=who.person_id):
        visit = Ports.grants.visit(who.person_id, who.organisation.number)
    assert visit is not None
    open_wall(read=[visit.customer.id], write=visit.customer.id, person=who.person_id)
    return visit.actor


def kinds(who: Membership, words: str) -> dict[str, list[str]]:
    """What somebody finds, by kind."""
    actor = actor_of(who)
    customer = Ports.grants.visit(who.person_id, who.organisation.number)
    assert customer is not None
    return {group.kind: [hit.name for hit in group.hits] for group in found_for(actor, customer.customer, Typed.of(words), TODAY)}


@pytest.mark.parametrize("words", ["elodie", "ÉLODIE", "müller", "mul elo", "Elodie Müller-nord", "elodie.mu", "Élo"])
def test_people_are_found_by_how_their_names_begin_without_accents(full: Cast, words: str) -> None:
    # her address, as it was typed, has its accents and hyphen too
    assert kinds(full.camille, words) == {"people": ["Élodie Müller-nord"]}


@pytest.mark.parametrize("words", ["lodie", "elodie nobody", "e", "", "%", "_", "é%"])
def test_what_no_name_begins_with_finds_nobody(full: Cast, words: str) -> None:
    assert "people" not in kinds(full.camille, words)


WORDS = ("elodie", "equipe", "sculpt", "5600000", "777", "11000000", "2026-0000", "f-2026")
SEEN: dict[str, set[str]] = {
    "camille": {"people", "groups", "products", "releases", "subscriptions", "serial_numbers", "contracts", "invoices"},
    "pierre": {"products", "subscriptions", "serial_numbers", "contracts", "invoices"},
    "sofia": {"people", "groups", "products", "releases", "subscriptions", "serial_numbers", "contracts"},
    "anton": {"people", "groups", "contracts"},  # nothing else is under his contract
    "rita": {"people", "groups", "products", "subscriptions", "serial_numbers", "contracts"},
    "emil": {"products", "releases"},  # his own seat
}


@pytest.mark.parametrize("who", SEEN)
def test_everybody_finds_what_their_roles_show_and_nothing_of_another_customer(full: Cast, who: str) -> None:
    seat(full.subscription, full.emil)
    found: dict[str, set[str]] = {}
    for words in WORDS:
        for kind, names in kinds(getattr(full, who), words).items():
            found.setdefault(kind, set()).update(names)
    assert set(found) == SEEN[who]
    names = set().union(*found.values())
    assert not [name for name in names if "est" in name or name in ("560000002", "110000003")]
    if who == "anton":
        assert found["contracts"] == {"110000002"}


def test_an_end_user_without_a_seat_finds_nothing(full: Cast) -> None:
    assert [kinds(full.emil, words) for words in WORDS] == [{}] * len(WORDS)


def test_whoever_looks_after_a_group_finds_its_people_alone(full: Cast) -> None:
    with wall_opened(read=[full.nord.pk], write=full.nord.pk):
        group = Group.objects.get(name="Équipe nord")
        Group.objects.create(organisation=full.nord, name="Équipe other", made_on=TODAY)
        told = {"organisation": full.nord, "group": group}
        GroupMember.objects.create(**told, membership=full.rita, joined_on=TODAY)
        RoleGrant.objects.create(**told, membership=full.emil, role=Role.ACCESS_MANAGER.value, given_on=TODAY)
    assert kinds(full.emil, "rita") == {"people": ["Rita Nielsen"]}
    assert kinds(full.emil, "elodie") == {}
    assert kinds(full.emil, "equipe") == {"groups": ["Équipe nord"]}


def test_who_left_is_not_found(full: Cast) -> None:
    assert kinds(full.camille, "gaston") == {}


def test_an_invoice_is_found_without_its_letter_and_by_the_po_number(full: Cast) -> None:
    with wall_opened(read=[full.nord.pk], write=full.nord.pk):
        full.nord.po_number = "PO-Wien 7"
        full.nord.save(update_fields=["po_number"])
    made = invoiced(full.contract, line(1, "280.00"))
    for words in (made.number, made.number.lower(), made.number.removeprefix("F-"), "po-wien 7".upper()[:3] + "Wien 7"):
        assert kinds(full.camille, words)["invoices"] == [made.number], words


def test_a_subscription_is_found_by_its_product_too_and_no_kind_has_more_than_five(full: Cast) -> None:
    other = product("PLNT", "Équerre", {"year": (100, 90)})
    for n in range(7):
        subscribe(full.contract, other, f"57000000{n}", seats=1, start=TODAY)
    assert kinds(full.camille, "equerre")["subscriptions"] == ["Équerre"] * 5
    assert len(kinds(full.camille, "57")["subscriptions"]) == 5
    assert kinds(full.camille, "570000006")["subscriptions"] == ["Équerre"]


def test_words_follow_the_name(full: Cast) -> None:
    actor_of(full.camille)
    her = Membership.objects.get(name="Élodie Müller-nord")
    Membership.objects.filter(pk=her.pk).update(sort_name="durand lea", email="lea@example.com")
    assert set(MemberWord.objects.filter(membership=her).values_list("word", flat=True)) == {"durand", "lea"}
    assert kinds(full.camille, "lea dur") == {"people": ["Élodie Müller-nord"]}
    assert kinds(full.camille, "elodie") == {}


def test_the_page_says_what_was_found_and_works_without_a_script(full: Cast) -> None:
    page = signed_in(full.camille).get(SEARCH, {"q": "elodie"})
    assert "1 thing begins with “elodie”." in words_of(page)
    assert "People Élodie Müller-nord" in words_of(page)
    assert 'method="get" action="/c/5200001/search/"' in page.content.decode()


def test_nothing_found_says_what_can_be_looked_for_as_far_as_one_may(full: Cast) -> None:
    page = words_of(signed_in(full.camille).get(SEARCH, {"q": "zzz"}))
    assert "Nothing that you may see begins with “zzz”." in page
    assert "Invoices by number or PO number" in page
    assert "Look for “zzz” in the catalogue" in page
    coordinators = words_of(signed_in(full.sofia).get(SEARCH))
    assert "Serial numbers by how they begin" in coordinators
    assert "Invoices" not in coordinators


def test_the_field_asks_for_the_same_answers_in_a_part_of_the_page(full: Cast) -> None:
    camille = signed_in(full.camille)
    part = camille.get(SEARCH, {"q": "sculpt"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    whole = camille.get(SEARCH, {"q": "sculpt"}).content.decode()
    hits = [each for each in part.content.decode().split('"') if each.startswith("/c/5200001/") and "search" not in each]
    assert hits
    assert all(hit in whole for hit in hits)


ODD = [
    "a\x00b",
    "x" * 10_000,
    "100%",
    "';--",
    "\\",
    "\ud800".encode("utf-8", "surrogatepass"),
    "\U0010ffff",
    "'’_-",
    "<b>",
    "١٢٣ ٤",
]


@pytest.mark.parametrize("q", ODD, ids=range(len(ODD)))
def test_whatever_is_typed_is_answered(full: Cast, q: str | bytes) -> None:
    camille = signed_in(full.camille)
    for headers in ({}, {"HX-Request": "true"}):
        assert camille.get(SEARCH, {"q": q}, headers=headers).status_code == 200


def test_the_number_of_queries_does_not_grow_with_what_is_there(full: Cast) -> None:
    camille = signed_in(full.camille)

    def asked(words: str) -> int:
        with CaptureQueriesContext(connection) as made:
            assert camille.get(SEARCH, {"q": words}).status_code == 200
        return len(made)

    asked("sculpt 56000000")  # the frame's figures are kept from now on
    few = asked("sculpt 56000000")
    for n in range(5):
        subscribe(full.contract, full.sculpt, f"56000001{n}", seats=1, start=TODAY)
        member(full.nord, f"Sculpt{n}", "Adult")
    assert asked("sculpt 56000000") == few <= 32


def test_the_shell_has_the_field_and_the_desk_and_strangers_have_not(full: Cast) -> None:
    page = signed_in(full.emil).get("/c/5200001/").content.decode()
    assert 'id="shell-search"' in page
    assert 'hx-get="/c/5200001/search/"' in page
    assert 'id="shell-search"' not in Client().get("/sign-in/").content.decode()
    assert signed_in(full.oskar).get(SEARCH, {"q": "elodie"}).status_code == 404
