"""Components say what they must: reasons, errors, sums."""

from dataclasses import dataclass

import pytest
from django import forms
from django.template import engines
from django.utils import translation

from comptoir.kernel.money import Money


@dataclass
class Reason:
    sentence: str
    next_step: str = ""
    url: str = ""


@dataclass
class Line:
    words: str
    amount: Money
    note: str = ""


class Order(forms.Form):
    seats = forms.IntegerField(label="Seats to add", min_value=1)
    terms = forms.BooleanField(label="I accept")


def written(markup: str, **context: object) -> str:
    with translation.override("en"):
        return engines["django"].from_string(compiled(markup)).render(context)


def compiled(markup: str) -> str:
    from django_cotton.compiler_regex import CottonCompiler

    return CottonCompiler().process(markup)


def test_an_action_that_is_off_keeps_its_button_and_says_every_reason() -> None:
    reasons = [Reason("Bought from <CAO Nord>.", "Ask CAO Nord", "mailto:a@b.example"), Reason("It is retired.")]
    html = written('<c-action label="Add seats" url="/add/" :reasons="reasons" primary />', reasons=reasons)
    assert 'aria-disabled="true"' in html
    assert 'aria-describedby="why-add-seats"' in html
    assert 'id="why-add-seats"' in html
    assert '<a href="mailto:a@b.example">Ask CAO Nord</a>' in html
    assert "It is retired." in html
    assert "&lt;CAO Nord&gt;" in html
    assert "/add/" not in html


def test_an_action_that_is_on_leads_somewhere() -> None:
    html = written('<c-action label="Add seats" url="/add/" :reasons="reasons" primary />', reasons=[])
    assert '<a class="btn btn-primary" href="/add/">' in html
    assert "aria-disabled" not in html


def test_an_action_that_changes_something_is_a_form() -> None:
    html = written('<c-action label="Stop" url="/stop/" method="post" confirm="sure" />')
    assert '<form method="post" action="/stop/" data-confirm="#sure">' in html


def test_an_action_in_a_list_says_its_reasons_once() -> None:
    html = written('<c-action-row label="Align" url="/x/" :reasons="reasons" />', reasons=[Reason("Nothing to align.")])
    assert html.count("Nothing to align.") == 1
    assert html.count('id="why-align"') == 1


def test_a_field_keeps_what_was_typed_and_says_what_to_do() -> None:
    html = written('<c-field :field="form.seats" />', form=Order({"seats": "0"}))
    assert 'value="0"' in html
    assert 'id="id_seats_error"' in html
    assert "greater than or equal to 1" in html


def test_the_errors_of_a_form_lead_to_their_fields() -> None:
    html = written('<c-form-errors :form="form" />', form=Order({"seats": "0"}))
    assert 'href="#id_seats"' in html
    assert 'href="#id_terms"' in html
    assert written('<c-form-errors :form="form" />', form=Order()).strip() == ""


def test_the_sum_of_a_change_is_shown_line_by_line() -> None:
    line = Line("3 seats × 280.00 EUR × 143 of 365 days", Money(32_910, "EUR"))
    html = written(
        '<c-arithmetic :lines="lines" :net="net" :taxes="taxes" :total="total" :later="later" later-title="At renewal" />',
        lines=[line],
        net=line.amount,
        taxes=[Line("VAT 20%", Money(6_582, "EUR"))],
        total=Money(39_492, "EUR"),
        later=[Line("7 seats", Money(175_000, "EUR"))],
    )
    for words in (
        line.words,
        "329.10\u00a0EUR",
        "VAT 20%",
        "65.82\u00a0EUR",
        "394.92\u00a0EUR",
        "At renewal",
        "1,750.00\u00a0EUR",
    ):
        assert words in html


def test_a_meter_says_its_numbers() -> None:
    html = written('<c-meter :used="12" :owned="40" />')
    assert "<strong>12</strong> of 40 seats in use" in html
    assert 'width="30.0%"' in html
    assert "meter-full" in written('<c-meter :used="40" :owned="40" />')


@pytest.mark.parametrize("component", ["page-header", "card", "section", "stat", "empty", "notice"])
def test_a_title_from_the_page_does_not_leak_into_a_component(component: str) -> None:
    assert "LEAK" not in written(f"<c-{component}>words</c-{component}>", title="LEAK", label="LEAK", note="LEAK", url="LEAK")
