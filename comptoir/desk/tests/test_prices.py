"""The price book at the desk: whom a price meets, the lead of a rise, and who may."""

import re
from datetime import date

import pytest
from django.test import Client

from comptoir.billing.models import TaxRate
from comptoir.catalogue.models import Price, Product
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import PlannedChange, Subscription
from tests.cast import TODAY, Cast, at_desk, customer, make_contract, raise_curtain, staff_member, subscribe, words_of

pytestmark = pytest.mark.django_db
BOOK = "/desk/prices/SCLT/"
NEW = f"{BOOK}new/"
RISE = {"term": "year", "currency": "EUR", "new": "300", "renewal": "270.00", "valid_from": "2027-03-01"}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def karl(cast: Cast) -> Client:
    """Somebody of the catalogue, who has just signed in."""
    return at_desk(staff_member("Karl", "Lang", "catalogue"))


def prices() -> list[tuple[str, int | None, int | None, date]]:
    rows = Price.objects.filter(valid_from__gt=date(2026, 2, 1))
    return list(rows.values_list("term", "new_minor", "renewal_minor", "valid_from"))


def house_log() -> list[tuple[str, str]]:
    with wall_opened(house=True):
        return list(Event.objects.filter(chain="h").order_by("seq").values_list("kind", "actor"))


def test_the_preview_counts_whom_it_meets_and_writes_nothing(cast: Cast, karl: Client) -> None:
    # both customers renew on 2027-04-10: 4 and 7 seats, 20.00 more each
    said = words_of(karl.get(NEW, RISE))
    assert "At their next renewal it counts for 2 subscriptions of 2 customers." in said
    assert "Seats that renew 11" in said
    assert "220.00 EUR more" in said.replace("\xa0", " ")
    assert "new 280.00 EUR, renewal 250.00 EUR, since 1 February 2026" in said.replace("\xa0", " ")
    for name in ("Atelier Nord", "Studio Est", "5200001", "560000001"):
        assert name not in said, "the catalogue learns nothing of any one customer"
    assert prices() == house_log() == []


def test_it_counts_only_what_renews_at_that_price(cast: Cast, karl: Client) -> None:
    yen = customer("5200003", "Tokyo", "JP", "JPY")
    subscribe(make_contract(yen, "110000009"), cast.sculpt, "560000009", seats=50, start=date(2026, 6, 1))
    sold_by_another = make_contract(cast.est, "110000008", channel="store")
    subscribe(sold_by_another, cast.sculpt, "560000008", seats=50, start=date(2026, 6, 1))
    subscribe(cast.contract, cast.sculpt, "560000007", seats=50, start=date(2026, 1, 10))  # renews before it counts
    subscribe(cast.contract, cast.sculpt, "560000006", seats=50, start=date(2024, 6, 1), term="3years")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        # planned: by the year from the next renewal on
        change = {"field": "term", "term": "month", "made_on": TODAY}
        PlannedChange.objects.create(organisation=cast.nord, subscription=cast.subscription, **change)
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        # two more seats at the renewal pay the new price
        Subscription.objects.filter(number="560000002").update(seats_at_renewal=9)
    said = words_of(karl.get(NEW, RISE)).replace("\xa0", " ")
    assert "it counts for 1 subscription of 1 customer." in said
    assert "Seats that renew 9" in said
    assert "180.00 EUR more" in said  # 7 x 20.00 renewal + 2 x 20.00 new


