"""What a buyer compares: terms against each other, and a renewal told beforehand. Source: rules 2 (P3, P7, P8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Term, add_days
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

LEAD_DAYS = 90  # so that no notice of a renewal is ever wrong
MONTHS_OF_YEAR, MONTHS_OF_THREE = Term.YEAR.months, Term.THREE_YEARS.months


@dataclass(frozen=True, slots=True)
class Prices:
    """The two prices of one term, per seat, without tax. None: not sold, or not renewed, in this term."""

    new: Money | None
    renewal: Money | None


@dataclass(frozen=True, slots=True)
class TermOffer:
    """One term of a product beside the others. Amounts are per seat, without tax.

    `monthly` is the price spread over the months of the term. `shorter` is what the same months cost by the next shorter
    term that is sold, `times` of it; `saved` is the difference, and None where nothing is saved. The first of the shorter
    terms is bought new and each later one renewed in time, so that the comparison is what one would really pay.
    """

    term: Term
    new: Money
    renewal: Money | None
    monthly: Money
    shorter: Term | None = None
    times: int = 0
    shorter_first: Money | None = None
    shorter_next: Money | None = None
    shorter_total: Money | None = None
    saved: Money | None = None

    @property
    def dearer(self) -> Money | None:
        """What it costs more than the same months by the shorter term; None where it does not."""
        if self.shorter_total is None or self.new.minor <= self.shorter_total.minor:
            return None
        return self.new - self.shorter_total


def compare_terms(book: Mapping[Term, Prices]) -> tuple[TermOffer, ...]:
    """Every term that is sold, the shortest first, each compared with the next shorter one (rules 2)."""
    offers: list[TermOffer] = []
    for term in Term:
        prices = book.get(term)
        if prices is None or prices.new is None:
            continue
        offers.append(_offer(term, prices.new, prices.renewal, offers[-1] if offers else None))
    return tuple(offers)


def _offer(term: Term, new: Money, renewal: Money | None, before: TermOffer | None) -> TermOffer:
    monthly = new.prorate(1, term.months)
    if before is None or before.renewal is None:
        return TermOffer(term, new, renewal, monthly)
    times = term.months // before.term.months
    total = before.new + before.renewal * (times - 1)
    saved = total - new
    return TermOffer(
        term,
        new,
        renewal,
        monthly,
        shorter=before.term,
        times=times,
        shorter_first=before.new,
        shorter_next=before.renewal,
        shorter_total=total,
        saved=saved if saved.minor > 0 else None,
    )


def cheapest_month(offers: Sequence[TermOffer]) -> Money | None:
    """The least that a seat costs a month, over all terms; None where nothing is sold."""
    return min((offer.monthly for offer in offers), default=None)


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be written into the price book: both prices per seat in minor units, from a day on."""

    term: Term
    new: int | None
    renewal: int | None
    valid_from: date


def refuse_wrong_line(line: NewLine, renewal_before: int | None, days_taken: Sequence[date], today: date) -> None:
    """Raise Refused for a line that the book can't take (rules 2).

    `renewal_before` is the renewal price that would count on its day without it. A renewal price that rises, or ends, needs 90
    days' lead: notices already sent must stay true.
    """
    if line.new is None and line.renewal is None:
        raise Refused("price_needs_an_amount", field="new", status=422)
    if line.term == Term.MONTH and line.new != line.renewal:
        raise Refused("price_of_month_differs", field="renewal", status=422)
    if line.valid_from < today:
        raise Refused("price_in_the_past", params={"today": today}, field="valid_from", status=422)
    if line.valid_from in days_taken:
        raise Refused("price_day_taken", params={"day": line.valid_from}, field="valid_from", status=422)
    dearer = renewal_before is not None and (line.renewal is None or line.renewal > renewal_before)
    earliest = add_days(today, LEAD_DAYS)
    if dearer and line.valid_from < earliest:
        raise Refused(
            "renewal_price_needs_lead", params={"earliest": earliest, "days": LEAD_DAYS}, field="valid_from", status=422
        )
