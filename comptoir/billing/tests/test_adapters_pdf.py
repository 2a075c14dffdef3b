"""The invoice as a PDF, whatever the customer is called."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.kernel.clock import business_day
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.actions.seats import add_seats
from tests.cast import Cast, raise_curtain, signed_in

pytestmark = pytest.mark.django_db
PDF_A = b"pdfaid:part"
BOX = "An empty box stands for a character that the fonts of this portal don’t have"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def invoiced(cast: Cast, name: str) -> bytes:
    """The PDF of an invoice to the customer under that name."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        Organisation.objects.filter(pk=cast.nord.pk).update(name=name)
        cast.subscription.refresh_from_db()
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        add_seats(visit.actor, cast.subscription, add=3, on=business_day())
    answer = signed_in(cast.camille).get("/c/5200001/invoices/F-2026-000001/pdf/")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-1.7")
    return bytes(answer.content)


def text_of(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(
    "name",
    [
        *("日本語株式会社", "＝cmd", "บริษัท", "\u0600", "😀" * 40, "\ue000", "x" * 5_000),
        *("#panic()", "$ x $", "*_`<@", "\\u{0}", "a\nb", " ", "‮"),
    ],
)
def test_any_name_is_invoiced_with_its_amounts(cast: Cast, name: str, caplog: pytest.LogCaptureFixture) -> None:
    pdf = invoiced(cast, name)
    told = text_of(pdf)
    for words in ("F-2026-000001", "322.19", "64.44", "386.63"):
        assert words in told
    is_plain = PDF_A not in pdf
    assert (BOX in told, "F-2026-000001 has characters that no font has" in caplog.text) == (is_plain, is_plain)


def test_a_character_that_no_font_has_is_not_left_out_in_silence(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    pdf = invoiced(cast, "Atelier \U000f1234")
    assert PDF_A not in pdf
    assert BOX in text_of(pdf)
    assert "F-2026-000001 has characters that no font has" in caplog.text


@pytest.mark.parametrize(
    "name", ["Atelier\x07\x1b Nord", "Atelier \ufffeNord\U0010ffff", "\u202eAtelier Nord\u2069", "Atelier\r\n\tNord"]
)
def test_what_no_page_shows_is_left_out_and_the_rest_can_be_archived(cast: Cast, name: str) -> None:
    pdf = invoiced(cast, name)
    assert PDF_A in pdf
    assert "Atelier Nord" in text_of(pdf)
    assert "386.63" in text_of(pdf)
