"""Which notices fall on which day, when a card is tried again, when an unpaid line is taken back. Source: rules 6.

Every answer is a function of the days, so that a job that is late sends what it missed, and nothing twice.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Term, add_days

from .lifecycle import RULES_6, Lengths, lapse_of

AUTOMATIC_DAYS = (30, 7)
BY_HAND_DAYS = (90, 45, 30, 15, 4)
RETRY_DAYS = (0, 3, 7, 12)  # of grace
ENDS_DAYS = 90
LAPSE_DAYS = 4  # before suspension and before cancellation
UNPAID_DAYS = (1, 8)  # after the due day of an addition or alignment


class NoticeKind(StrEnum):
    """What a notice says; its code never changes."""

    RENEWS_IN_30 = "renews_in_30"
    RENEWS_IN_7 = "renews_in_7"
    RENEWED = "renewed"  # the receipt, sent with the renewal, on no day of its own
    EXPIRES_IN_90 = "expires_in_90"
    EXPIRES_IN_45 = "expires_in_45"
    EXPIRES_IN_30 = "expires_in_30"
    EXPIRES_IN_15 = "expires_in_15"
    EXPIRES_IN_4 = "expires_in_4"
    EXPIRES_TODAY = "expires_today"
    ENDS = "ends"  # the product can't be renewed
    PAYMENT_FAILED = "payment_failed"  # with each try
    BEFORE_SUSPENSION = "before_suspension"
    SUSPENDED = "suspended"
    BEFORE_CANCELLATION = "before_cancellation"
    CANCELLED = "cancelled"
    UNPAID_FIRST = "unpaid_first"
    UNPAID_SECOND = "unpaid_second"
    TAKEN_BACK = "taken_back"


ACCESS_AT_RISK = frozenset(
    {
        NoticeKind.EXPIRES_IN_15,
        NoticeKind.EXPIRES_IN_4,
        NoticeKind.EXPIRES_TODAY,
        NoticeKind.ENDS,
        NoticeKind.BEFORE_SUSPENSION,
        NoticeKind.SUSPENDED,
        NoticeKind.BEFORE_CANCELLATION,
        NoticeKind.CANCELLED,
        NoticeKind.TAKEN_BACK,
    }
)
_BEFOREHAND = frozenset(kind for kind in NoticeKind if kind.startswith(("renews_in", "expires_in", "before", "ends")))
_LAPSE = (NoticeKind.BEFORE_SUSPENSION, NoticeKind.SUSPENDED, NoticeKind.BEFORE_CANCELLATION, NoticeKind.CANCELLED)


class Standing(StrEnum):
    """What will become of, or became of, the renewal at the end of the last paid period."""

    AUTOMATIC = "automatic"  # the run will renew it
    BY_HAND = "by_hand"  # nobody has renewed it yet
    ENDS = "ends"  # it can't be renewed: no price
    UNPAID = "unpaid"  # renewed on an invoice that is still open


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A subscription as its notices see it, paid for the days `[start, end)`; an extension counts with what it extends.

    `invoice_due_on` is that of the open renewal invoice where the standing is `UNPAID`, and `end` then the old end.
    A failed automatic payment stands `AUTOMATIC` with `failed`.
    """

    standing: Standing
    term: Term
    start: date
    end: date
    invoice_due_on: date | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: `on` is the day it was due, `key` the same each time it is asked for, so that it is sent once."""

    kind: NoticeKind
    on: date
    key: str

    @property
    def access_at_risk(self) -> bool:
        """Whether software coordinators hear of it too, without amounts (rules 6)."""
        return self.kind in ACCESS_AT_RISK


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An addition or alignment whose invoice is not paid."""

    key: str
    due_on: date


def notices_between(facts: NoticeFacts, after: date, upto: date, lengths: Lengths = RULES_6) -> tuple[Notice, ...]:
    """The notices due after one day and up to another, in their order (rules 6).

    Only those that fall inside the period. What a late job missed is sent once, and not what is no longer true: of
    warnings beforehand only the last, none once the day itself has come. A failed payment is told with each try instead.
    """
    due = [notice for notice in all_notices(facts, lengths) if after < notice.on <= upto]
    told = [notice for notice in due if notice.kind != NoticeKind.PAYMENT_FAILED]
    return tuple(
        notice
        for place, notice in enumerate(told)
        if notice.kind not in _BEFOREHAND or (place == len(told) - 1 and not notice.on < facts.end <= upto)
    )


