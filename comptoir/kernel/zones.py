"""Time zones that people choose from: one for each place, by country and city in their language."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from .countries import plain

NOWHERE = ("001", "ZZ")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of the zones, other names of one place left out, as the IANA database has them."""
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    return frozenset(zone for zone in available_timezones() & set(territories) if zone not in aliases)


@lru_cache(maxsize=8)
def zone_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Each zone with its country and city in that language, in the order of these."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return tuple(sorted(((zone, _place(zone, locale)) for zone in zones()), key=lambda told: plain(told[1])))


def zone_name(zone: str, language: str) -> str:
    """A zone's country and city in that language; the zone itself where it is none of those on offer."""
    return dict(zone_choices(language)).get(zone, zone)


def _place(zone: str, locale: Locale) -> str:
    if zone.startswith("Etc/"):  # of no country; its name counts against the sun: "Etc/GMT-3" is three hours ahead
        hours = zone.removeprefix("Etc/GMT")
        return f"UTC{hours.translate({ord('+'): '−', ord('-'): '+'})}" if hours[:1] in {"+", "-"} else zone.removeprefix("Etc/")
    territory = get_global("zone_territories")[zone]
    country = "" if territory in NOWHERE else locale.territories.get(territory, "")
    told = locale.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
    return f"{country} ({told})" if country else told
