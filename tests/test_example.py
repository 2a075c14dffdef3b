"""The example client, run against a server as a vendor would: it signs in, checks, goes offline, and is refused after removal."""

import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections, transaction
from django.test import Client, override_settings

from comptoir.directory.tests.stage import registered
from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from conftest import FreshDatabase
from examples.licence_client import Kept, No, Product
from tests.cast import TODAY, Cast, raise_curtain, signed_in


class Serving(ThreadingMixIn, WSGIServer):
    """Each request in a thread of its own, as a real server has them."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Nothing on standard error."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Answers(WSGIHandler):
    """The pages and the API; the thread's connection ends with its request."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """One answer, which is closed here: its end must not come in the midst of another one."""
        answer = super().__call__(environ, start_response)
        try:
            return list(answer)
        finally:
            answer.close()
            connections.close_all()


@pytest.fixture
def portal(fresh_database: FreshDatabase) -> Iterator[str]:
    """A running portal; its address."""
    server = make_server("127.0.0.1", 0, Answers(), Serving, Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    with override_settings(BASE_URL=address, OAUTH2_PROVIDER={**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": address}):
        yield address
    server.shutdown()
    server.server_close()


@pytest.fixture
def cast(portal: str) -> Cast:
    with transaction.atomic():
        made = raise_curtain()
        registered()
        actor_of(made.sofia)
        assign(actor_of(made.sofia), made.subscription, members=[made.emil.pk], on=TODAY)
    return made


def client_id() -> str:
    from comptoir.directory.models import Application

    return str(Application.objects.values_list("client_id", flat=True).get())


def product(portal: str, home: Path, browser: Client) -> Product:
    """The example on one device, with a browser in which somebody agrees to everything."""

    def opened(address: str) -> None:
        threading.Thread(target=agree, args=(browser, address), daemon=True).start()

    made = Product(portal, Kept(home / "kept.json"), client_id(), "SCLT", "", "f" * 64)
    made.open_browser = opened
    return made


def agree(browser: Client, address: str) -> None:
    """Somebody reads the page, agrees, and their browser goes back to the program."""
    try:
        where = urlsplit(address)
        page = f"{where.path}?{where.query}"
        assert browser.get(page).status_code == 200
        back = browser.post(page, {"answer": "yes"})
        urllib.request.urlopen(back.headers["Location"], timeout=10).read()
    finally:
        connections.close_all()


def refused(ask: Any) -> str:
    with pytest.raises(No) as no:
        ask()
    return no.value.code


def test_it_signs_in_checks_goes_offline_and_is_refused_after_removal(cast: Cast, portal: str, tmp_path: Path) -> None:
    made = product(portal, tmp_path, signed_in(cast.emil))
    assert refused(made.activate) == "not_signed_in"
    made.sign_in()
    assert made.activate()["ground"] == "seat"
    assert made.check()["allowed"] is True
    assert refused(made.check_offline) == "no_file"
    file = made.go_offline()
    assert made.check_offline()["jti"] == file["number"]
    assert (tmp_path / "kept.json").stat().st_mode & 0o777 == 0o600
    again = Product(portal, Kept(tmp_path / "kept.json"), made.client_id, "SCLT", "", "f" * 64)  # started anew
    assert again.check_offline()["device"] == "f" * 64
    assert refused(lambda: again.check_offline(time.time() + 31 * 86_400)) == "file_has_ended"
    assert refused(lambda: again.check_offline(time.time() - 86_400)) == "clock_set_back"
    with transaction.atomic():
        actor = actor_of(cast.sofia)
        take_back(actor, Subscription.objects.get(pk=cast.subscription.pk), members=[cast.emil.pk], on=TODAY)
    assert refused(again.check) == "licence_no_seat"
    assert refused(again.go_offline) == "licence_no_seat"
    assert again.check_offline()["jti"] == file["number"]  # nobody told it yet
    again.refresh_lists()
    assert refused(again.check_offline) == "file_revoked"


def test_a_file_of_another_device_product_or_hand_is_refused(cast: Cast, portal: str, tmp_path: Path) -> None:
    made = product(portal, tmp_path, signed_in(cast.emil))
    made.sign_in()
    made.activate()
    text = made.go_offline()["file"]
    for field, value, code in (
        ("fingerprint", "e" * 64, "other_device"),
        ("code", "OTHR", "other_product"),
        ("portal", "http://127.0.0.1:1", "issuer_differs"),
    ):
        other = product(portal, tmp_path, Client())
        setattr(other, field, value)
        assert refused(other.check_offline) == code
    head, body, signature = text.split(".")
    for wrong in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-2]}AA.{signature}", "x.y.z", made.kept["revoked"]):
        made.kept.keep(file=wrong)
        assert refused(made.check_offline) == "not_signed_by_the_vendor"


def test_without_a_browser_a_code_is_typed_elsewhere(cast: Cast, portal: str, tmp_path: Path) -> None:
    browser = signed_in(cast.emil)
    made = product(portal, tmp_path, browser)

    def somebody_types(said: str) -> None:
        code = said.rsplit(" ", 1)[-1]
        answer = browser.post("/device/answer/", {"code": code, "answer": "yes"}, follow=True)
        assert answer.status_code == 200

    made.say, made.sleep = somebody_types, lambda _seconds: None
    made.sign_in_without_browser()
    assert made.activate()["ground"] == "seat"
    made.end()
    assert refused(made.check) == "not_activated"


def test_a_floating_seat_is_taken_along_and_given_back(cast: Cast, portal: str, tmp_path: Path) -> None:
    with transaction.atomic():
        cast.sculpt.sharing = "multi_user"
        cast.sculpt.save()
    made = product(portal, tmp_path, signed_in(cast.rita))
    made.sign_in()
    assert refused(made.activate) == "licence_no_seat"
    lease = made.take_seat()["lease"]
    assert made.keep_seat()["lease"] == lease
    assert made.borrow_seat(3)["borrowed"] is True
    assert made.check_offline()["lease"] == lease
    made.give_seat_back()
    made.refresh_lists()
    assert refused(made.check_offline) == "file_revoked"
