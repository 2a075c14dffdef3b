"""One row in every table of plans, sales and renewal runs, for the tests of what the database refuses."""

from datetime import date

from comptoir.subscriptions import models as s
from tests.cast import Cast


def one_row_each(cast: Cast, on: date) -> None:
    """Atelier Nord plans one seat less and a longer term, wishes to align, and its last run held one renewal back."""
    nord = {"organisation": cast.nord}
    theirs = {**nord, "subscription": cast.subscription, "made_on": on}
    s.PlannedChange.objects.create(**theirs, field="seats", seats=-1)
    wish = s.AlignmentWish.objects.create(**nord, made_by_id=cast.camille.pk, made_on=on)
    s.WishedAlignment.objects.create(**nord, wish=wish, subscription=cast.subscription)
    order = s.Order.objects.filter(organisation=cast.nord).first()
    quoted = s.PriceQuote.objects.create(
        **nord, number="Q1", made_on=on, made_by_id=cast.camille.pk, expires_on=on, currency="EUR", order=order
    )
    promised = {"position": 1, "product": cast.sculpt, "term": "year", "seats": 1, "unit_minor": 1, "currency": "EUR"}
    s.PriceQuoteLine.objects.create(**nord, price_quote=quoted, **promised)
    s.CalendarFeed.objects.create(**nord, membership=cast.camille, digest="c", language="en", made_on=on)
    s.RenewalRun.objects.create(**nord, day=on)
    held = {"subscription": cast.subscription, "renews_on": on, "parked_on": on}
    s.Parked.objects.create(**nord, **held, findings=[], net_minor=1, currency="EUR")
