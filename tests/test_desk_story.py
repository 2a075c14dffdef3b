"""The vendor's desk in a browser: a price is raised with its lead, the clock moves over the nights, charging is stopped."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests import browser
from tests.browser import COMPTOIR, House
from tests.database import CHECKOUT, RUN

pytestmark = pytest.mark.browser
PAGES = (
    "/desk/",
    "/desk/customers/",
    "/desk/customers/?q=nobody-has-this-name",
    "/desk/customers/5100030/",
    "/desk/customers/5100030/subscriptions/",
    "/desk/prices/",
    "/desk/prices/SCLT/",
    "/desk/tax-rates/",
    "/desk/runs/",
    "/desk/charging/",
    "/sandbox/clock/",
)


SPEAK = (
    "UPDATE identity_person p SET language = %s, language_confirmed_at = now() FROM identity_staffrole s WHERE s.person_id = p.id"
)
LINKS: dict[str, str] = {}


@pytest.fixture(scope="module")
def desk_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: its clock moves."""
    browser.browser_or_skip()
    home = tmp_path_factory.mktemp("desk")
    with browser.running_house(f"{RUN}_desk", home) as running:
        LINKS.update(_links(running, home))
        yield running


def _links(house: House, home: Path) -> dict[str, str]:
    """Sign-in links of the vendor's people, by role; signed with the key of that house."""
    told = {**os.environ, "COMPTOIR_HOME": str(home), "COMPTOIR_URL": house.url}
    told |= {"DATABASE_OWNER_URL": house.owner_url, "DATABASE_URL": house.app_url}
    done = subprocess.run([COMPTOIR, "sandbox-links", "--json"], cwd=CHECKOUT, env=told, check=True, stdout=subprocess.PIPE)
    return {row["role"]: row["link"] for row in json.loads(done.stdout)}


@contextmanager
def somebody(chromium: Browser, house: House, role: str, **more: Any) -> Iterator[Page]:
    """A page in which somebody with that role is signed in; nothing may complain."""
    told = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **more}
    context = chromium.new_context(base_url=house.url, **told)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(LINKS[role])
    yield page
    # what is refused is told with its status, and the browser notes that
    assert [text for text in complaints if "422" not in text] == []
    context.close()


def business_day(house: House) -> date:
    with psycopg.connect(house.owner_url) as owner:
        row = owner.execute("SELECT business_day FROM kernel_house").fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def test_a_price_is_raised_with_its_lead(desk_house: House, chromium: Browser) -> None:
    today = business_day(desk_house)
    with somebody(chromium, desk_house, "catalogue") as page:
        expect(page).to_have_url(re.compile(r"/desk/$"))
        page.get_by_role("link", name="Products and prices").first.click()
        page.get_by_role("link", name="Sculpt LT").first.click()
        page.get_by_role("link", name="Set a new price").click()
        page.get_by_label("New price").fill("300")
        page.get_by_label("Renewal price").fill("270")
        page.get_by_label("Counts from").fill((today + timedelta(days=89)).isoformat())
        page.get_by_role("button", name="See whom it meets").click()
        expect(page.locator("main")).to_contain_text(re.compile(r"it counts for [\d,]+ subscriptions"))
        page.get_by_role("button", name="Put it into the book").click()
        expect(page.locator("main")).to_contain_text("with 90 days’ lead")
        page.get_by_label("Counts from").fill((today + timedelta(days=90)).isoformat())
        page.get_by_role("button", name="See whom it meets").click()
        expect(page.locator("main")).to_contain_text("more, without tax")
        browser.keep(page, "desk-new-price-en")
        page.get_by_role("button", name="Put it into the book").dblclick()
        expect(page.locator("main")).to_contain_text("270.00\xa0EUR")
        assert page.request.get("/desk/customers/").status == 404
        page.goto("/desk/")
        expect(page.get_by_role("link", name="Customers")).to_have_count(0)
    with psycopg.connect(desk_house.owner_url) as owner:
        rows = owner.execute("SELECT count(*) FROM catalogue_price WHERE renewal_minor = 27000 AND new_minor = 30000").fetchone()
    assert rows == (1,), "a double click sets one price"


def leave(page: Page, address: str) -> None:
    """Go elsewhere; the answer of a form that was sent twice may still come in between."""
    for _interrupted in range(5):
        with suppress(PlaywrightError):
            page.goto(address)
            return
    page.goto(address)


def test_the_clock_moves_over_its_nights_and_is_found_finished(desk_house: House, chromium: Browser) -> None:
    before = business_day(desk_house)
    with somebody(chromium, desk_house, "finance") as page:
        page.get_by_role("link", name="business day").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("The sandbox’s clock")
        page.get_by_label("Move to").fill((before + timedelta(days=12)).isoformat())
        page.get_by_role("button", name="Move the clock").dblclick()
        browser.keep(page, "sandbox-clock-en")
        for address in ("/desk/", "/sandbox/clock/"):  # one leaves the page, and comes back
            leave(page, address)
        expect(page.get_by_role("button", name="Move the clock")).to_be_visible(timeout=60_000)
        expect(page.locator("#clock .lead")).to_contain_text("for everybody in this sandbox")
        browser.keep(page, "sandbox-clock-done-en")
    assert business_day(desk_house) == before + timedelta(days=12)
    with psycopg.connect(desk_house.owner_url) as owner:
        nights = owner.execute("SELECT day, finished_at IS NOT NULL, failed FROM kernel_nightrun ORDER BY day").fetchall()
    assert nights == [(before + timedelta(days=ahead), True, 0) for ahead in range(13)]


def test_charging_is_stopped_after_one_more_question(desk_house: House, chromium: Browser) -> None:
    with somebody(chromium, desk_house, "finance") as page:
        page.goto("/desk/charging/")
        page.get_by_label("Why").fill("Prices look wrong")
        page.get_by_role("button", name="Stop all charging").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Stop all charging").click()
        expect(page.locator("main")).to_contain_text("All charging is stopped: Prices look wrong")
        page.goto("/desk/customers/")
        expect(page.locator("main")).to_contain_text("All charging is stopped: Prices look wrong")
        page.goto("/desk/charging/")
        page.get_by_role("button", name="Make charges again").click()
        expect(page.locator("main")).to_contain_text("Charges are made")


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1440, "light", "en"), (360, "light", "fr"), (1440, "dark", "fr")],
    ids=["wide", "phone", "dark"],
)
def test_every_page_of_the_desk_reads_well(desk_house: House, chromium: Browser, width: int, scheme: str, language: str) -> None:
    with psycopg.connect(desk_house.owner_url) as owner:
        owner.execute(SPEAK, [language])
    more = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with somebody(chromium, desk_house, "finance", **more) as page:
        for number, path in enumerate(PAGES):
            page.goto(path)
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, f"{path} is {wider} pixels wider than the screen"
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == [], path
            if os.environ.get("COMPTOIR_DESK_SHOTS"):
                shots = Path(os.environ["COMPTOIR_DESK_SHOTS"])
                page.screenshot(path=shots / f"desk-{number:02}-{width}-{scheme}-{language}.png", full_page=True)
