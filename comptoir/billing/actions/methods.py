"""Payment methods: given on the provider's own page, removed here. We never see a card's number.

They are the whole customer's; who pays for one of its contracts may give and remove them.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Attempt, MethodSetup, PaymentMethod
from ..ports import Ports
from ..queries.payments import kinds_to_give
from ..rules.payments import UNDER_WAY


@action(Can.CHANGE_METHODS, step_up=True, anywhere=True)
def ask_for_method(actor: Actor, organisation: Organisation, *, kind: str, on: date) -> MethodSetup:
    """Begin a visit to the provider's page where a card or a mandate is given; a job asks for the page.

    Raises Refused `method_kind_unavailable`: no provider is connected, or it takes no such method in this currency.
    """
    if kind not in kinds_to_give(organisation.currency):
        raise Refused("method_kind_unavailable", params={"kind": kind}, field="kind", status=422)
    setup = MethodSetup.objects.create(
        organisation=organisation,
        kind=kind,
        provider=Ports.providers.chosen,
        reference=f"setup_{secrets.token_hex(16)}",
        asked_on=on,
        asked_by_id=actor.membership_id,
    )
    record(Events.METHOD_ASKED, setup, on=on, method_kind=kind)
    enqueue("billing.set_up", organisation_id=organisation.pk, setup=setup.pk)
    return setup


@action(Can.CHARGE)
def open_page(actor: Actor, setup: MethodSetup, *, provider_ref: str, url: str, on: date) -> MethodSetup:
    """Note where the provider's page is."""
    if setup.state == MethodSetup.State.ASKED:
        setup.state, setup.provider_ref, setup.url = MethodSetup.State.OPEN, provider_ref, url
        setup.save(update_fields=["state", "provider_ref", "url"])
    record(Events.METHOD_PAGE_OPENED, setup, on=on, method_kind=setup.kind)
    return setup


@action(Can.CHARGE)
def add_method(actor: Actor, setup: MethodSetup, *, found: Mapping[str, Any], on: date) -> MethodSetup:
    """Take the method that was given on the provider's page: `customer_ref`, `token_ref`, `label`, `expires_on` (ISO or null)."""
    if setup.state != MethodSetup.State.DONE:
        method, _ = PaymentMethod.objects.get_or_create(
            organisation_id=setup.organisation_id,
            provider=setup.provider,
            token_ref=found["token_ref"],
            defaults={
                "kind": setup.kind,
                "customer_ref": found["customer_ref"],
                "label": found["label"],
                "expires_on": found["expires_on"] and date.fromisoformat(found["expires_on"]),
                "added_on": on,
                "added_by_id": setup.asked_by_id,
            },
        )
        setup.state, setup.method, setup.url = MethodSetup.State.DONE, method, ""
        setup.save(update_fields=["state", "method", "url"])
    record(Events.METHOD_ADDED, setup, on=on, method=str(found["label"]), payment_method=setup.method_id)
    return setup


@action(Can.CHARGE)
def give_up_setup(actor: Actor, setup: MethodSetup, *, on: date) -> MethodSetup:
    """Note that nobody gave a method."""
    if setup.state in {MethodSetup.State.ASKED, MethodSetup.State.OPEN}:
        setup.state, setup.url = MethodSetup.State.FAILED, ""
        setup.save(update_fields=["state", "url"])
    record(Events.METHOD_NOT_ADDED, setup, on=on, method_kind=setup.kind)
    return setup


@action(Can.CHANGE_METHODS, step_up=True, anywhere=True)
def remove_method(actor: Actor, method: PaymentMethod, *, on: date) -> PaymentMethod:
    """Remove a method, here and at its provider.

    Raises Refused `method_in_use`, naming what renews with it, `payment_running`, and `method_unknown` where it is gone.
    """
    if method.state != PaymentMethod.State.ACTIVE:
        raise Refused("method_unknown")
    if used := Ports.method_use.used_by(method.organisation_id, [method.pk], on).get(method.pk):
        raise Refused("method_in_use", params={"method": method.label, "names": tuple(used)})
    mine = Attempt.objects.filter(organisation_id=method.organisation_id, method=method, state__in=UNDER_WAY)
    if mine.exists():
        raise Refused("payment_running")
    method.state, method.removed_on = PaymentMethod.State.REMOVED, on
    method.save(update_fields=["state", "removed_on"])
    record(Events.METHOD_REMOVED, method, on=on, method=method.label)
    enqueue("billing.forget_method", organisation_id=method.organisation_id, method=method.pk)
    return method
