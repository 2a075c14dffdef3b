"""What an invoice or credit note says about itself, in the active language: the same on its page, its PDF and in mail."""

from django.utils.translation import gettext as _

from comptoir.ui.templatetags.ui import day

from ..models import Invoice
from ..rules import CreditReason


def title_of(document: Invoice) -> str:
    """`Invoice F-2026-000001`, `Credit note A-2026-000001`."""
    told = {"number": document.number}
    if document.kind == Invoice.Kind.CREDIT_NOTE:
        return _("Credit note %(number)s") % told
    return _("Invoice %(number)s") % told


def why(document: Invoice) -> str:
    """Why a credit note was issued, in words; nothing for an invoice."""
    known: dict[str, str] = {
        CreditReason.RETURN: _("Returned."),
        CreditReason.UNPAID: _("Taken back, because it was not paid."),
        CreditReason.LATE_RENEWAL: _("Renewed late, from the day of payment: this renewal falls away."),
        CreditReason.CANCELLATION: _("Cancelled: this renewal falls away."),
    }
    return known.get(document.reason, document.reason)


def how_paid(document: Invoice) -> list[str]:
    """How an invoice is paid, or why a credit note was issued: a sentence each."""
    seller = document.seller
    if document.kind == Invoice.Kind.CREDIT_NOTE:
        return [why(document), _("Nothing is to be paid. What was paid goes back the way it came.")]
    if document.payment_method == "card":
        return [_("By card, as agreed.")]
    if document.payment_method == "sepa":
        return [_("By SEPA direct debit, as agreed.")]
    told = {"iban": seller["iban"], "bic": seller["bic"], "number": document.number}
    return [
        _("By bank transfer to %(iban)s (%(bic)s), with the reference %(number)s.") % told,
        _("To be paid by %(due)s.") % {"due": day(document.due_on)},
    ]
