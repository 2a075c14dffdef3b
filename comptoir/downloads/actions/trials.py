"""Trials: begun by whoever tries, converted by buying, ended by the calendar alone."""

from datetime import date

from django.db import IntegrityError, transaction

from comptoir.catalogue.queries import product as product_of
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Membership, Organisation
from comptoir.permissions import Can

from ..models import Trial
from ..queries.trials import refuse_trial
from ..rules.trials import end_of_trial


@action(Can.TRY, anywhere=True)
def start_trial(actor: Actor, membership: Membership, *, product: str, on: date) -> Trial:
    """Begin to try a product for 30 days, once per person whatever the customer (rules 9).

    Raises Refused `trial_not_offered`, `trial_not_needed`, `trial_used`, and `not_allowed` for somebody else's membership.
    """
    if actor.membership_id != membership.pk:
        raise Refused("not_allowed", params={"permission": Can.TRY.name}, status=403)
    wanted = product_of(product)
    refuse_trial(actor, wanted, on)
    lasts = {"started_on": on, "ends_on": end_of_trial(on)}
    own = {"organisation_id": membership.organisation_id, "membership": membership, "person_id": membership.person_id}
    try:
        with transaction.atomic():
            trial = Trial.objects.create(**own, product=wanted, **lasts)
    except IntegrityError:  # begun with another customer, at this very moment or where the wall hides it
        raise Refused("trial_used", params={"product": wanted.name, "ends_on": ""}) from None
    record(Events.TRIAL_STARTED, trial, on=on, code=wanted.code, until=trial.ends_on)
    return trial


@action(Can.CONVERT_TRIALS)
def convert_trials(actor: Actor, organisation: Organisation, *, product_id: int, on: date) -> Organisation:
    """What the customer's people tried has been bought: their trials say so."""
    rows = Trial.objects.filter(organisation=organisation, product_id=product_id, bought_on=None, started_on__lte=on)
    code = rows.values_list("product__code", flat=True).first() or ""
    count = rows.update(bought_on=on)
    record(Events.TRIAL_BOUGHT, organisation, on=on, code=code, count=count)
    return organisation
