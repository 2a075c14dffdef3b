"""The bare list of the house's customers, for work that goes over all of them."""

from collections.abc import Iterator

from .models import Roster


def every_customer(at_once: int) -> Iterator[list[int]]:
    """The ids of all customers, so many at once, in their order. One statement for each part."""
    last = 0
    while ids := list(Roster.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:at_once]):
        yield ids
        last = ids[-1]
