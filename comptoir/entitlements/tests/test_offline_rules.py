"""Until when a licence file holds, and what stands in it (rules 9, docs/licences.md)."""

from datetime import date

import pytest

from comptoir.entitlements.rules import SeatsPaid
from comptoir.entitlements.rules.offline import Bounds, Told, claims, file_ends_on, seat_until, works_until
from comptoir.subscriptions.rules import Sitting

DAY, TURN, LATER = date(2026, 11, 21), date(2026, 12, 1), date(2027, 4, 25)
LONG_AGO = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("bounds", "ends_on"),
    [
        (Bounds(LATER), date(2026, 12, 21)),  # thirty days
        (Bounds(date(2026, 12, 10)), date(2026, 12, 10)),  # the end of what is paid, with grace
        (Bounds(LATER, seat_until=TURN), TURN),  # the next period has no seat for them
        (Bounds(LATER, lease_until=date(2026, 11, 28)), date(2026, 11, 28)),
        (Bounds(date(2026, 12, 10), seat_until=TURN, lease_until=date(2026, 11, 28)), date(2026, 11, 28)),
        (Bounds(DAY), date(2026, 11, 22)),  # whoever may use it today has a file for today
        (Bounds(LONG_AGO), date(2026, 11, 22)),  # grace stays while a delay lasts that is not the customer's
    ],
)
def test_a_file_ends_with_the_first_of_what_it_stands_on(bounds: Bounds, ends_on: date) -> None:
    assert file_ends_on(DAY, 30, bounds) == ends_on


def test_what_is_paid_ends_after_grace() -> None:
    assert works_until(date(2027, 4, 10), 15) == date(2027, 4, 25)


PEOPLE = [Sitting("Ann", LONG_AGO, key=1), Sitting("Ben", DAY, key=2)]


@pytest.mark.parametrize(
    ("paid", "member", "until"),
    [
        (SeatsPaid(2, 1, TURN, None, automatic=True), 1, None),  # the first by rank keeps theirs
        (SeatsPaid(2, 1, TURN, None, automatic=True), 2, TURN),
        (SeatsPaid(2, 1, LATER, TURN, automatic=False), 2, TURN),  # a period with fewer was paid ahead
        (SeatsPaid(2, 1, TURN, None, automatic=False), 2, None),  # it does not renew by itself
        (SeatsPaid(2, 2, TURN, None, automatic=True), 2, None),
        (SeatsPaid(2, 1, LONG_AGO, None, automatic=True), 2, None),  # the turn is past: the rule of today has said it
    ],
)
def test_a_seat_ends_with_the_period_that_has_none_for_its_person(paid: SeatsPaid, member: int, until: date | None) -> None:
    assert seat_until(paid, PEOPLE, member, DAY) == until


def test_a_file_says_what_is_documented_and_nothing_of_a_person() -> None:
    told = Told("https://portal.example", "opaque", "SCLT", "5200001", "560000001", "print", "n", 1000, 2000)
    assert claims(told) == {
        "iss": "https://portal.example",
        "sub": "opaque",
        "aud": "SCLT",
        "jti": "n",
        "iat": 1000,
        "nbf": 700,
        "exp": 2000,
        "customer": "5200001",
        "subscription": "560000001",
        "kind": "named",
        "seats": 1,
        "device": "print",
    }
    more = claims(Told("i", "s", "SCLT", "5", "6", "p", "n", 1, 2, oldest="2024", also=("2020",), lease="l"))
    assert (more["versions"], more["kind"], more["lease"]) == ({"from": "2024", "also": ["2020"]}, "floating", "l")
