"""The only code that writes invoices: one, or many of one customer at once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.bulk import insert_new
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation

from ..models import Invoice, InvoiceLine
from ..rules import DocumentKind, TaxTreatment, Totals
from .numbers import give_numbers


@dataclass(frozen=True, slots=True)
class Line:
    """One line to invoice: `quantity` x `unit_price` x `days` of `denominator` days = `net`.

    `kind` says which sentence it has (`comptoir.ui.arithmetic`).
    """

    kind: str
    item: str
    reference: str
    start: date
    end: date
    quantity: int
    unit_price: Money
    days: int
    denominator: int
    net: Money
    list_price: Money | None = None  # the unit price before the promotion of that name
    promotion: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice to be written: one for each contract, payment method, currency and day (rules 6)."""

    contract_id: int
    payment_method: str
    lines: Sequence[Line]
    treatment: TaxTreatment
    totals: Totals
    days_to_pay: int | None = None  # None: the vendor's own
    po_number: str = ""  # empty: the customer's own


@step
def issue_invoice(
    organisation: Organisation,
    *,
    contract_id: int,
    payment_method: str,
    lines: Sequence[Line],
    treatment: TaxTreatment,
    totals: Totals,
    on: date,
    days_to_pay: int | None = None,
) -> Invoice:
    """Write an invoice with its lines and give it the next number of its series, last (rules 6).

    The issue day is `on`, or the day of the invoice before it where that is later; it is due `days_to_pay` days after that
    (None: the vendor's setting).
    """
    draft = Draft(contract_id, payment_method, lines, treatment, totals, days_to_pay)
    return issue_invoices(organisation, [draft], on=on)[0]


@step
def issue_invoices(organisation: Organisation, drafts: Sequence[Draft], *, on: date) -> list[Invoice]:
    """Write many invoices of one customer in a few statements, numbered in their order. Their number, days as `issue_invoice`.

    Raises as `write_drafts`.
    """
    written = write_drafts(organisation, drafts)
    number_drafts(written, drafts, on=on)
    return written


@step
def write_drafts(organisation: Organisation, drafts: Sequence[Draft]) -> list[Invoice]:
    """Write invoices that have no number yet, with their lines. `number_drafts` follows in the same transaction.

    Raises HouseRule for a draft whose lines are not what its totals say: nothing is written then.
    """
    for draft in drafts:
        if not draft.lines or Money.sum((line.net for line in draft.lines), draft.totals.net.currency) != draft.totals.net:
            raise HouseRule(f"the lines of an invoice for contract {draft.contract_id} don't add up to {draft.totals.net}")
    if not drafts:
        return []
    written = _documents(organisation, drafts)
    insert_new(written)
    insert_new(
        [
            _row(document, position, line, draft.treatment)
            for document, draft in zip(written, drafts, strict=True)
            for position, line in enumerate(draft.lines, 1)
        ]
    )
    failpoint("invoice.drafted")
    return written


@step
def number_drafts(written: Sequence[Invoice], drafts: Sequence[Draft], *, on: date) -> None:
    """Number what `write_drafts` wrote, in its order. From here to the commit all other invoices wait."""
    if not written:
        return
    days = [settings.INVOICE_DUE_DAYS if draft.days_to_pay is None else draft.days_to_pay for draft in drafts]
    give_numbers(DocumentKind.INVOICE, written, days, on)
    failpoint("invoice.numbered")
    for document in written:
        record(
            Events.INVOICE_ISSUED,
            document,
            contract_id=document.contract_id,
            on=on,
            number=document.number,
            total=f"{document.total} {document.currency}",
            mailbox=bool(document.invoice_email),
        )


def _documents(organisation: Organisation, drafts: Sequence[Draft]) -> list[Invoice]:
    language = organisation.language if organisation.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    seller, buyer = asdict(settings.VENDOR), _address_of(organisation)
    return [
        Invoice(
            organisation=organisation,
            contract_id=draft.contract_id,
            payment_method=draft.payment_method,
            currency=draft.totals.net.currency,
            seller=seller,
            buyer=buyer,
            po_number=draft.po_number or organisation.po_number,
            invoice_email=organisation.invoice_email,
            language=language,
            tax_treatment=draft.treatment.code,
            net_minor=draft.totals.net.minor,
            tax_minor=draft.totals.tax.minor,
            total_minor=draft.totals.total.minor,
        )
        for draft in drafts
    ]


def _row(invoice: Invoice, position: int, line: Line, treatment: TaxTreatment) -> InvoiceLine:
    return InvoiceLine(
        organisation_id=invoice.organisation_id,
        invoice=invoice,
        position=position,
        kind=line.kind,
        item=line.item,
        reference=line.reference,
        start=line.start,
        end=line.end,
        quantity=line.quantity,
        unit_minor=line.unit_price.minor,
        list_minor=None if line.list_price is None else line.list_price.minor,
        promotion=line.promotion,
        days=line.days,
        denominator=line.denominator,
        net_minor=line.net.minor,
        tax_basis_points=treatment.rate_basis_points,
        currency=line.net.currency,
    )


def _address_of(organisation: Organisation) -> dict[str, str]:
    fields = ("number", "name", "street", "postcode", "city", "country", "tax_number")
    return {field: getattr(organisation, field) for field in fields}
