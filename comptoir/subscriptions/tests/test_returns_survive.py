"""Returning under fire: two at once, the same click many times, a kill at every fail point. Nothing lost, nothing twice."""

import json
import signal
from subprocess import CompletedProcess

import psycopg
import pytest
from django.db import connection, transaction

from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import POINTS
from comptoir.subscriptions.actions.returns import return_sale
from comptoir.subscriptions.queries.returns import sale_of
from conftest import FreshDatabase
from tests.cast import TODAY, Cast
from tests.visitor import visited

from .test_add_seats_survives import add, camille, cast, in_threads  # noqa: F401 - a fixture

OF_THE_VERB = [name for name in POINTS if name.split(".")[0] in {"door", "gate", "sale", "credit_note"}]
INVOICE = "F-2026-000001"


def give_back(cast: Cast, key: str | None = None) -> str:  # noqa: F811
    """Return the first sale in a transaction of its own; the credit note's number."""
    with transaction.atomic():
        actor = camille(cast, key)
        return str(return_sale(actor, sale_of(actor, "560000001", INVOICE), on=TODAY).number)


def facts(database: FreshDatabase) -> dict[str, object]:
    """What stands in the tables, asked as the owner."""
    questions = {
        "notes": "SELECT array_agg(number ORDER BY number) FROM billing_invoice WHERE kind = 'A'",
        "seats": "SELECT seats_now FROM subscriptions_subscription WHERE number = '560000001'",
        "undone": "SELECT count(*) FROM subscriptions_sale WHERE undone_on IS NOT NULL",
        "entries": "SELECT count(*) FROM subscriptions_seatentry WHERE kind = 'return'",
        "open": "SELECT open_minor FROM billing_invoicebalance WHERE number = 'F-2026-000001'",
        "events": "SELECT count(*) FROM kernel_event WHERE kind = 'sale.returned'",
        "jobs": "SELECT count(*) FROM procrastinate_jobs WHERE args->>'name' = 'subscriptions.tell_sale_undone'",
    }
    with psycopg.connect(database.owner_url) as owner:
        return {name: owner.execute(question.encode()).fetchone()[0] for name, question in questions.items()}  # type: ignore[index]


DONE = {"notes": ["A-2026-000001"], "seats": 4, "undone": 1, "entries": 1, "open": 0, "events": 1, "jobs": 1}
NOTHING = {"notes": None, "seats": 7, "undone": 0, "entries": 0, "events": 0, "jobs": 0}


def test_two_people_returning_one_sale_at_once_get_one_credit_note(cast: Cast, fresh_database: FreshDatabase) -> None:  # noqa: F811
    add(cast, 3)
    answers = in_threads(8, lambda _: give_back(cast))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 7, answers
    assert {refusal.code for refusal in refused} == {"return_window_over"}
    assert facts(fresh_database) == DONE


def test_the_same_click_from_many_sides_returns_once_with_one_answer(cast: Cast, fresh_database: FreshDatabase) -> None:  # noqa: F811
    add(cast, 3)
    assert in_threads(8, lambda _: give_back(cast, key="one click")) == ["A-2026-000001"] * 8
    assert facts(fresh_database) == DONE


def test_seats_added_while_others_are_returned_never_cross(cast: Cast, fresh_database: FreshDatabase) -> None:  # noqa: F811
    add(cast, 3)
    answers = in_threads(6, lambda n: give_back(cast) if n == 0 else add(cast, 1))
    broken = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)]
    assert broken == []
    found = facts(fresh_database)
    assert found["seats"] == (9 if found["notes"] else 12)  # newer ones may have come first: then nothing is returned


def visit(cast: Cast, database: FreshDatabase, failpoint: str = "") -> CompletedProcess[str]:  # noqa: F811
    """Post the form in a process of its own."""
    path = f"/c/{cast.nord.number}/subscriptions/560000001/return/{INVOICE}/"
    return visited(cast.camille.person_id, path, {"request_key": "the same click"}, database.app_url, failpoint)


@pytest.mark.parametrize("point", OF_THE_VERB)
def test_a_kill_anywhere_loses_nothing_and_doubles_nothing(
    point: str,
    cast: Cast,  # noqa: F811
    fresh_database: FreshDatabase,
) -> None:
    add(cast, 3)
    connection.close()
    killed = visit(cast, fresh_database, f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between = facts(fresh_database)
    assert {**between, "open": 0} == (DONE if point == "gate.after_commit" else {**NOTHING, "open": 0})
    again = visit(cast, fresh_database)
    assert json.loads(again.stdout) == {"status": 302, "location": f"/c/{cast.nord.number}/invoices/A-2026-000001/"}
    assert facts(fresh_database) == DONE
