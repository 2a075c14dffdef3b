"""The house as people meet it: a real browser, real web and worker processes, the imported demo.

What the stories share: a house of their own, somebody who visits it, and what they do there. With COMPTOIR_PICTURES set, the
looks that are kept are written to docs/pictures.
"""

import atexit
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings

from tests.database import CHECKOUT, HOME, RUN, SERVER, named

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
# what Playwright switches off that matters here, and two pages of the browser's own that load anew with each visitor's window
FLAGS += [
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,PaintHolding,ThirdPartyStoragePartitioning,"
    "OptimizationHints,LensOverlay,MediaRouter,WebUIOmniboxPopup,WebUIOmniboxAimPopup"
]
LEFT_MEANWHILE = ("htmx:sendAbort", "htmx:afterRequest")  # a page that is left takes back what it asked for: no fault
PICTURES = CHECKOUT / "docs" / "pictures"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
BOTH = ("en", "fr")
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
SIGN_IN = {"en": "Sign in", "fr": "Se connecter"}
CODE = r"^[A-Z0-9]{4}-[A-Z0-9]{4}$"
PATIENCE = 120  # seconds: a machine may be busy
COMPTOIR = Path(sys.executable).with_name("comptoir")


# what sticks out most of a page that is too wide
WIDEST = """[...document.querySelectorAll('main *')].reduce((widest, each) =>
  each.getBoundingClientRect().right >= widest.getBoundingClientRect().right ? each : widest).outerHTML.slice(0, 300)"""


@dataclass(frozen=True)
class House:
    """A running house: where it answers, its database, and where its files lie."""

    url: str
    owner_url: str
    app_url: str
    files: Path


def browser_or_skip() -> None:
    """Without Chromium say so and skip; in CI that is a failure."""
    if Path(CHROMIUM).exists():
        return
    reason = "no chromium on this machine: `apt-get install chromium`, or run `make setup-dev` as root"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_house(name: str, home: Path) -> Iterator[House]:
    """Serve the demo from a database of its own, with one worker, until the block ends. `comptoir verify` finds nothing then."""
    with served(name, demo(), home) as house:
        RUNNING.append(house)
        try:
            yield house
            found = wrong_in(house)
            assert found == {}, found
        finally:
            RUNNING[:] = [other for other in RUNNING if other.owner_url != house.owner_url]


@contextmanager
def served(name: str, template: str, home: Path, *, work: bool = True, **more: str) -> Iterator[House]:
    """Serve a copy of that database, with one worker or without, until the block ends; `more` stands in the environment."""
    SERVER.clone(name, template=template)
    owner, app, port = named(SERVER.owner, name), named(SERVER.app, name), _free_port()
    environment = {**os.environ, "COMPTOIR_HOME": str(home), "COMPTOIR_URL": f"http://127.0.0.1:{port}", "CI": "", **more}
    environment.pop("COMPTOIR_FAILPOINT", None)
    environment["COMPTOIR_SEAL_KEYS"] = " ".join(settings.SEAL_KEYS)  # this process verifies what that one sealed
    environment["DATABASE_URL"] = app
    shutil.copytree(static_files(), home / "static")
    log = (home / "house.log").open("w")
    commands = [["web", "--port", str(port), "--workers", "1"], *([["work"]] if work else [])]
    running = [
        subprocess.Popen([COMPTOIR, *command], cwd=CHECKOUT, env=environment, stdout=log, stderr=log) for command in commands
    ]
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", home / "house.log")
        yield House(f"http://127.0.0.1:{port}", owner, app, home / "files")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)
        log.close()
        SERVER.drop(name)


@cache
def demo() -> str:
    """The name of the database with the demo in it: imported once, cloned for each house."""
    name = f"{RUN}_demo"
    SERVER.clone(name)
    atexit.register(SERVER.drop, name)
    with tempfile.TemporaryDirectory() as home:
        as_owner = {**os.environ, "COMPTOIR_HOME": home, "CI": ""}
        as_owner |= {"DATABASE_OWNER_URL": named(SERVER.owner, name), "DATABASE_URL": named(SERVER.app, name)}
        for command in (["import-legacy", "demo"], ["sandbox-catalogue"], ["sandbox-application"], ["sandbox-staff"]):
            subprocess.run([COMPTOIR, *command], cwd=CHECKOUT, env=as_owner, check=True, stdout=subprocess.DEVNULL)
    return name


@cache
def static_files() -> Path:
    """Style sheets, scripts and fonts as they are served: collected once per change, for all houses of all runs."""
    collecting = {**os.environ, "COMPTOIR_HOME": str(HOME), "COMPTOIR_STATIC": "collecting"}
    subprocess.run([COMPTOIR, "collect-static"], cwd=CHECKOUT, env=collecting, check=True)
    return HOME / "static"


