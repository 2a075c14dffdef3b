"""The licence check of an activated device is answered before all that belongs to pages, and never differently."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product as product_of
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.entitlements.actions.licences import end_key
from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.entitlements.models import Device, LicenceKey
from comptoir.entitlements.tests.test_licences import CHECK, change, licensed, look, new_key, secret, who
from comptoir.kernel.clock import now
from comptoir.kernel.models import House
from comptoir.organisations.actions.people import remove_people
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, nights_are_over
from tests.released import release

QUICK = "comptoir.kernel.quick.QuickAnswers"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    yield from licensed(monkeypatch)


def ask(mine: str, product: str = "SCLT", version: str = "", **more: Any) -> Any:
    told = {"product": product, "version": version}
    return Client().get(CHECK, told, headers={"Authorization": f"Bearer {mine}", **more.pop("headers", {})}, **more)


def nothing(cast: Cast) -> None:
    """All is as it was."""


def seat_goes(cast: Cast) -> None:
    take_back(actor_of(cast.sofia), cast.subscription, members=[cast.emil.pk], on=TODAY)


def person_leaves(cast: Cast) -> None:
    remove_people(actor_of(cast.camille), cast.nord, members=[cast.emil.pk], on=TODAY)


def person_is_put_to_rest(cast: Cast) -> None:
    look(cast, lambda: Membership.objects.filter(pk=cast.emil.pk).update(active=False))


def device_ends(cast: Cast) -> None:
    change(cast, Device, ended_at=now())


def used_elsewhere(cast: Cast) -> None:
    secret(who(cast.emil), 2)
    look(cast, lambda: Device.objects.filter(place=2).update(in_use=True, used_at=now()))


def seats_halve(cast: Cast) -> None:
    assign(actor_of(cast.sofia), cast.subscription, members=[cast.rita.pk, cast.pierre.pk, cast.camille.pk], on=TODAY)
    change(cast, Subscription, seats_at_renewal=2)
    House.objects.update(business_day=date(2027, 4, 10))


def grace_begins(cast: Cast) -> None:
    change(cast, Subscription, automatic_renewal=False, lapses_on=date(2027, 4, 10))
    nights_are_over(date(2027, 6, 30))
    House.objects.update(business_day=date(2027, 4, 24))


def grace_is_over(cast: Cast) -> None:
    grace_begins(cast)
    House.objects.update(business_day=date(2027, 4, 25))


def versions_come_out(cast: Cast) -> None:
    for version, day in (("2025", "2024-10-01"), ("2026", "2025-10-01"), ("2027", "2026-10-01")):
        release(cast.sculpt, version, date.fromisoformat(day))


WHAT_HAPPENS = [
    nothing,
    seat_goes,
    person_leaves,
    person_is_put_to_rest,
    device_ends,
    used_elsewhere,
    seats_halve,
    grace_begins,
    grace_is_over,
    versions_come_out,
]


@pytest.mark.parametrize("happens", WHAT_HAPPENS)
def test_the_quick_answer_is_the_answer_of_the_operation(
    cast: Cast, settings: LazySettings, happens: Callable[[Cast], None]
) -> None:
    mine = secret(who(cast.emil))
    by_key = secret(new_key(cast, None), 7)
    happens(cast)
    asked = list(product_of((mine, by_key), ("SCLT", "NONE", ""), ("", "2025", "2027")))
    quick = [ask(*one) for one in asked]
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != QUICK]
    slow = [ask(*one) for one in asked]
    assert [(one.status_code, one.json()) for one in quick] == [(one.status_code, one.json()) for one in slow]
    assert {one["Content-Type"] for one in quick if one.status_code == 200} <= {"application/json; charset=utf-8"}


def test_a_key_that_ended_is_refused_at_the_next_check(cast: Cast) -> None:

    mine = secret(new_key(cast, cast.emil), 3)
    assert ask(mine).status_code == 200
    row = look(cast, LicenceKey.objects.get)
    end_key(actor_of(cast.sofia), cast.subscription, key=row.pk, on=TODAY)
    assert ask(mine).status_code == 401


def test_it_is_one_statement_and_kept_by_nobody(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    with CaptureQueriesContext(connection) as asked:
        answer = ask(mine)
    assert len(asked) == 1
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


def test_another_host_is_refused_and_nothing_is_told(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    answer = ask(mine, headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert b"allowed" not in answer.content


def test_without_tls_the_caller_is_sent_to_it(cast: Cast, settings: LazySettings) -> None:
    mine = secret(who(cast.emil))
    settings.SECURE_SSL_REDIRECT = True
    assert ask(mine).status_code == 301
    assert ask(mine, secure=True).status_code == 200


def test_a_device_is_noted_as_seen_by_the_quick_answer_too(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    before = now() - timedelta(minutes=11)
    change(cast, Device, last_seen_at=before, activated_at=before - timedelta(days=1))
    assert ask(mine).status_code == 200
    assert look(cast, lambda: Device.objects.get().last_seen_at) > before
