"""Where the vendor's staff may go: the places of the desk, as far as their roles reach."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.permissions import Can, Permission, Role
from comptoir.ui.shell import Entry

# the permission, the page, its icon; what lies below it has an address that begins like its own
PLACES: Sequence[tuple[Permission, str, str]] = (
    (Can.SEE_DESK, "desk", "home"),
    (Can.SEE_CUSTOMERS, "desk_customers", "building"),
    (Can.SEE_PRICE_BOOK, "desk_prices", "coins"),
    (Can.SEE_RELEASES, "desk_releases", "package"),
    (Can.SEE_PRICE_BOOK, "desk_tax_rates", "receipt"),
    (Can.SEE_RUNS, "desk_runs", "moon"),
    (Can.IMPORT_STATEMENT, "desk_statements", "upload"),
    (Can.STOP_CHARGING, "desk_charging", "credit-card"),
    (Can.KEEP_APPLICATIONS, "desk_applications", "key"),
    (Can.KEEP_SIGNING_KEYS, "desk_signing_keys", "shield-check"),
    (Can.MERGE_AT_DESK, "desk_merging", "link"),
    (Can.GIVE_STAFF_ROLE, "desk_staff", "users"),
)


def desk_places(request: HttpRequest, actor: Actor) -> tuple[Entry, ...]:
    """The navigation of the desk."""
    labels = {
        "desk": _("Desk"),
        "desk_customers": _("Customers"),
        "desk_prices": _("Products and prices"),
        "desk_releases": _("Releases"),
        "desk_tax_rates": _("Tax rates"),
        "desk_runs": _("Nights and renewals"),
        "desk_statements": _("Bank statements"),
        "desk_charging": _("Charging"),
        "desk_applications": _("Applications"),
        "desk_signing_keys": _("Signing keys"),
        "desk_merging": _("Merging accounts"),
        "desk_staff": _("Staff"),
    }
    entries = []
    for can, name, icon in PLACES:
        if actor.may(can):
            address = reverse(name)
            here = request.path == address if name == "desk" else request.path.startswith(address)
            entries.append(Entry(labels[name], icon, address, active=here))
    if settings.SANDBOX:
        address = reverse("sandbox_clock")
        entries.append(Entry(_("The sandbox’s clock"), "clock", address, active=request.path == address))
    return (*entries, Entry(_("Profile"), "user-circle", reverse("profile"), active=request.path == reverse("profile")))


def staff_word(roles: Sequence[Role]) -> str:
    """What somebody does at the desk, in words."""
    words = {
        Role.CATALOGUE: _("Catalogue"),
        Role.FINANCE: _("Finance"),
        Role.SUPPORT_AGENT: _("Support"),
        Role.ADMINISTRATOR: _("Administrator"),
    }
    return ", ".join(words[role] for role in roles if role in words)