def keep(page: "Page", name: str) -> None:
    """Write a picture of the whole page, if pictures are wanted."""
    if os.environ.get("COMPTOIR_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.evaluate("scrollTo(0, 0)")  # what sticks to the top is taken where it belongs
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def name_of_house() -> str:
    """The name of the story's database."""
    return f"{RUN}_house"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wrong_in(house: House) -> dict[str, tuple[str, ...]]:
    """What `comptoir verify` finds there, in a thread: Playwright's event loop has the one of the tests."""
    from django.test import override_settings

    from comptoir.kernel.verifying import verify
    from tests.owner import logged_in

    kept = {**settings.STORAGES["releases"], "OPTIONS": {"location": house.files}}
    stores = {**settings.STORAGES, "default": kept, "releases": kept}

    def look() -> dict[str, tuple[str, ...]]:
        with unblocked(), override_settings(STORAGES=stores), logged_in(house.owner_url):
            return {verdict.name: verdict.examples for verdict in verify() if verdict.violations}

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(look).result()


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the house did not get ready:\n{log.read_text()[-3000:]}")


RUNNING: list[House] = []  # the houses that are served at this moment
unblocked: Callable[[], AbstractContextManager[None]] = nullcontext  # lets a test that is marked for no database at one
_judged: set[tuple[str, str]] = set()


@dataclass
class Visitor:
    """Somebody in a browser, in one language."""

    page: "Page"
    language: str
    theme: str = "light"
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, old_id: str, customer: str) -> None:
        """With the user id and the password of the old centre."""
        page = self.page
        page.goto("/")
        page.get_by_role("textbox").first.fill(old_id)
        page.locator("input[type=password]").fill(f"legacy-{int(old_id[2:7])}-{int(old_id[7:])}")
        page.get_by_role("button", name=SIGN_IN[self.language], exact=True).click()
        page.wait_for_url(f"**/c/{customer}/")

    def sign_in_by_code(self, house: House, email: str) -> None:
        """With a code that is mailed."""
        had = len(mails(house, email, CODE))
        self.page.goto("/sign-in/code/")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=email]").press("Enter")
        self.type_code(house, email, had + 1)

    def type_code(self, house: House, email: str, nth: int = 1) -> None:
        """Into the page that waits for the code of a mail, the n-th with one to that address."""
        self.page.locator("input[name=code]").fill(mailed(house, email, CODE, nth))
        self.page.locator("form:has(input[name=code]) button[type=submit]").first.click()

    def look(self, name: str, kept: Collection[str] = ()) -> None:
        """Have axe judge the page, once for each page and theme; keep a picture in the languages of `kept`."""
        from axe_playwright_python.sync_playwright import Axe

        if (name, self.theme) not in _judged:
            found = Axe().run(self.page).response["violations"]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], name
            _judged.add((name, self.theme))
        if self.language in kept:
            keep(self.page, f"{name}-{self.language}")

    def look_narrow_and_dark(
        self, pages: Mapping[str, str], kept: Mapping[str, Collection[str]] | None = None, then: "Callable[[Page], object]" = id
    ) -> None:
        """The same on a phone, in the dark: nothing is wider than the screen. `pages` are addresses by name."""
        beside = Visitor(self.page.context.new_page(), self.language, "dark")
        beside.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        beside.page.emulate_media(color_scheme="dark")
        for name, address in pages.items():
            beside.page.goto(address)
            then(beside.page)
            wide = beside.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= NARROW["width"], f"{name} is {wide} pixels wide: {beside.page.evaluate(WIDEST)}"
            beside.look(f"{name}-narrow-dark", (kept or {}).get(name, ()))
        beside.page.close()

    def until(self, address: str, text: str, where: str = "main .status") -> None:
        """Look again until a worker has done what makes the page say so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.page.goto(address)
            if self.page.locator(where, has_text=text).count():
                return
            time.sleep(0.3)
        raise AssertionError(f"{address} never said {text!r}: {self.page.locator('main').inner_text()[:600]}")


@contextmanager
def visiting(chromium: "Browser", house: House, language: str = "en", **more: Any) -> Iterator[Visitor]:
    """Somebody at that house; nothing that they see may complain."""
    told = {"locale": LOCALES[language], "viewport": WIDE, **more}
    context = chromium.new_context(base_url=house.url, **told)
    context.set_default_timeout(PATIENCE * 1000)
    visitor = Visitor(context.new_page(), language)

    def heard(message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(LEFT_MEANWHILE):
            visitor.complaints.append(message.text)

    visitor.page.on("console", heard)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    yield visitor
    assert visitor.complaints == [], visitor.complaints
    context.close()


def give_a_card(page: "Page", number: str) -> None:
    """On the page where a method is added: go to the provider's page, type the card, come back."""
    page.locator("form:has(input[value=card]) button").click()
    page.wait_for_url("**/sandbox/provider/**", timeout=PATIENCE * 1000)
    type_a_card(page, number)


def type_a_card(page: "Page", number: str) -> None:
    """On the provider's page."""
    page.locator("#id_number").fill(number)
    page.locator("#id_expires").fill("12/30")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/payment-methods/", timeout=PATIENCE * 1000)


def asked(house: House, question: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database says, whatever wall there is."""
    with psycopg.connect(house.owner_url) as owner:
        return owner.execute(question.encode(), values or None).fetchall()


def mails(house: House, to: str, pattern: str) -> list[str]:
    """What stands where the pattern is found in the mails to that address, the oldest first."""
    texts = [text for (text,) in asked(house, 'SELECT text FROM kernel_message WHERE "to" = %s ORDER BY id', to)]
    return [match[0] for text in texts if (match := re.search(pattern, text, re.MULTILINE))]


def mailed(house: House, to: str, pattern: str, nth: int = 1) -> str:
    """The n-th of them, once a worker has written it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if len(found := mails(house, to, pattern)) >= nth:
            return found[nth - 1]
        time.sleep(0.1)
    raise AssertionError(f"{to} got no mail number {nth} with {pattern!r}")


def everybody_reads(house: House, customer: str, language: str) -> None:
    """All of one customer, whatever language they had at the old centre; they have been shown around."""
    known = "language_confirmed_at = now(), tour_ended_at = now()"
    here = "SELECT person_id FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id"
    with psycopg.connect(house.owner_url) as owner:
        told = f"UPDATE identity_person SET language = %s, {known} WHERE id IN ({here} WHERE o.number = %s)"
        owner.execute(told.encode(), [language, customer])


def spaced(text: str) -> re.Pattern[str]:
    """A text whatever kinds of spaces the language puts into it."""
    return re.compile(r"\s".join(map(re.escape, text.split(" "))))
