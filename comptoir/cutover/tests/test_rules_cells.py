"""Cells: prices, days, moments, addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from comptoir.cutover.rules.amount import COUNTRIES, CURRENCY_EXPONENTS, parse_minor
from comptoir.cutover.rules.calendar_day import parse_day, parse_moment
from comptoir.cutover.rules.finding import count_of, either, shown
from comptoir.cutover.rules.reading import usable_email


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("280.00", 2, 28000),
        ("280", 2, 28000),
        ("280,5", 2, 28050),
        ("1 234,50", 2, 123450),
        ("1\u202f234\u202f567,50", 2, 123456750),
        ("1'234.50", 2, 123450),
        ("1,234.50", 2, 123450),
        ("1.234,50", 2, 123450),
        ("-1.00", 2, -100),
        ("5020", 0, 5020),
        ("5020.00", 0, 5020),
        ("1.234", 3, 1234),
        ("0", 2, 0),
        ("1,234", 2, None),
        ("1.234", 2, None),
        ("1,234", 3, None),
        ("1,234", 0, None),
        ("5020.50", 0, None),
        ("1.005", 2, None),
        ("12 34", 2, None),
        ("=1+1", 2, None),
        ("1e5", 2, None),
        ("٣", 2, None),
        ("EUR 5", 2, None),
        (".5", 2, None),
        ("9" * 16, 2, None),
    ],
)
def test_prices_are_read_exactly_or_not_at_all(text: str, exponent: int, minor: int | None) -> None:
    assert parse_minor(text, exponent) == minor


def test_currencies_have_the_decimals_of_iso_4217() -> None:
    assert [CURRENCY_EXPONENTS[code] for code in ("EUR", "JPY", "KWD", "CLF", "ISK", "IQD")] == [2, 0, 3, 4, 0, 3]
    assert "XXX" not in CURRENCY_EXPONENTS
    assert len(COUNTRIES) == 249


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("2026-02-01", True, date(2026, 2, 1)),
        ("2026-02-01", False, date(2026, 2, 1)),
        ("01/02/2026", True, date(2026, 2, 1)),
        ("01/02/2026", False, date(2026, 1, 2)),
        ("2026-02-01T00:00:00Z", True, date(2026, 2, 1)),
        ("2026-02-01 13:00", True, None),
        ("30/02/2026", True, None),
        ("29/02/2024", True, date(2024, 2, 29)),
        ("25/03/2026", False, None),
        ("01/02/26", True, None),
        ("0001-01-01", True, None),
        ("9999-12-31", True, None),
        ("", True, None),
        ("tomorrow", True, None),
    ],
)
def test_days_are_read_exactly_or_not_at_all(text: str, day_first: bool, day: date | None) -> None:
    assert parse_day(text, day_first) == day


@pytest.mark.parametrize(
    ("text", "at", "with_zone"),
    [
        ("2026-07-15T17:12:00Z", datetime(2026, 7, 15, 17, 12, tzinfo=UTC), True),
        ("2026-07-15 17:12:00.25+02:00", datetime(2026, 7, 15, 15, 12, 0, 250_000, tzinfo=UTC), True),
        ("15/07/2026 01:12-0330", datetime(2026, 7, 15, 4, 42, tzinfo=UTC), True),
        ("15/07/2026 17:12", datetime(2026, 7, 15, 17, 12, tzinfo=UTC), False),
    ],
)
def test_moments_are_brought_to_utc(text: str, at: datetime, with_zone: bool) -> None:
    assert parse_moment(text, True) == (at, with_zone)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-07-15", "2026-07-15T24:00:00Z", "2026-07-15T10:60", "2026-07-15T10:00:61Z", "31/02/2026 10:00"),
        *("2026-07-15T10:00+15:00", "2026-07-15T10:00+02:60", "2026-07-15T10:00:00 CET"),
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert parse_moment(text, True) is None


@pytest.mark.parametrize("text", ["a@b.example", "A.B+c@Sub.Domain.example", "o'connor@x-y.example", "a@xn--caf-dma.fr"])
def test_usable_addresses(text: str) -> None:
    assert usable_email(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a at b.example", "a@b", "a@@b.example", "a@b..example", ".a@b.example", "a.@b.example"),
        *("a b@c.example", "a@-b.example", "a@b.example;c@d.example", "<a@b.example>", "é@b.example", "a@b.e"),
        *("a@b.example\n", "a\x00@b.fr", "x" * 65 + "@b.example", "a@" + "b." * 130 + "example", "=a()@b.example"),
    ],
)
def test_unusable_addresses(text: str) -> None:
    assert not usable_email(text)


def test_sentences_quote_cells_safely() -> None:
    assert shown("a\x1b[31m\nb") == "“a�[31m�b”"
    assert len(shown("x" * 5000)) == 62
    assert either(("month", "year", "3years")) == "month, year or 3years"
    assert either(["one"]) == "one"
    assert (count_of(1, "row"), count_of(1200, "row")) == ("1 row", "1,200 rows")
