"""Reads of trials: which are offered, who tries what, what came of it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from comptoir.catalogue.models import Product
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.paging import Key, Page, Place, every, page_of
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.queries.availability import label_of
from comptoir.subscriptions.rules import Channel, Facts, Plan, ProductStatus, Reason, State, Verb, reasons

from ..models import Download, ReleaseFile, Trial
from ..rules.trials import days_left
from .entitled import How, rights, running_trials
from .overseeing import of_seen_products
from .published import published


def offered(product: Product, on: date) -> bool:
    """Whether a product can be tried: it is sold, and something of it can be installed."""
    if product.status != Product.Status.ACTIVE or not product.self_service:
        return False
    files = ReleaseFile.objects.exclude(kind=ReleaseFile.Kind.DOCUMENTATION)
    return files.filter(release__in=published(on).filter(product=product)).exists()


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial as its owner sees it."""

    trial: Trial
    days_left: int


class Trials:
    """Fills `catalogue.Trials`."""

    def offered(self, product_id: int, on: date) -> bool:
        """Whether that product can be tried on that day."""
        return offered(Product.objects.get(pk=product_id), on)


class Trying:
    """Fills `entitlements.Trying`."""

    def until(self, membership_id: int, product_id: int, on: date) -> date | None:
        """The first day without that member's trial that runs on that day. One query, inside the customer's wall."""
        rows = Trial.objects.filter(membership_id=membership_id, product_id=product_id, started_on__lte=on, ends_on__gt=on)
        return rows.values_list("ends_on", flat=True).first()

    def own(self, actor: Actor, on: date) -> Sequence[Tried]:
        """What the member tries on that day, the one that ends first first. One query."""
        return own_trials(actor, on)


def tried_by(person_id: int, product: Product) -> Trial | None:
    """The person's trial of a product, with whatever customer. Needs the person's wall."""
    return Trial.objects.filter(person_id=person_id, product=product).first()


def refuse_trial(actor: Actor, product: Product, on: date) -> None:
    """Raises Refused `trial_not_offered`, `trial_used` or `trial_not_needed` (rules 9)."""
    if not offered(product, on):
        raise Refused("trial_not_offered", params={"product": product.name})
    before = tried_by(actor.person_id or 0, product)
    if before is not None:
        raise Refused("trial_used", params={"product": product.name, "ends_on": before.ends_on})
    right = rights(actor, on).get(product.pk)
    if right is not None and right.how == How.SEAT:
        raise Refused("trial_not_needed", params={"product": product.name})


def own_trials(actor: Actor, on: date) -> Sequence[Tried]:
    """What the member tries today, the one that ends first first."""
    return [Tried(trial, days_left(trial.ends_on, on)) for trial in running_trials(actor, on)]


def tried_by_customer(organisation_id: int) -> bool:
    """Whether somebody of a customer tries something that is not bought. Needs the customer's wall."""
    return Trial.objects.filter(organisation_id=organisation_id, bought_on=None).exists()


def has_open_trial(actor: Actor, product_id: int) -> bool:
    """Whether somebody of the actor's customer tried a product that it had not bought then."""
    return Trial.objects.filter(organisation_id=actor.customer_id, product_id=product_id, bought_on=None).exists()


@dataclass(frozen=True, slots=True)
class Closed:
    """An action that a trial does not offer, and every reason why (rules 8)."""

    label: str
    reasons: tuple[Told, ...]


def closed_actions(trial: Trial, on: date) -> list[Closed]:
    """What can be done to a subscription and not to a trial: by the same table as everything else (rules 8)."""
    facts = Facts(
        product=trial.product.name,
        country="",
        country_served=True,
        channel=Channel.DIRECT,
        plan=Plan.SUBSCRIPTION,
        product_status=ProductStatus(trial.product.status),
        self_service=trial.product.self_service,
        new_price_known=True,
        renewal_price_known=True,
        reach=dict.fromkeys(Verb, Reach.ALL),
        state=State.TRIAL,
        automatic_renewal=True,
        renews_on=trial.ends_on,
        renewable_from=on,
        already_renewed=False,
        invoice_overdue=False,
        payment_running=False,
        seats=1,
        seats_left=0,
    )
    verbs = (Verb.ADD_SEATS, Verb.PLAN_SEATS, Verb.ALIGN, Verb.RENEW, Verb.RETURN)
    return [Closed(label_of(verb), tuple(_told(trial, reason) for reason in reasons(verb, facts, on))) for verb in verbs]


def _told(trial: Trial, reason: Reason) -> Told:
    told = tell(Refused(reason.code, params=reason.params))
    return replace(told, url=reverse("product", args=[trial.product.code])) if reason.code == "trial" else told


def trial_of(actor: Actor, product: Product, on: date) -> Tried | None:
    """The actor's trial of a product inside this customer, running or past."""
    found = Trial.objects.select_related("product").filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    trial = found.filter(product=product).first()
    return Tried(trial, days_left(trial.ends_on, on)) if trial else None


FIELDS = ("id", "membership__name", "membership__email", "product__code", "product__name", "started_on", "ends_on", "bought_on")
COLUMNS = (
    "name",
    "email",
    "product",
    "started_on",
    "ends_on",
    "bought_on",
    "days_left",
    "downloads",
)  # of the file


def page_of_trials(actor: Actor, on: date, place: Place) -> Page[Mapping[str, Any]]:
    """Who of the customer tries what, or tried it, with how often it was downloaded; the newest first.

    Of the products under the contracts that the actor sees, and of those that the customer has under none: who would buy them.
    """
    rows = Trial.objects.filter(organisation_id=actor.customer_id)
    if actor.contracts(Can.SEE_DOWNLOADS) is not None:
        rows = rows.filter(of_seen_products(actor, "product_id") | Q(membership_id=actor.membership_id))
    page = page_of(rows.values(*FIELDS, "membership_id", "product_id"), [Key("id", int)], place, descending=True)
    got = _downloaded(actor, {row["membership_id"] for row in page.rows})
    told = [{**row, "days_left": days_left(row["ends_on"], on), "downloads": got[_of(row)]} for row in page.rows]
    return Page(told, page.next, page.previous)


def _of(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["membership_id"], row["product_id"]


def _downloaded(actor: Actor, members: Collection[int]) -> Counter[tuple[int, int]]:
    rows = Download.objects.filter(organisation_id=actor.customer_id, membership_id__in=members, trial=True)
    return Counter(rows.values_list("membership_id", "file__release__product_id"))


def lines_of_file(actor: Actor, on: date) -> Iterator[Mapping[str, Any]]:
    """Every trial of the list, as a file has them."""
    names = {"name": "membership__name", "email": "membership__email", "product": "product__code"}
    for row in every(lambda place: page_of_trials(actor, on, place)):
        yield {column: row[names.get(column, column)] for column in COLUMNS}
