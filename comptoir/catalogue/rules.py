"""What a buyer compares: terms against each other, and a renewal told beforehand. Source: rules 2 (P3, P7, P8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money

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
