"""Countries of ISO 3166, and the one currency that the vendor sells in to each of them (rules 2)."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies
from django.conf import settings

# what the tables of locales name beside countries: groups of them, islands of one, and what stands for nothing
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@lru_cache(maxsize=8)
def countries(language: str) -> Sequence[tuple[str, str]]:
    """Every country as (code, name in that language), by name."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    named = [(code, name) for code, name in locale.territories.items() if is_country(code)]
    return tuple(sorted(named, key=lambda pair: plain(pair[1])))


def is_country(code: str) -> bool:
    """Whether that is the code of a country."""
    known = len(code) == 2 and code.isascii() and code.isupper() and code.isalpha()
    return known and code not in _NO_COUNTRIES and code in Locale("en").territories


def currency_of(country: str, on: date) -> str:
    """What the vendor sells in there: the country's own currency where prices are published in it, else the first of all."""
    offered: Sequence[str] = settings.CURRENCIES
    own = _currencies_of(country, on) if is_country(country) else ()
    return next((currency for currency in own if currency in offered), offered[0])


@lru_cache(maxsize=512)
def _currencies_of(country: str, on: date) -> tuple[str, ...]:
    return tuple(get_territory_currencies(country, start_date=on, end_date=on, tender=True))


def country_of_languages(accepted: str) -> str:
    """The first country that a browser's languages name ("fr-CH,fr;q=0.9": CH); empty if none."""
    for part in accepted[:200].split(","):
        tag = part.partition(";")[0].strip().replace("_", "-")
        for piece in tag.split("-")[1:]:
            if is_country(piece.upper()):
                return piece.upper()
    return ""


def plain(name: str) -> str:
    """A name without accents and capitals, to sort by."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign))
