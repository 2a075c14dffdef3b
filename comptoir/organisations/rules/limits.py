"""What each may order at once: pure."""

from collections.abc import Iterable


def spending_limit(own: int | None, of_roles: Iterable[int | None]) -> int | None:
    """The most that one order may come to without another's approval, in minor units and without tax; None: any sum.

    What was set for the person counts before what was set for a role. `of_roles` has one entry for each role through which
    the person may order, None where that role has no limit; the widest counts.
    """
    if own is not None:
        return own
    widest: int | None = None
    for limit in of_roles:
        if limit is None:
            return None
        widest = limit if widest is None else max(widest, limit)
    return widest


def beyond(net: int, limit: int | None) -> bool:
    """Whether an order of `net` minor units needs another's approval: a sum that is just the limit does not."""
    return limit is not None and net > limit
