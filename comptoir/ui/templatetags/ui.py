"""Template tags of every page: money, days, numbers and names in the reader's language, icons, form controls.

{{ amount|money }}          1,882.33 EUR      1 882,33 EUR      the currency is always its code, after the amount
{{ day|day }}               12 March 2027     1er mars 2027
{{ day|day_short }}         12 Mar 2027       12 mars 2027
{{ moment|moment }}         21 November 2026, 14:05
{{ day|away:on }}           in 4 months       il y a 3 jours    `on` is the business day
{% when day on %}           <time> with both: 12 March 2027, in 4 months
{{ count|number }}          12,345            12 345
{{ ratio|percent }}         0.125 becomes 13% or 13 %
{{ "CH"|country_name }}     Switzerland       Suisse
{{ "fr"|language_name }}    French            français
{{ user_agent|browser }}    Firefox, Windows
{% part "ui/_footer.html" vendor=vendor %}   a template that knows nothing else; for the same values it is written once
{% rows "billing/invoices_rows.html" %}   the rows of a long list, by the quicker engine: see comptoir/ui/jinja.py
{% written as me %}…{% endwritten %}        what stands between, by a name
{% icon "calendar" %}       an icon of comptoir/ui/icons, hidden from screen readers
{% control field %}         the widget of a bound field, with its class and the ids of its help and errors
{% draw_timeline marks on as picture %}   {% share used owned as percent %}
"""

import functools
from collections.abc import Hashable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import NumberPattern, format_percent, parse_pattern
from django import template
from django.forms import BoundField
from django.template.context import Context
from django.template.defaultfilters import stringfilter
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from comptoir.ui import rules

register = template.Library()

ICONS = Path(__file__).resolve().parent.parent / "icons"
NO_BREAK = "\u00a0"
DAYS_OF = {"day": 1, "month": 30, "year": 365}


class Money(Protocol):
    """What the money filter needs of an amount: the decimal carries as many places as its currency has."""

    @property
    def decimal(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


@functools.lru_cache(maxsize=64)
def locale_of(language: str | None) -> Locale:
    """The locale of a language code. English is written as in Europe: 12 March 2027."""
    code = "en-GB" if language in (None, "en") else str(language)
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@functools.lru_cache(maxsize=16)
def _pattern(places: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * places if places else ""))


def _number(value: Decimal | int, places: int) -> str:
    return _written(value, places, get_language())


@functools.lru_cache(maxsize=8192)
def _written(value: Decimal | int, places: int, language: str | None) -> str:
    return str(_pattern(places).apply(value, locale_of(language)))


@register.filter
def money(value: Money | None) -> str:
    """An amount with its currency's code; nothing for no amount."""
    if value is None:
        return ""
    exponent = value.decimal.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{_number(value.decimal, places)}{NO_BREAK}{value.currency}"


@register.filter
def number(value: Decimal | int | None) -> str:
    """A number with its groups, with the decimal places it has."""
    if value is None:
        return ""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return _number(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0)


@register.filter
def percent(value: Decimal | float | None) -> str:
    """A ratio as a whole percentage: 0.125 is 13%, rounded half up."""
    if value is None:
        return ""
    rounded = (Decimal(str(value)) * 100).quantize(Decimal(1), rounding="ROUND_HALF_UP") / 100
    return format_percent(rounded, locale=locale_of(get_language()))


@register.filter
def day(value: date | None) -> str:
    """A day in words. French says "1er mars"."""
    return "" if value is None else _day(value.year, value.month, value.day, "long", get_language())


@register.filter
def day_short(value: date | None) -> str:
    """A day with a short month, for narrow places."""
    return "" if value is None else _day(value.year, value.month, value.day, "medium", get_language())


# Lists say the same few thousand days over and over; babel takes its time over each.
@functools.lru_cache(maxsize=8192)
def _day(year: int, month: int, day_of_month: int, style: Literal["long", "medium"], language: str | None) -> str:
    locale = locale_of(language)
    text = format_date(date(year, month, day_of_month), style, locale=locale)
    return f"1er{text[1:]}" if locale.language == "fr" and day_of_month == 1 else text


@register.filter
def month_letter(value: date) -> str:
    """A month on an axis: its short name."""
    return format_date(value, "MMM", locale=locale_of(get_language())).rstrip(".")


@register.filter
def month_name(value: date) -> str:
    """A month with its year: "March 2027", "mars 2027"."""
    return format_date(value, "MMMM y", locale=locale_of(get_language()))