def test_a_price_is_put_into_the_book_with_its_line_in_the_houses_log(cast: Cast, karl: Client) -> None:
    answer = karl.post(f"{NEW}?term=year", {**RISE, "request_key": "k"}, follow=True)
    assert answer.redirect_chain == [(BOOK, 302)]
    karl.post(NEW, {**RISE, "request_key": "k"})  # the back button
    assert prices() == [("year", 30_000, 27_000, date(2027, 3, 1))]
    ((kind, actor),) = house_log()
    assert kind == "price.set"
    assert actor.startswith("staff:")
    said = words_of(karl.get(BOOK)).replace("\xa0", " ")
    assert "By the year 1 March 2027 in 3 months 300.00 EUR 270.00 EUR" in said
    assert "By the year 1 February 2026 Counts now 280.00 EUR 250.00 EUR" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"valid_from": "2027-02-18"}, "from 19 February 2027 at the earliest"),
        ({"renewal": "", "valid_from": "2026-12-01"}, "from 19 February 2027 at the earliest"),
        ({"new": "", "renewal": ""}, "at least one of the two prices"),
        ({"valid_from": "2026-11-20"}, "A price counts from today or later"),
        ({"valid_from": "2026-02-01"}, "A price counts from today or later"),
        ({"term": "month", "new": "31", "renewal": "30"}, "both prices are the same"),
        ({"new": "dear"}, "Give an amount such as 280.00"),
        ({"new": "-1"}, "A price is not below zero"),
        ({"new": "1.234"}, "Give an amount such as 280.00"),
        ({"currency": "XXX"}, "Select a valid choice"),
        ({"valid_from": "soon"}, "Give a day such as 2027-04-10"),
    ],
)
def test_what_the_book_can_not_take_is_said_and_nothing_is_written(
    cast: Cast, karl: Client, changed: dict[str, str], said: str
) -> None:
    answer = karl.post(NEW, {**RISE, **changed})
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert prices() == house_log() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_from": "2027-02-19"},  # 90 days
        {"renewal": "250", "valid_from": "2026-11-21"},  # the new price alone may rise at once
        {"renewal": "200", "valid_from": "2026-11-21"},  # cheaper is never a surprise
        {"term": "month", "new": "32", "renewal": "", "valid_from": "2027-03-01"},
        {"new": "1 300,50"},
    ],
)
def test_what_it_can_take_it_takes(cast: Cast, karl: Client, changed: dict[str, str]) -> None:
    assert karl.post(NEW, {**RISE, **changed}).status_code == 302
    assert len(prices()) == 1


def test_the_same_day_is_taken_once(cast: Cast, karl: Client) -> None:
    assert karl.post(NEW, RISE).status_code == 302
    assert "has a price from 1 March 2027 already" in words_of(karl.post(NEW, RISE))
    assert len(prices()) == 1


def test_a_price_wants_a_fresh_proof_of_who_one_is_and_leads_back_to_the_preview(cast: Cast) -> None:
    stale = at_desk(staff_member("Karl", "Lang", "catalogue"), fresh=False)
    answer = stale.post(f"{NEW}?term=year&new=300", RISE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/again/?next=%2Fdesk%2Fprices%2FSCLT%2Fnew%2F%3Fterm%3Dyear")
    assert prices() == []


@pytest.mark.parametrize("role", ["finance", "administrator"])
def test_others_of_the_staff_read_the_book_and_set_no_price(cast: Cast, role: str) -> None:
    somebody = at_desk(staff_member("Some", "Body", role))
    assert "Set a new price" not in words_of(somebody.get(BOOK))
    assert somebody.get(NEW).status_code == somebody.post(NEW, RISE).status_code == 404
    assert somebody.post(BOOK, {"status": "retired"}).status_code == 403
    assert prices() == []
    assert Product.objects.get(code="SCLT").status == "active"


def test_a_product_is_taken_off_sale(cast: Cast, karl: Client) -> None:
    assert karl.post(BOOK, {"status": "retired", "request_key": "k"}).status_code == 302
    product = Product.objects.get(code="SCLT")
    assert (product.status, product.self_service) == ("retired", False)
    assert [kind for kind, _actor in house_log()] == ["product.set"]
    assert "It is no longer sold, and customers write to us to change it." in words_of(karl.get(BOOK))


def test_finance_sets_a_tax_rate_from_a_day_on(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    told = {"country": "FR", "percent": "21.5", "valid_from": "2027-01-01"}
    assert fiona.post("/desk/tax-rates/", told).status_code == 302
    assert TaxRate.objects.get(country="FR", valid_from=date(2027, 1, 1)).basis_points == 2150
    said = words_of(fiona.get("/desk/tax-rates/")).replace("\xa0", " ")
    assert re.search(r"France 1 January 2027 in \d+ \w+ 21.50? %", said)
    for wrong in ({"valid_from": "2026-11-20"}, {"percent": "101"}, {}):
        assert fiona.post("/desk/tax-rates/", {**told, **wrong}).status_code in {409, 422}
    assert TaxRate.objects.filter(country="FR", valid_from__gt=TODAY).count() == 1


def test_the_catalogue_reads_rates_and_sets_none(cast: Cast, karl: Client) -> None:
    assert "A new rate" not in words_of(karl.get("/desk/tax-rates/"))
    told = {"country": "FR", "percent": "1", "valid_from": "2027-01-01"}
    assert karl.post("/desk/tax-rates/", told).status_code == 403
    assert not TaxRate.objects.filter(valid_from=date(2027, 1, 1)).exists()
