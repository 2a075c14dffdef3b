"""What the next invoices say of a customer: changed by its managers and payers, for what comes, never for what was."""

import pytest

from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation
from tests.cast import Cast, raise_curtain, signed_in, words_of
from tests.invoiced import invoiced, line, within

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/billing-details/"
FILLED = {
    "po_number": "PO 4711",
    "invoice_email": "ap@nord.example",
    "street": "1 rue du Nord",
    "postcode": "59000",
    "city": "Lille",
    "tax_number": "fr 40 303 265 045",
}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def stored(cast: Cast) -> dict[str, str]:
    with wall_opened(read=[cast.nord.pk]):
        return Organisation.objects.filter(pk=cast.nord.pk).values(*FILLED).get()


def test_the_payer_changes_what_the_next_invoice_says_and_no_other(cast: Cast) -> None:
    before = invoiced(cast.contract, line(1, "100.00"))
    answer = signed_in(cast.pierre).post(PAGE, FILLED, follow=True)
    assert "Saved: your next invoices will say so." in words_of(answer)
    assert stored(cast) == {**FILLED, "tax_number": "FR40303265045"}
    within(cast.nord.pk, cast.contract.organisation.refresh_from_db)
    after = invoiced(cast.contract, line(1, "100.00"))
    within(cast.nord.pk, before.refresh_from_db)
    assert (after.po_number, after.invoice_email, after.buyer["street"]) == ("PO 4711", "ap@nord.example", "1 rue du Nord")
    assert (before.po_number, before.invoice_email, before.buyer["street"]) == ("", "", "")
    told = within(cast.nord.pk, lambda: Event.objects.get(kind="billing.changed"))
    assert told.detail == {"fields": "po_number, invoice_email, street, postcode, city, tax_number"}


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("tax_number", "FR00", "This is not a valid VAT number of your country."),
        ("invoice_email", "not an address", "Enter a valid email address."),
        ("po_number", "x" * 101, "at most 100 characters"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_changed(cast: Cast, field: str, typed: str, said: str) -> None:
    answer = signed_in(cast.pierre).post(PAGE, {**FILLED, field: typed})
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert typed in answer.content.decode()
    assert set(stored(cast).values()) == {""}


def test_saving_the_same_again_changes_nothing_and_logs_nothing(cast: Cast) -> None:
    client = signed_in(cast.camille)
    for _each in range(2):
        assert client.post(PAGE, {**FILLED, "tax_number": "FR40303265045"}).status_code == 302
    assert within(cast.nord.pk, lambda: Event.objects.filter(kind="billing.changed").count()) == 1


def test_a_number_of_the_old_centre_stays_when_something_else_changes(cast: Cast) -> None:
    within(cast.nord.pk, lambda: Organisation.objects.filter(pk=cast.nord.pk).update(tax_number="FR 12"))
    signed_in(cast.pierre).post(PAGE, {**FILLED, "tax_number": "FR 12"})
    assert stored(cast)["tax_number"] == "FR 12"


def test_who_has_no_say_over_money_does_not_find_the_page(cast: Cast) -> None:
    for member in (cast.sofia, cast.rita, cast.emil, cast.oskar):
        assert signed_in(member).get(PAGE).status_code == 404


def test_the_manager_of_one_contract_is_refused_for_the_whole_customer(cast: Cast) -> None:
    answer = signed_in(cast.anton).post(PAGE, FILLED)
    assert answer.status_code == 403
    assert "Your role doesn't allow this. Ask Camille Morel and Pierre Payet." in words_of(answer)
    assert set(stored(cast).values()) == {""}
