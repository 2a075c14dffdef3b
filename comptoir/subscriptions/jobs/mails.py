"""Mails about subscriptions. Each job writes a mail once, however often it runs."""

from collections.abc import Iterable

from comptoir.kernel import mail
from comptoir.kernel.action import VERBS
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.jobs import job
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.models import Membership, Organisation
from comptoir.organisations.queries import members_by_id, who_looks_after, who_may
from comptoir.permissions import Can, Role

from ..models import Order
from ..queries.requests import title_of


@job("subscriptions.tell_seats_added")
def tell_seats_added(actor: Actor, *, order_id: int) -> None:
    """Contract managers and payers hear with amounts, software coordinators without (rules 6, 7)."""
    order = (
        Order.objects.select_related("subscription__product", "organisation")
        .prefetch_related("lines", "invoices__invoice")
        .get(pk=order_id)
    )
    subscription, invoice = order.subscription, order.invoices.all()[0].invoice
    if subscription is None or order.contract_id is None:
        raise HouseRule(f"order {order.number} added seats to no one subscription")
    told = {"order": order, "subscription": subscription, "customer": order.organisation, "invoice": invoice}
    with_amounts = who_may(actor, (Role.CONTRACT_MANAGER, Role.PAYER), order.contract_id)
    without = who_may(actor, (Role.SOFTWARE_COORDINATOR,), order.contract_id)
    seen = {member.pk for member in with_amounts}
    for member in with_amounts:
        write_to(member, "subscriptions/mail/seats_added", {**told, "amounts": True}, once=f"seats-added:{order.pk}:{member.pk}")
    for member in (member for member in without if member.pk not in seen):
        write_to(member, "subscriptions/mail/seats_added", {**told, "amounts": False}, once=f"seats-added:{order.pk}:{member.pk}")


@job("subscriptions.tell_asked")
def tell_asked(actor: Actor, *, asked_id: int) -> None:
    """Those who may approve hear that somebody asks."""
    asked = AskedVerb.objects.get(pk=asked_id)
    told = _about(actor, asked)
    found = {member.pk: member for member in who_may(actor, _deciders(asked), asked.contract_id)}
    if asked.verb in VERBS:
        found |= {member.pk: member for member in who_looks_after(actor, asked.asked_by_id, VERBS[asked.verb].can)}
    for member in found.values():
        if member.pk == asked.asked_by_id:
            continue
        write_to(member, "subscriptions/mail/asked", told, once=f"asked:{asked.pk}:{member.pk}")


@job("subscriptions.tell_decided")
def tell_decided(actor: Actor, *, asked_id: int) -> None:
    """Whoever asked hears what became of it."""
    asked = AskedVerb.objects.get(pk=asked_id)
    told = _about(actor, asked)
    asker = told["asker"]
    if isinstance(asker, Membership) and asker.left_on is None:
        write_to(asker, "subscriptions/mail/decided", told, once=f"decided:{asked.pk}:{asker.pk}")


def _deciders(asked: AskedVerb) -> Iterable[Role]:
    """The roles that may run what is asked for."""
    runs = VERBS[asked.verb].can.reach_of if asked.verb in VERBS else Can.DECIDE_REQUESTS.reach_of
    return [role for role, reach in Can.DECIDE_REQUESTS.reach_of.items() if reach == "x" and runs[role] == "x"]


def _about(actor: Actor, asked: AskedVerb) -> dict[str, object]:
    people = members_by_id(actor, [asked.asked_by_id, asked.decided_by_id or 0])
    return {
        "asked": asked,
        "asker": people.get(asked.asked_by_id),
        "decider": people.get(asked.decided_by_id or 0),
        "customer": Organisation.objects.get(pk=actor.customer_id),
        "title": lambda: title_of(actor, asked),  # in the language of whoever reads
    }


def write_to(member: Membership, template: str, told: dict[str, object], *, once: str, attached: str = "") -> None:
    """Write a mail to a member in their language; `once` is the key that makes it one, however often the job runs."""
    person = member.person
    to = mail.Recipient(person.pk, person.email, member.name, person.language)
    mail.write(to, template, told, once=once, organisation_id=member.organisation_id, attached=attached)
