"""Seats given to people: one by one over the API, and 5,000 people into 4,000 seats in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .load import Load, Served
from .place import Place
from .report import Figure

PEOPLE, SEATS = 5_000, 4_000
# subscriptions with a free seat, each with somebody who has none of it
GIVEABLE = """
SELECT s.number, (
    SELECT m.id FROM organisations_membership m WHERE m.organisation_id = s.organisation_id AND m.left_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM entitlements_assignment a
        WHERE a.subscription_id = s.id AND a.membership_id = m.id AND a.ended_on IS NULL)
    ORDER BY m.id DESC LIMIT 1)
FROM subscriptions_subscription s JOIN organisations_organisation o ON o.id = s.organisation_id
WHERE o.number = %s AND s.renews_on > %s AND s.seats_now > (
    SELECT count(*) FROM entitlements_assignment a WHERE a.subscription_id = s.id AND a.ended_on IS NULL)
ORDER BY s.id DESC LIMIT 1500
"""
# the first of them is made large; the figure is of giving, not of buying
LARGE = """
UPDATE subscriptions_subscription s SET seats_now = %s, seats_at_renewal = %s FROM organisations_organisation o
WHERE o.id = s.organisation_id AND o.number = %s AND s.number = %s
RETURNING (SELECT count(*) FROM entitlements_assignment a WHERE a.subscription_id = s.id AND a.ended_on IS NULL)
"""
ANYBODY = """
SELECT m.id FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
WHERE o.number = %s AND m.left_on IS NULL ORDER BY m.id LIMIT %s
"""


@dataclass(frozen=True)
class Bulk:
    """How it is measured: the day, so many connections, for so long, against the rate of the baseline."""

    day: str
    connections: int
    seconds: float
    bar: float


def seats_given(place: Place, visitor: Any, port: int, bulk: Bulk, load: Callable[[Load, str], Served]) -> list[Figure]:
    """How many seats are given in a second, each in a call of its own; how long one call for thousands takes."""
    base = f"/api/v1/customers/{visitor.customer}/subscriptions/"
    found = place.ask(GIVEABLE, visitor.customer, bulk.day)
    (large, _member), *others = found
    calls = [
        visitor.post(f"{base}{number}/assignments", port, {"members": [member]}, key=f"seat-{number}")
        for number, member in others
        if member
    ]
    served = load(Load(port, bulk.connections, bulk.seconds, calls, once=True), "seats given")
    note = f"each in a call of its own; p50 {served.p50_ms:.0f}, p95 {served.p95_ms:.0f} ms"
    figures = [Figure("seat given to a person", served.per_second, "/s", bulk.bar, "bare Django", 180, note=note)]
    people = [pk for (pk,) in place.ask(ANYBODY, visitor.customer, PEOPLE)]
    seats = len(people) * SEATS // PEOPLE
    place.ask(LARGE, seats, seats, visitor.customer, large)
    body = {"members": people, "beyond": "wait"}
    many = load(Load(port, 1, 1, [visitor.post(f"{base}{large}/assignments", port, body, key="many")], once=True), "many seats")
    name = f"{len(people):,} people into {seats:,} seats, one call"
    figures.append(Figure(name, many.p50_ms / 1000, "s", at_most=2, note="the others wait"))
    return figures
