"""Trials: those that were bought, and those that end."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import job
from comptoir.kernel.nightly import nightly
from comptoir.organisations.queries import own_organisation
from comptoir.subscriptions.models import Subscription

from ..actions.trials import convert_trials
from ..queries.trial_notices import ending_on, who_buys
from ..queries.trials import has_open_trial

ORDER = 84


@job("downloads.convert_trials")
def trials_bought(actor: Actor, *, subscription_id: int) -> None:
    """Trials of a product that the customer bought say so."""
    bought = Subscription.objects.get(organisation_id=actor.customer_id, pk=subscription_id)
    if has_open_trial(actor, bought.product_id):
        convert_trials(actor, own_organisation(actor), product_id=bought.product_id, on=business_day())


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers where a trial ends on that day, or a week later."""
    return {trial.organisation_id for trial in ending_on(ids, day)}


@nightly("downloads.trials_ending", order=ORDER, due=due)
def trials_ending(actor: Actor, *, day: date) -> None:
    """Whoever tries a product hears a week before it ends, and when it has, unless it was bought or they have a seat of it.

    A night that is late tells nobody of an end that is past as if it came.
    """
    customer, today = own_organisation(actor), business_day()
    for trial in ending_on([actor.customer_id], day):
        member, ended = trial.membership, trial.ends_on <= day
        if not ended and trial.ends_on <= today:
            continue
        to = mail.Recipient(member.person_id, member.email, member.name, member.person.language)
        told = {
            "trial": trial,
            "product": trial.product,
            "customer": customer,
            "ended": ended,
            "who_buys": who_buys(actor, member),
        }
        once = f"trial-{'ended' if ended else 'ending'}:{trial.pk}"
        mail.write(to, "downloads/mail/trial_ends", told, once=once, organisation_id=actor.customer_id)
