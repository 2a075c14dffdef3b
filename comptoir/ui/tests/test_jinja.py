"""The rows of long lists: escaped, in the words of the pages, and with no name that nobody gave."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError, meta

from comptoir.kernel.money import Money
from tests.sources import HOUSE, shown

ROWS = sorted(HOUSE.glob("*/jinja2/*/*.html"))
ENGINES = ("django", "jinja2")
HOSTILE = "<script>alert('\"&')"  # without a slash, so that it may stand in an address too
DAYS = {"on", "today"}
NUMBERS = {"seats", "seats_after", "taken", "subscriptions", "minor", "member", "membership_id"}
AMOUNTS = {"net", "total", "left", "signed", "at_renewal"}


class _Word(str):
    """What somebody may have called anything: whatever is asked of it is hostile too, but where a day or a sum stands."""

    holds = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in DAYS or name.endswith("_on"):
            return date(2027, 3, 1)
        if name in NUMBERS:
            return 12345
        return Money(150, "EUR") if name in AMOUNTS else type(self)(HOSTILE)

    def __getitem__(self, _where: Any) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        yield from [type(self)(HOSTILE)] * 2 if self.holds else ()

    def __bool__(self) -> bool:
        return self.holds


class _Hollow(_Word):
    """The same where nothing holds, so that the other branches are said; only the list itself has a row."""

    holds = False


def _template(path: Path) -> Any:
    return engines["jinja2"].get_template(str(path.relative_to(path.parents[1])))


def _names(path: Path) -> set[str]:
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    return meta.find_undeclared_variables(env.parse(path.read_text())) - set(env.globals)


class _Rows(_Word):
    """The page's own list, or what holds it."""

    kind: type[_Word] = _Word

    def __getattr__(self, name: str) -> Any:
        return self if name in {"rows", "shown", "holders"} else super().__getattr__(name)

    def __iter__(self) -> Iterator[Any]:
        yield self.kind(HOSTILE)


class _HollowRows(_Rows):
    kind = _Hollow


LISTS = {"page", "rows", "lines", "found", "detail"}


@pytest.mark.parametrize("kinds", [(_Word, _Rows), (_Hollow, _HollowRows)], ids=["all of it", "none of it"])
@pytest.mark.parametrize("path", ROWS, ids=shown)
def test_whatever_stands_in_a_row_is_escaped(path: Path, kinds: tuple[type[_Word], type[_Rows]]) -> None:
    word, rows = kinds
    said = _template(path).render({name: (rows if name in LISTS else word)(HOSTILE) for name in _names(path)})
    assert said.count("<tr>") == said.count("</tr>") == 1
    assert said.count("&lt;script&gt;alert(&#39;&#34;&amp;&#39;)") > 2
    assert "<script" not in said
    assert "'" not in said


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("value|money", Money(188233, "EUR")),
        ("value|money", None),
        ("value|number", 12345),
        ("value|day", date(2027, 3, 1)),
        ("value|day_short", date(2027, 3, 1)),
        ("value|percent", Decimal("0.125")),
        ("value|moment", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("value", HOSTILE),
    ],
)
def test_a_filter_says_what_it_says_on_a_page(language: str, words: str, value: Any) -> None:
    with translation.override(language):
        on_a_page, in_a_row = (engines[name].from_string(f"{{{{ {words} }}}}").render({"value": value}) for name in ENGINES)
    assert in_a_row.replace("&#39;", "&#x27;").replace("&#34;", "&quot;") == on_a_page


@pytest.mark.parametrize(
    ("on_a_page", "in_a_row"),
    [
        ("{{ value|away:on }}", "{{ value|away(on) }}"),
        ("{% when value on %}", "{{ when(value, on) }}"),
        ("{% icon 'minus' %}", "{{ icon('minus') }}"),
        ("{% share 1 3 %}", "{{ share(1, 3) }}"),
        ("{{ word|urlencode:'' }}", "{{ word|urlencode('') }}"),
        ("{% url 'order' customer='C 1' number=word %}", "{{ url('order', customer='C 1', number=word) }}"),
        ("{% translate 'late' %}", "{{ _('late') }}"),
        (
            "{% blocktranslate with who=word %}Take {{ who }} out{% endblocktranslate %}",
            "{% trans who=word %}Take {{ who }} out{% endtrans %}",
        ),
    ],
)
def test_a_tag_says_what_it_says_on_a_page(on_a_page: str, in_a_row: str) -> None:
    told = {"value": date(2027, 3, 1), "on": date(2027, 1, 1), "word": "<b> & 100%"}
    said = {}
    for language in ("en", "fr"):
        with translation.override(language):
            page = engines["django"].from_string(on_a_page).render(told)
            said[language] = engines["jinja2"].from_string(in_a_row).render(told)
        assert said[language] == page != ""
    if "late" in in_a_row or "when" in in_a_row:
        assert said["fr"] != said["en"]


@pytest.mark.parametrize("path", ROWS, ids=shown)
def test_a_name_that_the_page_did_not_give_is_an_error(path: Path) -> None:
    with pytest.raises(UndefinedError):
        _template(path).render({})


def test_it_is_an_error_also_after_a_test_has_changed_how_pages_are_made(settings: Any) -> None:
    settings.TEMPLATES = [*settings.TEMPLATES]
    with pytest.raises(UndefinedError):
        _template(ROWS[0]).render({})


def test_rows_know_what_the_page_knows_and_are_not_escaped_again() -> None:
    text = "{% with base='/c/1/' lines=lines %}{% rows 'organisations/people_rows.html' %}{% endwith %}"
    told = dict.fromkeys(_names(HOUSE / "organisations/jinja2/organisations/people_rows.html"), "a word")
    said = engines["django"].from_string(text).render({**told, "lines": _Rows(HOSTILE)})
    assert said.startswith("<tr>")
    assert 'data-label="a word"' in said
    assert "&amp;lt;" not in said
