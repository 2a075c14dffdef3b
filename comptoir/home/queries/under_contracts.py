"""Where one may go under Contracts and orders: the lists, and the pages that lie below each."""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.permissions import Can, Permission
from comptoir.ui.shell import Entry

# the permission, the page, and the pages that lie below it
LISTS: Sequence[tuple[Permission, str, frozenset[str]]] = (
    (Can.SEE_CONTRACTS, "contracts", frozenset({"contract"})),
    (
        Can.SEE_CONTRACTS,
        "subscriptions",
        frozenset({"subscription", "add_seats", "plan_seats", "plan_term", "automatic_renewal", "plan_many", "any_day"})
        | frozenset({"change_method", "change_methods", "return", "return_sale"}),
    ),
    (Can.RENEW, "renewals", frozenset({"renew"})),
    (Can.ALIGN, "alignment", frozenset({"align_with"})),
    (Can.SEE_PRICES, "charges", frozenset({"contract_charges"})),
    (Can.SEE_PRICES, "orders", frozenset({"order"})),
    (
        Can.SEE_INVOICES,
        "invoices",
        frozenset({"invoice", "pay_invoice", "payment", "invoice_archives", "invoice_archive", "billing_details"}),
    ),
    (
        Can.SEE_METHODS,
        "payment_methods",
        frozenset({"new_payment_method", "payment_method_setup", "remove_payment_method"}),
    ),
    (Can.SEE_INVOICES, "spending", frozenset({"contract_spending"})),
    (Can.SEE_PRICE_QUOTES, "price_quotes", frozenset({"price_quote"})),
    (Can.SEE_CONTRACTS, "calendar", frozenset()),
)
PAGES = frozenset(name for _can, name, below in LISTS for name in (name, *below))


def lists(actor: Actor, customer: str, here: str) -> Iterator[Entry]:
    """The lists that the actor may see, on the page called `here`."""
    words = {
        "contracts": _("Contracts"),
        "subscriptions": _("All subscriptions"),
        "renewals": _("Renewals"),
        "alignment": _("Align payment dates"),
        "charges": _("Coming charges"),
        "orders": _("Orders"),
        "invoices": _("Invoices"),
        "payment_methods": _("Payment methods"),
        "spending": _("Spending"),
        "price_quotes": _("Price quotes"),
        "calendar": _("In my calendar"),
    }
    for can, name, below in LISTS:
        if actor.may(can, anywhere=True):
            url = reverse(name, kwargs={"customer": customer})
            yield Entry(words[name], "", url, active=here == name or here in below)
