"""Mail: never lost, written once, handed over by a worker to a real mail server, whatever dies between."""

import email.header
import email.message
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import models
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.mail import HeldBack, Recipient, hand_over, on_our_sheet, rendered, write_rendered
from comptoir.kernel.models import Message
from comptoir.kernel.pause import clear_paused, set_paused
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain

from .stage import at_once, inside, looking, meeting, work


class Postbox:
    """A mail server on this machine: takes what it is given, or refuses one recipient for good."""

    def __init__(self) -> None:
        self.mails: list[email.message.Message] = []
        self.refused = ""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if address == self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.original_content or b""))
        return "250 OK"


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """The server, running; the house knows its address."""
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    yield box
    controller.stop()


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    return raise_curtain()


def write(cast: Cast, once: str = "seats:1", *, secret: bool = False, language: str = "en") -> None:
    with inside(cast.camille):
        to = Recipient(cast.camille.person_id, cast.camille.email, "Camille Morel", "en")
        told = {"once": once, "language": language, "organisation_id": cast.nord.pk, "secret": secret}
        write_rendered(to, "Sièges", "Three more.\n", "<p>Three more.</p>", **told)


def deliver(cast: Cast, *, organisation_id: int | None = None) -> None:
    hand_over(Actor.job("kernel.hand_over", organisation_id or cast.nord.pk), once="seats:1")


def message(cast: Cast, once: str = "seats:1") -> Message:
    with looking(cast.nord.pk):
        return Message.objects.get(once=once)


def test_a_mail_is_handed_to_the_server_as_it_was_written(cast: Cast, postbox: Postbox, settings: Any) -> None:
    write(cast, language="fr")
    deliver(cast)
    (sent,) = postbox.mails
    assert sent["To"] == "camille.morel@example.com"
    assert sent["Content-Language"] == "fr"
    assert str(email.header.make_header(email.header.decode_header(sent["Subject"]))) == "Sièges"
    text, html = sent.get_payload()  # type: ignore[misc]
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")  # type: ignore[union-attr]
    sheet = html.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert '<html lang="fr">' in sheet
    assert '<td class="card"><p>Three more.</p></td>' in sheet
    assert "Une question" in sheet, "who helps stands under it, in the reader's language"
    assert "http" not in sheet.replace(settings.BASE_URL, ""), "nothing is loaded from outside, so nobody is followed"
    kept = message(cast)
    assert (kept.state, kept.text) == (Message.State.HANDED_OVER, "Three more.\n")
    assert kept.handed_over_at is not None


def test_a_mail_of_text_alone_has_a_twin_with_the_code_large_and_what_is_typed_escaped() -> None:
    told = "Hello <b>Mallory</b>,\n\nThis code signs you in:\n\nABC-DEF\n\nhttps://example.com/x/\n"
    sheet = on_our_sheet(Message(subject="D'Angelo & <i>Fils</i>", text=told, language="en"))
    assert '<p class="code">ABC-DEF</p>' in sheet
    assert '<a href="https://example.com/x/"' in sheet
    assert "&lt;b&gt;Mallory" in sheet
    assert "<title>D&#x27;Angelo &amp; &lt;i&gt;Fils&lt;/i&gt;</title>" in sheet


def test_a_name_stands_in_the_subject_as_it_is_written_and_escaped_in_html_alone() -> None:
    to = Recipient(1, "camille@example.com", "Camille O'Neil", "en")
    customer = {"name": "Cabinet D'Angelo & Fils", "number": "5100000"}
    subject, text, html = rendered(to, "organisations/mail/joined", {"customer": customer}, "en")
    assert subject == "You belong to Cabinet D'Angelo & Fils now"
    assert text.startswith("Hello Camille O'Neil,")
    assert "Cabinet D&#x27;Angelo &amp; Fils" in html


def test_the_same_mail_is_written_once_and_its_job_too(cast: Cast, postbox: Postbox) -> None:
    write(cast)
    write(cast)
    with looking(cast.nord.pk):
        assert Message.objects.count() == 1
    assert ProcrastinateJob.objects.count() == 1
    for _ in range(2):
        deliver(cast)
    assert len(postbox.mails) == 1