@register.filter
def moment(value: datetime | None) -> str:
    """A day and a time of real life (sign-ins, logs), in the current time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local.date())}, {format_datetime(local, 'HH:mm', locale=locale_of(get_language()))}"


@register.filter
def away(value: date | None, on: date | None) -> str:
    """How far a day lies from the business day `on`: "in 4 months", "3 days ago", "today"."""
    if value is None or not isinstance(on, date):
        return ""
    count, unit = rules.distance(value, on)
    return _away(count, unit, get_language())


@functools.lru_cache(maxsize=2048)
def _away(count: int, unit: rules.Unit, language: str | None) -> str:
    named = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if unit == "day" and count in named:
        return named[count]
    # A threshold out of reach makes babel keep the unit that was chosen here.
    span = timedelta(days=count * DAYS_OF[unit])
    return format_timedelta(span, granularity=unit, threshold=10**9, add_direction=True, locale=locale_of(language))


@register.simple_tag
def when(value: date | None, on: date | None = None) -> SafeString:
    """A `<time>` with the day in words and, given the business day, how far away it is."""
    return mark_safe("") if value is None else _when(value, on, get_language())


@functools.lru_cache(maxsize=8192)
def _when(value: date, on: date | None, language: str | None) -> SafeString:
    far = "" if on is None else f'<span class="comma">, </span><span class="away">{escape(away(value, on))}</span>'
    return mark_safe(f'<time datetime="{value.isoformat()}">{escape(day(value))}{far}</time>')


@register.filter
@stringfilter
def country_name(code: str) -> str:
    """The country of an ISO 3166 code in the reader's language; the code itself if unknown."""
    return str(locale_of(get_language()).territories.get(code.upper(), code))


@register.filter
@stringfilter
def language_name(code: str) -> str:
    """The language of a code in the reader's language; the code itself if unknown."""
    try:
        wanted = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code
    return wanted.get_display_name(locale_of(get_language())) or code


@register.filter
@stringfilter
def browser(user_agent: str) -> str:
    """A browser as people call it: "Firefox, Windows"; what it says of itself if we don't know it."""
    return ", ".join(name for name in rules.browser_of(user_agent) if name) or user_agent[:60]


@functools.lru_cache(maxsize=256)
def _icon(name: str) -> SafeString:
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        raise template.TemplateSyntaxError(f"no icon {name!r}: add it to frontend/icons.txt and run frontend/vendor.mjs")
    return mark_safe(path.read_text(encoding="utf-8").strip())


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon written into the page. Raises TemplateSyntaxError if it is not vendored."""
    return _icon(name)


@register.simple_tag
def part(template_name: str, **told: Hashable) -> SafeString:
    """A part of the page that knows nothing but what it is told here: for the same values it is written once, and kept."""
    return _part(template_name, get_language(), timezone.get_current_timezone_name(), tuple(told.items()))


@functools.lru_cache(maxsize=512)
def _part(template_name: str, _language: str | None, _zone: str, told: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return mark_safe(get_template(template_name).render(dict(told)))


@register.simple_tag(takes_context=True)
def rows(context: Context, template_name: str) -> SafeString:
    """The rows of a list, by a template of `<context>/jinja2/` that knows all that the page knows."""
    told = {str(name): value for name, value in context.flatten().items()}
    return mark_safe(get_template(template_name, using="jinja2").render(told))


@register.simple_block_tag
def written(content: SafeString) -> SafeString:
    """What stands between, by a name: a part that a page shows twice is written once."""
    return content


CONTROL_CLASSES = {"checkbox": "form-check-input", "select": "form-select"}


@register.simple_tag
def control(field: BoundField, help: str = "") -> SafeString:
    """The widget of a bound field with the class of its kind, described by its help and its errors.

    `help` is the text that stands in for the field's own."""
    widget = field.field.widget
    attrs: dict[str, str | bool] = {}
    if not getattr(widget, "use_fieldset", False):
        kind = getattr(widget, "input_type", None) or ""
        own = widget.attrs.get("class", "")
        attrs["class"] = f"{own} {CONTROL_CLASSES.get(kind, 'form-control')}".strip()
    if help and not field.help_text:
        attrs["aria-describedby"] = f"{field.auto_id}_helptext {field.aria_describedby or ''}".strip()
    return field.as_widget(attrs=attrs)


@register.filter
def field_kind(field: BoundField) -> str:
    """checkbox, group (radios, several checkboxes) or plain: how the label stands to the control."""
    widget = field.field.widget
    if getattr(widget, "use_fieldset", False):
        return "group"
    return "checkbox" if getattr(widget, "input_type", "") == "checkbox" else "plain"


@register.simple_tag
def draw_timeline(marks: Iterable[rules.Mark], on: date) -> rules.Timeline:
    """The geometry of a timeline, see `rules.draw_timeline`."""
    return rules.draw_timeline(marks, on)


@register.simple_tag
def share(part: int, whole: int) -> str:
    """Percent of a whole as SVG wants it: a point, whatever the language."""
    return f"{rules.share(part, whole)}%"


@register.filter
def points(value: float) -> str:
    """A coordinate as SVG wants it: percent with a point, whatever the language."""
    return f"{value:.2f}%"


@register.filter
def pixels(value: float) -> str:
    """A length as SVG wants it: pixels with a point, whatever the language."""
    return f"{value:.1f}"
