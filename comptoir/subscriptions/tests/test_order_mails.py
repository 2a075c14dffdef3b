"""What follows a purchase by mail: each reader once, in their language, with amounts or without."""

from typing import Any

import pytest
from django.core.mail import EmailMessage
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.billing.models import Attempt, Invoice
from comptoir.billing.tests.paying import give, run_jobs
from comptoir.catalogue.models import Terms
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.mail import hand_over
from comptoir.kernel.models import Message
from comptoir.kernel.tests.stage import inside
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.actions.buying import buy
from comptoir.subscriptions.models import Order
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
WISHES = [["SCLT", "year", 4]]


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=TODAY)
    with signing_in():
        Person.objects.filter(pk__in=[cast.pierre.person_id, cast.sofia.person_id]).update(language="fr")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Organisation.objects.filter(pk=cast.nord.pk).update(invoice_email="ap@nord.example", language="fr")
    return cast


def bought(who: Membership, under: Any, **told: Any) -> Order:
    with inside(who, key="a click") as actor:
        return buy(actor, under, wishes=WISHES, terms_version="7", on=TODAY, **told)


def worked(cast: Cast, *names: str) -> None:
    """Each of these jobs that waits, twice, as after a worker that died."""
    rows = [row for row in ProcrastinateJob.objects.order_by("id").values_list("args", flat=True) if row["name"] in names]
    for _each in range(2):
        for row in rows:
            with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
                JOBS[row["name"]][0](Actor.job(row["name"], cast.nord.pk), **row["arguments"])


def mails(cast: Cast) -> dict[str, Message]:
    """What was written, by whom it is to: none of them twice."""
    with wall_opened(read=[cast.nord.pk]):
        found = list(Message.objects.order_by("id"))
    assert len({each.to for each in found}) == len(found)
    return {each.to: each for each in found}


def plain(message: Message) -> str:
    return message.text.replace("\xa0", " ").replace("\u202f", " ")


def test_a_purchase_is_told_once_to_each_in_their_language_and_amounts_stay_with_those_who_see_them(cast: Cast) -> None:
    order = bought(cast.camille, cast.nord)
    worked(cast, "subscriptions.tell_order_settled", "billing.mail_document")
    told = mails(cast)
    # Anton manages another contract, Rita and Emil see none
    assert set(told) == {cast.camille.email, cast.pierre.email, cast.sofia.email, "ap@nord.example"}
    buyer, payer, coordinator = (told[each.email] for each in (cast.camille, cast.pierre, cast.sofia))
    for part in (f"The order {order.number} of Atelier Nord", "4 seats, paid until 21 November 2027", "4 seats × 280.00 EUR"):
        assert part in plain(buyer)
    assert "Invoice F-2026-000001: 1,344.00 EUR with tax." in plain(buyer)
    assert (payer.language, coordinator.language) == ("fr", "fr")
    assert "4 postes × 280,00 EUR" in plain(payer)
    assert "1 344,00 EUR" in plain(payer)
    assert "4 postes, payés jusqu’au 21 novembre 2027" in plain(coordinator)
    for amount in ("280", "120,00", "344", "EUR", "F-2026"):
        assert amount not in coordinator.text + coordinator.html
    with wall_opened(read=[cast.nord.pk]):
        document = f"billing.document:{Invoice.objects.get().pk}"
    assert [each.attached for each in (buyer, payer, coordinator)] == [document, document, ""]


def test_the_invoice_goes_with_the_mail_of_whoever_pays(cast: Cast, mailoutbox: list[EmailMessage], settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    bought(cast.camille, cast.nord)
    worked(cast, "subscriptions.tell_order_settled")
    with wall_opened(read=[cast.nord.pk]):
        once = Message.objects.get(to=cast.pierre.email).once
    for _each in range(2):
        hand_over(Actor.job("kernel.hand_over", cast.nord.pk), once=once)
    assert [(each.to, [name for name, *_ in each.attachments]) for each in mailoutbox] == [
        ([cast.pierre.email], ["F-2026-000001.pdf"])
    ]


def test_who_buys_under_their_own_contract_hears_beside_those_of_the_whole(cast: Cast) -> None:
    bought(cast.anton, cast.second_contract)
    worked(cast, "subscriptions.tell_order_settled")
    assert set(mails(cast)) == {each.email for each in (cast.anton, cast.camille, cast.pierre, cast.sofia)}


def test_before_a_card_is_charged_nobody_is_told_that_anything_was_bought(cast: Cast) -> None:
    bought(cast.camille, cast.nord, paid_with=give(cast).pk)
    worked(cast, "subscriptions.tell_order_settled", "billing.mail_document")
    assert mails(cast) == {}
    run_jobs()
    with wall_opened(read=[cast.nord.pk]):
        assert Attempt.objects.get().state == "succeeded"
    worked(cast, "subscriptions.settle_order", "subscriptions.tell_order_settled")
    assert mails(cast) == {}  # settling has only now asked for the mails
    worked(cast, "subscriptions.tell_order_settled")
    assert set(mails(cast)) == {each.email for each in (cast.camille, cast.pierre, cast.sofia)}