def test_while_the_server_is_down_the_mail_waits_and_goes_when_it_is_up(cast: Cast, postbox: Postbox, settings: Any) -> None:
    write(cast)
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(OSError, match="refused"):
        deliver(cast)
    assert message(cast).state == Message.State.WAITING
    settings.EMAIL_PORT = up
    deliver(cast)
    assert len(postbox.mails) == 1
    assert message(cast).state == Message.State.HANDED_OVER


def test_a_mailbox_that_is_refused_for_good_is_not_tried_for_ever(cast: Cast, postbox: Postbox) -> None:
    postbox.refused = "camille.morel@example.com"
    write(cast)
    deliver(cast)
    assert postbox.mails == []
    assert message(cast).state == Message.State.HANDED_OVER


def test_the_text_of_a_secret_goes_once_it_is_handed_over(cast: Cast, postbox: Postbox) -> None:
    write(cast, secret=True)
    assert message(cast).text == "Three more.\n"
    deliver(cast)
    assert len(postbox.mails) == 1
    kept = message(cast)
    assert (kept.text, kept.html, kept.subject) == ("", "", "Sièges")


def test_a_paused_house_holds_its_mail(cast: Cast, postbox: Postbox) -> None:
    write(cast)
    set_paused("restored from a backup")
    with pytest.raises(HeldBack, match="restored from a backup"):
        deliver(cast)
    assert postbox.mails == []
    assert message(cast).state == Message.State.WAITING
    clear_paused()
    deliver(cast)
    assert len(postbox.mails) == 1


def test_a_sandbox_without_a_server_keeps_its_mail_to_be_read(cast: Cast) -> None:
    write(cast, secret=True)
    deliver(cast)
    kept = message(cast)
    assert (kept.state, kept.text) == (Message.State.KEPT, "Three more.\n")


def test_a_mail_to_a_person_is_behind_their_own_wall(cast: Cast, postbox: Postbox) -> None:
    to = Recipient(cast.camille.person_id, cast.camille.email, "Camille Morel", "en")
    with wall_opened(person=cast.camille.person_id):
        write_rendered(to, "Code", "1234\n", once="code:1", language="en", secret=True)
    with wall_opened(read=[cast.nord.pk, cast.est.pk], person=cast.emil.person_id):
        assert not Message.objects.exists()
    with pytest.raises(Message.DoesNotExist):
        hand_over(Actor.job("kernel.hand_over", None), once="code:1", person_id=cast.emil.person_id)
    assert postbox.mails == []
    hand_over(Actor.job("kernel.hand_over", None), once="code:1", person_id=cast.camille.person_id)
    assert len(postbox.mails) == 1


def test_nobody_hands_over_the_mail_of_another_customer(cast: Cast, postbox: Postbox) -> None:
    write(cast)
    with pytest.raises(Message.DoesNotExist):
        deliver(cast, organisation_id=cast.est.pk)
    assert postbox.mails == []
    assert message(cast).state == Message.State.WAITING


def test_a_mail_whose_worker_died_after_the_server_took_it_comes_with_the_same_id(
    committed: Cast, fresh_database: FreshDatabase, postbox: Postbox, settings: Any
) -> None:
    write(committed)
    server = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    killed = work(fresh_database.app_url, COMPTOIR_SMTP_URL=server, COMPTOIR_FAILPOINT="mail.handed_over:kill")
    assert killed.returncode == -signal.SIGKILL
    assert len(postbox.mails) == 1
    assert message(committed).state == Message.State.WAITING, "what was not noted is not lost"
    deliver(committed)
    first, again = (sent["Message-ID"] for sent in postbox.mails)
    assert first == again, "receivers drop the second one"
    assert message(committed).state == Message.State.HANDED_OVER
    deliver(committed)
    assert len(postbox.mails) == 2


def test_two_workers_at_one_mail_hand_it_over_once(committed: Cast, postbox: Postbox) -> None:
    write(committed)
    assert at_once(4, lambda _: deliver(committed)) == [None] * 4
    assert len(postbox.mails) == 1


def test_without_the_lock_two_workers_would_hand_it_over_twice(committed: Cast, postbox: Postbox, monkeypatch: Any) -> None:
    write(committed)
    meet = meeting(2)
    monkeypatch.setattr(models.QuerySet, "select_for_update", lambda rows, **_: rows)
    monkeypatch.setattr(mail, "paused_because", lambda: meet() or "")
    at_once(2, lambda _: deliver(committed))
    assert len(postbox.mails) == 2
