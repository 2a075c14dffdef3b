"""What the frame of every page shows: who is here, for which customer, and where they may go."""

from collections.abc import Hashable, Sequence
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.identity.queries import staff_roles
from comptoir.kernel.actor import Actor, ActorKind
from comptoir.kernel.deciding import decided_by
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.ports import Customer, CustomerName, Ports
from comptoir.kernel.unmoved import kept_at, kept_while_unmoved
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import customers_of, role_words
from comptoir.permissions import Can, Permission, Role
from comptoir.ui.shell import Customer as ShownCustomer
from comptoir.ui.shell import Entry, Person, Shell, Vendor

from .at_desk import desk_places, staff_word
from .notices import head_and_unread
from .under_contracts import PAGES as UNDER_CONTRACTS
from .under_contracts import lists

UNDER_PRODUCTS = frozenset(
    {
        "product_seats",
        "seats_of",
        "sat_then",
        "seats_list",
        "ask_for_a_seat",
        "benefits",
        "benefits_of_groups",
        "persons_benefits",
        "bundles",
        "bundle",
        "bundle_change",
    }
    | {"licence_files", "leases", "licence_keys", "my_devices", "use_rights", "ask_for_home_use", "ask_for_previous_version"}
)
UNDER_PEOPLE = frozenset(
    {
        "persons_devices",
        "member",
        "member_removal",
        "hand_over",
        "new_person",
        "people_lists",
        "people_list",
        "wishes_to_join",
        "domains",
    }
    | {"groups", "group", "spending_limits", "role_checks"}
)
# Where one may go: the permission, the page, its icon, and the pages that lie below it.
PLACES: Sequence[tuple[Permission, str, str, frozenset[str]]] = (
    (Can.SEE_HOME, "home", "home", frozenset()),
    (Can.SEE_PRODUCTS, "products", "package", UNDER_PRODUCTS),
    (
        Can.DOWNLOAD,
        "downloads",
        "download",
        frozenset({"product_downloads", "download_log", "machines", "trial", "trials_of_customer"}),
    ),
    (Can.DOWNLOAD, "updates", "refresh", frozenset({"update"})),
    (Can.SEE_CONTRACTS, "contracts", "file-text", UNDER_CONTRACTS),
    (Can.SEE_PEOPLE, "people", "users", UNDER_PEOPLE),
    (Can.SEE_ACTIVITY, "activity", "history", frozenset()),
)
MOST_CUSTOMERS = 8  # among the places to go; more are on a page of their own
REQUESTS = frozenset({"requests", "one_request"})
UNDER_PROFILE = frozenset({"profile", "news_choice", "sign_ins", "other_account", "other_account_code", "account_merge"})


class Shells:
    """Fills `ui.ShellMaker`. One query on a page of a customer, two where its log has moved."""

    def shell_of(self, request: HttpRequest, vendor: Vendor) -> Shell:
        """The shell of a page that has passed the gate; before it, the vendor and the choice of language."""
        # an answer to a mistake is rendered outside the gate's transaction: nothing can be read there
        if not request.user.is_authenticated or not connection.in_atomic_block:
            return Shell(vendor=vendor, language_url=reverse("choose_language"))
        actor: Actor | None = getattr(request, "actor", None)
        customer: Customer | None = getattr(request, "customer", None)
        person = request.user
        if actor is not None and actor.kind == ActorKind.STAFF:
            return _at_desk(request, vendor, actor)
        known: tuple[CustomerName, ...] | None = getattr(request, "customers", None)
        customers = customers_of(int(person.pk)) if known is None else known
        if not customers and (roles := staff_roles(int(person.pk))):
            return _at_desk(request, vendor, Actor.staff(int(person.pk), roles))
        if customer is None:
            number = _only_or_named([each.number for each in customers], request)
            visit = Ports.grants.visit(int(person.pk), number) if number else None
            actor, customer = (visit.actor, visit.customer) if visit else (actor, None)
        own = f"?customer={customer.number}" if customer else ""
        head, unread = head_and_unread(actor) if actor and customer else ("", 0)
        return Shell(
            vendor=vendor,
            person=Person(person.get_full_name(), getattr(person, "email", ""), _role_word(actor) if actor and customer else ""),
            customer=_shown(customer) if customer else None,
            customers=tuple(_shown(each) for each in customers),
            navigation=_navigation(request, actor, customer, unread) if actor and customer else _outside(request, customers),
            asks_waiting=_waiting_at(actor, head) if actor and customer else 0,
            asks_url=_asks_url(actor, customer) if actor and customer else "",
            notices_new=unread,
            notices_url=_address("notices", customer) if actor and customer else "",
            search_url=_search_url(actor, customer, customers),
            checks_url=_checks_url(actor, customer) if actor and customer else "",
            tour_url=_address("tour", customer) if actor and customer else "",
            profile_url=reverse("profile") + own,
            sessions_url=reverse("usersessions_list") + own,
            language_url=reverse("profile_language"),
            sign_out_url=reverse("account_logout"),
            business_day=getattr(request, "today", None) if settings.SANDBOX else None,
        )


