"""Money, days, numbers and names as the reader writes them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import TemplateSyntaxError, engines
from django.utils import timezone, translation

from comptoir.kernel.money import Money
from comptoir.ui.shell import Vendor
from comptoir.ui.templatetags import ui

TODAY = date(2026, 11, 21)
THIN = "\u202f"


@pytest.fixture
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.usefixtures("english")
def test_money_in_english_has_its_code_after_it() -> None:
    assert ui.money(Money(188_233, "EUR")) == "1,882.33\u00a0EUR"
    assert ui.money(Money(21_173, "JPY")) == "21,173\u00a0JPY"
    assert ui.money(Money(1_500, "KWD")) == "1.500\u00a0KWD"
    assert ui.money(Money(-5, "EUR")) == "-0.05\u00a0EUR"
    assert ui.money(None) == ""


@pytest.mark.usefixtures("french")
def test_money_in_french_is_grouped_by_narrow_spaces() -> None:
    assert ui.money(Money(188_233, "EUR")) == f"1{THIN}882,33\u00a0EUR"
    assert ui.money(Money(123_456_789, "EUR")) == f"1{THIN}234{THIN}567,89\u00a0EUR"


@pytest.mark.usefixtures("english")
def test_days_in_english() -> None:
    assert ui.day(date(2027, 3, 12)) == "12 March 2027"
    assert ui.day_short(date(2027, 3, 1)) == "1 Mar 2027"
    assert ui.day(None) == ui.day_short(None) == ""


@pytest.mark.usefixtures("french")
def test_days_in_french_begin_a_month_with_1er() -> None:
    assert ui.day(date(2027, 3, 1)) == "1er mars 2027"
    assert ui.day(date(2027, 3, 11)) == "11 mars 2027"
    assert ui.day_short(date(2027, 1, 1)) == "1er janv. 2027"
    assert ui.month_letter(date(2027, 1, 1)) == "janv"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "today"),
        (date(2026, 11, 22), "tomorrow"),
        (date(2026, 11, 20), "yesterday"),
        (date(2026, 11, 24), "in 3 days"),
        (date(2027, 1, 5), "in 45 days"),
        (date(2027, 3, 22), "in 4 months"),
        (date(2026, 9, 21), "2 months ago"),
        (date(2029, 11, 21), "in 3 years"),
    ],
)
def test_how_far_away_a_day_is(day: date, words: str) -> None:
    assert ui.away(day, TODAY) == words


@pytest.mark.usefixtures("french")
def test_how_far_away_in_french() -> None:
    assert ui.away(date(2027, 3, 22), TODAY) == "dans 4 mois"
    assert ui.away(date(2026, 11, 18), TODAY) == "il y a 3 jours"


@pytest.mark.usefixtures("english")
def test_a_day_and_its_distance_are_one_time_element() -> None:
    html = ui.when(date(2027, 3, 22), TODAY)
    assert html.startswith('<time datetime="2027-03-22">22 March 2027')
    assert "in 4 months" in html
    assert ui.when(date(2027, 3, 22)) == '<time datetime="2027-03-22">22 March 2027</time>'
    assert ui.when(None, TODAY) == ""


@pytest.mark.usefixtures("english")
def test_numbers_keep_the_places_they_have() -> None:
    assert ui.number(12_345) == "12,345"
    assert ui.number(Decimal("1234.50")) == "1,234.50"
    assert ui.percent(Decimal("0.125")) == "13%"
    assert ui.percent(Decimal("0.124")) == "12%"


@pytest.mark.usefixtures("french")
def test_names_of_countries_and_languages() -> None:
    assert ui.country_name("ch") == "Suisse"
    assert ui.country_name("XQ") == "XQ"
    assert ui.language_name("fr") == "français"
    assert ui.language_name("tlh") == "tlh"


@pytest.mark.usefixtures("english")
def test_a_moment_has_its_time() -> None:
    with timezone.override("Europe/Paris"):
        assert ui.moment(datetime(2026, 11, 21, 14, 5, tzinfo=UTC)) == "21 November 2026, 15:05"
    with timezone.override("America/Sao_Paulo"):
        assert ui.moment(datetime(2026, 11, 21, 2, 5, tzinfo=UTC)) == "20 November 2026, 23:05"


def test_a_language_without_a_locale_is_written_as_english() -> None:
    with translation.override("en"):
        assert str(ui.locale_of("tlh")) == "en_GB"


def test_an_icon_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in ui.icon("home")


def test_an_icon_that_is_not_vendored_says_how_to_get_it() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"icons\.txt"):
        ui.icon("../shell")


class Order(forms.Form):
    seats = forms.IntegerField(help_text="From 1 to 500.", min_value=1)
    note = forms.CharField(required=False)
    paid = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    terms = forms.BooleanField()


def test_a_control_is_described_by_its_help_and_its_error() -> None:
    html = ui.control(Order({"seats": "0"})["seats"])
    assert 'aria-describedby="id_seats_helptext id_seats_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="form-control"' in html
    assert 'value="0"' in html


def test_help_given_by_the_page_describes_the_control_too() -> None:
    assert 'aria-describedby="id_note_helptext"' in ui.control(Order()["note"], "Printed on the invoice.")
    assert "aria-describedby" not in ui.control(Order()["note"])


def test_the_label_stands_as_the_control_asks() -> None:
    form = Order()
    assert [ui.field_kind(form[name]) for name in ("seats", "paid", "terms")] == ["plain", "group", "checkbox"]


def test_coordinates_have_a_point_in_every_language() -> None:
    with translation.override("fr"):
        assert ui.points(12.5) == "12.50%"
        assert ui.share(1, 8) == "12.5%"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent: str, name: str) -> None:
    assert ui.browser(user_agent) == name


def _rendered(text: str, **told: object) -> str:
    return engines["django"].from_string(text).render(told)


def test_a_part_of_the_page_knows_only_what_it_is_told() -> None:
    vendor = Vendor("Atelier Nord", email="nord@atelier.example")
    text = "{% part 'ui/_footer.html' vendor=who %}"
    found = [_rendered(text, who=each, vendor=Vendor("Nobody")) for each in (vendor, Vendor("Atelier Sud"), vendor)]
    assert found[0] == found[2]
    assert "Atelier Nord" in found[0]
    assert "Atelier Sud" in found[1]
    assert "nord@" not in found[1]
    assert "Nobody" not in "".join(found)


def test_a_part_of_the_page_is_kept_for_each_language() -> None:
    text = "{% part 'ui/_search.html' search_url='/search/' %}"
    with translation.override("en"):
        english = _rendered(text)
    with translation.override("fr"):
        assert _rendered(text) != english
    with translation.override("en"):
        assert _rendered(text) == english


def test_what_is_written_once_may_be_said_twice() -> None:
    assert _rendered("{% written as bold %}<b>{{ word }}</b>{% endwritten %}{{ bold }}{{ bold }}", word="<") == "<b>&lt;</b>" * 2
