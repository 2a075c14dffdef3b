"""Updates: seen the moment they are out, told once as each person likes, assigned with a deadline, noted as installed."""

from datetime import date, timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.downloads.jobs import news as jobs
from comptoir.downloads.models import AssignedUpdate, Installed, News, Release
from comptoir.downloads.queries import updates
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Group, GroupMember, Membership
from tests.cast import TODAY, Cast, at_desk, raise_curtain, seat, signed_in, staff_member, words_of
from tests.released import file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/updates/"
SOON = TODAY + timedelta(days=5)


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    seat(made.subscription, made.emil)
    return made


@pytest.fixture
def draft(cast: Cast) -> Release:
    made = release(
        cast.sculpt, "2027.1", TODAY, "update", state="draft", title="Sculpt LT 2027.1", title_fr="Sculpt LT 2027.1 (fr)"
    )
    file(made)
    return made


def published(draft: Release) -> None:
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert karl.post(f"/desk/releases/SCLT/{draft.pk}/publication/").status_code == 302


def work_off(but: frozenset[str] = frozenset({"kernel.hand_over"})) -> list[str]:
    """Run what waits of ours in the queue, until nothing does."""
    done: list[str] = []
    while found := [row for row in ProcrastinateJob.objects.filter(status="todo").order_by("id") if row.args["name"] not in but]:
        for row in found:
            customer = row.args["organisation_id"]
            with wall_opened(read=[customer] if customer else [], write=customer):  # and a transaction
                ProcrastinateJob.objects.filter(pk=row.pk).delete()
                JOBS[row.args["name"]][0](Actor.job("test", customer), **row.args["arguments"])
            done.append(row.args["name"])
    return done


def mails(cast: Cast) -> list[tuple[str, str]]:
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        rows = Message.objects.filter(once__startswith="news:").order_by("to")
        return list(rows.values_list("to", "subject"))


def night(cast: Cast, day: date) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        jobs.digest(Actor.job("test", cast.nord.pk), day=day)
    work_off()


def test_an_update_is_seen_by_those_entitled_the_moment_it_is_out(cast: Cast, draft: Release) -> None:
    assert "Sculpt LT 2027.1" not in words_of(signed_in(cast.emil).get(PAGE))
    published(draft)
    assert "Sculpt LT 2027.1 Sculpt LT, 2027.1 Update 21 November 2026, today not installed yet" in words_of(
        signed_in(cast.emil).get(PAGE)
    )
    assert "2027.1" not in words_of(signed_in(cast.rita).get(PAGE))