def _at_desk(request: HttpRequest, vendor: Vendor, actor: Actor) -> Shell:
    """The shell of the vendor's own people."""
    person = request.user
    word = staff_word([grant.role for grant in actor.grants])
    return Shell(
        vendor=vendor,
        person=Person(person.get_full_name(), getattr(person, "email", ""), word),  # type: ignore[union-attr]
        navigation=desk_places(request, actor),
        profile_url=reverse("profile"),
        sessions_url=reverse("usersessions_list"),
        language_url=reverse("profile_language"),
        sign_out_url=reverse("account_logout"),
        business_day=getattr(request, "today", None) if settings.SANDBOX else None,
    )


def _only_or_named(numbers: Sequence[str], request: HttpRequest) -> str | None:
    """On a page about oneself: the customer that one came from, or the only one."""
    named = request.GET.get("customer", "")
    if named in numbers:
        return named
    return numbers[0] if len(numbers) == 1 else None


def _shown(customer: Customer | CustomerName | Organisation) -> ShownCustomer:
    return ShownCustomer(customer.name, customer.number, _address("home", customer))


def _role_word(actor: Actor) -> str:
    """The widest of the actor's roles, in words."""
    held = {grant.role for grant in actor.grants}
    words = role_words()
    return next((words[role] for role in Role if role in held), "")


def _navigation(request: HttpRequest, actor: Actor, customer: Customer, unread: int) -> tuple[Entry, ...]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    labels = {
        "home": _("Home"),
        "products": _("Products and services"),
        "downloads": _("Downloads"),
        "updates": _("Updates"),
        "contracts": _("Contracts and orders"),
        "people": _("User management"),
        "activity": _("Activity log"),
    }
    entries = [
        Entry(
            labels[name],
            icon,
            _address(name, customer),
            active=here == name or here in below,
            below=tuple(lists(actor, customer.number, here)) if name == "contracts" and here in below else (),
        )
        for can, name, icon, below in PLACES
        if actor.may(can, anywhere=True)
    ]
    if actor.may(Can.ASK, anywhere=True) and not actor.may(Can.DECIDE_REQUESTS, anywhere=True):
        entries.append(Entry(_("My requests"), "send", _address("requests", customer), active=here in REQUESTS))
    if actor.may(Can.BUY, anywhere=True) or actor.may_ask(Can.BUY):
        entries.append(Entry(_("Catalogue"), "shopping-cart", reverse("catalogue"), active=here == "checkout"))
    entries.append(Entry(_("My notices"), "bell", _address("notices", customer), active=here == "notices", count=unread))
    profile = f"{reverse('profile')}?customer={customer.number}"
    return (*entries, Entry(_("Profile"), "user-circle", profile, active=here in UNDER_PROFILE))


def _outside(request: HttpRequest, customers: Sequence[CustomerName | Organisation]) -> tuple[Entry, ...]:
    """Where one may go before one has chosen a customer."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    entries = [Entry(each.name, "building", _shown(each).url) for each in customers[:MOST_CUSTOMERS]]
    if len(customers) > MOST_CUSTOMERS:
        entries.append(Entry(_("All customers"), "dots", reverse("front"), active=here == "front"))
    return (*entries, Entry(_("Profile"), "user-circle", reverse("profile"), active=here in UNDER_PROFILE))


def _address(name: str, customer: Customer | CustomerName | Organisation) -> str:
    return _customers_page(name, customer.number)


@lru_cache(maxsize=4096)
def _customers_page(name: str, number: str) -> str:
    return reverse(name, kwargs={"customer": number})


def _asks_url(actor: Actor, customer: Customer) -> str:
    """The requests, for whoever may decide some; whoever may only ask has them among the places to go."""
    return _address("requests", customer) if actor.may(Can.DECIDE_REQUESTS, anywhere=True) else ""


def _search_url(actor: Actor | None, customer: Customer | None, customers: Sequence[CustomerName | Organisation]) -> str:
    """Inside a customer what is there; outside of any, all that one belongs to."""
    if actor and customer:
        return _address("search", customer)
    return reverse("search_everywhere") if customers else ""


def _checks_url(actor: Actor, customer: Customer) -> str:
    return _address("role_checks", customer) if actor.may(Can.CHECK_ROLES, anywhere=True) else ""


def waiting_for(actor: Actor) -> int:
    """How many requests wait for the actor's answer."""
    if not actor.may(Can.DECIDE_REQUESTS, anywhere=True):
        return 0
    return kept_while_unmoved(actor, _what(actor), lambda: _waiting_for(actor))


def _waiting_at(actor: Actor, head: str) -> int:
    """The same where the newest line of the log is known already."""
    if not actor.may(Can.DECIDE_REQUESTS, anywhere=True):
        return 0
    return kept_at(head, _what(actor), lambda: _waiting_for(actor))


def _what(actor: Actor) -> tuple[Hashable, ...]:
    return ("requests", actor.member_id, actor.grants, actor.scopes)


def _waiting_for(actor: Actor) -> int:
    waiting = AskedVerb.objects.filter(decided_by(actor), organisation_id=actor.customer_id, state=AskedVerb.State.OPEN)
    return waiting.exclude(asked_by_id=actor.member_id).count()
