"""Every page that somebody can open, in both languages and themes, wide and on a phone: axe finds nothing, nothing sticks out.

The stories look at the pages that they come by; here no address of the program is left out. It is asked in the world of
`tests/world.py`, where one row of each kind stands, and, as far as they are there, among the many rows of the demo.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from allauth.usersessions.models import UserSession
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, Page

from comptoir.billing.models.sandbox import SandboxCharge, SandboxMethod, SandboxSetup
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.routes import Route, routes
from comptoir.organisations.queries.invitations import ticket_of
from tests import browser
from tests.browser import BOTH, NARROW, WIDE, House, visiting
from tests.cast import TODAY
from tests.database import RUN, SERVER, named
from tests.owner import logged_in
from tests.test_walls import address, parts_of
from tests.tried import Stage, set_up

pytestmark = [pytest.mark.browser, pytest.mark.deep]
T = TypeVar("T")
ROUTES = [route for route in routes() if route.method == "GET" and not route.path.startswith("/api/")]
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (WIDE, NARROW)]
# asked one after the other until an address is a page for somebody; the first of them is nobody
ASKED = ("anonymous", "camille", "emma", "sofia", "jonas", "emil", "oskar", "fiona", "ada", "karl")
SPEAK = "UPDATE identity_person SET language = %s, language_confirmed_at = now(), tour_ended_at = now()"
# the control: a field that nothing names, wider than any screen
TOO_WIDE = """const field = document.createElement('input');
  field.style.minWidth = '2000px';
  document.querySelector('main').append(field)"""
# colours have changed once the next picture is drawn and nothing moves any more
SETTLED = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished));
}"""
JUDGED = "async () => (await axe.run({resultTypes: ['violations']})).violations"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# no pages: files and data, and addresses that only lead on to a page
NO_PAGES = {
    *("healthz", "readyz", "calendar_feed", "openid_configuration", "oauth_configuration", "openid_keys", "openid_userinfo"),
    *("licence_key_set", "licence_revocations", "release_keys", "fetch_file", "public_appcast", "public_winget_information"),
    *("public_winget_manifest", "public_file", "machine_packages", "machine_checksums", "machine_sh", "machine_ps1"),
    *("machine_appcast", "winget_information", "winget_manifest", "machine_file", "price_quote_pdf", "licence_file"),
    *("invoice_archive", "invoice_pdf", "invoice_xml", "download_link", "seat_swapped", "sandbox_sign_in", "front"),
    *("desk_release_feeds", "desk_release_publication", "desk_release_withdrawal"),
}
# pages behind something that one does just before: the stories come by them
COME_BY = {"register_code", "newcomer_code", "other_account_code", "account_merge", "openid_authorize"}
COME_BY |= {"account_complete_password_reset"}
CODES = {"account_confirm_login_code": "/sign-in/code/", "account_confirm_password_reset_code": "/password/forgotten/"}


@dataclass(frozen=True)
class Place:
    """A house; who is signed in there, by name; and the addresses that each of them opens, by the page's name."""

    house: House
    sessions: dict[str, str]
    pages: dict[str, dict[str, str]]

    @property
    def names(self) -> set[str]:
        """The pages that are opened here."""
        return {name for pages in self.pages.values() for name in pages}


def aside(body: Callable[[], T], url: str) -> T:
    """Done on that database in a thread of its own: a browser's event loop stays in the one of the tests."""

    def run() -> T:
        with browser.unblocked(), logged_in(url):
            return body()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def signed_in_just_now(person: Person) -> str:
    """A session of theirs, so fresh that no page asks who they are."""
    client = Client()
    with signing_in():
        client.force_login(person, backend="comptoir.identity.adapters.OldOrNewSignIn")
    held = client.session
    held["account_authentication_methods"] = [{"method": "password", "at": now().timestamp()}]
    held["account_authentication_methods_user"] = str(person.pk)
    held.save()
    key = str(client.cookies[settings.SESSION_COOKIE_NAME].value)
    with signing_in():
        UserSession.objects.create(user=person, session_key=key, ip="127.0.0.1", user_agent="Mozilla/5.0 Firefox/140.0")
    return key


def opens(path: str, session: str | None) -> bool:
    """Whether that address is a page for them. What looking at it did is taken back."""
    client = Client(headers={"host": "127.0.0.1"})
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic():
        given = client.get(path)
        transaction.set_rollback(True)
    return given.status_code == 200 and given.headers["Content-Type"].startswith("text/html")


def opened(addresses: dict[str, str], sessions: dict[str, str]) -> dict[str, dict[str, str]]:
    """Each address under the first of the people for whom it is a page."""
    found: dict[str, dict[str, str]] = {}
    for name, path in addresses.items():
        who = next((who for who in ASKED if opens(path, sessions.get(who))), None)
        if who:
            found.setdefault(who, {})[name] = path
    return found


# --- where one row of each kind stands ---------------------------------------------------------------------------------------


