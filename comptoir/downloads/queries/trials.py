"""Reads of trials: which are offered, who tries what, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.catalogue.models import Product
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused

from ..models import ReleaseFile, Trial
from ..rules.trials import days_left
from .entitled import How, rights, running_trials
from .releases import published


def offered(product: Product, on: date) -> bool:
    """Whether a product can be tried: it is sold, and something of it can be installed."""
    if product.status != Product.Status.ACTIVE or not product.self_service:
        return False
    files = ReleaseFile.objects.exclude(kind=ReleaseFile.Kind.DOCUMENTATION)
    return files.filter(release__in=published(on).filter(product=product)).exists()


class Trials:
    """Fills `catalogue.Trials`."""

    def offered(self, product_id: int, on: date) -> bool:
        """Whether that product can be tried on that day."""
        return offered(Product.objects.get(pk=product_id), on)


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


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial as its owner sees it."""

    trial: Trial
    days_left: int


def own_trials(actor: Actor, on: date) -> Sequence[Tried]:
    """What the member tries today, the one that ends first first."""
    return [Tried(trial, days_left(trial.ends_on, on)) for trial in running_trials(actor, on)]


def products_tried(organisation_id: int, product_id: int) -> bool:
    """Whether somebody of a customer tried a product that nobody had bought then."""
    return Trial.objects.filter(organisation_id=organisation_id, product_id=product_id, bought_on=None).exists()
