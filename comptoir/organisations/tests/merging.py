"""What the tests of merged accounts share: the second account of somebody of the cast, merging it, and the jobs that follow."""

from datetime import date

from comptoir.identity.actions import merge_accounts
from comptoir.identity.models import Merge
from comptoir.identity.queries import myself, signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.gate import themselves
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.tests.stage import stepped_up
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests.cast import TODAY


def merge(kept: Membership, closed: Membership, on: date = TODAY) -> Merge:
    """Close the account of the second and lead it to that of the first, as they themselves do who have just proved both."""
    with wall_opened(person=kept.person_id):
        actor = stepped_up(themselves(kept.person_id), now())
        return merge_accounts(actor, myself(kept.person_id), other=closed.person_id, on=on)


def bring_over(merge: Merge) -> None:
    """What a worker does: the job of each customer that is still awaited."""
    with signing_in():
        merge = Merge.objects.get(pk=merge.pk)
    for customer in merge.customers:
        with wall_opened(read=[customer], write=customer):
            JOBS["organisations.bring_over"][0](Actor.job("organisations.bring_over", customer), merge_id=merge.pk)


def merged(kept: Membership, closed: Membership) -> Merge:
    """Both, and the merge as it is then."""
    made = merge(kept, closed)
    bring_over(made)
    with signing_in():
        return Merge.objects.get(pk=made.pk)
