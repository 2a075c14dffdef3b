"""The calendar of renewals: by its secret address alone, never more than its owner may see at that moment."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.subscriptions.models import CalendarFeed, Subscription
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/calendar/"


@pytest.fixture
def cast() -> Cast:
    cache.clear()
    return raise_curtain()


def made(member: Membership, language: str = "en") -> str:
    """The path of a new address."""
    page = signed_in(member, language).post(f"{PAGE}address/").content.decode()
    return re.search(r"/calendar/[\w-]+\.ics", page)[0]  # type: ignore[index]


def events(path: str) -> list[tuple[date, str, str]]:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    found = Calendar.from_ical(answer.content)
    return [(each["dtstart"].dt, str(each["summary"]), str(each["description"])) for each in found.walk("VEVENT")]


def test_the_address_shows_each_renewal_on_its_day_with_its_amount(cast: Cast) -> None:
    ((day, summary, description),) = events(made(cast.camille))
    assert (day, summary) == (date(2027, 4, 10), "Sculpt LT renews by itself, 4 seats")
    assert "1,000.00\xa0EUR without tax, as planned today" in description
    assert "/c/5200001/subscriptions/560000001/" in description


def test_who_sees_no_prices_reads_no_amounts(cast: Cast) -> None:
    ((_day, _summary, description),) = events(made(cast.rita))
    assert "EUR" not in description


def test_it_speaks_the_language_in_which_it_was_made(cast: Cast) -> None:
    ((_day, summary, _description),) = events(made(cast.camille, "fr"))
    assert "se renouvelle" in summary


def test_only_the_digest_is_kept_and_the_address_is_shown_once(cast: Cast) -> None:
    path = made(cast.camille)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    with wall_opened(read=[cast.nord.pk]):
        feed = CalendarFeed.objects.get()
        assert secret not in feed.digest
        assert not Event.objects.filter(detail__icontains=secret).exists()
    assert secret not in signed_in(cast.camille).get(PAGE).content.decode()


def test_a_new_address_ends_the_one_before_and_a_revoked_one_is_as_if_it_had_never_been(cast: Cast) -> None:
    first = made(cast.camille)
    second = made(cast.camille)
    assert Client().get(first).status_code == 404
    assert len(events(second)) == 1
    assert signed_in(cast.camille).post(f"{PAGE}revocation/").status_code == 302
    gone, never = Client().get(second), Client().get("/calendar/none-of-ours.ics")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert gone.content == never.content


def test_it_ends_when_its_owner_leaves_or_is_shut_out(cast: Cast) -> None:
    path = made(cast.camille)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Membership.objects.filter(pk=cast.camille.pk).update(left_on=TODAY)
    assert Client().get(path).status_code == 404
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Membership.objects.filter(pk=cast.camille.pk).update(left_on=None)
    assert Client().get(path).status_code == 200


def test_it_follows_the_roles_of_the_moment(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000009", seats=2, start=date(2026, 9, 6))
    path = made(cast.anton)
    assert [summary for _day, summary, _description in events(path)] == ["Sculpt LT renews by itself, 2 seats"]
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        RoleGrant.objects.filter(membership=cast.anton).delete()
    assert Client().get(path).status_code == 404


def test_no_other_customers_renewals_are_in_it(cast: Cast) -> None:
    path = made(cast.camille)
    said = Client().get(path).content.decode()
    assert cast.foreign_subscription.number not in said
    assert cast.est.name not in said
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    assert "ends unless somebody renews it" in events(path)[0][1]


def test_whoever_sees_no_contracts_makes_none(cast: Cast) -> None:
    for member in (cast.emil, cast.oskar):
        assert signed_in(member).post(f"{PAGE}address/").status_code == 404
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        assert not CalendarFeed.objects.exists()


def test_an_address_that_is_asked_too_often_has_to_wait(cast: Cast) -> None:
    path = made(cast.camille)
    asked = [Client().get(path).status_code for _ in range(61)]
    assert asked == [200] * 60 + [429]


def test_the_page_says_what_it_shows(cast: Cast) -> None:
    said = words_of(signed_in(cast.camille).get(PAGE))
    assert "it reads a secret address that is yours alone" in said
