"""Amounts with the words of how they came about: the same on the preview, the order, the invoice and in mail."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.money import Money

from .templatetags.ui import day, money, number


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of `c-arithmetic`: the formula in words, its amount, and a quiet note under it."""

    words: str
    amount: Money
    note: str = ""


def seats_for_days(
    quantity: int,
    unit_price: Money,
    days: int,
    denominator: int,
    net: Money,
    *,
    start: date,
    end: date,
    item: str = "",
    kind: str = "",
    list_price: Money | None = None,
    promotion: str = "",
) -> Sum:
    """`3 seats × 280.00 EUR × 143 of 365 days`, for the days `[start, end)`; a full period needs no days.

    `kind` is that of a line (`what_for`), and `list_price` what a seat cost before the `promotion` of that name.
    """
    words = f"{_seats(quantity)} × {money(unit_price)}"
    if days != denominator:
        words += " × " + _("%(days)s of %(all)s days") % {"days": number(days), "all": number(denominator)}
    return Sum(words, net, _note(kind, item, start, end, list_price, promotion))


def what_for(kind: str) -> str:
    """What a line is for, in words: a kind of line of an order or invoice. Nothing for a kind that needs no word."""
    if kind.startswith("added_seats"):
        return _("Seats added")
    words = {
        "purchase": _("Purchase"),
        "renewal": _("Renewal"),
        "raised": _("Seats added at the renewal"),
        "alignment": _("Extension to the common date"),
    }
    return words.get(kind, "")


def seats_for_a_term(quantity: int, unit_price: Money, total: Money) -> Sum:
    """`7 seats × 250.00 EUR`."""
    return Sum(f"{_seats(quantity)} × {money(unit_price)}", total)


def tax_at(basis_points: int, tax: Money, treatment: str) -> Sum:
    """`VAT 20%`, with the sentence that an invoice without tax must carry."""
    rate = f"{basis_points // 100}" + (f"{_decimal_mark()}{basis_points % 100:02d}".rstrip("0") if basis_points % 100 else "")
    notes = {
        "tax_reverse_charge": _("Reverse charge: the customer accounts for the tax (Directive 2006/112/EC, article 196)."),
        "tax_outside": _("Outside the scope of VAT (Directive 2006/112/EC, article 44)."),
    }
    return Sum(_("VAT %(rate)s%%") % {"rate": rate}, tax, notes.get(treatment, ""))


def _seats(quantity: int) -> str:
    return ngettext("%(n)s seat", "%(n)s seats", quantity) % {"n": number(quantity)}


def _note(kind: str, item: str, start: date, end: date, list_price: Money | None, promotion: str) -> str:
    days = _("%(first)s to %(last)s") % {"first": day(start), "last": day(end - timedelta(days=1))}
    parts = [part for part in (what_for(kind), item, days) if part]
    if list_price is not None:
        parts.append(_("%(price)s before the promotion %(promotion)s") % {"price": money(list_price), "promotion": promotion})
    return ", ".join(parts)


def _decimal_mark() -> str:
    return number(Money(15, "EUR").decimal)[1:2]
