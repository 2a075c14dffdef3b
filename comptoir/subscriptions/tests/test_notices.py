"""The notices of rules 6: each once, on its day, to those whom it concerns, in their language."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from comptoir.billing.tests.paying import POOR, give
from comptoir.contracts.models import Contract
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import within
from comptoir.kernel.models import House, Message
from comptoir.kernel.walls import open_wall
from comptoir.organisations.models import Reseller
from comptoir.subscriptions.jobs.notices import due, notify
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.notice_previews import notices_preview
from comptoir.subscriptions.queries.notices import days_with_notices
from tests.cast import TODAY, Cast, product, raise_curtain, subscribe

from .nights import run_night, run_queue

pytestmark = pytest.mark.django_db
END = date(2027, 4, 10)  # of the cast's subscription


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    open_wall(read=[made.nord.pk], write=made.nord.pk)
    return made


def write(cast: Cast, day: date, today: date | None = None) -> None:
    """The notices of that night."""
    House.objects.update(business_day=today or day)
    if due([cast.nord.pk], day):
        with transaction.atomic():
            actor = Actor.job("night", cast.nord.pk)
            within(actor)
            notify(actor, day=day)


def told(cast: Cast, person: str, first: int, last: int, *, run: bool = False) -> list[tuple[int, str]]:
    """The day after the end and the subject of each mail to somebody, over every night of a range."""
    before, found = set(Message.objects.values_list("pk", flat=True)), []
    for days in range(first, last + 1):
        if run:
            run_night(cast.nord, END + timedelta(days=days))
        write(cast, END + timedelta(days=days))
        mails = Message.objects.exclude(pk__in=before).filter(to__startswith=person).order_by("pk")
        found += [(days, mail.subject) for mail in mails]
        before = set(Message.objects.values_list("pk", flat=True))
    return found


def test_what_renews_by_itself_is_told_30_and_7_days_before(cast: Cast) -> None:
    assert told(cast, "camille", -140, 0) == [(-30, "Sculpt LT renews soon"), (-7, "Sculpt LT renews soon")]
    text = Message.objects.latest("pk").text
    assert "It renews by itself on 10 April 2027. 1,000.00\xa0EUR without tax, on invoice." in text
    assert not Message.objects.filter(to__startswith="sofia").exists(), "no access is at risk"


def test_what_is_renewed_by_hand_is_told_until_it_has_ended(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    expected = [
        *((-days, "Sculpt LT needs to be renewed") for days in (90, 45, 30, 15, 4)),
        (0, "Sculpt LT was not renewed"),
        (11, "Sculpt LT is about to be suspended"),
        (15, "Sculpt LT is suspended"),
        (41, "Sculpt LT is about to end"),
        (45, "Sculpt LT has ended"),
    ]
    assert told(cast, "pierre", -140, 80) == expected
    texts = Message.objects.filter(to__startswith="pierre").order_by("pk")
    assert (
        "Renewed in time it costs 1,000.00\xa0EUR without tax. After that it costs the new price, 1,120.00\xa0EUR."
        in texts[0].text
    )
    coordinator = Message.objects.filter(to__startswith="sofia").order_by("pk")
    assert [mail.subject for mail in coordinator] == [subject for days, subject in expected if days >= -15]
    assert not any("EUR" in mail.text + mail.html for mail in coordinator), "coordinators hear of access, not of amounts"


def test_a_month_is_told_only_what_falls_inside_it(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    start = date(2027, 3, 10)
    subscribe(cast.second_contract, cast.sculpt, "560000051", seats=1, start=start, term="month", automatic_renewal=False)
    mine = [(days, subject) for days, subject in told(cast, "anton", -40, 40)]
    assert [days for days, _subject in mine] == [-30, -15, -4, 0, 11, 15, 26, 30]


def test_an_open_renewal_invoice_lapses_from_its_due_day(cast: Cast) -> None:
    heard = told(cast, "camille", 0, 80, run=True)
    assert heard == [
        (41, "Sculpt LT is about to be suspended"),
        (45, "Sculpt LT is suspended"),
        (71, "Sculpt LT is about to end"),
        (75, "Sculpt LT has ended"),
    ]
    assert "Invoice F-2027-000001, 1,200.00\xa0EUR with tax, is open." in Message.objects.filter(to__startswith="camille")[0].text


def test_a_retired_product_is_told_90_days_before_it_ends(cast: Cast) -> None:
    gone = product("GONE", "Gone", {"month": (900, 900)}, status="retired")
    subscribe(cast.second_contract, gone, "560000061", seats=1, start=date(2026, 4, 10))
    assert [days for days, subject in told(cast, "anton", -100, 0) if "ends" in subject] == [-90]


def test_the_days_with_notices_of_a_stretch_are_those_that_each_night_finds(cast: Cast) -> None:
    gone = product("GONE", "Gone", {"month": (900, 900)}, status="retired")
    subscribe(cast.second_contract, gone, "560000061", seats=1, start=date(2027, 3, 20), term="month")
    subscribe(cast.second_contract, cast.sculpt, "560000051", seats=1, start=date(2026, 4, 25), automatic_renewal=False)
    first, last = END - timedelta(days=40), END + timedelta(days=60)
    nights = [first + timedelta(days=ahead) for ahead in range(1, 101)]
    found = days_with_notices(Actor.job("night", cast.nord.pk), first, last)
    assert found == [night for night in nights if due([cast.nord.pk], night)]
    assert 5 < len(found) < 60


def test_a_failed_charge_is_told_with_each_try(cast: Cast) -> None:
    method = give(cast, POOR)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="card", paid_with=method)
    connection.testing_inside_one = True  # type: ignore[attr-defined]
    try:
        for days in range(14):
            run_night(cast.nord, END + timedelta(days=days))
            run_queue("billing", "subscriptions")
            open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    finally:
        del connection.testing_inside_one  # type: ignore[attr-defined]
    failed = Message.objects.filter(once__startswith="charge-failed", to__startswith="camille").order_by("pk")
    assert ["We try again on 13 April 2027" in failed[0].text, "We don’t try again" in failed[3].text] == [True, True]
    assert failed.count() == 4
    assert not Message.objects.filter(to__startswith="sofia", once__startswith="charge-failed").exists()


def test_everything_of_a_day_is_in_one_mail(cast: Cast) -> None:
    for n in range(3):
        subscribe(cast.contract, cast.sculpt, f"56000007{n}", seats=1, start=date(2026, 4, 10))
    assert told(cast, "camille", -31, -29) == [(-30, "News of 4 subscriptions of Atelier Nord")]
    assert told(cast, "camille", -31, -29) == [], "run again it writes nothing"


def test_a_night_that_is_late_tells_what_is_still_true_and_nothing_twice(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    today = END + timedelta(days=12)
    for days in range(-16, 13):
        write(cast, END + timedelta(days=days), today)
    mails = Message.objects.filter(to__startswith="camille")
    assert mails.count() == 1
    assert "nobody can use it until" in mails[0].text
    assert "Renew it by then" not in mails[0].text


def test_it_is_written_in_the_readers_language(cast: Cast) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.signing_in', 'yes', true)")
        Person.objects.filter(pk=cast.camille.person_id).update(language="fr")
        cursor.execute("SELECT set_config('app.signing_in', '', true)")
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    write(cast, END - timedelta(days=30))
    assert {mail.to.partition(".")[0]: mail.language for mail in Message.objects.all()} == {"camille": "fr", "pierre": "en"}


def test_the_reseller_of_a_contract_that_it_sold_hears_without_amounts(cast: Cast) -> None:
    reseller = Reseller.objects.create(number="R1", name="Revente", email="news@revente.example")
    Contract.objects.filter(pk=cast.contract.pk).update(channel="reseller", reseller=reseller)
    write(cast, END - timedelta(days=30))
    mail = Message.objects.get(to="news@revente.example")
    assert "It is paid until 9 April 2027" in mail.text
    assert "EUR" not in mail.text


def test_an_unpaid_addition_is_told_twice(cast: Cast) -> None:
    from comptoir.subscriptions.actions.seats import add_seats
    from comptoir.subscriptions.queries.seats import subscription_of

    from .test_add_seats import actor_of

    camille = actor_of(cast.camille)
    add_seats(camille, subscription_of(camille, "560000001"), add=1, on=TODAY)
    days = []
    for day in range(1, 49):
        before = Message.objects.filter(to__startswith="camille").count()
        write(cast, TODAY + timedelta(days=day))
        days += [day] * (Message.objects.filter(to__startswith="camille").count() - before)
    assert days == [31, 38]


def test_the_desk_reads_them_beforehand_in_both_languages(cast: Cast) -> None:
    actor = Actor.job("desk", cast.nord.pk)
    found = notices_preview(actor, END - timedelta(days=31), days=3)
    assert [(each.on, each.email.partition(".")[0]) for each in found] == [
        (END - timedelta(days=30), "camille"),
        (END - timedelta(days=30), "pierre"),
    ]
    assert [written.language for written in found[0].written] == ["en", "fr"]
    assert "It renews by itself on 10 April 2027." in found[0].written[0].text
    assert not Message.objects.exists(), "nothing is written"
