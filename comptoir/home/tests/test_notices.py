"""The bell: what concerns somebody is noted once, off the log, seen by them alone, and read by them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.entitlements.actions.seats import assign, swap, take_back
from comptoir.home import jobs
from comptoir.home.actions import KEPT_DAYS
from comptoir.home.models import LogRead, Notice
from comptoir.home.queries.concerning import WHOM, behind
from comptoir.home.queries.notices import TELLS, head_and_unread
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import approve, ask, decline
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event
from comptoir.kernel.tests.stage import inside, token_of
from comptoir.kernel.tests.test_api import call
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions import add_people, give_role
from comptoir.organisations.models import Membership
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, words_of
from tests.released import file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/notices/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def read_logs(cast: Cast) -> None:
    """What the worker does every few seconds, for Atelier Nord."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        jobs.note(Actor.job("home.note_notices", cast.nord.pk))


def seated(cast: Cast, *members: Membership) -> None:
    with inside(cast.camille) as actor:
        assign(actor, cast.subscription, members=[each.pk for each in members], on=TODAY)


def told(who: Membership) -> str:
    return words_of(signed_in(who).get(PAGE))


def noted(cast: Cast) -> list[tuple[str, bool]]:
    with wall_opened(read=[cast.nord.pk]):
        rows = Notice.objects.order_by("membership__name", "seq").values_list("membership__name", "read_at")
        return [(name, at is None) for name, at in rows]


def test_who_is_given_a_seat_finds_it_in_the_bell_and_nobody_else_does(cast: Cast) -> None:
    seated(cast, cast.emil, cast.rita)
    assert "Nothing is new." in told(cast.emil)
    read_logs(cast)
    assert "1 is new." in told(cast.emil)
    assert "You have a seat of Sculpt LT. by Camille Morel 21 November 2026, today new Read" in told(cast.emil)
    assert noted(cast) == [("Emil Larsen", True), ("Rita Nielsen", True)]
    for other in (cast.camille, cast.sofia):  # her own doing; not her seat
        assert "No notices yet" in told(other)
    assert signed_in(cast.oskar).get(PAGE).status_code == 404


def test_a_log_that_is_read_again_tells_nothing_twice(cast: Cast) -> None:
    seated(cast, cast.emil)
    for _again in range(2):
        read_logs(cast)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        LogRead.objects.update(seq=0)
    read_logs(cast)
    assert noted(cast) == [("Emil Larsen", True)]


def test_broken_off_nothing_is_noted_and_the_next_job_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    seated(cast, cast.emil)
    with monkeypatch.context() as armed:
        armed.setenv("COMPTOIR_FAILPOINT", "notices.noted:raise")
        with pytest.raises(FailpointRaised):
            read_logs(cast)
    assert noted(cast) == []
    read_logs(cast)
    assert noted(cast) == [("Emil Larsen", True)]


def test_what_is_read_is_not_counted_one_by_one_or_all_at_once(cast: Cast) -> None:
    seated(cast, cast.emil)
    with inside(cast.camille) as actor:
        take_back(actor, cast.subscription, members=[cast.emil.pk], on=TODAY)
        give_role(actor, cast.nord, member=cast.emil.pk, role="payer", on=TODAY)
    read_logs(cast)
    emil = signed_in(cast.emil)
    page = emil.get(PAGE)
    assert page.context["shell"].notices_new == 3
    said = words_of(page)
    for sentence in ("You have the role: Payer.", "You have no seat of Sculpt LT any more.", "You have a seat of Sculpt LT."):
        assert sentence in said
    newest, *_others = [each.seq for each in page.context["page"].rows]
    assert emil.post(f"{PAGE}read/", {"only": newest}).status_code == 302
    assert emil.get(PAGE).context["shell"].notices_new == 2
    assert signed_in(cast.camille).post(f"{PAGE}read/").status_code == 302
    assert emil.get(PAGE).context["shell"].notices_new == 2  # somebody else's reading
    seated(cast, cast.emil)
    read_logs(cast)
    assert emil.post(f"{PAGE}read/", {"upto": newest}).status_code == 302
    assert emil.get("/c/5200001/").context["shell"].notices_new == 1  # what came after the page was shown
    assert emil.post(f"{PAGE}read/").status_code == 302
    assert "Nothing is new." in words_of(emil.get(PAGE))


