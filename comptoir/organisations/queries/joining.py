"""Who asks to join, and which domains a customer lists."""

from collections.abc import Sequence

from comptoir.kernel.actor import Actor
from comptoir.kernel.prepared import Prepared

from ..models import EmailDomain, JoinRequest


def domains_of(actor: Actor) -> list[EmailDomain]:
    """The domains that the actor's customer lists, by name."""
    return list(EmailDomain.objects.filter(organisation_id=actor.customer_id).order_by("domain"))


def domain(actor: Actor, pk: int) -> EmailDomain:
    """One of them. Raises EmailDomain.DoesNotExist."""
    return EmailDomain.objects.get(organisation_id=actor.customer_id, pk=pk)


def wishes_of(actor: Actor) -> list[JoinRequest]:
    """Who asks to join the actor's customer and waits, the oldest first."""
    return _WISHES.all(customer=actor.customer_id)


_WISHES: Prepared[JoinRequest] = Prepared(
    lambda customer: JoinRequest.objects.filter(organisation_id=customer, state=JoinRequest.State.OPEN).order_by("pk")[:200],
    customer=int,
)


def wish(actor: Actor, pk: int) -> JoinRequest:
    """One request to join. Raises JoinRequest.DoesNotExist."""
    return JoinRequest.objects.get(organisation_id=actor.customer_id, pk=pk)


def customers_that_list(person_id: int) -> Sequence[int]:
    """The customers that list the domain of the person's own address. Needs the person's wall; nothing of them is told."""
    return list(EmailDomain.objects.order_by("pk").values_list("organisation_id", flat=True)[:20])
