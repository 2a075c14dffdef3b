"""What needs somebody today, each as a sentence with its figure and the page that leads on."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.contracts.models import Contract
from comptoir.contracts.queries import contracts
from comptoir.identity.queries import myself
from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Customer
from comptoir.organisations.models import RoleGrant
from comptoir.organisations.queries import left_to_check, roles_with
from comptoir.permissions import Can
from comptoir.subscriptions.queries.alignment_page import wishes_of
from comptoir.subscriptions.queries.figures import SOON, Figures
from comptoir.ui.templatetags.ui import number

from .checking import checks_roles
from .shell import waiting_for

NAMED = 3  # contracts named in a sentence


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to look at. `kind` is a kind of notice: info, warn or danger."""

    kind: str
    icon: str
    sentence: str
    label: str  # of the link
    url: str


def needs_of(actor: Actor, customer: Customer, figures: Figures, on: date) -> list[Need]:
    """What needs the actor on that day, the gravest first."""
    found = [
        *_late(actor, customer, figures),
        *_asked(actor, customer),
        *_to_align(actor, customer),
        *_by_hand(actor, customer, figures),
        *_without_manager(actor, customer),
        *_waiting_for_seats(actor, customer, figures),
        *_unused(actor, customer, figures),
        *_first_steps(actor, customer),
    ]
    return sorted(found, key=lambda need: ("danger", "warn", "info").index(need.kind))


def _to(name: str, customer: Customer, **wanted: object) -> str:
    address = reverse(name, kwargs={"customer": customer.number})
    return f"{address}?{urlencode(wanted)}" if wanted else address


def _late(actor: Actor, customer: Customer, figures: Figures) -> list[Need]:
    sees = actor.may(Can.SEE_CONTRACTS, anywhere=True)
    page = "subscriptions" if sees else "products"
    found = []
    if figures.suspended:
        told = ngettext(
            "%(n)s subscription is suspended: nobody can use it until it is renewed.",
            "%(n)s subscriptions are suspended: nobody can use them until they are renewed.",
            figures.suspended,
        )
        url = _to(page, customer, **({"state": "suspended"} if sees else {}))
        found.append(Need("danger", "alert-triangle", told % {"n": number(figures.suspended)}, _("See which"), url))
    if figures.in_grace:
        told = ngettext(
            "%(n)s subscription is past its renewal date and still works for some days.",
            "%(n)s subscriptions are past their renewal date and still work for some days.",
            figures.in_grace,
        )
        url = _to(page, customer, **({"state": "grace"} if sees else {}))
        found.append(Need("warn", "clock", told % {"n": number(figures.in_grace)}, _("See which"), url))
    return found


def _asked(actor: Actor, customer: Customer) -> list[Need]:
    waiting = waiting_for(actor)
    if not waiting:
        return []
    told = ngettext("%(n)s request waits for your answer.", "%(n)s requests wait for your answer.", waiting)
    return [Need("warn", "send", told % {"n": number(waiting)}, _("Answer now"), _to("requests", customer))]


def _to_align(actor: Actor, customer: Customer) -> list[Need]:
    if not actor.may(Can.ALIGN, anywhere=True):
        return []
    address = reverse("alignment", kwargs={"customer": customer.number})
    return [
        Need(
            "info",
            "calendar",
            ngettext(
                "%(n)s subscription that you wished to align matches now: look at the price and confirm.",
                "%(n)s subscriptions that you wished to align match now: look at the price and confirm.",
                len(wish.numbers),
            )
            % {"n": number(len(wish.numbers))},
            _("See the price"),
            f"{address}?{urlencode([('n', each) for each in wish.numbers])}",
        )
        for wish in wishes_of(actor)
        if wish.ready
    ]


def _by_hand(actor: Actor, customer: Customer, figures: Figures) -> list[Need]:
    if not figures.by_hand or not actor.may(Can.SEE_CONTRACTS, anywhere=True):
        return []
    told = ngettext(
        "%(n)s subscription ends within %(days)s days unless somebody renews it: automatic renewal is off.",
        "%(n)s subscriptions end within %(days)s days unless somebody renews them: automatic renewal is off.",
        figures.by_hand,
    )
    url = _to("subscriptions", customer, within=SOON)
    return [Need("warn", "calendar-event", told % {"n": number(figures.by_hand), "days": SOON}, _("See when"), url)]


def _without_manager(actor: Actor, customer: Customer) -> list[Need]:
    if not actor.may(Can.SEE_PEOPLE, anywhere=True) or not actor.may(Can.SEE_CONTRACTS, anywhere=True):
        return []
    numbers = list(unmanaged(actor).values_list("number", flat=True)[: NAMED + 1])
    if not numbers:
        return []
    named = ", ".join(numbers[:NAMED])
    if len(numbers) > NAMED:
        told = _("Several contracts have no contract manager, among them %(numbers)s.")
    else:
        told = ngettext(
            "Contract %(numbers)s has no contract manager.", "Contracts %(numbers)s have no contract manager.", len(numbers)
        )
    url = reverse("contract", kwargs={"customer": customer.number, "number": numbers[0]})
    return [Need("warn", "users", told % {"numbers": named}, _("See the contract"), url)]


def unmanaged(actor: Actor) -> QuerySet[Contract]:
    """The contracts with no contract manager, neither their own nor one of the whole customer (rules 7)."""
    managing = {"role__in": roles_with(Can.ADD_SEATS), "membership__left_on": None}
    managers = RoleGrant.objects.filter(organisation_id=actor.customer_id, **managing)
    own, of_all = managers.filter(contract_id=OuterRef("pk")), managers.filter(contract_id=None)
    return contracts(actor).filter(~Exists(own), ~Exists(of_all)).order_by("number")


def _waiting_for_seats(actor: Actor, customer: Customer, figures: Figures) -> list[Need]:
    if not figures.use.waiting:
        return []
    told = ngettext("%(n)s person waits for a seat.", "%(n)s people wait for a seat.", figures.use.waiting)
    return [
        Need("warn", "user", told % {"n": number(figures.use.waiting)}, _("See for which product"), _to("products", customer))
    ]


def _unused(actor: Actor, customer: Customer, figures: Figures) -> list[Need]:
    if not figures.free:
        return []
    told = ngettext(
        "%(n)s of %(all)s seat is not used.",
        "%(n)s of %(all)s seats are not used.",
        figures.seats,
    )
    words = told % {"n": number(figures.free), "all": number(figures.seats)}
    return [Need("info", "package", words, _("See where"), _to("products", customer))]


def _first_steps(actor: Actor, customer: Customer) -> list[Need]:
    """What is asked of everybody once: language and time zone, and whether they want to be shown around (F1.6)."""
    if actor.person_id is None:
        return []
    found, person = [], myself(actor.person_id)
    if person.language_confirmed_at is None:
        told = _("Confirm the language and the time zone in which pages, mails and support speak to you.")
        found.append(Need("info", "language", told, _("Confirm"), f"{reverse('profile')}?customer={customer.number}"))
    if person.tour_ended_at is None and checks_roles(actor) and (left := left_to_check(actor)):
        told = ngettext(
            "Look once at who may do what: %(n)s item is left.", "Look once at who may do what: %(n)s items are left.", left
        )
        found.append(Need("info", "users", told % {"n": number(left)}, _("Check roles"), _to("role_checks", customer)))
    if person.tour_ended_at is None:
        told = _("New here? Two minutes show you what is where, and what you may do.")
        label = _("Go on with the tour") if person.tour_step else _("Take the tour")
        found.append(Need("info", "book", told, label, _to("tour", customer)))
    return found
