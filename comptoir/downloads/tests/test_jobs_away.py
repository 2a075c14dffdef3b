"""News of releases while the mail server is away for a day: nothing is lost, each digest comes once."""

from datetime import timedelta
from typing import Any

import pytest

from comptoir.downloads.models import NewsChoice, Release
from comptoir.kernel.actor import Actor
from comptoir.kernel.mail import hand_over
from comptoir.kernel.models import Message
from comptoir.kernel.tests.test_mail import Postbox, postbox
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, at_desk, raise_curtain, seat, staff_member
from tests.released import file, release

from .test_updates import night, work_off

__all__ = ["postbox"]
pytestmark = pytest.mark.django_db


def drafted(cast: Cast, version: str) -> Release:
    made = release(cast.sculpt, version, TODAY, state="draft", title=f"Sculpt {version}", published_at=None)
    file(made, f"sculpt-{version}.exe")
    return made


def handed_over(cast: Cast) -> int:
    """Try every mail that waits, as its job does; how many the server would not take."""
    failed = 0
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        waiting = list(Message.objects.filter(state="waiting").order_by("pk").values_list("once", flat=True))
    for once in waiting:
        try:
            hand_over(Actor.job("kernel.hand_over", cast.nord.pk), once=once)
        except OSError:
            failed += 1
    return failed


def test_after_a_day_without_a_mail_server_each_digest_comes_once(cast_daily: Cast, postbox: Postbox, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    for day, version in enumerate(("2027.1", "2027.2"), start=1):
        karl.post(f"/desk/releases/SCLT/{drafted(cast_daily, version).pk}/publication/")
        work_off()
        night(cast_daily, TODAY + timedelta(days=day))
        assert handed_over(cast_daily) == day  # the digest of the day before still waits
    assert postbox.mails == []
    settings.EMAIL_PORT = port
    for _again in range(2):
        night(cast_daily, TODAY + timedelta(days=2))
        assert handed_over(cast_daily) == 0
    assert {mail["To"] for mail in postbox.mails} == {cast_daily.emil.email}
    came = [mail.get_payload()[0].get_payload(decode=True).decode() for mail in postbox.mails]
    assert [(text.count("Sculpt 2027.1"), text.count("Sculpt 2027.2")) for text in came] == [(1, 0), (0, 1)]


@pytest.fixture
def cast_daily() -> Cast:
    """Emil has a seat, and hears of releases once a day; the others never."""
    made = raise_curtain()
    seat(made.subscription, made.emil)
    for member in (made.camille, made.sofia, made.emil, made.oskar):
        with wall_opened(person=member.person_id):
            NewsChoice.objects.create(person_id=member.person_id, when="daily" if member == made.emil else "never")
    return made