def test_answers_and_lists_and_releases_are_told(cast: Cast) -> None:
    for answered in (
        lambda actor, asked: approve(actor, asked, on=TODAY),
        lambda actor, asked: decline(actor, asked, answer="No"),
    ):
        with inside(cast.sofia) as actor:
            asked = ask(actor, cast.subscription, verb="subscriptions.add_seats", arguments={"add": 1}, on=TODAY)
        with inside(cast.camille) as actor:
            answered(actor, asked)
    with inside(cast.camille) as actor:
        add_people(actor, cast.nord, people=[["n@example.com", "N", "N", ""]], language="en", group=None, invite=False, on=TODAY)
    seated(cast, cast.emil)
    out = release(cast.sculpt, "2027", TODAY, state="draft", published_at=None)
    file(out)
    assert (
        at_desk(staff_member("Karl", "Lang", "catalogue")).post(f"/desk/releases/SCLT/{out.pk}/publication/").status_code == 302
    )
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JOBS["downloads.note_news"][0](Actor.job("downloads.note_news", cast.nord.pk), release_id=out.pk, day=TODAY.isoformat())
    read_logs(cast)
    sofia = told(cast.sofia)
    assert "What you asked for was approved. by Camille Morel" in sofia
    assert "What you asked for was declined. by Camille Morel" in sofia
    assert "Your list is done: 1 person was added." in told(cast.camille)
    assert "Sculpt LT 2027 is out." in told(cast.emil)
    assert "Sculpt LT 2027 est disponible." in words_of(signed_in(cast.emil, "fr").get(PAGE))


def test_of_a_swap_each_hears_their_side(cast: Cast) -> None:
    seated(cast, cast.emil)
    with inside(cast.camille) as actor:
        swap(actor, cast.subscription, giver=cast.emil.pk, taker=cast.rita.pk, on=TODAY)
    read_logs(cast)
    assert "You have no seat of Sculpt LT any more." in told(cast.emil)
    rita = told(cast.rita)
    assert ("You have a seat of Sculpt LT." in rita, "any more" in rita) == (True, False)


def test_whatever_concerns_somebody_can_be_told() -> None:
    assert set(WHOM) == set(TELLS)


def test_what_is_old_is_erased_and_stays_in_the_log(cast: Cast) -> None:
    seated(cast, cast.emil)
    read_logs(cast)
    last = TODAY + timedelta(days=KEPT_DAYS)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        assert jobs.due([cast.nord.pk], last) == set()
        assert jobs.due([cast.nord.pk], last + timedelta(days=1)) == {cast.nord.pk}
        jobs.forget(Actor.job("home.forget_notices", cast.nord.pk), day=last + timedelta(days=1))
        assert not Notice.objects.exists()
        assert Event.objects.filter(kind="seats.given").exists()


def test_only_customers_whose_log_has_moved_get_a_job(cast: Cast) -> None:
    both = [cast.nord.pk, cast.est.pk]
    seated(cast, cast.emil)
    with wall_opened(read=both):
        assert behind(both) == [cast.nord.pk]
    read_logs(cast)
    with wall_opened(read=both):
        assert behind(both) == []


def test_a_customer_has_one_waiting_job_at_most_and_another_one_while_it_runs(cast: Cast) -> None:
    def queued(status: str = "todo") -> list[int]:
        rows = ProcrastinateJob.objects.filter(args__name="home.note_notices", status=status).order_by("id")
        return [row.args["organisation_id"] for row in rows]

    seated(cast, cast.emil)
    jobs.read_logs()
    jobs.read_logs()
    assert queued() == [cast.nord.pk]
    seated(cast, cast.rita)
    record_something(cast)
    jobs.read_logs()
    assert queued() == [cast.nord.pk, cast.est.pk]
    # it runs, and may have read before this: what comes now is for the next one
    ProcrastinateJob.objects.filter(args__organisation_id=cast.nord.pk).update(status="doing")
    jobs.read_logs()
    jobs.read_logs()
    assert (queued(), queued("doing")) == ([cast.est.pk, cast.nord.pk], [cast.nord.pk])
    read_logs(cast)
    read_logs(cast)
    assert [name for name, _new in noted(cast)] == ["Emil Larsen", "Rita Nielsen"]


def record_something(cast: Cast) -> None:
    with inside(cast.oskar) as actor:
        assign(actor, cast.foreign_subscription, members=[cast.oskar.pk], on=TODAY)


def test_the_bell_costs_one_statement_with_the_head_of_the_log(cast: Cast) -> None:
    seated(cast, cast.emil)
    read_logs(cast)
    with inside(cast.emil) as actor:
        head_and_unread(actor)  # made once
        with CaptureQueriesContext(
            connection,
        ) as asked:
            head, unread = head_and_unread(actor)
    assert (len(asked), len(head), unread) == (1, 64, 1)


def test_the_api_says_and_does_the_same(cast: Cast) -> None:
    seated(cast, cast.emil)
    read_logs(cast)
    bearer = token_of(cast.emil)
    answer = call("get", "/api/v1/customers/5200001/notices", bearer).json()
    (notice,) = answer["notices"]
    assert (answer["unread"], notice["kind"], notice["new"], notice["by"]) == (1, "seats.given", True, "Camille Morel")
    assert notice["sentence"] == "You have a seat of Sculpt LT."
    assert Client().get(notice["url"]).status_code == 302
    assert call("post", "/api/v1/customers/5200001/notices/read", bearer, {"only": notice["seq"]}).json() == {"unread": 0}
    assert call("get", "/api/v1/customers/5200001/notices", bearer).json()["notices"][0]["new"] is False
