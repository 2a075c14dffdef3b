"""Lists ask as many questions for many products, releases and people as for few."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client

from comptoir.catalogue.models import Product
from comptoir.downloads.models import Installed, PublicFeed, Release
from comptoir.entitlements.models import Assignment
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast, product, raise_curtain, seat, signed_in, subscribe, words_of
from tests.released import file, release

pytestmark = pytest.mark.django_db
MANY = 60


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    seat(made.subscription, made.emil)
    file(release(made.sculpt, "2027", date(2026, 3, 24)))
    PublicFeed.objects.create(product=made.sculpt, since=TODAY)
    return made


def statements(client: Client, path: str) -> int:
    """How many it takes to answer, once caches are warm."""
    counted: list[str] = []

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        counted.append(sql)
        return execute(sql, params, many, context)

    assert client.get(path).status_code == 200
    with connection.execute_wrapper(count):
        assert client.get(path).status_code == 200
    return len(counted)


def many_more(cast: Cast) -> None:
    """Eight more products that Camille looks after, each with releases, and many more people of Sculpt LT."""
    for index in range(8):
        made = product(f"MORE{index}", f"More {index}", {"year": (100, 100)})
        subscribe(cast.contract, made, f"57000000{index}", seats=5, start=date(2026, 6, 1))
        PublicFeed.objects.create(product=made, since=TODAY)
        for back in range(12):
            file(release(made, str(2027 - back), date(2026, 3, 24) - timedelta(days=365 * back)), f"more-{index}-{back}.exe")
    people = [Person(email=f"p{i}@nord.example", first_name="P", last_name=f"{i:03}", created_on=TODAY) for i in range(MANY)]
    with signing_in():
        Person.objects.bulk_create(people)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=MANY * 2, seats_at_renewal=MANY * 2)
        told = {"organisation": cast.nord, "joined_on": TODAY}
        members = [
            Membership(**told, person=one, name=f"P {i:03}", sort_name=f"{i:03} p", email=one.email)
            for i, one in enumerate(people)
        ]
        Membership.objects.bulk_create(members)
        own = {"organisation": cast.nord, "subscription": cast.subscription, "given_on": TODAY}
        Assignment.objects.bulk_create([Assignment(**own, membership=one) for one in members])
        out = Release.objects.get(product=cast.sculpt)
        had = {"organisation": cast.nord, "release": out, "how": "download", "on": TODAY}
        Installed.objects.bulk_create([Installed(**had, membership=one) for one in members[::3]])


def test_lists_ask_no_more_for_many_products_releases_and_people(cast: Cast) -> None:
    out = Release.objects.get(product=cast.sculpt)
    camille, anybody = signed_in(cast.camille), Client()
    asked = [
        (camille, "/c/5200001/downloads/"),
        (camille, "/c/5200001/updates/"),
        (camille, f"/c/5200001/updates/{out.pk}/"),
        (camille, "/c/5200001/trials/"),
        (camille, "/c/5200001/download-log/"),
        (anybody, "/feeds/SCLT/appcast/windows.xml"),
    ]
    before = [statements(*each) for each in asked]
    many_more(cast)
    assert Product.objects.count() > 8
    assert [statements(*each) for each in asked] == before


def test_who_has_it_is_a_list_of_pages_with_figures_of_all(cast: Cast) -> None:
    many_more(cast)
    page = f"/c/5200001/updates/{Release.objects.get(product=cast.sculpt).pk}/"
    camille = signed_in(cast.camille)
    said = words_of(camille.get(page))
    keepers = 2  # Camille and Sofia look after it; Emil has a seat
    assert f"20 of {MANY + keepers + 1} people have it." in said
    assert "P 055" not in said
    missing = words_of(camille.get(f"{page}?state=missing"))
    assert "P 001" in missing
    assert "P 000" not in missing
    found = words_of(camille.get(f"{page}?q=057+P"))
    assert "P 057" in found
    assert "P 056" not in found


def test_who_has_no_seat_of_it_today_is_not_among_them(cast: Cast) -> None:
    many_more(cast)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        # it renews today with ten seats, and no night has run
        Subscription.objects.filter(pk=cast.subscription.pk).update(seats_at_renewal=10, renews_on=TODAY)
    said = words_of(signed_in(cast.camille).get(f"/c/5200001/updates/{Release.objects.get(product=cast.sculpt).pk}/"))
    assert "of 12 people have it." in said  # ten seats, and two who look after it
    assert "P 055" not in said
