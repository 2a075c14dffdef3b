"""Mails about what is to be installed and about trials that end: each once, in the reader's language, to nobody else."""

from datetime import date, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.downloads.jobs import reminding, trials
from comptoir.downloads.models import AssignedUpdate, Release, Trial
from comptoir.downloads.rules.reminding import reminder_day
from comptoir.entitlements.models import Assignment
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.models import House, Message
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, product, raise_curtain, seat, signed_in
from tests.released import file, release

from .test_updates import assigned, work_off

pytestmark = pytest.mark.django_db
DUE = TODAY + timedelta(days=10)


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    seat(made.subscription, made.emil)
    return made


@pytest.fixture
def update(cast: Cast) -> Release:
    return release(cast.sculpt, "2027", date(2026, 3, 24), title_fr="Sculpt LT 2027 (fr)")


def letters(cast: Cast, kind: str) -> list[Message]:
    with wall_opened(read=[cast.nord.pk]):
        return list(Message.objects.filter(once__startswith=f"{kind}:").order_by("id"))


def night(cast: Cast, day: date) -> None:
    House.objects.update(business_day=day)
    for part in (reminding, trials):
        with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
            if cast.nord.pk in part.due([cast.nord.pk], day):
                body = reminding.remind if part is reminding else trials.trials_ending
                body(Actor.job("test", cast.nord.pk), day=day)
    work_off()


@pytest.mark.parametrize(("days_before", "reminded_before"), [(30, 3), (4, 3), (3, 2), (2, 1), (1, 0), (0, None)])
def test_one_reminder_comes_three_days_before_or_the_day_after(days_before: int, reminded_before: int | None) -> None:
    deadline = date(2026, 12, 24)
    day = reminder_day(deadline - timedelta(days=days_before), deadline)
    assert day == (None if reminded_before is None else deadline - timedelta(days=reminded_before))


def test_who_is_asked_to_install_it_hears_once_from_whom_and_until_when(cast: Cast, update: Release) -> None:
    signed_in(cast.emil, "fr")
    assert assigned(signed_in(cast.sofia), update, members=[cast.emil.pk], deadline=DUE.isoformat()) == 302
    assert assigned(signed_in(cast.camille), update, to="everybody", deadline=DUE.isoformat()) == 302
    work_off()
    told = {letter.to.split(".")[0]: letter for letter in letters(cast, "update-asked")}
    assert sorted(told) == ["camille", "emil", "sofia"]  # Emil once, though two ask him
    emil = told["emil"]
    assert emil.subject == "Sofia Costa vous demande d’installer Sculpt LT 2027 (fr)"
    assert "d’ici le 1 décembre 2026" in emil.text.replace("1ᵉʳ", "1").replace("1er", "1")
    assert f"/c/5200001/updates/{update.pk}/" in emil.text
    assert 'href="http://' in emil.html or 'href="https://' in emil.html
    assert told["sofia"].subject == "Camille Morel asks you to install Sculpt LT 2027"
    work_off()
    assert len(letters(cast, "update-asked")) == 3


def test_who_has_not_installed_it_is_reminded_once_before_the_deadline(cast: Cast, update: Release) -> None:
    assigned(signed_in(cast.sofia), update, to="everybody", deadline=DUE.isoformat())
    signed_in(cast.camille).post(f"/c/5200001/updates/{update.pk}/installation/")
    night(cast, DUE - timedelta(days=4))
    assert letters(cast, "update-due") == []
    for day in (3, 3, 2, 0, -1):
        night(cast, DUE - timedelta(days=day))
    found = letters(cast, "update-due")
    assert sorted(letter.to.split(".")[0] for letter in found) == ["emil", "sofia"]
    assert found[0].subject == "Please install Sculpt LT 2027 by 1 December 2026"
    assert "one click on that page ends the reminders" in found[0].text


@pytest.mark.parametrize("what", ["taken back", "withdrawn", "seat lost", "left"])
def test_nobody_is_reminded_of_what_no_longer_holds(cast: Cast, update: Release, what: str) -> None:
    assigned(signed_in(cast.sofia), update, members=[cast.emil.pk], deadline=DUE.isoformat())
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        match what:
            case "taken back":
                AssignedUpdate.objects.update(ended_on=TODAY)
            case "withdrawn":
                Release.objects.update(state="withdrawn", withdrawn_because="no")
            case "seat lost":
                Assignment.objects.update(ended_on=TODAY)
            case _:
                type(cast.emil).objects.filter(pk=cast.emil.pk).update(left_on=TODAY)
    night(cast, DUE - timedelta(days=3))
    assert letters(cast, "update-due") == []
    assert letters(cast, "update-asked") == []  # the job came after it


def test_killed_between_two_batches_everybody_is_asked_once(cast: Cast, update: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "BATCH", 1)
    assigned(signed_in(cast.sofia), update, to="everybody", deadline=DUE.isoformat())
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "updates.asked:raise")
    with pytest.raises(FailpointRaised):
        work_off()
    assert letters(cast, "update-asked") == []
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    work_off()
    assert len(letters(cast, "update-asked")) == 3


@pytest.fixture
def trial(cast: Cast) -> Trial:
    plan = product("PLAN", "Plan", {"year": (100, 100)})
    file(release(plan, "2027", date(2026, 3, 24)), "plan.exe")
    assert signed_in(cast.rita).post("/c/5200001/trials/PLAN/").status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        return Trial.objects.get()


def test_a_trial_tells_a_week_before_its_end_and_at_its_end(cast: Cast, trial: Trial) -> None:
    signed_in(cast.rita, "fr")
    for ahead in (8, 7, 7, 6, 1):
        night(cast, trial.ends_on - timedelta(days=ahead))
    (before,) = letters(cast, "trial-ending")
    assert (before.to, before.subject) == (
        "rita.nielsen@example.com",
        "Votre essai du produit Plan se termine le 21 décembre 2026",
    )
    assert "demandez à Camille Morel" in before.text
    assert letters(cast, "trial-ended") == []
    for ahead in (0, 0, -1):
        night(cast, trial.ends_on - timedelta(days=ahead))
    (after,) = letters(cast, "trial-ended")
    assert after.subject == "Votre essai du produit Plan est terminé"
    assert "rien n’est facturé" in after.text
    assert "/catalogue/PLAN/" in after.html


@pytest.mark.parametrize("what", ["bought", "seat", "left"])
def test_a_trial_that_goes_on_otherwise_tells_nobody(cast: Cast, trial: Trial, what: str) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk), connection.cursor() as cursor:
        match what:
            case "bought":
                Trial.objects.update(bought_on=TODAY)
            case "left":
                type(cast.rita).objects.filter(pk=cast.rita.pk).update(left_on=TODAY)
            case _:
                cursor.execute("UPDATE downloads_trial SET product_id = %s", [cast.sculpt.pk])
                seat(cast.subscription, cast.rita)
    for ahead in (7, 0):
        night(cast, trial.ends_on - timedelta(days=ahead))
    assert letters(cast, "trial-ending") == letters(cast, "trial-ended") == []


def test_a_night_that_is_late_speaks_of_no_end_to_come(cast: Cast, trial: Trial) -> None:
    House.objects.update(business_day=trial.ends_on)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        trials.trials_ending(Actor.job("test", cast.nord.pk), day=trial.ends_on - timedelta(days=7))
        trials.trials_ending(Actor.job("test", cast.nord.pk), day=trial.ends_on)
    assert letters(cast, "trial-ending") == []
    assert len(letters(cast, "trial-ended")) == 1
    assert not ProcrastinateJob.objects.filter(args__name__startswith="downloads.trial").exists()
