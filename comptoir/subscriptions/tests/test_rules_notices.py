from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term
from comptoir.subscriptions.rules import (
    NoticeFacts,
    NoticeKind,
    Standing,
    Unpaid,
    all_notices,
    notices_between,
    retry_days,
    retry_due,
    taken_back_on,
    unpaid_notices,
)

START, END = date(2025, 1, 1), date(2026, 1, 1)
BY_HAND = NoticeFacts(Standing.BY_HAND, Term.YEAR, START, END)
AUTOMATIC = replace(BY_HAND, standing=Standing.AUTOMATIC)


def said(facts: NoticeFacts) -> list[tuple[str, date]]:
    return [(str(notice.kind), notice.on) for notice in all_notices(facts)]


def between(facts: NoticeFacts, after: date, upto: date) -> list[str]:
    return [str(notice.kind) for notice in notices_between(facts, after, upto)]


def test_by_hand_it_is_told_ten_times_until_it_is_over() -> None:
    assert said(BY_HAND) == [
        ("expires_in_90", date(2025, 10, 3)),
        ("expires_in_45", date(2025, 11, 17)),
        ("expires_in_30", date(2025, 12, 2)),
        ("expires_in_15", date(2025, 12, 17)),
        ("expires_in_4", date(2025, 12, 28)),
        ("expires_today", END),
        ("before_suspension", date(2026, 1, 12)),
        ("suspended", date(2026, 1, 16)),
        ("before_cancellation", date(2026, 2, 11)),
        ("cancelled", date(2026, 2, 15)),
    ]


def test_automatic_it_is_told_30_and_7_days_before() -> None:
    assert said(AUTOMATIC) == [("renews_in_30", date(2025, 12, 2)), ("renews_in_7", date(2025, 12, 25))]


@pytest.mark.parametrize(
    ("standing", "start", "end", "kinds"),
    [
        (Standing.BY_HAND, date(2025, 2, 1), date(2025, 3, 1), ["expires_in_15", "expires_in_4", "expires_today"]),
        (
            Standing.BY_HAND,
            date(2025, 3, 1),
            date(2025, 3, 31),
            ["expires_in_30", "expires_in_15", "expires_in_4", "expires_today"],
        ),
        (Standing.AUTOMATIC, date(2025, 2, 1), date(2025, 3, 1), ["renews_in_7"]),
        (Standing.AUTOMATIC, date(2025, 3, 1), date(2025, 4, 1), ["renews_in_30", "renews_in_7"]),
    ],
)
def test_only_what_falls_inside_the_period_is_told(standing: Standing, start: date, end: date, kinds: list[str]) -> None:
    facts = NoticeFacts(standing, Term.MONTH, start, end)
    assert [kind for kind, on in said(facts) if on <= end] == kinds


def test_a_month_is_suspended_for_15_days() -> None:
    facts = NoticeFacts(Standing.BY_HAND, Term.MONTH, date(2025, 12, 1), END)
    assert said(facts)[-4:] == [
        ("before_suspension", date(2026, 1, 12)),
        ("suspended", date(2026, 1, 16)),
        ("before_cancellation", date(2026, 1, 27)),
        ("cancelled", date(2026, 1, 31)),
    ]


def test_an_unpaid_renewal_invoice_is_told_from_its_due_day() -> None:
    unpaid = replace(BY_HAND, standing=Standing.UNPAID, invoice_due_on=date(2026, 1, 31))
    assert said(unpaid) == [
        ("before_suspension", date(2026, 2, 11)),
        ("suspended", date(2026, 2, 15)),
        ("before_cancellation", date(2026, 3, 13)),
        ("cancelled", date(2026, 3, 17)),
    ]


def test_a_failed_payment_is_told_with_each_try_and_then_as_any_lapse() -> None:
    failed = replace(AUTOMATIC, failed=True)
    tries = [on for kind, on in said(failed) if kind == "payment_failed"]
    assert tries == [END, date(2026, 1, 4), date(2026, 1, 8), date(2026, 1, 13)]
    assert between(failed, END - timedelta(days=1), date(2026, 3, 1)) == ["suspended", "cancelled"]
    assert len({notice.key for notice in all_notices(failed)}) == len(all_notices(failed))


def test_what_can_not_be_renewed_is_told_90_days_before_or_at_once() -> None:
    ends = replace(BY_HAND, standing=Standing.ENDS)
    assert said(ends)[:2] == [("ends", date(2025, 10, 3)), ("expires_today", END)]
    month = NoticeFacts(Standing.ENDS, Term.MONTH, date(2025, 12, 1), END)
    assert said(month)[:2] == [("ends", date(2025, 12, 1)), ("expires_today", END)]