def a_world() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Who is signed in, and what they open."""
    stage = set_up()
    with signing_in():
        people = {name: Person.objects.get(pk=_person_of(session)) for name, session in stage.world.sessions.items()}
        people |= {name: Person.objects.get(pk=getattr(stage, name).person_id) for name in ("emma", "jonas")}
    sessions = {name: signed_in_just_now(person) for name, person in people.items()}
    return sessions, opened({route.name: address(route, stage.world, **instead(route, stage)) for route in ROUTES}, sessions)


def _person_of(session: str) -> int:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return int(client.session["_auth_user_id"])


def instead(route: Route, stage: Stage) -> dict[str, object]:
    """What an address is asked for here, and not by the tests of the walls: it is to be a page."""
    others: dict[str, Callable[[], dict[str, object]]] = {
        "product_seats": lambda: {"code": stage.ask.code},  # of two subscriptions: a single one leads to its own page
        "invitation": lambda: {"ticket": ticket_of(stage.ines)},
        "sandbox_payment_page": lambda: {"ref": _asked_for_a_card()},
        "sandbox_charge": lambda: {"ref": _charged("succeeded")},
        "sandbox_confirmation": lambda: {"ref": _charged("needs_action")},
    }
    return others[route.name]() if route.name in others else {}


def _asked_for_a_card() -> str:
    told = {"kind": "card", "customer_ref": "c", "return_url": "/", "language": "en"}
    return SandboxSetup.objects.create(ref="card", key="card", **told).ref


def _charged(state: str) -> str:
    card = {"customer_ref": "c", "kind": "card", "brand": "visa", "last4": "4242", "behaviour": "good"}
    method, _made = SandboxMethod.objects.get_or_create(token="card", defaults=card)
    told = {"amount_minor": 134400, "currency": "EUR", "return_url": "/", "day": TODAY}
    return SandboxCharge.objects.create(ref=state, key=state, method=method, state=state, **told).ref


# --- among the rows of the demo ----------------------------------------------------------------------------------------------

LARGEST = """SELECT o.id, o.number, m.person_id FROM organisations_rolegrant g
  JOIN organisations_organisation o ON o.id = g.organisation_id
  JOIN organisations_membership m ON m.id = g.membership_id AND m.active
  WHERE g.role = 'contract_manager' AND g.contract_id IS NULL AND g.group_id IS NULL
  ORDER BY (SELECT count(*) FROM subscriptions_subscription s WHERE s.organisation_id = o.id) DESC, o.id, m.id"""
STAFF = """SELECT DISTINCT ON (role) role, person_id FROM identity_staffrole WHERE ended_on IS NULL ORDER BY role, person_id"""
AT_DESK = {"finance": "fiona", "catalogue": "karl", "administrator": "ada"}
# a part of an address -> what stands there: something of that customer's
THEIRS = {
    "c/{customer}": "SELECT number FROM organisations_organisation WHERE id = %s",
    "customers/{customer}": "SELECT number FROM organisations_organisation WHERE id = %s",
    "contracts/{number}": "SELECT number FROM contracts_contract WHERE organisation_id = %s ORDER BY id",
    "subscriptions/{number}": "SELECT number FROM subscriptions_subscription WHERE organisation_id = %s ORDER BY id",
    "invoices/{number}": "SELECT number FROM billing_invoice WHERE organisation_id = %s AND number <> '' ORDER BY id",
    "orders/{number}": "SELECT number FROM subscriptions_order WHERE organisation_id = %s ORDER BY id",
    "people/{member}": "SELECT id FROM organisations_membership WHERE organisation_id = %s ORDER BY id DESC",
    "groups/{pk}": "SELECT id FROM organisations_group WHERE organisation_id = %s ORDER BY id",
}
THEIRS |= {
    f"{kind}/{{code}}": """SELECT p.code FROM catalogue_product p JOIN subscriptions_subscription s ON s.product_id = p.id
    WHERE s.organisation_id = %s GROUP BY p.code ORDER BY count(*) DESC, p.code"""
    for kind in ("catalogue", "products", "prices", "releases", "downloads", "trials")
}


def the_demo() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Who is signed in: the manager of the customer that has most, and the vendor's people; and what they open."""
    with connection.cursor() as cursor:
        cursor.execute(LARGEST)
        customer, _number, manager = cursor.fetchone()
        cursor.execute(STAFF)
        who = {"camille": manager, **{AT_DESK[role]: person for role, person in cursor.fetchall()}}
        there: dict[str, object] = {}
        for part, question in THEIRS.items():
            cursor.execute(question, [customer])
            if row := cursor.fetchone():
                there[part] = row[0]
    with signing_in():
        people = {name: Person.objects.get(pk=person) for name, person in who.items()}
    sessions = {name: signed_in_just_now(person) for name, person in people.items()}
    asked = {route.name: _filled(route, there) for route in ROUTES if set(parts_of(route)) <= set(there)}
    return sessions, opened(asked, sessions)


