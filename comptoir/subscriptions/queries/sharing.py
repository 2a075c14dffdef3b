"""A subscription as the desk looks at how its licence is shared."""

from comptoir.kernel.actor import Actor

from ..models import Subscription


def shared_subscription(actor: Actor, number: str) -> Subscription:
    """One subscription of the customer inside of which the desk stands. Raises Subscription.DoesNotExist."""
    return Subscription.objects.select_related("product", "contract").get(organisation_id=actor.customer_id, number=number)
