"""When somebody is reminded of what they are to install."""

from datetime import date

from comptoir.kernel.calendar import add_days

AHEAD = 3  # days before the deadline


def reminder_day(assigned_on: date, deadline: date) -> date | None:
    """The day of the one reminder: three days before the deadline, the day after the asking if that is later.

    None: the deadline comes too soon for another mail.
    """
    day = max(add_days(deadline, -AHEAD), add_days(assigned_on, 1))
    return day if day <= deadline else None
