"""The pure rules of billing: tax, totals, numbers, due days. Source: `docs/rules.md`, sections 1 and 6."""

from .credits import Credit, CreditableLine, credit_of
from .invoices import DAYS_TO_PAY, DocumentKind, InvoiceState, due_on, format_number, state_of
from .reasons import CreditReason
from .tax import (
    EU_MEMBERS,
    Buyer,
    Seller,
    TaxKind,
    TaxLine,
    TaxNumbers,
    TaxRule,
    TaxTreatment,
    Totals,
    credit_tax,
    tax_treatment,
    totals,
    vat_number,
)
from .vat_rates import EU_STANDARD_RATES

__all__ = [
    "DAYS_TO_PAY",
    "EU_MEMBERS",
    "EU_STANDARD_RATES",
    "Buyer",
    "Credit",
    "CreditReason",
    "CreditableLine",
    "DocumentKind",
    "InvoiceState",
    "Seller",
    "TaxKind",
    "TaxLine",
    "TaxNumbers",
    "TaxRule",
    "TaxTreatment",
    "Totals",
    "credit_of",
    "credit_tax",
    "due_on",
    "format_number",
    "state_of",
    "tax_treatment",
    "totals",
    "vat_number",
]
