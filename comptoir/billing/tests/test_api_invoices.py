"""Invoices and credit notes over the API: the same that the pages say."""

from typing import Any

import pytest
from django.test import Client

from comptoir.kernel.cursors import cursor_of
from comptoir.kernel.tests.stage import token_of
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from tests.cast import Cast, customer, make_contract, member, raise_curtain
from tests.invoiced import credited, invoiced, line

pytestmark = pytest.mark.django_db
LIST = "/api/v1/customers/5200001/invoices"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def asked(who: Membership, path: str) -> Any:
    """The answer to a call with a token of that member."""
    return Client().get(path, headers={"Authorization": f"Bearer {token_of(who)}"})


def test_the_list_says_what_is_open_and_pages_by_key(cast: Cast) -> None:
    for _each in range(3):
        invoice = invoiced(cast.contract, line(3, "280.00"))
    credited(invoice, 1)
    first = asked(cast.pierre, f"{LIST}?limit=2").json()
    assert [(row["number"], row["kind"], row["corrects"], row["open"], row["state"]) for row in first["items"]] == [
        ("A-2026-000001", "A", "F-2026-000003", "0.00", "note"),
        ("F-2026-000003", "F", None, "672.00", "open"),
    ]
    second = asked(cast.pierre, f"{LIST}?limit=2&cursor={first['next']}").json()
    assert [row["number"] for row in second["items"]] == ["F-2026-000002", "F-2026-000001"]
    assert second["next"] is None
    narrowed = asked(cast.pierre, f"{LIST}?show=credit_notes&year=2026").json()
    assert [row["number"] for row in narrowed["items"]] == ["A-2026-000001"]
    assert asked(cast.pierre, f"{LIST}?show=nothing").status_code == 422
    assert asked(cast.pierre, f"{LIST}?cursor={cursor_of(10**30)}").status_code < 500


def test_one_document_says_its_lines_its_history_and_its_files(cast: Cast) -> None:
    credited(invoiced(cast.contract, line(3, "280.00", days=143)), 1)
    told = asked(cast.pierre, f"{LIST}/F-2026-000001").json()
    assert told["lines"][0]["words"].replace("\xa0", " ") == "3 seats × 280.00 EUR × 143 of 365 days"
    assert told["lines"][0]["net"] == "329.10"
    assert [(move["document"], move["amount"], move["open"]) for move in told["statement"]] == [
        (None, "394.92", "394.92"),
        ("A-2026-000001", "-131.64", "263.28"),
    ]
    for kind, starts in (("pdf", b"%PDF-1.7"), ("xml", b"<?xml")):
        assert told[kind] == f"{LIST}/F-2026-000001/{kind}"
        file = asked(cast.pierre, told[kind])
        assert file["Content-Type"] == f"application/{kind}"
        assert file.content.startswith(starts)


def test_what_the_standard_cannot_carry_has_no_data_file(cast: Cast) -> None:
    kuwait = customer("5200009", "Dinar", "KW", "KWD")
    contract = make_contract(kuwait, "110000009")
    manager = member(kuwait, "Dana", "Dinar", (Role.CONTRACT_MANAGER, None))
    invoiced(contract, line(1, "85.125", "KWD"))
    told = asked(manager, "/api/v1/customers/5200009/invoices/F-2026-000001").json()
    assert told["xml"] is None
    assert asked(manager, "/api/v1/customers/5200009/invoices/F-2026-000001/xml").status_code == 404


@pytest.mark.parametrize("end", ["", "/pdf", "/xml"])
def test_nobody_else_reads_it(cast: Cast, end: str) -> None:
    invoiced(cast.contract, line(3, "280.00"))
    assert asked(cast.oskar, f"{LIST}/F-2026-000001{end}").status_code == 404
    assert asked(cast.anton, f"{LIST}/F-2026-000001{end}").status_code == 404
    assert asked(cast.sofia, f"{LIST}/F-2026-000001{end}").status_code == 403
