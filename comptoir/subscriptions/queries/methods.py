"""The ways in which a subscription can be paid, and how it is paid today."""

from datetime import date

from django.utils.translation import gettext as _

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable
from comptoir.kernel.actor import Actor
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import day

from ..models import Subscription
from .seats import subscription_of
from .states import method_words


def choices_for(actor: Actor, on: date) -> list[tuple[str, str]]:
    """On invoice, and each card or account of the customer that can be charged on that day: value and words."""
    found = chargeable(actor.customer_id, on)
    return [("invoice", _("On invoice, by bank transfer")), *((str(pk), _words(method)) for pk, method in found.items())]


def subscription_to_pay(actor: Actor, number: str) -> Subscription:
    """One subscription whose payment the actor looks after. Raises Subscription.DoesNotExist."""
    row = subscription_of(actor, number)
    if not actor.may(Can.PAY, row.contract_id):
        raise Subscription.DoesNotExist(number)
    return row


def method_now(subscription: Subscription) -> str:
    """How it is paid, in words."""
    if subscription.paid_with is not None:
        return _words(subscription.paid_with)
    return method_words()[subscription.payment_method]


def _words(method: PaymentMethod) -> str:
    told = f"{method_words()[method.kind]}, {method.label}"
    if method.expires_on is None:
        return told
    return _("%(method)s, good until before %(on)s") % {"method": told, "on": day(method.expires_on)}
