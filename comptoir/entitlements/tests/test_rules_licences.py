"""The table of who may use a product, and a story of many days against a model of its own (rules 9)."""

import random

import pytest

from comptoir.entitlements.rules.licences import (
    DEVICES_EACH,
    Ground,
    LicenceFacts,
    SeatFacts,
    free_place,
    verdict_of,
)

SEAT = {"subscription": "1", "waiting": False, "beyond": False, "works": True}
GOOD = {"here": True, "known": True}


def seat(**told: object) -> SeatFacts:
    return SeatFacts(**{**SEAT, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seats", "facts", "answer"),
    [
        ([seat()], {}, Ground.SEAT),
        ([seat()], {"by_key": True}, Ground.KEY),
        ([seat()], {"here": False}, ("licence_person_gone",)),
        ([], {"known": False}, ("licence_no_subscription",)),
        ([], {}, ("licence_no_seat",)),
        ([seat(waiting=True)], {}, ("licence_in_line",)),
        ([seat(beyond=True)], {}, ("licence_beyond_seats",)),
        ([seat(works=False)], {}, ("licence_suspended",)),
        ([seat(works=False), seat()], {}, Ground.SEAT),
        ([seat(works=False), seat(waiting=True)], {}, ("licence_suspended", "licence_in_line")),
        ([seat(works=False, owned=True)], {}, Ground.PERPETUAL),
        ([seat(works=False, owned=True, beyond=True)], {}, ("licence_suspended",)),
        ([seat(works=False, owned=True)], {"too_old": True}, Ground.PERPETUAL),
        ([seat()], {"too_old": True}, ("licence_version_too_old",)),
        ([], {"home_use": True}, Ground.HOME_USE),
        ([], {"home_use": True, "here": False}, ("licence_person_gone",)),
        ([], {"trial": True, "known": False}, Ground.TRIAL),
        ([], {"trial": True, "too_old": True}, ("licence_version_too_old",)),
        ([], {"lease": "1"}, Ground.LEASE),
        ([seat(waiting=True)], {"home_use": True}, Ground.HOME_USE),
    ],
)
def test_who_may_use_a_product_and_why_not(seats: list[SeatFacts], facts: dict[str, object], answer: object) -> None:
    found = verdict_of(LicenceFacts(**{**GOOD, "seats": seats, **facts}))  # type: ignore[arg-type]
    assert (found.ground or found.reasons) == answer
    assert found.may is isinstance(answer, Ground)


def test_a_place_is_free_while_there_are_fewer_than_three() -> None:
    assert [free_place(taken) for taken in ([], [1], [2, 3], [1, 3], [1, 2, 3])] == [1, 2, 1, 2, None]


def test_places_never_run_over_whatever_comes_and_goes() -> None:
    drawn, taken = random.Random(9), set[int]()
    for _ in range(500):
        if drawn.random() < 0.5 and taken:
            taken.remove(drawn.choice(sorted(taken)))
            continue
        place = free_place(taken)
        assert (place is None) == (len(taken) == DEVICES_EACH)
        assert place not in taken
        taken |= {place} if place else set()
