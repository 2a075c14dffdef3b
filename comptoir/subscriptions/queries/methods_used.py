"""What is paid with a card or an account: fills `billing.MethodUse`, so that none goes that something renews with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from ..models import Subscription
from .states import not_cancelled


class MethodsUsed:
    """Which subscriptions renew with which method."""

    def used_by(self, organisation_id: int, method_ids: Sequence[int], on: date) -> Mapping[int, Sequence[str]]:
        """For each method that is used, its subscriptions by product and number; those that have ended no longer count."""
        rows = Subscription.objects.filter(organisation_id=organisation_id, paid_with__in=method_ids)
        found: dict[int, list[str]] = defaultdict(list)
        for method, product, number in (
            rows.filter(not_cancelled(on)).order_by("number").values_list("paid_with_id", "product__name", "number")
        ):
            found[method].append(f"{product} ({number})")
        return found
