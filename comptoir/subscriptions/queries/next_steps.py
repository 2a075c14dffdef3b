"""Where the next step of a reason is done: a page, or a mail that is written already (rules 8)."""

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Subscription
from ..rules import Reason, Verb

# a reason -> the page of the same subscription on which it is mended
PAGES = {
    "automatic_renewal_off": "automatic_renewal",
    "last_seat": "automatic_renewal",
    "term_differs": "align_with",
    "payment_method_differs": "align_with",
    "term_change_pending": "subscription",
    "no_seat_left": "add_seats",
    "people_lose_access": "plan_seats",
    "return_window_over": "automatic_renewal",
    "return_newer_first": "return",
    "seats_in_use": "seats_of",
}
# what only the vendor's desk can mend
BY_THE_DESK = frozenset(
    {"country_not_served", "product_without_self_service", "maintenance_plan", "product_retired", "price_missing"}
)


def url_of(reason: Reason, verb: Verb, label: str, subscription: Subscription) -> str:
    """The address of the next step, or nothing where words must do. `label` is what the action is called."""
    customer = subscription.organisation.number
    if reason.code in PAGES and PAGES[reason.code] != _page_of(verb):
        return reverse(PAGES[reason.code], kwargs={"customer": customer, "number": subscription.number})
    if reason.code == "invoice_overdue":
        return reverse("invoices", kwargs={"customer": customer})
    if reason.code in {"cancelled", "trial"}:
        return reverse("product", kwargs={"code": subscription.product.code})
    if reason.code == "reseller_purchase":
        return _mail(str(reason.params.get("email") or ""), label, subscription)
    return _mail(settings.VENDOR.email, label, subscription) if reason.code in BY_THE_DESK else ""


def _page_of(verb: Verb) -> str:
    """The page that one is on, as far as its own reasons must not lead back to it."""
    return {Verb.PLAN_TERM: "plan_term", Verb.ADD_SEATS: "add_seats"}.get(verb, "")


def _mail(to: str, label: str, subscription: Subscription) -> str:
    """A mail with a subject and a text that name what is wanted of which subscription."""
    if not to:
        return ""
    told = {
        "action": label,
        "product": subscription.product.name,
        "number": subscription.number,
        "contract": subscription.contract.number,
        "customer": subscription.organisation.name,
    }
    subject = _("%(action)s: %(product)s %(number)s") % told
    text = _(
        "Hello,\n\nwe would like to do this: %(action)s.\n\nProduct: %(product)s\nSubscription: %(number)s\n"
        "Contract: %(contract)s\n\n%(customer)s"
    )
    return f"mailto:{quote(to, safe='@')}?subject={quote(subject)}&body={quote(text % told)}"
