"""What may not be changed once it is written: the statements that must be refused, and how a second row like one is made."""

from typing import NamedTuple


class Copy(NamedTuple):
    """A second row like one that is there; `changed` gives SQL for a column. `id` comes from its sequence."""

    table: str
    changed: dict[str, str]


def copy(table: str, **changed: str) -> Copy:
    return Copy(table, changed)


# trigger -> statements that it refuses, each
STAYS: dict[str, list[str | Copy]] = {
    "billing_allocation_rows_stay": ["UPDATE billing_allocation SET amount_minor = 1", "DELETE FROM billing_allocation"],
    "billing_attempt_stays": [
        "UPDATE billing_attempt SET amount_minor = 1",
        "UPDATE billing_attempt SET state = 'declined'",
        "DELETE FROM billing_attempt",
    ],
    "billing_dispute_stays": ["UPDATE billing_dispute SET amount_minor = 1", "DELETE FROM billing_dispute"],
    "billing_invoice_issued": ["UPDATE billing_invoice SET po_number = 'x'", "DELETE FROM billing_invoice"],
    "billing_invoicebalance_mirrors": [
        "UPDATE billing_invoicebalance SET open_minor = 0",
        "DELETE FROM billing_invoicebalance",
        copy("billing_invoicebalance"),
    ],
    "billing_invoiceline_issued": [
        "UPDATE billing_invoiceline SET net_minor = 0",
        "DELETE FROM billing_invoiceline",
        copy("billing_invoiceline", position="position + 100"),
    ],
    "billing_payment_rows_stay": ["UPDATE billing_payment SET amount_minor = 1", "DELETE FROM billing_payment"],
    "billing_refund_stays": ["UPDATE billing_refund SET amount_minor = 1", "DELETE FROM billing_refund"],
    "kernel_event_rows_stay": ["UPDATE kernel_event SET kind = 'x'", "DELETE FROM kernel_event"],
    "organisations_acceptedterms_rows_stay": [
        "UPDATE organisations_acceptedterms SET version = 'x'",
        "DELETE FROM organisations_acceptedterms",
    ],
    "organisations_appointment_rows_stay": [
        "UPDATE organisations_appointment SET checked = 'x'",
        "DELETE FROM organisations_appointment",
    ],
    "subscriptions_orderline_rows_stay": [
        "UPDATE subscriptions_orderline SET net_minor = 0",
        "DELETE FROM subscriptions_orderline",
    ],
    "subscriptions_pricequoteline_rows_stay": [
        "UPDATE subscriptions_pricequoteline SET unit_minor = 0",
        "DELETE FROM subscriptions_pricequoteline",
    ],
    "subscriptions_seatentry_rows_stay": [
        "UPDATE subscriptions_seatentry SET seats_now = 1",
        "DELETE FROM subscriptions_seatentry",
    ],
}
ALL_STAY = [
    "organisations_acceptedterms",
    "organisations_appointment",
    "billing_invoice",
    "billing_invoiceline",
    "kernel_event",
    "subscriptions_orderline",
    "subscriptions_pricequoteline",
    "subscriptions_seatentry",
    "billing_allocation",
    "billing_payment",
]
