"""Subscriptions that come from elsewhere: with the period that runs, and a ledger that starts with the seats they had."""

from collections.abc import Iterable, Mapping
from datetime import date

from comptoir.kernel.action import step
from comptoir.kernel.bulk import BATCH, Added, add_missing
from comptoir.subscriptions.models import Period, SeatEntry, Subscription


@step
def import_subscriptions(
    subscriptions: Iterable[Subscription], *, currencies: Mapping[int, str], first_given: Mapping[str, date]
) -> Added:
    """Add the subscriptions that are not here yet, by customer and number, each with its period and first ledger entry.

    Imported periods are kept as they are: the denominator is their own days. Their price stays 'not known' (rules 12):
    even where the price book reaches back, nothing says whether they were paid at the new or the renewal price, so the
    amount would be a guess. `currencies` is by customer; `first_given` names, by subscription number, a day on which a
    seat was already used: the ledger starts on it where it is earlier than the period.
    """
    told = list(subscriptions)
    added = add_missing(Subscription, ["organisation_id", "number"], told)
    new = [row for row in told if row.pk is not None]
    Period.objects.bulk_create((_period(row, currencies[row.organisation_id]) for row in new), batch_size=BATCH)
    SeatEntry.objects.bulk_create((_first_entry(row, first_given.get(row.number)) for row in new), batch_size=BATCH)
    return added


def _period(row: Subscription, currency: str) -> Period:
    return Period(
        organisation_id=row.organisation_id,
        subscription_id=row.pk,
        start=row.starts_on,
        end=row.renews_on,
        days=(row.renews_on - row.starts_on).days,
        term=row.term,
        kind=Period.Kind.IMPORTED,
        currency=currency,
    )


def _first_entry(row: Subscription, first_given: date | None) -> SeatEntry:
    return SeatEntry(
        organisation_id=row.organisation_id,
        subscription_id=row.pk,
        seq=1,
        on=min(row.starts_on, first_given or row.starts_on),
        kind=SeatEntry.Kind.IMPORTED,
        change_now=row.seats_now,
        change_at_renewal=row.seats_at_renewal,
        seats_now=row.seats_now,
        seats_at_renewal=row.seats_at_renewal,
    )
