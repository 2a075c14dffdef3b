"""Where billing meets factur-x: an invoice as data, EN 16931 in the syntax of Factur-X, made from its own rows alone.

The names BT-... and BG-... are the standard's own. A line of a part of a period is told in days of seats: 3 seats for 143 of
365 days at 280.00 are 429 days at 280.00 for 365 days, so that whoever reads the file can compute the amount.
"""

from datetime import timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from stdnum import iban
from stdnum.exceptions import ValidationError

from comptoir.kernel.money import EXPONENTS, Money

from ..models import Invoice, InvoiceLine
from ..queries.invoices import lines_of, sums_of
from ..rules import EU_MEMBERS, TaxKind, vat_number
from .printing import printed

LEVEL = "en16931"
MOST_DECIMALS = 2  # of an amount, says the standard (BR-DEC)
INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001
CATEGORIES = {TaxKind.REVERSE_CHARGE: "AE", TaxKind.OUTSIDE: "O"}  # UNCL 5305; S for the others
EXEMPTIONS = {TaxKind.REVERSE_CHARGE: "VATEX-EU-AE", TaxKind.OUTSIDE: "VATEX-EU-O"}
SEPA_TRANSFER, TRANSFER, CARD, DIRECT_DEBIT = "58", "30", "48", "59"  # UNTDID 4461
PIECE, DAY = "C62", "DAY"  # UN/ECE recommendation 20


def xml_of(invoice: Invoice) -> bytes | None:
    """The invoice or credit note as XML, the same at every call.

    None where the standard can't carry it: it knows no thousandths, which the dinars have (rules 1).
    """
    if not can_carry(invoice):
        return None
    with translation.override(invoice.language):
        told = printed(_document(invoice))
    # never over HTTP: the schematron is run in the tests
    from facturx import generate_xml  # takes a second, which only those pay who make documents

    xml: bytes = generate_xml(told, level=LEVEL, check_xsd=False, check_schematron=False)
    return xml


def can_carry(invoice: Invoice) -> bool:
    """Whether the standard can carry its amounts: with two decimals at most."""
    return all(_is_told(amount) for amount in _amounts(invoice))


def why_no_data(invoice: Invoice) -> str:
    """The sentence that says why a document has no data in it; empty where it has."""
    if can_carry(invoice):
        return ""
    told = {"currency": invoice.currency, "decimals": EXPONENTS[invoice.currency], "most": MOST_DECIMALS}
    said = _(
        "No data file comes with this document: amounts in %(currency)s have %(decimals)s decimals, the standard for invoices "
        "as data (EN 16931) knows %(most)s."
    )
    return said % told


def embed(pdf: bytes, xml: bytes, *, title: str, author: str, subject: str, language: str) -> bytes:
    """A PDF/A-3 with the XML in it, as Factur-X wants it found."""
    from facturx import generate_from_binary  # as above

    made: bytes = generate_from_binary(
        pdf,
        xml,
        flavor="factur-x",
        level=LEVEL,
        check_xsd=False,
        check_schematron=False,
        pdf_metadata={"author": author, "keywords": "Factur-X", "title": title, "subject": subject},
        lang=language,
        afrelationship="alternative",
        xmp_compression=False,
    )
    return made


def _amounts(invoice: Invoice) -> list[Money]:
    lines = lines_of(invoice)
    return [invoice.net, invoice.tax, invoice.total, *(line.net for line in lines), *(line.unit_price for line in lines)]


def _is_told(amount: Money) -> bool:
    beyond = EXPONENTS[amount.currency] - MOST_DECIMALS
    return beyond <= 0 or amount.minor % 10**beyond == 0


def _amount(amount: Money) -> str:
    text = str(amount)
    beyond = EXPONENTS[amount.currency] - MOST_DECIMALS
    return text[:-beyond] if beyond > 0 else text


def _document(invoice: Invoice) -> dict[str, Any]:
    is_credit_note = invoice.kind == Invoice.Kind.CREDIT_NOTE
    kind = TaxKind(invoice.tax_treatment.removeprefix("tax_"))
    told: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued_on,
        "BT-3": CREDIT_NOTE if is_credit_note else INVOICE,
        "BT-5": invoice.currency,
        "BG-4": _seller(invoice, kind),
        "BG-7": _buyer(invoice, kind),
        "BT-72": min(line.start for line in lines_of(invoice)),
        "BG-23": [_tax(invoice, kind)],
        "BG-25": _lines(invoice, kind),
        "BT-106": _amount(invoice.net),
        "BT-109": _amount(invoice.net),
        "BT-110": _amount(invoice.tax),
        "BT-112": _amount(invoice.total),
        "BT-115": _amount(invoice.total),
    }
    if invoice.po_number:
        told["BT-13"] = invoice.po_number
    if invoice.corrects is not None:
        told["BG-3"] = [{"BT-25": invoice.corrects.number, "BT-26": invoice.corrects.issued_on}]
        told["BT-20"] = _("Nothing to pay: this gives back what invoice %(number)s asked for.") % {
            "number": invoice.corrects.number
        }
    else:
        told |= {"BT-9": invoice.due_on, **_payment(invoice)}
    return told


