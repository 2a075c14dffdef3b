"""`{% rows %}` says what `{% for %}` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.utils import translation
from django.utils.safestring import mark_safe

from comptoir.ui.templatetags import rows


class _Named:
    def __init__(self, name: str) -> None:
        self.name = name
        self.parts = {"one": {"two": name}, "list": [name, "b"]}

    def said(self) -> str:
        return f"said {self.name}"

    def asks(self, what: str) -> str:
        return what

    @property
    def broken(self) -> str:
        raise ValueError("a part that can't be told")

    def __str__(self) -> str:
        return f"<{self.name}>"


@dataclass(frozen=True)
class _Slotted:
    name: str
    day: date = date(2027, 3, 1)


class _ByName:
    name = "not this one"

    def __getitem__(self, what: str) -> str:
        if what != "name":
            raise KeyError(what)
        return "by its name"


ITEMS: list[Any] = [
    {"name": "Ann & Bob <b>", "seats": 12345, "price": Decimal("0.50"), "day": date(2027, 3, 1), "roles": ["a", "<b>", "c"]},
    {"name": mark_safe("<i>trusted</i>"), "seats": 0, "price": None, "day": None, "roles": [], "items": "a key"},
    {"name": None, "seats": -1, "roles": ({"word": "x"}, {"word": "y"}), "on": True, "pairs": [(1, 2), (3, 4)]},
    _Named("named"),
    _Slotted("slotted"),
    _ByName(),
    "a word",
    7,
    ("first", "second"),
]
BODIES = [
    "",
    "words",
    "{{ each }}",
    "{{ each.name }}|{{ each.missing }}|{{ each.seats }}",
    "{{ each.parts.one.two }} {{ each.parts.list.1 }} {{ each.0 }}",
    "{{ each.said }} {{ each.asks }} {{ each.items }} {{ each.title }}",
    "{% if each.seats %}{{ each.seats|number }}{% endif %}",
    "{% if each.day %}{{ each.day|day }} {{ each.day|away:today }}{% endif %}{{ each.day|date:'Y' }}",
    "{{ each.name|upper }} {{ each.name|safe }} {{ each.name|urlencode:'' }} {{ each.name|cut:' ' }}",
    "{{ each.name|linebreaksbr }} {{ each.seats|add:2 }} {{ each.seats|default:label }} {{ each.price|default:0 }}",
    "{% if each.roles %}{{ label|default:each.name }} {{ each.roles|length }} {{ each.roles|join:label }}{% endif %}",
    "{% if each.seats %}{{ number|floatformat:each.seats }}{{ each.name|default:each.seats }}{% endif %}",
    "{{ label }} {{ missing }} {{ nested.word }} {{ trusted }} {{ today }} {{ number }} {{ 'a literal' }} {{ _('Search') }}",
    "{% if each.name %}named{% elif each.seats %}{{ each.seats }}{% else %}neither{% endif %}",
    "{% if each.seats > 3 and not each.on or each.name == 'slotted' %}yes{% endif %}{% if each.name in label %}in{% endif %}",
    "{% if label %}{{ label }}: {{ each.name }}{% endif %}{% if missing %}never{% else %}always{% endif %}",
    "{% if nothing %}a{% elif each.on %}b{% elif label %}c{% else %}d{% endif %}{% if nothing %}{% endif %}",
    "{% if each.name|length > number %}long{% endif %}{% if each.day|default:missing.word %}day{% endif %}",
    "{% if label|default:missing.word|add:nothing.word %}x{% endif %}",
    "{% for role in each.roles %}{{ role.word }}{{ role }}{% if not forloop.last %},{% endif %}{% empty %}none{% endfor %}",
    "{% for role in each.roles %}{{ forloop.counter }}/{{ forloop.parentloop.counter }} {{ each.name }}{% endfor %}",
    "{% for a in nested.list %}{{ a }}{{ each.name }}{% for b in each.roles %}{{ a }}{{ b }}{% endfor %}{% endfor %}",
    "{% for role in each.roles reversed %}{{ role }}{% endfor %}{% for a, b in each.pairs %}{{ a }}{{ b }}{% endfor %}",
    "{{ forloop.counter }} {{ forloop.revcounter0 }} {{ forloop.first }} {% if forloop.last %}last{% endif %}",
    "{% translate 'Search' %} {% translate label %} {% if each.name %}{% translate each.name %}{% endif %}",
    "{% blocktranslate with n=each.name %}{{ n }}!{% endblocktranslate %}{% translate 'System' context 'theme' %}",
    "{% icon 'search' %}{% if each.day %}{% when each.day on=today %}{% endif %}{% when today %}",
    "{% if each.seats %}{% url 'home' customer=each.seats %} {% url 'home' customer='a&b' %}{% endif %}",
    "{% if each.seats %}{% share each.seats 100 %}{% endif %}{% share 1 2 %}",
    "{% with n=each.name %}{{ n }}{% endwith %}{% ifchanged each.name %}new{% endifchanged %}{% cycle 'odd' 'even' %}",
    "{% include 'ui/_mark.html' %}{% comment %}{{ each }}{% endcomment %}{# nothing #}",
    "{% autoescape off %}{{ each.name }}{% endautoescape %}{% spaceless %}<p> {{ each.name }} </p> <p></p>{% endspaceless %}",
]


@pytest.fixture(params=["en", "fr"])
def context(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    told = {"items": ITEMS, "label": "a <label> & slotted", "today": date(2027, 1, 1), "number": 3}
    told |= {"nothing": "", "nested": {"word": "<w>", "list": [1, 2]}, "trusted": mark_safe("<b>"), "each": "outside"}
    with translation.override(request.param):
        yield told


def _written(text: str, told: dict[str, Any], *, autoescape: bool = True) -> str:
    template = engines["django"].from_string(text).template  # type: ignore[attr-defined]
    return str(template.render(Context(told, autoescape=autoescape)))


@pytest.mark.parametrize("autoescape", [True, False])
@pytest.mark.parametrize("body", BODIES)
def test_rows_say_what_the_engines_loop_says(body: str, context: dict[str, Any], autoescape: bool) -> None:
    rows_ = _written(f"{{% rows items as each %}}<p>{body}</p>{{% endrows %}}", context, autoescape=autoescape)
    assert rows_ == _written(f"{{% for each in items %}}<p>{body}</p>{{% endfor %}}", context, autoescape=autoescape)
    assert rows_.count("<p>") >= len(ITEMS)


@pytest.mark.parametrize("items", ["missing", "nothing", "one_by_one"])
def test_a_list_may_be_missing_empty_or_told_one_by_one(items: str, context: dict[str, Any]) -> None:
    told = {**context, "one_by_one": (letter for letter in "ab")}
    assert _written(f"{{% rows {items} as each %}}{{{{ each }}}};{{% endrows %}}", told) == (
        "a;b;" if items == "one_by_one" else ""
    )


def test_rows_inside_of_a_loop_know_it(context: dict[str, Any]) -> None:
    rows_ = "{% rows items as each %}{{ outer }}{{ forloop.parentloop.counter }}{% endrows %}"
    loop = "{% for each in items %}{{ outer }}{{ forloop.parentloop.counter }}{% endfor %}"
    both = [_written(f"{{% for outer in nested.list %}}{inside}{{% endfor %}}", context) for inside in (rows_, loop)]
    assert both[0] == both[1]


def test_what_follows_the_rows_does_not_know_the_last_one(context: dict[str, Any]) -> None:
    assert _written("{% rows items as each %}{% endrows %}{{ each }}", context) == "outside"


def test_a_part_that_breaks_breaks_the_page_as_in_a_loop() -> None:
    for loop in (
        "{% rows items as each %}{{ each.broken }}{% endrows %}",
        "{% for each in items %}{{ each.broken }}{% endfor %}",
    ):
        with pytest.raises(ValueError, match="can't be told"):
            _written(loop, {"items": [_Named("x")]})


@pytest.mark.parametrize(
    "text",
    [
        "{% rows items %}{% endrows %}",
        "{% rows items with each %}{% endrows %}",
        "{% rows items as each %}{% translate 'Search' as word %}{% endrows %}",
        "{% rows items as each %}{% url 'front' as address %}{% endrows %}",
        "{% rows items as each %}{% share 1 2 as percent %}{% endrows %}",
    ],
)
def test_rows_that_could_not_be_written_so_are_refused(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string(text)


@pytest.mark.parametrize("name", ["subscriptions/_rows.html", "subscriptions/contracts.html", "organisations/people.html"])
def test_long_lists_leave_nothing_to_the_engine(name: str) -> None:
    template = get_template(name).template  # type: ignore[attr-defined]
    (found,) = template.nodelist.get_nodes_by_type(rows.RowsNode)
    parts = _parts(found.body)
    assert len(parts) > 2
    assert rows.Engine not in parts


def _parts(body: Any) -> set[type]:
    inside = [*body.parts] if hasattr(body, "parts") else []
    found = {type(part) for part in inside}
    for part in inside:
        for _condition, branch in getattr(part, "branches", ()):
            found |= _parts(branch)
        found |= _parts(getattr(part, "body", SimpleNamespace()))
    return found