def _filled(route: Route, there: dict[str, object]) -> str:
    path = route.path
    for part in parts_of(route):
        path = path.replace("{" + part.partition("{")[2], str(there[part]), 1)
    return path


# --- looking -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The house of the tests over every address."""
    name = f"{RUN}_each_row"
    SERVER.clone(name)
    try:
        sessions, pages = aside(a_world, named(SERVER.app, name))
        with _served(name, tmp_path_factory.mktemp("each_row")) as house:
            yield Place(house, sessions, pages)
    finally:
        SERVER.drop(name)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A house with the demo."""
    name = f"{RUN}_many_rows"
    SERVER.clone(name, template=browser.demo())
    try:
        sessions, pages = aside(the_demo, named(SERVER.owner, name))
        with _served(name, tmp_path_factory.mktemp("many_rows")) as house:
            yield Place(house, sessions, pages)
    finally:
        SERVER.drop(name)


def _served(database: str, home: Path) -> AbstractContextManager[House]:
    """Over a copy of that database. Nobody works there, so that it stays as it is; its sessions are those of this process."""
    browser.browser_or_skip()
    return browser.served(f"{database}_served", database, home, work=False, COMPTOIR_SECRET=settings.SECRET_KEY)


def speak(house: House, language: str) -> None:
    """Everybody reads this language, and has been shown around."""
    with psycopg.connect(house.owner_url) as owner:
        owner.execute(SPEAK, [language])


def looked_at(page: Page) -> dict[str, object]:
    """What is wrong with the page that is open, in each theme and size."""
    wrong: dict[str, object] = {}
    page.evaluate(AXE_SCRIPT)
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        look = f"{scheme} {size['width']}"
        page.evaluate(SETTLED)
        if (wider := page.evaluate(WIDER)) > 0:
            wrong[f"{look} is wider by {wider}"] = page.evaluate(browser.WIDEST)
        for each in page.evaluate(JUDGED):
            wrong[f"{look} {each['id']}"] = each["nodes"][0]["html"][:200]
    return wrong


def wrong_with(place: Place, chromium: Browser, language: str) -> dict[str, object]:
    """What is wrong with any page there."""
    speak(place.house, language)
    wrong: dict[str, object] = {}
    for who, pages in place.pages.items():
        with visiting(chromium, place.house, language) as visitor:
            if who in place.sessions:
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": place.sessions[who], "url": place.house.url}
                visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
            for name, path in pages.items():
                answer = visitor.page.goto(path)
                assert answer is not None
                if answer.status != 200:
                    wrong[f"{name} {path}"] = answer.status
                if visitor.page.locator("html").get_attribute("lang") != language:
                    wrong[f"{name} {path} speaks"] = visitor.page.locator("html").get_attribute("lang")
                wrong |= {f"{name} {path} {what}": shown for what, shown in looked_at(visitor.page).items()}
    return wrong


def asked_for_a_code(page: Page, path: str) -> None:
    """The page that waits for a code which is mailed."""
    page.goto(path)
    page.locator("input[name=email]").fill("somebody@example.com")
    page.locator("input[name=email]").press("Enter")
    page.locator("input[name=code]").wait_for()


# --- the tests ---------------------------------------------------------------------------------------------------------------


def test_no_page_is_left_out(world: Place, record_property: Callable[[str, object], None]) -> None:
    """Each address is a page here, or known to be none."""
    record_property("pages", len(world.names))
    assert {route.name for route in ROUTES} - world.names == NO_PAGES | COME_BY | set(CODES)
    assert len(world.names) > 140


@pytest.mark.parametrize("language", BOTH)
def test_every_page_reads_well_in_both_themes_and_sizes(
    world: Place, chromium: Browser, language: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("looks", len(world.names) * len(LOOKS))
    assert wrong_with(world, chromium, language) == {}


@pytest.mark.parametrize("language", BOTH)
def test_pages_with_many_rows_read_well_in_both_themes_and_sizes(
    demo: Place, chromium: Browser, language: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("looks", len(demo.names) * len(LOOKS))
    assert len(demo.names) > 80
    assert wrong_with(demo, chromium, language) == {}


@pytest.mark.parametrize("language", BOTH)
def test_pages_that_wait_for_a_code_read_well(world: Place, chromium: Browser, language: str) -> None:
    for path in CODES.values():
        with visiting(chromium, world.house, language) as visitor:
            asked_for_a_code(visitor.page, path)
            assert looked_at(visitor.page) == {}, path


def test_a_page_that_is_too_wide_or_says_nothing_of_a_field_is_found(world: Place, chromium: Browser) -> None:
    """The control: what is looked for is seen where it is."""
    with visiting(chromium, world.house) as visitor:
        visitor.page.goto("/sign-in/")
        assert looked_at(visitor.page) == {}
        visitor.page.evaluate(TOO_WIDE)
        found = " ".join(looked_at(visitor.page))
    assert "wider by" in found
    assert "label" in found