def all_notices(facts: NoticeFacts, lengths: Lengths = RULES_6) -> tuple[Notice, ...]:
    """Every notice that the facts lead to, in the order of their days, if nothing changes: the desk's preview."""
    found = [*_before_end(facts), *_lapsing(facts, lengths)]
    return tuple(sorted(found, key=lambda notice: notice.on))


def retry_days(end: date) -> tuple[date, ...]:
    """The days on which a card or account is tried: 0, 3, 7, 12 of grace (rules 6); the first try is the run's own."""
    return tuple(add_days(end, days) for days in RETRY_DAYS)


def retry_due(end: date, last_tried_on: date, today: date) -> bool:
    """Whether a try is due that the last one came before. A late job tries once, not once for each day it missed."""
    return any(last_tried_on < day <= today for day in retry_days(end))


def unpaid_notices(unpaid: Unpaid, after: date, upto: date, lengths: Lengths = RULES_6) -> tuple[Notice, ...]:
    """What is told of an unpaid addition or alignment: twice, on the day after its due day and a week later; then that it
    was taken back (rules 6)."""
    first, second = (add_days(unpaid.due_on, days) for days in UNPAID_DAYS)
    kinds = {
        NoticeKind.UNPAID_FIRST: first,
        NoticeKind.UNPAID_SECOND: second,
        NoticeKind.TAKEN_BACK: taken_back_on(unpaid, lengths),
    }
    return tuple(Notice(kind, on, f"{kind}:{unpaid.key}") for kind, on in kinds.items() if after < on <= upto)


def taken_back_on(unpaid: Unpaid, lengths: Lengths = RULES_6) -> date:
    """The day on which it is taken back by credit note: 15 days after its due day (rules 6)."""
    return add_days(unpaid.due_on, lengths.taken_back)


def _before_end(facts: NoticeFacts) -> list[Notice]:
    if facts.standing == Standing.AUTOMATIC:
        days = [(NoticeKind(f"renews_in_{days}"), days) for days in AUTOMATIC_DAYS]
    elif facts.standing == Standing.BY_HAND:
        days = [(NoticeKind(f"expires_in_{days}"), days) for days in BY_HAND_DAYS] + [(NoticeKind.EXPIRES_TODAY, 0)]
    elif facts.standing == Standing.ENDS:
        # told at once where 90 days before lies outside the period: it is the only word of it
        first = max(facts.start, add_days(facts.end, -ENDS_DAYS))
        return [_notice(facts, NoticeKind.ENDS, first), _notice(facts, NoticeKind.EXPIRES_TODAY, facts.end)]
    else:
        return []
    notices = [_notice(facts, kind, add_days(facts.end, -count)) for kind, count in days]
    return [notice for notice in notices if notice.on >= facts.start]


def _lapsing(facts: NoticeFacts, lengths: Lengths) -> list[Notice]:
    if facts.standing == Standing.AUTOMATIC and not facts.failed:
        return []
    lapse = lapse_of(facts.end, facts.term, facts.invoice_due_on, lengths)
    days = (add_days(lapse.suspended, -LAPSE_DAYS), lapse.suspended, add_days(lapse.cancelled, -LAPSE_DAYS), lapse.cancelled)
    notices = [_notice(facts, kind, on) for kind, on in zip(_LAPSE, days, strict=True)]
    if facts.failed:
        tries = enumerate(retry_days(facts.end), 1)
        notices += [Notice(NoticeKind.PAYMENT_FAILED, on, f"payment_failed:{facts.end}:{place}") for place, on in tries]
    return notices


def _notice(facts: NoticeFacts, kind: NoticeKind, on: date) -> Notice:
    return Notice(kind, on, f"{kind}:{facts.end.isoformat()}")