def test_a_list_that_leaves_earlier_ones_out_says_where_they_stand(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for nth in (1, 2, 3):
        release(cast.sculpt, f"2027.{nth}", TODAY, "update")
    assert "newest are listed" not in words_of(signed_in(cast.emil).get(PAGE))
    monkeypatch.setattr(updates, "MOST", 2)
    shown = words_of(signed_in(cast.emil).get(PAGE))
    assert "The 2 newest are listed. You find earlier ones with each product under Downloads." in shown
    assert shown.count("Sculpt LT, 2027.") == 2


def test_everybody_entitled_is_told_once_in_their_language(cast: Cast, draft: Release) -> None:
    signed_in(cast.emil, "fr")
    published(draft)
    work_off()
    assert mails(cast) == [
        ("camille.morel@example.com", "Sculpt LT 2027.1 is out"),
        ("emil.larsen@example.com", "Sculpt LT 2027.1 (fr) est disponible"),
        ("oskar.ost@example.com", "Sculpt LT 2027.1 is out"),
        ("sofia.costa@example.com", "Sculpt LT 2027.1 is out"),
    ]
    # the worker died after its work and before its note: every job comes again
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    jobs.note(Actor.job("test", cast.nord.pk), release_id=draft.pk, day=TODAY.isoformat())
    jobs.tell_at_once(Actor.job("test", cast.nord.pk), release_id=draft.pk, after=0)
    work_off()
    assert len(mails(cast)) == 4


def test_batches_skip_nobody(cast: Cast, draft: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    published(draft)
    done = work_off()
    assert done.count("downloads.announce") == 3  # one for each of two customers, and the last finds none
    assert len(mails(cast)) == 4


@pytest.mark.parametrize("point", ["news.announced", "news.written"])
def test_killed_in_the_middle_it_tells_everybody_once(
    point: str, cast: Cast, draft: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    published(draft)
    monkeypatch.setenv("COMPTOIR_FAILPOINT", f"{point}:raise")
    with pytest.raises(FailpointRaised):
        work_off()
    assert mails(cast) == []
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    work_off()
    assert [to.split(".")[0] for to, _subject in mails(cast)] == ["camille", "emil", "oskar", "sofia"]


def test_whoever_likes_one_mail_a_week_gets_it_on_monday(cast: Cast, draft: Release) -> None:
    emil = signed_in(cast.emil)
    assert emil.post("/profile/updates/", {"when": "weekly"}).status_code == 302
    published(draft)
    second = release(cast.sculpt, "2027.2", TODAY, "update", state="draft")
    file(second, "second.exe")
    at_desk(staff_member("Karla", "Lang", "catalogue")).post(f"/desk/releases/SCLT/{second.pk}/publication/")
    work_off()
    assert "emil.larsen@example.com" not in dict(mails(cast))
    night(cast, date(2026, 11, 22))  # a Sunday
    assert "emil.larsen@example.com" not in dict(mails(cast))
    for _ in range(2):
        night(cast, date(2026, 11, 23))
    assert [subject for to, subject in mails(cast) if to.startswith("emil")] == ["2 updates for you"]
    night(cast, date(2026, 11, 30))
    assert sum(to.startswith("emil") for to, _subject in mails(cast)) == 1


def test_who_wants_no_mail_gets_none_and_still_sees_it(cast: Cast, draft: Release) -> None:
    signed_in(cast.emil).post("/profile/updates/", {"when": "never"})
    published(draft)
    work_off()
    night(cast, date(2026, 11, 23))
    assert "emil.larsen@example.com" not in dict(mails(cast))
    assert "Sculpt LT 2027.1" in words_of(signed_in(cast.emil).get(PAGE))
    with wall_opened(read=[cast.nord.pk]):
        assert jobs.due([cast.nord.pk], TODAY) == set()


def test_what_was_withdrawn_meanwhile_is_told_to_nobody(cast: Cast, draft: Release) -> None:
    signed_in(cast.emil).post("/profile/updates/", {"when": "daily"})
    published(draft)
    work_off()
    Release.objects.update(state="withdrawn", withdrawn_because="no")
    night(cast, date(2026, 11, 22))
    assert "emil.larsen@example.com" not in dict(mails(cast))
    with wall_opened(read=[cast.nord.pk]):
        assert not News.objects.filter(told_at=None).exists()


def out(cast: Cast) -> Release:
    return release(cast.sculpt, "2027", date(2026, 3, 24))


def assigned(client: Client, release: Release, **told: object) -> int:
    return client.post(f"{PAGE}{release.pk}/assignment/", {"deadline": SOON.isoformat(), "to": "some", **told}).status_code


def test_an_administrator_asks_people_groups_or_everybody_by_a_day(cast: Cast) -> None:
    update, sofia = out(cast), signed_in(cast.sofia)
    assert assigned(sofia, update, members=[cast.emil.pk]) == 302
    page = words_of(signed_in(cast.emil).get(PAGE))
    assert "You are asked to install 1 update." in page
    assert "to be installed by 26 November 2026" in page
    assert "You are asked" not in words_of(signed_in(cast.camille).get(PAGE))
    assert assigned(sofia, update, members=[cast.emil.pk]) == 409  # again
    assert assigned(sofia, update, to="everybody") == 302
    assert "You are asked to install 1 update." in words_of(signed_in(cast.camille).get(PAGE))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        group = Group.objects.create(organisation=cast.nord, name="Drawing", made_on=TODAY)
        GroupMember.objects.create(organisation=cast.nord, group=group, membership=cast.emil, joined_on=TODAY)
        AssignedUpdate.objects.update(ended_on=TODAY)
    assert "You are asked" not in words_of(signed_in(cast.emil).get(PAGE))
    assert assigned(sofia, update, groups=[group.pk]) == 302
    assert "You are asked to install 1 update." in words_of(signed_in(cast.emil).get(PAGE))


def test_the_wrong_is_not_assigned(cast: Cast) -> None:
    update, sofia = out(cast), signed_in(cast.sofia)
    assert assigned(sofia, update, members=[cast.rita.pk]) == 422  # has no seat
    assert assigned(sofia, update, members=[cast.oskar.pk]) == 422  # of another customer
    assert assigned(sofia, update) == 422  # nobody
    assert assigned(sofia, update, members=[cast.emil.pk], deadline="2026-11-20") == 422
    assert assigned(signed_in(cast.anton), update, members=[cast.emil.pk]) == 409  # looks after another contract
    assert assigned(signed_in(cast.emil), update, members=[cast.emil.pk]) == 404
    with wall_opened(read=[cast.nord.pk]):
        assert not AssignedUpdate.objects.exists()


def test_what_is_late_says_so_until_it_is_installed(cast: Cast) -> None:
    update = out(cast)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"release": update, "assigned_by": cast.sofia, "assigned_on": date(2026, 11, 1), "deadline": date(2026, 11, 20)}
        AssignedUpdate.objects.create(organisation=cast.nord, **told)
    emil = signed_in(cast.emil)
    assert "was due on 20 November 2026" in words_of(emil.get(PAGE))
    assert emil.post(f"{PAGE}{update.pk}/installation/").status_code == 302
    page = words_of(emil.get(PAGE))
    assert "was due" not in page
    assert "Installed" in page


def test_an_administrator_sees_and_notes_who_has_it(cast: Cast) -> None:
    update, sofia = out(cast), signed_in(cast.sofia)
    assert "0 of 3 people have it." in words_of(sofia.get(f"{PAGE}{update.pk}/"))
    assert sofia.post(f"{PAGE}{update.pk}/installation/", {"members": [cast.emil.pk, cast.camille.pk]}).status_code == 302
    page = words_of(sofia.get(f"{PAGE}{update.pk}/"))
    assert "2 of 3 people have it." in page
    assert "Emil Larsen Installed 21 Nov 2026" in page
    with wall_opened(read=[cast.nord.pk]):
        assert set(Installed.objects.values_list("marked_by__name", flat=True)) == {"Sofia Costa"}
    # nobody notes it for others who does not look after it
    signed_in(cast.emil).post(f"{PAGE}{update.pk}/installation/", {"members": [cast.sofia.pk]})
    with wall_opened(read=[cast.nord.pk]):
        assert not Installed.objects.filter(membership=cast.sofia).exists()


def test_an_assignment_is_taken_back(cast: Cast) -> None:
    update, sofia = out(cast), signed_in(cast.sofia)
    assigned(sofia, update, to="everybody")
    with wall_opened(read=[cast.nord.pk]):
        pk = AssignedUpdate.objects.get().pk
    assert signed_in(cast.anton).post(f"/c/5200001/assigned-updates/{pk}/withdrawal/").status_code == 302
    assert "You are asked" in words_of(signed_in(cast.emil).get(PAGE))
    assert sofia.post(f"/c/5200001/assigned-updates/{pk}/withdrawal/").status_code == 302
    assert "You are asked" not in words_of(signed_in(cast.emil).get(PAGE))


def test_whoever_may_not_have_the_product_learns_nothing_of_its_people(cast: Cast) -> None:
    update = out(cast)
    said = words_of(signed_in(cast.rita).get(f"{PAGE}{update.pk}/"))
    assert "You have no access to this product." in said
    assert "Emil" not in said
    assert isinstance(cast.rita, Membership)
