"""Every action and every reason of rules 8, as people read it in both languages: what is in the way, and what would be right."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from comptoir.kernel.errors import Refused
from comptoir.kernel.refusals import SENTENCES, tell
from comptoir.permissions import Reach
from comptoir.subscriptions.queries.availability import label_of
from comptoir.subscriptions.queries.next_steps import BY_THE_DESK, PAGES
from comptoir.subscriptions.rules import (
    Alignable,
    Channel,
    Facts,
    Plan,
    ProductStatus,
    Returnable,
    SoldBy,
    State,
    Verb,
    availability,
    reasons,
)

ON = date(2026, 11, 21)
LATER = date(2027, 4, 10)
RESELLER = SoldBy("Grand Plan", email="sales@grandplan.example", phone="+33 1 23 45 67 89")
# a reason -> what of the facts brings it about
BRINGS: dict[str, dict[str, Any]] = {
    "country_not_served": {"country": "CH", "country_served": False},
    "third_party_store": {"channel": Channel.STORE},
    "reseller_purchase": {"channel": Channel.RESELLER, "sold_by": RESELLER},
    "product_without_self_service": {"self_service": False},
    "maintenance_plan": {"plan": Plan.MAINTENANCE},
    "product_retired": {"product_status": ProductStatus.RETIRED, "renewal_price_known": False},
    "price_missing": {"new_price_known": False, "renewal_price_known": False},
    "not_allowed": {"reach": dict.fromkeys(Verb, Reach.ASK), "who_may": dict.fromkeys(Verb, ("Camille Morel", "Anton Weber"))},
    "automatic_renewal_off": {"automatic_renewal": False},
    "term_differs": {"alignable": Alignable(term_differs=("560000021",))},
    "payment_method_differs": {"alignable": Alignable(method_differs=("560000022",))},
    "nothing_to_align": {"alignable": Alignable()},
    "term_change_pending": {"alignable": Alignable(matching=("560000023",), term_change_pending=True)},
    "last_seat": {"planned_seats": 0},
    "too_early": {"renewable_from": date(2027, 1, 10)},
    "already_renewed": {"already_renewed": True, "turns_on": LATER},
    "in_grace": {"state": State.GRACE, "renews_on": date(2026, 11, 10)},
    "suspended": {"state": State.SUSPENDED, "renews_on": date(2026, 10, 20)},
    "cancelled": {"state": State.CANCELLED, "renews_on": date(2026, 8, 1)},
    "trial": {"state": State.TRIAL},
    "invoice_overdue": {"invoice_overdue": True},
    "payment_running": {"payment_running": True},
    "no_seat_left": {"seats_left": 0},
    "return_window_over": {"returnable": Returnable()},
    "return_newer_first": {"returnable": Returnable(LATER, newer=("F-2026-000002",))},
    "seats_in_use": {"returnable": Returnable(LATER, seats_in_use_by=("Rita Nielsen", "Emil Larsen"))},
}
# where a reason must name somebody or something, so that one knows whom to ask or what to look for
NAMES = {
    "reseller_purchase": ("Grand Plan", "sales@grandplan.example", "+33 1 23 45 67 89"),
    "not_allowed": ("Camille Morel", "Anton Weber"),
    "term_differs": ("560000021",),
    "payment_method_differs": ("560000022",),
    "seats_in_use": ("Rita Nielsen", "Emil Larsen"),
    "return_newer_first": ("F-2026-000002",),
    "product_retired": ("Sculpt LT",),
    "no_seat_left": ("4",),
}


def facts(**other: Any) -> Facts:
    """A subscription with which everything can be done, but for what is told."""
    told = {
        "product": "Sculpt LT",
        "country": "FR",
        "country_served": True,
        "channel": Channel.DIRECT,
        "plan": Plan.SUBSCRIPTION,
        "product_status": ProductStatus.ACTIVE,
        "self_service": True,
        "new_price_known": True,
        "renewal_price_known": True,
        "reach": dict.fromkeys(Verb, Reach.ALL),
        "state": State.ACTIVE,
        "automatic_renewal": True,
        "renews_on": LATER,
        "renewable_from": ON,
        "already_renewed": False,
        "invoice_overdue": False,
        "payment_running": False,
        "seats": 4,
        "seats_left": 2,
        "planned_seats": 3,
        "alignable": Alignable(matching=("560000023",)),
        "returnable": Returnable(LATER),
        **other,
    }
    return Facts(**told)  # type: ignore[arg-type]


CASES = [(verb, row.code) for row in availability._TABLE for verb in sorted(row.blocks)]


def test_the_walk_meets_every_reason_of_the_table() -> None:
    assert list(BRINGS) == [row.code for row in availability._TABLE]
    assert all(not reasons(verb, facts(), ON) for verb in Verb)
    assert set(PAGES) | BY_THE_DESK <= {*BRINGS, "people_lose_access"}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("verb", "code"), CASES)
def test_each_reason_says_what_is_wrong_and_what_would_be_right(verb: Verb, code: str, language: str) -> None:
    why = reasons(verb, facts(**BRINGS[code]), ON)
    found = [reason for reason in why if reason.code == code]
    assert len(found) == 1, [reason.code for reason in why]
    with translation.override(language):
        told = tell(Refused(code, params=found[0].params))
        assert label_of(verb)
    said = f"{told.sentence} {told.next_step}"
    assert told.sentence
    assert told.next_step, f"{code} does not say what would be right"
    assert "%(" not in said
    assert "None" not in said
    assert "  " not in said.replace("\u202f", " "), said
    for name in NAMES.get(code, ()):
        assert name in said
    if language == "fr":
        sentence, step = SENTENCES[code]
        assert told.sentence != sentence % Blank()
        assert told.next_step != (step or "") % Blank()


class Blank(dict[str, object]):
    """Stands in for the values of a sentence."""

    def __missing__(self, key: str) -> object:
        return f"<{key}>"
