"""Where subscriptions stand, as conditions for the database and as words. The rule itself is `rules.lifecycle` (rules 6)."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from comptoir.kernel.calendar import Term, add_days

from ..models import Subscription
from ..rules import Lengths, State, state_of
from .delays import delayed, delayed_among


def lengths() -> Lengths:
    """The vendor's settings of rules 6."""
    return Lengths(grace=settings.GRACE_DAYS, suspended=settings.SUSPENDED_DAYS, suspended_month=settings.SUSPENDED_DAYS_MONTHLY)


def state_on(subscription: Subscription, on: date) -> State:
    """The state of one subscription on that day (rules 6)."""
    return states_on([subscription], on)[subscription.pk]


def states_on(rows: Sequence[Subscription], on: date) -> dict[int, State]:
    """The states of a customer's subscriptions on that day, by id (rules 6). A statement only where one is past grace."""
    days = {row.pk: (row.term, row.lapses_on, row.ended_on) for row in rows}
    return states_of_days(rows[0].organisation_id, days, on) if rows else {}


def states_of_days(organisation_id: int, days: Mapping[int, tuple[str, date, date | None]], on: date) -> dict[int, State]:
    """The same from term, `lapses_on` and `ended_on` of each, by id."""
    ends = lengths()
    found = {pk: _by_its_days(*its, on, ends) for pk, its in days.items()}
    past_grace = [pk for pk, state in found.items() if state in {State.SUSPENDED, State.CANCELLED}]
    return found | dict.fromkeys(delayed_among(organisation_id, past_grace, on), State.GRACE)


def _by_its_days(term: str, lapses_on: date, ended_on: date | None, on: date, ends: Lengths) -> State:
    if ended_on is not None and ended_on <= on:
        return State.CANCELLED
    return state_of(lapses_on, Term(term), on, lengths=ends)


def works(on: date, prefix: str = "") -> Q:
    """Everything works: active or in grace, where it stays while a delay that is not the customer's lasts (rules 6)."""
    in_time = Q(**{f"{prefix}lapses_on__gt": add_days(on, -lengths().grace)})
    return Q(**{f"{prefix}ended_on": None}) & (in_time | delayed(on, prefix))


def not_cancelled(on: date, prefix: str = "") -> Q:
    """Still there: active, in grace, or suspended."""
    ends = lengths()
    month = Q(**{f"{prefix}term": Term.MONTH, f"{prefix}lapses_on__gt": suspension_over(on, ends, ends.suspended_month)})
    other = ~Q(**{f"{prefix}term": Term.MONTH}) & Q(**{f"{prefix}lapses_on__gt": suspension_over(on, ends, ends.suspended)})
    return Q(**{f"{prefix}ended_on": None}) & (month | other | delayed(on, prefix))


def suspension_over(on: date, ends: Lengths, suspended: int) -> date:
    """What lapsed on this day or before is not even suspended any more, where suspension lasts so many days."""
    return add_days(on, -ends.grace - suspended)


def in_state(state: State, on: date) -> Q:
    """The subscriptions in that state on that day: `states_on` as a condition."""
    match state:
        case State.ACTIVE:
            return Q(lapses_on__gt=on, ended_on=None)
        case State.GRACE:
            return Q(lapses_on__lte=on) & works(on)
        case State.SUSPENDED:
            return ~works(on) & not_cancelled(on)
        case State.CANCELLED:
            return ~not_cancelled(on)
        case State.TRIAL:
            return Q(pk__in=[])


def state_words() -> dict[str, str]:
    """Each state as people say it."""
    return {
        State.ACTIVE: _("Active"),
        State.GRACE: _("In grace"),
        State.SUSPENDED: _("Suspended"),
        State.CANCELLED: _("Ended"),
        State.TRIAL: _("Trial"),
    }


STATE_KINDS = {State.ACTIVE: "good", State.GRACE: "warn", State.SUSPENDED: "danger", State.CANCELLED: "hollow", State.TRIAL: ""}


def term_words() -> dict[str, str]:
    """Each term as people say it."""
    return {Term.MONTH: _("Monthly"), Term.YEAR: _("Yearly"), Term.THREE_YEARS: _("3-yearly")}


def method_words() -> dict[str, str]:
    """Each payment method as people say it."""
    return {"card": _("Card"), "sepa": _("SEPA direct debit"), "invoice": _("On invoice")}


def period_words() -> dict[str, str]:
    """How a paid period came, as people say it."""
    return {
        "imported": _("Brought over from the old centre"),
        "purchase": _("Purchase"),
        "renewal": _("Renewal"),
        "extension": _("Alignment of payment dates"),
    }


def entry_words() -> dict[str, str]:
    """How seats came or went, as people say it."""
    return {
        "imported": _("Brought over from the old centre"),
        "purchase": _("Purchase"),
        "addition": _("Seats added"),
        "plan": _("Planned for the next renewal"),
        "renewal": _("Renewal"),
        "return": _("Returned"),
    }


def sale_words() -> dict[str, str]:
    """What an invoice sold, as people say it."""
    return {
        "purchase": _("Purchase"),
        "addition": _("Seats added"),
        "renewal": _("Renewal"),
        "alignment": _("Alignment of payment dates"),
    }
