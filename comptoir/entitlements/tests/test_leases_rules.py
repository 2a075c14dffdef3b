"""Who may take a floating seat, which leases count, who gives way (rules 9, docs/licences.md)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from comptoir.entitlements.rules.leases import Held, LeaseFacts, borrow_until, borrowed, counting, lives, why_no_lease
from comptoir.entitlements.rules.use_rights import Sharing

DAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
SOON, PAST = AT + timedelta(minutes=5), AT - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lease", "alive"),
    [
        (Held(1, SOON), True),
        (Held(1, AT), False),  # not heard of for as long as it may be
        (Held(1, PAST), False),
        (Held(1, PAST, borrowed_until=date(2026, 11, 22)), True),  # nobody hears of what is borrowed
        (Held(1, SOON, borrowed_until=DAY), False),
        (Held(1, SOON, ended=True), False),
    ],
)
def test_a_lease_lives_while_it_is_heard_of_or_borrowed(lease: Held, alive: bool) -> None:
    assert lives(lease, AT, DAY) is alive


TAKEN = [Held(1, SOON), Held(2, PAST), Held(3, SOON), Held(4, SOON, borrowed_until=date(2026, 12, 1)), Held(5, SOON)]


@pytest.mark.parametrize(
    ("left", "those"),
    [(9, (4, 1, 3, 5)), (4, (4, 1, 3, 5)), (3, (4, 1, 3)), (2, (4, 1)), (1, (4,)), (0, ()), (-2, ())],
)
def test_what_is_borrowed_counts_first_then_leases_as_they_were_taken(left: int, those: tuple[int, ...]) -> None:
    assert counting(TAKEN, left, AT, DAY) == those


def test_only_what_is_borrowed_and_not_back_holds_a_seat_against_people() -> None:
    assert borrowed(TAKEN, AT, DAY) == 1
    assert borrowed(TAKEN, AT, date(2026, 12, 1)) == 0


FREE = LeaseFacts(Sharing.MULTI_USER, works=True, assigned=False, seats=10, people=4, living=5)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (FREE, ()),
        (LeaseFacts(Sharing.NAMED, works=True, assigned=False, seats=10, people=0, living=0), ("lease_named_only",)),
        (LeaseFacts(Sharing.MULTI_USER, works=False, assigned=False, seats=10, people=0, living=0), ("lease_not_running",)),
        (LeaseFacts(Sharing.MULTI_USER, works=True, assigned=True, seats=10, people=1, living=0), ("lease_has_seat",)),
        (LeaseFacts(Sharing.MULTI_USER, works=True, assigned=False, seats=10, people=5, living=5), ("lease_none_free",)),
        (LeaseFacts(Sharing.MULTI_USER, works=True, assigned=False, seats=3, people=5, living=0), ("lease_none_free",)),
        (
            LeaseFacts(Sharing.MULTI_USER, works=True, assigned=False, seats=1, people=0, living=0, version_fits=False),
            ("licence_version_too_old",),
        ),
        (
            LeaseFacts(Sharing.NAMED, works=False, assigned=True, seats=1, people=1, living=0, version_fits=False),
            ("lease_named_only", "lease_not_running", "lease_has_seat", "licence_version_too_old", "lease_none_free"),
        ),
    ],
)
def test_every_reason_why_no_lease_can_be_taken_is_told_in_order(facts: LeaseFacts, codes: tuple[str, ...]) -> None:
    assert why_no_lease(facts) == codes


@pytest.mark.parametrize(
    ("days", "bounds", "until"),
    [
        (7, [], date(2026, 11, 28)),
        (7, [None, date(2026, 11, 25)], date(2026, 11, 25)),
        (7, [date(2027, 1, 1)], date(2026, 11, 28)),
        (1, [DAY], date(2026, 11, 22)),
    ],
)
def test_what_is_borrowed_comes_back_before_what_it_stands_on_ends(days: int, bounds: list[date | None], until: date) -> None:
    assert borrow_until(DAY, days, bounds) == until
