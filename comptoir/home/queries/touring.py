"""The tour of the portal: a few steps, of what the actor may see, in the words of the navigation (F1.1, F1.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Customer
from comptoir.permissions import Can


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is there, and the page itself."""

    icon: str
    title: str
    text: str
    label: str  # of the link to the page
    url: str


def steps_for(actor: Actor, customer: Customer) -> Sequence[Step]:
    """The steps of the tour, six to eight by what the actor may see."""
    return [*_everybodys_first(customer), *_by_role(actor, customer), *_everybodys_last(actor, customer)]


def _to(name: str, customer: Customer) -> str:
    return reverse(name, kwargs={"customer": customer.number})


def _everybodys_first(customer: Customer) -> Iterator[Step]:
    told = _("Pages, mails and support speak your language, and times are those of where you are. Both can be changed any day.")
    yield Step(
        "language", _("Your language and time zone"), told, _("Profile"), f"{reverse('profile')}?customer={customer.number}"
    )
    told = _("Home says what needs you today: what renews soon, what waits for your answer, seats that nobody uses.")
    yield Step("home", _("What needs you"), told, _("Home"), _to("home", customer))
    told = _("Every product with its seats. Where you have no seat, the page names the people who can give you one.")
    yield Step("package", _("What you have"), told, _("Products and services"), _to("products", customer))


def _by_role(actor: Actor, customer: Customer) -> Iterator[Step]:
    if actor.may(Can.SEE_CONTRACTS, anywhere=True):
        told = _("Contracts, subscriptions and renewals.")
        if actor.may(Can.SEE_PRICES, anywhere=True):
            told += " " + _("Each change of money is shown line by line before you click, and invoices carry the same lines.")
        yield Step("file-text", _("What was agreed"), told, _("Contracts and orders"), _to("contracts", customer))
    if actor.may(Can.SEE_PEOPLE, anywhere=True):
        told = _("Who belongs to you, in which role, with which seats.")
        if actor.may(Can.GIVE_ROLES, anywhere=True):
            told += " " + _("Please look once whether contract managers, payers and coordinators are still the right people.")
        elif actor.may(Can.ADD_PEOPLE, anywhere=True):
            told += " " + _("Please look once whether the roles are right; a contract manager changes them.")
        checks = actor.may(Can.CHECK_ROLES, anywhere=True)
        label, page = (_("Check roles and permissions"), "role_checks") if checks else (_("User management"), "people")
        yield Step("users", _("Who may do what"), told, label, _to(page, customer))


def _everybodys_last(actor: Actor, customer: Customer) -> Iterator[Step]:
    if actor.may(Can.DOWNLOAD, anywhere=True):
        told = _("The newest version for your machine first, older ones below it. Updates are told by mail, as you choose.")
        yield Step("download", _("What you install"), told, _("Downloads"), _to("downloads", customer))
    told = _("Press / on any page and type a name or a number: people, subscriptions, serial numbers, whatever you may see.")
    yield Step("search", _("Find anything"), told, _("Search"), _to("search", customer))
    told = _("An action that is not yours says so, with its reason and whom to ask, or lets you ask for it with one click.")
    yield Step("send", _("No dead end"), told, _("Requests"), _to("requests", customer))
