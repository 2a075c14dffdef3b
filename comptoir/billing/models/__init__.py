"""Invoices, what pays them, and what came from outside before its customer was known."""

from .archives import InvoiceArchive
from .invoices import Invoice, InvoiceBalance, InvoiceLine, Series, TaxRate
from .outside import BankStatement, Finding, ProviderEvent, Reconciliation, StatementLine
from .payments import Allocation, Attempt, Dispute, MethodSetup, Payment, PaymentMethod, Refund
from .sandbox import (
    SandboxCall,
    SandboxCharge,
    SandboxDispute,
    SandboxMethod,
    SandboxNote,
    SandboxProvider,
    SandboxRefund,
    SandboxSetup,
)

__all__ = [
    "Allocation",
    "Attempt",
    "BankStatement",
    "Dispute",
    "Finding",
    "Invoice",
    "InvoiceArchive",
    "InvoiceBalance",
    "InvoiceLine",
    "MethodSetup",
    "Payment",
    "PaymentMethod",
    "ProviderEvent",
    "Reconciliation",
    "Refund",
    "SandboxCall",
    "SandboxCharge",
    "SandboxDispute",
    "SandboxMethod",
    "SandboxNote",
    "SandboxProvider",
    "SandboxRefund",
    "SandboxSetup",
    "Series",
    "StatementLine",
    "TaxRate",
]
