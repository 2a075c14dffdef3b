"""Lists as files: the rows of the page, all of them, under columns that are never renamed."""

import csv
import io
import zipfile
from datetime import date

import pytest

from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.queries.seats import subscription_of
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe

from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db
C = "/c/5200001"


@pytest.fixture
def cast() -> Cast:
    """Atelier Nord added three seats today."""
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        camille = actor_of(cast.camille)
        add_seats(camille, subscription_of(camille, "560000001"), add=3, on=TODAY)
    return cast


def table(cast: Cast, path: str, who: str = "camille") -> list[dict[str, str]]:
    given = signed_in(getattr(cast, who)).get(f"{C}{path}")
    assert (given.status_code, given["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(given.content.decode())))


def test_subscriptions_with_amounts_for_who_sees_them_and_without_for_others(cast: Cast) -> None:
    [row] = table(cast, "/subscriptions/?download=csv&q=560000001")
    assert row == {
        "subscription": "560000001",
        "contract": "110000001",
        "product": "Sculpt LT",
        "term": "year",
        "automatic_renewal": "yes",
        "state": "active",
        "seats": "7",
        "seats_used": row["seats_used"],
        "seats_at_renewal": "7",
        "renews_on": "2027-04-10",
        "planned": "",
        "currency": "EUR",
        "net_at_renewal": "1750.00",
    }
    [row] = table(cast, "/subscriptions/?download=csv&q=560000001", "sofia")
    assert (row["seats"], row["currency"], row["net_at_renewal"]) == ("7", "", "")


def test_the_filters_of_the_page_hold_and_every_page_is_in_the_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for nth in range(5):
        subscribe(cast.second_contract, cast.sculpt, f"56000080{nth}", seats=1, start=date(2026, 3, 1))
    monkeypatch.setattr("comptoir.subscriptions.queries.tables.MANY", 2)
    rows = table(cast, "/subscriptions/?download=csv&q=56000080&sort=-number")
    assert [row["subscription"] for row in rows] == [f"56000080{nth}" for nth in (4, 3, 2, 1, 0)]
    assert [row["subscriptions"] for row in table(cast, "/contracts/?download=csv&q=110000002")] == ["5"]
    assert len(table(cast, "/subscriptions/?download=csv", "anton")) == 5  # his contract alone


def test_orders_charges_spending_and_a_day(cast: Cast) -> None:
    [order] = table(cast, "/orders/?download=csv")
    assert (order["order"], order["total"], order["state"], order["invoices"]) == (
        "560000001-1",
        "386.63",
        "settled",
        "F-2026-000001",
    )
    [charge] = table(cast, "/charges/?download=csv")
    assert (charge["on"], charge["seats"], charge["automatic"], charge["net"]) == ("2027-04-10", "7", "yes", "1750.00")
    assert table(cast, "/contracts/110000002/charges/?download=csv") == []
    [spent] = table(cast, "/spending/?download=csv")
    assert spent == {"month": "2026-11-01", "product": "Sculpt LT", "currency": "EUR", "net": "322.19"}
    [day] = table(cast, f"/subscriptions/560000001/on/?on={TODAY}&download=csv")
    assert (day["seats"], day["invoice"], day["net"], day["paid"]) == ("7", "F-2026-000001", "322.19", "no")
    [day] = table(cast, f"/subscriptions/560000001/on/?on={TODAY}&download=csv", "sofia")
    assert (day["seats"], day["price"], day["invoice"]) == ("7", "", "")


def test_the_same_as_a_workbook_and_nothing_else(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    given = camille.get(f"{C}/invoices/?download=xlsx")
    assert given["Content-Disposition"] == f'attachment; filename="5200001-invoices-{TODAY}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(given.content)) as book:
        assert "F-2026-000001" in book.read("xl/worksheets/sheet1.xml").decode()
    assert camille.get(f"{C}/invoices/?download=exe").status_code == 404
    assert camille.get(f"{C}/orders/?download=csv&state=nonsense").status_code == 422
