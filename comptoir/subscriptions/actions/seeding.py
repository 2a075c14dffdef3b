"""Made-up subscriptions in bulk, each with the periods that were paid and a ledger that begins with its purchase."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from comptoir.kernel.action import step
from comptoir.kernel.bulk import BATCH, copy_new
from comptoir.subscriptions.models import Period, SeatEntry, Subscription


@dataclass(frozen=True, slots=True)
class Bought:
    """A subscription that has no row yet, with its periods, oldest first; the last one is its running one."""

    subscription: Subscription
    periods: Sequence[Period]


@step
def seed_subscriptions(bought: Iterable[Bought]) -> list[int]:
    """Write them all, a batch at a time, and return their ids in the order given. None of them may be there."""
    return [pk for batch in _batches(bought) for pk in _write(batch)]


def _batches(bought: Iterable[Bought]) -> Iterator[list[Bought]]:
    rows = iter(bought)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _write(batch: Sequence[Bought]) -> list[int]:
    made = [each.subscription for each in batch]
    copy_new(made)
    for each in batch:
        for period in each.periods:
            period.organisation_id, period.subscription_id = each.subscription.organisation_id, each.subscription.pk
    copy_new([period for each in batch for period in each.periods])
    copy_new([_first_entry(row) for row in made])
    return [row.pk for row in made]


def _first_entry(row: Subscription) -> SeatEntry:
    return SeatEntry(
        organisation_id=row.organisation_id,
        subscription_id=row.pk,
        seq=1,
        on=row.starts_on,
        kind=SeatEntry.Kind.PURCHASE,
        change_now=row.seats_now,
        change_at_renewal=row.seats_at_renewal,
        seats_now=row.seats_now,
        seats_at_renewal=row.seats_at_renewal,
    )