def _payment(invoice: Invoice) -> dict[str, Any]:
    if invoice.payment_method == "card":
        return {"BT-81": CARD}
    if invoice.payment_method == "sepa":
        return {"BT-81": DIRECT_DEBIT}
    account, bank = invoice.seller["iban"], invoice.seller["bic"]
    try:
        iban.validate(account)
        code = SEPA_TRANSFER if invoice.currency == "EUR" else TRANSFER
    except ValidationError:
        code = TRANSFER
    means = {"BT-81": code, "BT-83": invoice.number, "BT-84": account, "BT-85": invoice.seller["legal_name"]}
    return {**means, "BT-86": bank} if bank else means


def _seller(invoice: Invoice, kind: TaxKind) -> dict[str, Any]:
    seller = invoice.seller
    told = {
        **_party(seller, seller["legal_name"]),
        "legal_identifier": seller["registration"] or seller["tax_number"] or seller["legal_name"],
        "legal_info": " · ".join(part for part in (seller["registration"], seller["tax_number"]) if part),
        "einvoicing_addr": seller["email"],
        "einvoicing_addr_schemeid": "EM",
    }
    if kind is not TaxKind.OUTSIDE and seller["tax_number"]:  # outside its scope no VAT number may be named (BR-O-02)
        number = vat_number(seller["country"], seller["tax_number"])
        told |= {"vat_identifier": number} if number else {"tax_identifier": seller["tax_number"]}
    return told


def _buyer(invoice: Invoice, kind: TaxKind) -> dict[str, Any]:
    buyer = invoice.buyer
    told = {**_party(buyer, buyer["name"]), "identifiers": {None: buyer["number"]}}
    if invoice.invoice_email:
        told |= {"einvoicing_addr": invoice.invoice_email, "einvoicing_addr_schemeid": "EM"}
    if kind is not TaxKind.OUTSIDE and buyer["country"] in EU_MEMBERS:
        told["vat_identifier"] = vat_number(buyer["country"], buyer["tax_number"])
    return told


def _party(party: dict[str, str], name: str) -> dict[str, Any]:
    parts = {
        "addr_l1": party["street"],
        "postcode": party["postcode"],
        "city": party["city"],
        "country_code": party["country"],
    }
    return {"name": name, **{key: value for key, value in parts.items() if value}}


def _tax(invoice: Invoice, kind: TaxKind) -> dict[str, Any]:
    told: dict[str, Any] = {"BT-116": _amount(invoice.net), "BT-117": _amount(invoice.tax), **_category(invoice, kind, "BT-118")}
    if kind in EXEMPTIONS:
        told["BT-121"] = EXEMPTIONS[kind]
    return told


def _category(invoice: Invoice, kind: TaxKind, name: str) -> dict[str, str]:
    category = CATEGORIES.get(kind, "S")
    if category == "O":
        return {name: category}
    rate = lines_of(invoice)[0].tax_basis_points
    return {name: category, f"BT-{int(name[3:]) + 1}": f"{rate // 100}.{rate % 100:02d}"}


def _lines(invoice: Invoice, kind: TaxKind) -> list[dict[str, Any]]:
    category = _category(invoice, kind, "BT-151")
    return [
        {**_line(line), **category, "BT-127-00": [{"BT-127": f"{words.words} ({words.note})"}]}
        for line, words in zip(lines_of(invoice), sums_of(invoice), strict=True)
    ]


def _line(line: InvoiceLine) -> dict[str, Any]:
    whole = line.days == line.denominator
    told: dict[str, Any] = {
        "BT-126": str(line.position),
        "BT-128": {None: line.reference},
        "BT-129": str(line.quantity if whole else line.quantity * line.days),
        "BT-130": PIECE if whole else DAY,
        "BT-131": _amount(line.net),
        "BT-134": line.start,
        "BT-135": line.end - timedelta(days=1),
        "BT-146": _amount(line.unit_price),
        "BT-149": "1" if whole else str(line.denominator),
        "BT-153": line.item,
    }
    if line.list_price is not None:
        told |= {"BT-148": _amount(line.list_price), "BT-147-00": [{"BT-147": _amount(line.list_price - line.unit_price)}]}
    return told
