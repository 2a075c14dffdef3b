"""Buying under fire: many tabs, two who accept one quote, a kill at every fail point. Nothing lost, nothing twice."""

import json
import signal
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from comptoir.billing.tests.paying import charged, give, switched
from comptoir.billing.tests.test_jobs_survive import Owner, owner, until_done  # noqa: F401 - a fixture
from comptoir.catalogue.models import Terms
from comptoir.kernel import action
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import POINTS
from comptoir.kernel.tests.stage import inside, work
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.subscriptions.actions.buying import buy
from comptoir.subscriptions.actions.price_quotes import accept_price_quote, make_price_quote
from comptoir.subscriptions.models import PriceQuote
from comptoir.subscriptions.queries.price_quotes import price_quote_of
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain, signed_in
from tests.depth import DEEP
from tests.visitor import visited

from .test_add_seats_survives import in_threads

WISHES = [["SCLT", "year", 4]]
HERE = "/c/5200001/basket/"
OF_THE_CLICK = [name for name in POINTS if name.split(".")[0] in {"door", "gate", "order", "invoice"}]
ONLY_ON_INVOICE = {"order.seated", "invoice.drafted", "invoice.numbered"}  # with a card they are the worker's
OF_THE_WORKER = [
    *(name for name in POINTS if name.startswith("charge.")),
    *("provider.charged", "job.started", "job.done", *sorted(ONLY_ON_INVOICE)),
]


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        cast = raise_curtain()
        Terms.objects.create(version="7", valid_from=TODAY)
    return cast


def facts(database: FreshDatabase) -> dict[str, object]:
    """What stands in the tables, asked as the owner."""
    bought = "FROM subscriptions_subscription WHERE starts_on = '2026-11-21'"
    questions = {
        "orders": "SELECT array_agg(state) FROM subscriptions_order",
        "subscriptions": f"SELECT count(*) {bought}",
        "seats": f"SELECT coalesce(sum(seats_now), 0) {bought}",
        "ledger": "SELECT count(*) FROM subscriptions_seatentry WHERE kind = 'purchase'",
        "contracts": "SELECT count(*) FROM contracts_contract WHERE started_on = '2026-11-21'",
        "invoices": "SELECT array_agg(number || ' ' || total_minor) FROM billing_invoice",
        "events": "SELECT count(*) FROM kernel_event WHERE kind = 'subscription.bought'",
    }
    with psycopg.connect(database.owner_url) as told:
        return {name: told.execute(question.encode()).fetchone()[0] for name, question in questions.items()}  # type: ignore[index]


ONCE = {
    "orders": ["settled"],
    "subscriptions": 1,
    "seats": 4,
    "ledger": 1,
    "contracts": 1,
    "invoices": ["F-2026-000001 134400"],
    "events": 1,
}
NOTHING = {"orders": None, "subscriptions": 0, "seats": 0, "ledger": 0, "contracts": 0, "invoices": None, "events": 0}
PLACED = {**NOTHING, "orders": ["placed"]}


def order(who: Membership, key: str | None) -> str:
    """Buy in a transaction of its own; the number of the order."""
    with inside(who, key=key) as actor:
        return str(buy(actor, who.organisation, wishes=WISHES, terms_version="7", on=TODAY).number)


def test_one_key_from_32_sides_buys_once_and_each_gets_the_same_answer(cast: Cast, fresh_database: FreshDatabase) -> None:
    assert in_threads(32, lambda _: order(cast.camille, "one click")) == ["5200001-1"] * 32
    assert facts(fresh_database) == ONCE


def test_different_keys_are_different_wishes_and_no_number_is_given_twice(cast: Cast, fresh_database: FreshDatabase) -> None:
    answers = in_threads(8, lambda n: order(cast.camille, f"key {n}"))
    assert sorted(answers, key=str) == [f"5200001-{n}" for n in range(1, 9)]
    assert facts(fresh_database)["invoices"] == [f"F-2026-{n:06d} 134400" for n in range(1, 9)]


def tabs(cast: Cast, count: int) -> list[Client]:
    """The same basket open in several tabs of one browser."""
    browser = signed_in(cast.camille)
    browser.post("/basket/", {"action": "add", "product": "SCLT", "term": "year", "seats": 4})
    opened = []
    for _ in range(count):
        tab = Client()
        tab.cookies = browser.cookies
        opened.append(tab)
    return opened


def form_of(tab: Client, **more: object) -> dict[str, object]:
    """What the page of the sum would send."""
    page = tab.get(HERE).content.decode()
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("quote", "request_key")}
    return {**hidden, "pay": "invoice", "contract": "new", "accept": "on", **more}


def test_one_basket_in_many_tabs_is_ordered_once(cast: Cast, fresh_database: FreshDatabase) -> None:
    opened = tabs(cast, 8)
    forms = [form_of(tab, po_number=f"PO {n % 2}") for n, tab in enumerate(opened)]  # not even filled in alike
    answers: list[Any] = in_threads(8, lambda n: opened[n].post(HERE, forms[n]).headers.get("Location"))
    assert answers == ["/c/5200001/orders/5200001-1/"] * 8
    assert facts(fresh_database) == ONCE
    late = opened[0].post(HERE, forms[0])  # the basket is empty by now
    assert late.headers["Location"] == answers[0]
    assert facts(fresh_database) == ONCE