def test_a_day_is_told_once_and_only_on_its_day() -> None:
    assert between(BY_HAND, date(2025, 10, 2), date(2025, 10, 3)) == ["expires_in_90"]
    assert between(BY_HAND, date(2025, 10, 3), date(2025, 11, 16)) == []
    assert between(AUTOMATIC, START, date(2025, 12, 1)) == []


def test_a_late_job_sends_only_what_is_still_true() -> None:
    assert between(BY_HAND, date(2025, 10, 1), date(2025, 12, 5)) == ["expires_in_30"]
    assert between(BY_HAND, date(2025, 10, 1), END) == ["expires_today"]
    assert between(BY_HAND, date(2025, 10, 1), date(2026, 1, 13)) == ["expires_today", "before_suspension"]
    assert between(BY_HAND, date(2025, 10, 1), date(2026, 3, 1)) == ["expires_today", "suspended", "cancelled"]
    assert between(AUTOMATIC, date(2025, 12, 1), date(2025, 12, 26)) == ["renews_in_7"]
    assert between(AUTOMATIC, date(2025, 12, 20), END) == []


def test_the_same_notice_has_the_same_key_and_another_period_another() -> None:
    first = notices_between(BY_HAND, date(2025, 10, 2), date(2025, 10, 3))[0]
    late = notices_between(BY_HAND, START, date(2025, 10, 9))[0]
    assert (first.key, late.key) == ("expires_in_90:2026-01-01",) * 2
    other = replace(BY_HAND, start=END, end=date(2027, 1, 1))
    assert not {notice.key for notice in all_notices(other)} & {notice.key for notice in all_notices(BY_HAND)}


def test_coordinators_hear_when_access_is_at_risk_and_of_nothing_else() -> None:
    at_risk = [str(notice.kind) for notice in all_notices(BY_HAND) if notice.access_at_risk]
    assert at_risk == [
        "expires_in_15",
        "expires_in_4",
        "expires_today",
        "before_suspension",
        "suspended",
        "before_cancellation",
        "cancelled",
    ]
    assert not any(notice.access_at_risk for notice in all_notices(AUTOMATIC))


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.lists(st.integers(1, 90), max_size=30), st.sampled_from(Standing))
def test_however_the_job_runs_nothing_is_sent_twice_and_what_happened_is_never_missed(
    first: date, steps: list[int], standing: Standing
) -> None:
    facts = NoticeFacts(standing, Term.YEAR, START, END, failed=standing is Standing.AUTOMATIC)
    sent, after = [], first
    for days in steps:
        upto = after + timedelta(days=days)
        sent += notices_between(facts, after, upto)
        after = upto
    keys = [notice.key for notice in sent]
    assert len(keys) == len(set(keys))
    happened = {NoticeKind.EXPIRES_TODAY, NoticeKind.SUSPENDED, NoticeKind.CANCELLED}
    due = {notice.key for notice in all_notices(facts) if notice.kind in happened and first < notice.on <= after}
    assert due <= set(keys)


# --- tries and what is taken back --------------------------------------------------------------------------------------


def test_a_card_is_tried_on_four_days_of_grace() -> None:
    assert retry_days(END) == (END, date(2026, 1, 4), date(2026, 1, 8), date(2026, 1, 13))
    tried, on = [], END - timedelta(days=1)
    for days in range(30):
        today = END + timedelta(days=days)
        if retry_due(END, on, today):
            tried.append(today)
            on = today
    assert tuple(tried) == retry_days(END)


def test_a_late_job_tries_a_card_once_for_all_days_that_it_missed() -> None:
    late = date(2026, 1, 9)
    assert retry_due(END, END, late)
    assert not retry_due(END, late, late)
    assert not retry_due(END, late, date(2026, 1, 12))
    assert retry_due(END, late, date(2026, 1, 13))
    assert not retry_due(END, date(2026, 1, 13), date(2026, 2, 1))


def test_an_unpaid_addition_is_told_twice_and_taken_back_15_days_after_its_due_day() -> None:
    unpaid = Unpaid("F-7", date(2025, 6, 1))
    found = unpaid_notices(unpaid, date(2025, 6, 1), date(2025, 7, 1))
    assert [(str(notice.kind), notice.on, notice.key) for notice in found] == [
        ("unpaid_first", date(2025, 6, 2), "unpaid_first:F-7"),
        ("unpaid_second", date(2025, 6, 9), "unpaid_second:F-7"),
        ("taken_back", date(2025, 6, 16), "taken_back:F-7"),
    ]
    assert taken_back_on(unpaid) == date(2025, 6, 16)
    assert unpaid_notices(unpaid, date(2025, 5, 1), date(2025, 6, 1)) == ()
    assert [str(one.kind) for one in unpaid_notices(unpaid, date(2025, 6, 2), date(2025, 6, 9))] == ["unpaid_second"]
