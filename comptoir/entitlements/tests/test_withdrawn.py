"""A signing key is withdrawn, or followed by the next: whose licence files it concerns hear of it, once, with what to do next."""

from collections.abc import Iterator

import pytest

from comptoir.downloads.tests.test_updates import work_off
from comptoir.entitlements.models import LicenceFile, SigningKey
from comptoir.entitlements.queries.withdrawn import stopped_for
from comptoir.entitlements.tests.test_licences import events, licensed, look, secret
from comptoir.entitlements.tests.test_offline import issue, rotate, withdraw
from comptoir.home import jobs as bell
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, signed_in, words_of

LINE = "/c/5200001/subscriptions/560000001/licence-files/"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Emil's device has a licence file; Camille and Sofia look after it, Anton after another contract."""
    for made in licensed(monkeypatch):
        issue(secret(str(made.emil.person_id)))
        yield made


def mails(cast: Cast) -> dict[str, str]:
    rows = look(cast, lambda: list(Message.objects.filter(once__startswith="files-stopped").values_list("to", "text")))
    assert len(rows) == len(dict(rows))
    return {to.split(".")[0]: text for to, text in rows}


def told(cast: Cast, name: str) -> str:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        bell.note(Actor.job("home.note_notices", cast.nord.pk))
    return words_of(signed_in(getattr(cast, name)).get("/c/5200001/notices/"))


def test_where_files_stop_working_holders_and_keepers_get_one_mail_and_find_it_in_the_bell(cast: Cast) -> None:
    kid = SigningKey.objects.get().kid
    withdraw(kid)
    work_off()
    assert set(mails(cast)) == {"emil", "camille", "sofia"}
    for text in mails(cast).values():
        assert "- Sculpt LT (560000001): " in text
        assert LINE in text
        assert "A laptop was stolen" not in text  # why is the vendor's own
    assert "Your licence file of Sculpt LT stopped working" in told(cast, "emil")
    assert "Licence files of Sculpt LT stopped working" in told(cast, "camille")
    assert "stopped working" not in told(cast, "anton") + told(cast, "pierre") + told(cast, "rita")
    (event,) = [event for event in events(cast, "licence_file.revoked") if event.detail["why"] == "signing_key"]
    assert (event.detail["count"], event.detail["kid"], event.subject_number) == (1, kid, "560000001")
    assert look(cast, lambda: LicenceFile.objects.get().why) == "signing_key"
    assert signed_in(cast.emil).get(LINE).status_code == 200  # where the mail leads


def test_jobs_that_run_again_say_nothing_twice(cast: Cast) -> None:
    kid = SigningKey.objects.get().kid
    withdraw(kid)
    work_off()
    before = (mails(cast), len(events(cast, "licence_file")))
    JOBS["entitlements.key_withdrawn"][0](Actor.job("entitlements.key_withdrawn", None), kid=kid, day=TODAY.isoformat())
    for name, more in (("files_stopped", {"day": TODAY.isoformat()}), ("tell_files_stopped", {})):
        with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
            JOBS[f"entitlements.{name}"][0](Actor.job(f"entitlements.{name}", cast.nord.pk), kid=kid, **more)
    work_off()
    assert (mails(cast), len(events(cast, "licence_file"))) == before


def test_a_job_that_dies_between_the_files_and_the_log_has_done_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    kid = SigningKey.objects.get().kid
    withdraw(kid)
    actor = Actor.job("entitlements.files_stopped", cast.nord.pk)
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:raise")
    with pytest.raises(FailpointRaised), wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JOBS["entitlements.files_stopped"][0](actor, kid=kid, day=TODAY.isoformat())
    assert look(cast, lambda: LicenceFile.objects.get().ended_at) is None
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    work_off()
    assert set(mails(cast)) == {"emil", "camille", "sofia"}


def test_who_renewed_meanwhile_and_whose_customer_has_no_file_hears_nothing(cast: Cast) -> None:
    withdraw(SigningKey.objects.get().kid)
    issue(secret(str(cast.emil.person_id)))  # signed by the key that followed at once
    work_off()
    assert mails(cast) == {}
    assert [event for event in events(cast, "licence_file.revoked") if event.detail["why"] == "signing_key"] == []
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        assert stopped_for(Actor.job("entitlements.tell_files_stopped", cast.est.pk), "k") == {}


def test_of_the_next_key_they_hear_in_the_bell_alone(cast: Cast) -> None:
    rotate()
    work_off()
    work_off()
    (event,) = events(cast, "licence_file.next_key")
    assert event.detail["signs_from"]
    for name in ("emil", "camille", "sofia"):
        assert "A new key signs licence files from" in told(cast, name)
    assert "A new key" not in told(cast, "pierre")
    assert look(cast, lambda: Message.objects.count()) == 0
    with wall_opened(read=[cast.est.pk]):
        assert not LicenceFile.objects.exists()