def test_without_the_key_every_tab_would_order(
    cast: Cast, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the tests above: the claim off, as many orders as clicks."""
    monkeypatch.setattr(action, "_claimed", lambda *_: True)
    in_threads(4, lambda _: order(cast.camille, "one click"))
    assert facts(fresh_database)["orders"] == ["settled"] * 4


def quoted(cast: Cast) -> str:
    """A price quote of Camille's, which Anton, now manager of the whole as well, may accept too."""
    with inside(cast.camille) as actor:
        RoleGrant.objects.create(
            organisation=cast.nord, membership=cast.anton, role="contract_manager", contract_id=None, given_on=TODAY
        )
        return make_price_quote(actor, cast.nord, wishes=WISHES, on=TODAY).number


def accept(who: Membership, number: str) -> str:
    """Accept it in a transaction of its own, with a key of one's own."""
    with inside(who, key=f"{who.pk}") as actor:
        row = price_quote_of(actor, number, TODAY).quote
        return str(accept_price_quote(actor, row, terms_version="7", on=TODAY).number)


def test_two_people_who_accept_one_quote_at_once_make_one_order(cast: Cast, fresh_database: FreshDatabase) -> None:
    number, both = quoted(cast), (cast.camille, cast.anton)
    answers = in_threads(16, lambda n: accept(both[n % 2], number))
    orders = [answer for answer in answers if answer == "5200001-1"]
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    # each of the winner's clicks is answered with the one order, the other's are refused
    assert (len(orders), refused) == (8, ["price_quote_accepted"] * 8), answers
    assert facts(fresh_database) == ONCE
    with wall_opened(read=[cast.nord.pk]):
        assert PriceQuote.objects.get().order is not None


def visit(cast: Cast, database: FreshDatabase, failpoint: str = "", *, pay: str = "invoice") -> CompletedProcess[str]:
    """Order the basket in a process of its own; its session is the one that a killed visit leaves behind."""
    form = {"pay": pay, "contract": "new", "accept": "on", "request_key": "of the basket"}
    session = {"basket": WISHES, "basket_key": "of the basket"}
    return visited(cast.camille.person_id, HERE, form, database.app_url, failpoint, session=session)


def killed_and_repeated(cast: Cast, database: FreshDatabase, point: str, between: Callable[[], object], **how: str) -> None:
    """Kill the click at that point, look, click again: the answer is the order."""
    connection.close()
    killed = visit(cast, database, f"{point}:kill", **how)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between()
    again = visit(cast, database, **how)
    assert json.loads(again.stdout) == {"status": 302, "location": "/c/5200001/orders/5200001-1/"}, again.stderr


@pytest.mark.parametrize("point", OF_THE_CLICK if DEEP else ["gate.after_commit"])
def test_a_kill_while_buying_on_invoice_loses_nothing_and_doubles_nothing(
    point: str, cast: Cast, fresh_database: FreshDatabase
) -> None:
    def between() -> None:
        assert facts(fresh_database) == (ONCE if point == "gate.after_commit" else NOTHING)

    killed_and_repeated(cast, fresh_database, point, between)
    assert facts(fresh_database) == ONCE


@pytest.mark.deep  # the kills beside it are of the same kinds
@pytest.mark.parametrize("point", [each for each in OF_THE_CLICK if each not in ONLY_ON_INVOICE])
def test_a_kill_while_buying_by_card_charges_once(
    point: str,
    cast: Cast,
    owner: Owner,  # noqa: F811
    fresh_database: FreshDatabase,
) -> None:
    card = give(cast)

    def between() -> None:
        assert facts(fresh_database) == (PLACED if point == "gate.after_commit" else NOTHING)
        assert charged() == []
        connection.close()

    killed_and_repeated(cast, fresh_database, point, between, pay=str(card.pk))
    assert facts(fresh_database) == PLACED  # nothing else exists until it is paid
    until_done(fresh_database, owner)
    assert (facts(fresh_database), charged()) == (ONCE, [134400])


@pytest.mark.parametrize("point", OF_THE_WORKER if DEEP else ["provider.charged"])
def test_a_worker_killed_between_the_charge_and_the_seats_leaves_one_of_each(
    point: str,
    cast: Cast,
    owner: Owner,  # noqa: F811
    fresh_database: FreshDatabase,
) -> None:
    switched(tells_nothing=-1)  # what is not noted must be found without a note
    card = give(cast)
    with inside(cast.camille, key="a click") as actor:
        buy(actor, cast.nord, wishes=WISHES, terms_version="7", paid_with=card.pk, on=TODAY)
    assert facts(fresh_database) == PLACED
    killed = work(fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    until_done(fresh_database, owner)
    assert (facts(fresh_database), charged()) == (ONCE, [134400])
