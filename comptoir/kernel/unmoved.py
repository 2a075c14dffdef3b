"""What was worked out over all of a customer's rows is kept as long as the customer's log has not moved.

Every change of a customer's rows is recorded in its log in the same transaction ("no event, no commit"), and each line holds
a hash over all the lines before it. So while the newest hash is the same, so are the rows: nothing has to be told to forget.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from .actor import Actor
from .models import Chain
from .prepared import Prepared
from .recording import chain_of, running

MOST = 1_000  # values that a process keeps

Value = TypeVar("Value")
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()
_HEAD: Prepared[Chain] = Prepared(lambda chain: Chain.objects.filter(chain=chain).values_list("hash"), chain=str)


def kept_while_unmoved(actor: Actor, what: tuple[Hashable, ...], work_out: Callable[[], Value]) -> Value:
    """The value of `work_out`, which may be kept from before. One query where it is.

    `what` names all that it depends on beside the rows of the actor's customer: which figure, the day, what the actor may
    see. Only for values that nobody changes. Never kept: what an action sees while it runs.
    """
    found = _HEAD.all(chain=chain_of(actor.customer_id, None))
    head = found[0][0] if found else ""
    if running.get() is not None:
        return work_out()
    return kept_at(head, what, work_out)


def kept_at(head: str, what: tuple[Hashable, ...], work_out: Callable[[], Value]) -> Value:
    """The same where the newest hash of a log is known already: a customer's, or the house's. No query where it is kept."""
    if not head:
        return work_out()
    key = (head, what)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            kept: Value = _kept[key]
            return kept
    value = work_out()
    with _lock:
        _kept[key] = value
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return value
