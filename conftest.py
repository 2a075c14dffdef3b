"""What every test stands on. `tests/database.py` has made the database already."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.conf import UserSettingsHolder, settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection, connections
from django.test.client import ClientHandler

from tests import browser
from tests.database import RUN, SERVER, named
from tests.depth import DEEP

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_numbers = itertools.count(1)
# what takes longest begins first, so that no process is left alone with it at the end
LONG = (
    "tests/test_walls.py",
    "comptoir/kernel/tests/test_api_document.py",
    "comptoir/kernel/tests/test_command.py",
    "comptoir/kernel/tests/test_backup.py",
    "comptoir/cutover/tests/test_import_legacy.py",
    "comptoir/kernel/tests/test_web_and_work.py",
    "comptoir/kernel/tests/test_local_postgres.py",
    "comptoir/kernel/tests/test_api.py",
    "comptoir/kernel/tests/test_safety.py",
    "tests/test_backup_story.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files come first; the browser's tests last: its event loop stays in this thread, where Django wants none.

    What is marked `deep` is left to `make deep`.
    """
    place = {name: index for index, name in enumerate(LONG)}

    def turn(item: pytest.Item) -> tuple[bool, int]:
        return item.get_closest_marker("browser") is not None, place.get(item.nodeid.partition("::")[0], len(LONG))

    items.sort(key=turn)
    if not DEEP and (too_long := [item for item in items if item.get_closest_marker("deep")]):
        items[:] = [item for item in items if item not in too_long]
        config.hook.pytest_deselected(items=too_long)


@pytest.fixture(autouse=True)
def nobody_guessed() -> Iterator[None]:
    """Unknown secrets that a test sent shut nobody out of the next one."""
    yield
    from comptoir.entitlements.adapters import forget_guessers

    forget_guessers()


@pytest.fixture(scope="session", autouse=True)
def one_middleware_for_all() -> Iterator[None]:
    """All clients share the middleware, as all requests to a server do: to make it reads every static file that there is.

    Where a test changes a setting, its clients have one of their own.
    """
    shared = ClientHandler()
    shared.load_middleware()
    made = {name: value for name, value in vars(shared).items() if name.startswith("_")}
    load = ClientHandler.load_middleware

    def take(handler: ClientHandler) -> None:
        if isinstance(settings._wrapped, UserSettingsHolder):
            load(handler)
        else:
            vars(handler).update(made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", take)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2 as in production, but of the least memory and time: at its real price each password costs 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        for price, least in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, price, least)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_name_is_missing() -> Iterator[None]:
    """A name that a page did not give to its rows is an error here; in a house it says nothing.

    Said to whatever makes the engine: a test that changes a setting may have Django make it anew.
    """
    from django.test.signals import reset_template_engines
    from jinja2 import StrictUndefined

    from comptoir.ui import jinja

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja, "UNNAMED", StrictUndefined)
        reset_template_engines(setting="TEMPLATES")
        yield


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there: cloned from the migrated template."""


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one test's own, where commits are real."""

    name: str
    owner_url: str
    app_url: str


@pytest.fixture
def fresh_database(django_db_blocker: pytest.FixtureRequest) -> Iterator[FreshDatabase]:
    """A clone for one test: for threads, processes, kills. The default connection points at it, as the restricted login."""
    name = f"{RUN}_{next(_numbers)}"
    SERVER.clone(name)
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()
        connection.settings_dict["NAME"] = name
        try:
            yield FreshDatabase(name, named(SERVER.owner, name), named(SERVER.app, name))
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = before
            SERVER.drop(name)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.House]:
    """The demo, served by real processes for all browser tests of this run."""
    browser.browser_or_skip()
    with browser.running_house(browser.name_of_house(), tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def nothing_is_wrong_after_a_story(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """What the people of a module did in the house that all share adds up: `comptoir verify` finds nothing."""
    browser.unblocked = django_db_blocker.unblock  # type: ignore[attr-defined]
    yield
    assert [browser.wrong_in(house) for house in browser.RUNNING] == [{}] * len(browser.RUNNING)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium."""
    browser.browser_or_skip()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=browser.PATIENCE * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
        yield started
        started.close()
