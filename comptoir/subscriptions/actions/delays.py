"""What follows where a delay that kept a subscription in grace is over, and it was not renewed (rules 6)."""

from collections.abc import Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.recording import record

from ..queries.states import states_on
from ..rules import State
from .effects import locked


@step
def tell_ended_delays(subscriptions: Sequence[int], on: date) -> None:
    """Tell the log of those that are past grace at once: their days went by meanwhile, so no night will."""
    rows = locked(sorted(set(subscriptions)))
    for pk, state in states_on(list(rows.values()), on).items():
        if state in {State.SUSPENDED, State.CANCELLED} and rows[pk].ended_on is None:
            record(Events.SUBSCRIPTION_LAPSED, rows[pk], on=on, state=state, since=on)
