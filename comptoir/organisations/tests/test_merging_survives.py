"""Merging two accounts under fire: killed, twice at once, into each other, and while somebody adds the closed one."""

from signal import SIGKILL

import pytest
from django.db import connection, transaction

from comptoir.entitlements.models import Assignment
from comptoir.identity.models import Merge, Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.tests.stage import at_once, inside, kinds_of_events, looking, work
from comptoir.organisations.actions import add_person
from comptoir.organisations.models import Membership
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, member, raise_curtain, seat
from tests.visitor import visited

from .merging import merge

MERGE = "/profile/other-account/merge/"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        return raise_curtain()


def just_now(who: Membership) -> dict[str, object]:
    """What a session holds of somebody who has just shown who they are."""
    proof = [{"method": "password", "at": now().timestamp()}]
    return {"account_authentication_methods": proof, "account_authentication_methods_user": str(who.person_id)}


def the_merge() -> Merge:
    with signing_in():
        return Merge.objects.get()


def test_killed_in_the_middle_each_customer_is_brought_over_once(cast: Cast, fresh_database: FreshDatabase) -> None:
    with transaction.atomic():
        emma = member(cast.nord, "Emma", "Larsen")
        seat(cast.subscription, emma)
        other = member(cast.est, "Emma", "Larsen")
    proved = {"proved": {"by": cast.emil.person_id, "person": emma.person_id, "until": 2**40}, **just_now(cast.emil)}
    form = {"other": emma.person_id}
    killed = visited(cast.emil.person_id, MERGE, form, fresh_database.app_url, "merge.asked:kill", session=proved)
    assert killed.returncode == -SIGKILL
    with signing_in():
        assert (Merge.objects.count(), Person.objects.get(pk=emma.person_id).is_active) == (0, True)
    assert '"status": 302' in visited(cast.emil.person_id, MERGE, form, fresh_database.app_url, session=proved).stdout
    for point in ("merge.united:kill", "job.done:kill"):
        assert work(fresh_database.app_url, COMPTOIR_FAILPOINT=point).returncode == -SIGKILL
        with connection.cursor() as cursor:  # as `pick_up_stalled` does after a while
            cursor.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
    assert work(fresh_database.app_url).returncode == 0
    assert (the_merge().customers, the_merge().done_on) == ([], TODAY)
    assert kinds_of_events(cast.nord.pk).count("member.united") == 1
    assert kinds_of_events(cast.est.pk).count("member.account_changed") == 1
    with looking(cast.nord.pk):
        assert Assignment.objects.get(ended_on=None).membership_id == cast.emil.pk
    with looking(cast.est.pk):
        assert Membership.objects.get(pk=other.pk).person_id == cast.emil.person_id


def codes(answers: list[object]) -> list[str]:
    return sorted(answer.code if isinstance(answer, Refused) else type(answer).__name__ for answer in answers)


@pytest.mark.parametrize("each_other", [True, False])
def test_of_two_who_merge_the_same_two_accounts_at_once_one_does(cast: Cast, each_other: bool) -> None:
    pairs = [(cast.emil, cast.oskar), (cast.oskar, cast.emil) if each_other else (cast.emil, cast.oskar)]
    answers = at_once(2, lambda n: merge(*pairs[n]))
    done = codes(answers)
    assert done.count("Merge") <= 1
    assert set(done) <= {"Merge", "merge_busy", "merge_of_nobody", "DoesNotExist"}
    with signing_in():
        assert Person.objects.filter(pk__in=[cast.emil.person_id, cast.oskar.person_id], is_active=True).count() >= 1
        assert Merge.objects.count() == done.count("Merge")


def test_who_is_added_while_their_account_is_closed_is_no_member_by_the_closed_one(
    cast: Cast, fresh_database: FreshDatabase
) -> None:
    names = {"first_name": "O", "last_name": "O", "language": "en", "invite": False, "on": TODAY}

    def act(n: int) -> object:
        if n:
            return merge(cast.rita, cast.oskar)
        with inside(cast.camille) as actor:
            return add_person(actor, cast.nord, email=cast.oskar.email, **names)

    answers = at_once(2, act)
    if "merge_busy" in codes(answers):
        merge(cast.rita, cast.oskar)
    assert work(fresh_database.app_url).returncode == 0
    with looking(cast.nord.pk):
        assert not Membership.objects.filter(person_id=cast.oskar.person_id, left_on=None).exists()
        assert Membership.objects.get(person_id=cast.rita.person_id).left_on is None
