"""How a subscription is paid: on invoice, by a saved card, or by direct debit. Never refused for country, plan, product."""

from collections.abc import Sequence
from datetime import date

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Subscription
from ..queries.availability import refuse_unless_available
from ..rules import Verb
from .effects import locked
from .ledger import begin_period

INVOICE = "invoice"


@action(Can.PAY)
def change_method(actor: Actor, subscription: Subscription, *, method: str, on: date) -> Subscription:
    """Pay from now on with `method`: `invoice`, or the id of a card or account that can be charged.

    What is ordered already is paid as it was ordered. Raises Refused `method_unknown`, `method_unchanged`, and the reasons
    of rules 8.
    """
    if not _change(actor, subscription, _charged_to(subscription, method, on), on):
        raise Refused("method_unchanged")
    return subscription


@action(Can.PAY)
def change_methods(actor: Actor, subscription: Subscription, *, also: Sequence[int], method: str, on: date) -> Subscription:
    """The same for several, `also` the ids of the others: all or nothing. Those that are paid so already stay.

    Raises Refused as `change_method`, and `not_allowed` for one of a contract that is not theirs.
    """
    to = _charged_to(subscription, method, on)
    changed = 0
    for row in locked([subscription.pk, *also]).values():
        if not actor.may(Can.PAY, row.contract_id):
            raise not_allowed(actor, Can.PAY, row.contract_id)
        changed += _change(actor, row, to, on)
    if not changed:
        raise Refused("method_unchanged")
    return subscription


@step
def _charged_to(subscription: Subscription, method: str, on: date) -> PaymentMethod | None:
    if method == INVOICE:
        return None
    found = chargeable(subscription.organisation_id, on)
    wanted = int(method) if method.isascii() and method.isdigit() and len(method) < 19 else 0
    if wanted not in found:
        raise Refused("method_unknown", field="method", status=422)
    return found[wanted]


@step
def _change(actor: Actor, subscription: Subscription, to: PaymentMethod | None, on: date) -> bool:
    begin_period(subscription, on)
    refuse_unless_available(actor, subscription, Verb.CHANGE_METHOD, on)
    kind = INVOICE if to is None else to.kind
    if (subscription.payment_method, subscription.paid_with_id) == (kind, to.pk if to else None):
        return False
    subscription.payment_method, subscription.paid_with = kind, to
    subscription.version += 1
    subscription.save(update_fields=["payment_method", "paid_with", "version"])
    record(Events.METHOD_CHANGED, subscription, on=on, method=kind)
    return True
