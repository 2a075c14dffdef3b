"""Keys, devices and the licence check: who may use a product, on how many devices, on which at a time (rules 9)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.entitlements.actions.licences import end_key, make_key
from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.entitlements.adapters import forget_guessers
from comptoir.entitlements.models import Device, LicenceKey
from comptoir.entitlements.ports import Ports
from comptoir.entitlements.queries.keys import NewKey, digest_of, typed_key
from comptoir.kernel.clock import now
from comptoir.kernel.models import Event, House
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call, problem
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions.people import remove_people
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, member, nights_are_over, raise_curtain, seat
from tests.released import release

ALL, CHECK = "/api/v1/licences/activations", "/api/v1/licences/check"
PRINT = "0123456789abcdef-{}"


class Signed:
    """Whoever sends their person's number as a token: an OpenID provider that believes everybody."""

    def person_of(self, token: str) -> int | None:
        """The person."""
        return int(token) if token.isdigit() else None


def licensed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Emil has a seat, and whoever brings a person's number is believed to have signed in as them."""
    monkeypatch.setattr(Ports, "bearers", Signed())
    cache.clear()
    made = raise_curtain()
    seat(made.subscription, made.emil)
    yield made
    cache.clear()


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    yield from licensed(monkeypatch)


def look(cast: Cast, rows: Any) -> Any:
    """What is there, looked at inside the wall of Atelier Nord."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        return rows()


def events(cast: Cast, kind: str) -> list[Event]:
    return look(cast, lambda: list(Event.objects.filter(kind__startswith=kind)))  # type: ignore[no-any-return]


def devices(cast: Cast, **told: Any) -> list[Device]:
    return look(cast, lambda: list(Device.objects.filter(**told).order_by("place", "pk")))  # type: ignore[no-any-return]


def change(cast: Cast, rows: Any, **told: Any) -> None:
    assert look(cast, lambda: rows.objects.update(**told))


def asked(*what: Any) -> Any:
    """One call, whatever it answers."""
    return call(*what)


def activate(bearer: str, nth: int = 1, *, key: str = "", **more: str) -> Any:
    body = {"product": "SCLT", "fingerprint": PRINT.format(nth), "name": f"Device {nth}", **more}
    return call("post", ALL, bearer, body, **({"Idempotency-Key": key} if key else {}))


def secret(bearer: str, nth: int = 1, **more: str) -> str:
    answer = activate(bearer, nth, **more)
    assert answer.status_code == 200, answer.content
    text: str = answer.json()["secret"]
    return text


def check(bearer: str, product: str = "SCLT", version: str = "") -> Any:
    return call("get", f"{CHECK}?product={product}&version={version}", bearer)


def who(one: Membership) -> str:
    return str(one.person_id)


def new_key(cast: Cast, whose: Membership | None) -> str:
    new = NewKey()
    told = {"name": "Build machine", "digest": new.digest, "ending": new.ending, "on": TODAY}
    make_key(actor_of(cast.sofia), cast.subscription, member=whose and whose.pk, **told)  # type: ignore[arg-type]
    return new.text


def test_a_person_with_a_seat_activates_and_the_check_says_yes(cast: Cast) -> None:
    answer = activate(who(cast.emil), platform="linux", version="2027").json()
    assert (answer["ground"], answer["product"], answer["name"]) == ("seat", "SCLT", "Device 1")
    assert check(answer["secret"]).json() == {
        "allowed": True,
        "ground": "seat",
        "product": "SCLT",
        "on": TODAY.isoformat(),
        "device": answer["id"],
        "in_use": False,
    }
    assert check(who(cast.emil)).json()["device"] is None
    [row] = devices(cast)
    assert (row.digest, row.membership_id, row.place) == (digest_of(answer["secret"]), cast.emil.pk, 1)
    [event] = events(cast, "device.activated")
    assert event.detail == {"code": "SCLT", "again": False}
    assert answer["secret"] not in look(cast, lambda: str(list(Device.objects.values())))


def test_nobody_without_a_seat_and_the_answer_says_who_can_help(cast: Cast) -> None:
    answer = activate(who(cast.rita))
    assert problem(answer) == (403, "licence_no_seat")
    assert answer.json()["params"]["reasons"] == ["licence_no_seat"]
    assert answer.json()["params"]["who_can_help"] == ["Sofia Costa", "Camille Morel"]
    assert problem(activate(who(cast.oskar))) == (403, "licence_no_seat")
    assert problem(check(who(cast.gaston))) == (403, "licence_person_gone")
    assert devices(cast) == []
    assert problem(check("nobody's")) == (401, "token_unknown")
    assert problem(check("cpta_nothing")) == (401, "token_unknown")
    assert problem(activate(who(cast.emil), product="NONE")) == (422, "product_unknown")


def test_the_very_next_check_after_the_seat_was_taken_back_refuses(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    assert check(mine).status_code == 200
    take_back(actor_of(cast.sofia), cast.subscription, members=[cast.emil.pk], on=TODAY)
    assert problem(check(mine)) == (403, "licence_no_seat")
    assert problem(check(who(cast.emil))) == (403, "licence_no_seat")
    assign(actor_of(cast.sofia), cast.subscription, members=[cast.emil.pk], on=TODAY)
    assert check(mine).status_code == 200  # the activation was kept: nothing has to be typed again


def test_the_devices_and_keys_of_who_leaves_end(cast: Cast) -> None:
    mine, key = secret(who(cast.emil)), new_key(cast, cast.emil)
    remove_people(actor_of(cast.camille), cast.nord, members=[cast.emil.pk], on=TODAY)
    assert problem(check(mine)) == (401, "device_has_ended")
    assert problem(check(key)) == (401, "key_has_ended")
    assert not look(cast, lambda: LicenceKey.objects.filter(ended_at=None).exists())


def test_three_devices_live_and_a_fourth_is_told_which_to_end(cast: Cast) -> None:
    secrets = [secret(who(cast.emil), nth) for nth in (1, 2, 3)]
    answer = activate(who(cast.emil), 4)
    assert problem(answer) == (409, "devices_all_taken")
    assert answer.json()["params"]["names"] == ["Device 1", "Device 2", "Device 3"]
    second = answer.json()["params"]["devices"][1]
    assert asked("delete", f"{ALL}/{second}", secrets[0]).json()["ended_at"] is not None
    assert problem(check(secrets[1])) == (401, "device_has_ended")
    assert activate(who(cast.emil), 4).status_code == 200
    assert [row.place for row in devices(cast, ended_at=None)] == [1, 2, 3]
    assert [one["name"] for one in asked("get", f"{ALL}?product=SCLT", who(cast.emil)).json()] == [
        "Device 1",
        "Device 4",
        "Device 3",
    ]


def test_the_same_device_again_takes_no_second_place(cast: Cast) -> None:
    first, second = secret(who(cast.emil)), secret(who(cast.emil))
    assert len(devices(cast)) == 1
    assert problem(check(first)) == (401, "token_unknown")
    assert check(second).status_code == 200


def test_a_call_sent_twice_with_one_key_gets_the_same_secret(cast: Cast) -> None:
    first, twin = (activate(who(cast.emil), key="once").json() for _ in range(2))
    assert first == twin
    assert first["secret"].startswith("cpta_")
    assert len(events(cast, "device.activated")) == 1
    assert activate(who(cast.emil), key="another").json()["secret"] != first["secret"]
    assert problem(activate(who(cast.emil), 2, key="once")) == (422, "request_key_reused")


def test_one_device_is_in_use_at_a_time(cast: Cast) -> None:
    one, two = (activate(who(cast.emil), nth).json() for nth in (1, 2))

    def use(told: Any, **body: bool) -> Any:
        return call("post", f"{ALL}/{told['id']}/use", told["secret"], body)

    assert use(one).json()["in_use"] is True
    answer = use(two)
    assert problem(answer) == (409, "device_in_use_elsewhere")
    assert answer.json()["params"]["name"] == "Device 1"
    assert problem(check(two["secret"])) == (409, "device_in_use_elsewhere")
    assert check(one["secret"]).json()["in_use"] is True
    assert events(cast, "device.taken_over") == []
    assert use(two, take_over=True).json()["in_use"] is True
    assert problem(check(one["secret"])) == (409, "device_in_use_elsewhere")
    assert problem(use(one)) == (409, "device_in_use_elsewhere")
    assert asked("delete", f"{ALL}/{two['id']}/use", two["secret"]).json() == {"id": two["id"], "in_use": False, "until": None}
    assert use(one).status_code == 200
    assert len(events(cast, "device.")) == 3  # two activations, one take-over: no heartbeat
    assert len(devices(cast, in_use=True)) == 1


def test_a_use_that_is_not_heard_of_ends_by_itself(cast: Cast) -> None:
    one, two = (activate(who(cast.emil), nth).json() for nth in (1, 2))
    call("post", f"{ALL}/{one['id']}/use", one["secret"], {})
    change(cast, Device, used_at=now() - timedelta(minutes=settings.LICENCE_USE_MINUTES, seconds=1))
    assert check(two["secret"]).status_code == 200
    assert call("post", f"{ALL}/{two['id']}/use", two["secret"], {}).json()["in_use"] is True
    assert check(two["secret"]).json()["in_use"] is True


def test_nobody_uses_or_ends_the_device_of_somebody_else(cast: Cast) -> None:
    seat(cast.subscription, cast.rita)
    one, other = activate(who(cast.emil)).json(), secret(who(cast.rita))
    for bearer in (other, who(cast.rita), who(cast.oskar)):
        assert call("post", f"{ALL}/{one['id']}/use", bearer, {}).status_code == 404
        assert asked("delete", f"{ALL}/{one['id']}", bearer).status_code == 404
    assert asked("delete", f"{ALL}/{one['id']}", one["secret"]).status_code == 200


def test_a_key_of_a_person_counts_with_their_devices_and_ends_with_a_click(cast: Cast) -> None:
    key = new_key(cast, cast.emil)
    assert typed_key(key.lower().replace("-", " ")) is not None
    first = secret(key.lower(), 1)
    for nth in (2, 3):
        secret(who(cast.emil), nth)
    assert problem(activate(key, 4)) == (409, "devices_all_taken")
    row = look(cast, LicenceKey.objects.get)
    assert row.ending == key[-4:]
    assert key.replace("-", "") not in look(cast, lambda: str(list(LicenceKey.objects.values())))
    end_key(actor_of(cast.sofia), cast.subscription, key=row.pk, on=TODAY)
    assert problem(check(first)) == (401, "device_has_ended")
    assert problem(activate(key, 5)) == (401, "key_has_ended")
    assert len(devices(cast, ended_at=None)) == 2


def test_a_key_without_a_person_stands_on_a_seat_that_nobody_has(cast: Cast) -> None:
    key = new_key(cast, None)  # four seats: Emil's, this one, two more
    answer = activate(key).json()
    assert (answer["ground"], check(answer["secret"]).json()["ground"]) == ("key", "key")
    new_key(cast, None)
    new_key(cast, None)
    with pytest.raises(Exception, match=r"^key_without_seat$"):
        new_key(cast, None)
    assign(actor_of(cast.sofia), cast.subscription, members=[cast.rita.pk, cast.pierre.pk], on=TODAY)
    assert check(answer["secret"]).status_code == 200  # people first, then keys as they were made: it is the first
    assign(actor_of(cast.sofia), cast.subscription, members=[cast.camille.pk], on=TODAY)
    assert problem(check(answer["secret"])) == (403, "licence_beyond_seats")


def test_a_period_that_ended_refuses_though_no_job_has_run(cast: Cast) -> None:
    for one in (cast.rita, cast.pierre, cast.camille):
        seat(cast.subscription, one)
    secrets = {one: secret(who(one)) for one in (cast.emil, cast.rita, cast.pierre, cast.camille)}
    change(cast, Subscription, seats_at_renewal=2)
    House.objects.update(business_day=date(2027, 4, 9))
    assert {check(each).status_code for each in secrets.values()} == {200}
    House.objects.update(business_day=date(2027, 4, 10))
    kept = {one for one, each in secrets.items() if check(each).status_code == 200}
    assert len(kept) == 2
    gone = next(one for one in secrets if one not in kept)
    assert problem(check(secrets[gone])) == (403, "licence_beyond_seats")
    assert problem(check(who(gone))) == (403, "licence_beyond_seats")


def test_grace_works_and_what_is_suspended_does_not(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    change(cast, Subscription, automatic_renewal=False, lapses_on=date(2027, 4, 10))
    nights_are_over(date(2027, 6, 30))
    for day, status in ((date(2027, 4, 24), 200), (date(2027, 4, 25), 403), (date(2027, 6, 1), 403)):
        House.objects.update(business_day=day)
        assert check(mine).status_code == status, day
    assert problem(check(mine)) == (403, "licence_suspended")


def test_a_maintenance_plan_that_lapsed_leaves_the_version_that_was_owned(cast: Cast) -> None:
    release(cast.sculpt, "2027", date(2026, 10, 1))
    mine = secret(who(cast.emil), version="2027")
    cast.contract.plan = "maintenance"
    look(cast, cast.contract.save)
    change(cast, Subscription, automatic_renewal=False, lapses_on=date(2027, 4, 10))
    nights_are_over(date(2028, 1, 1))
    release(cast.sculpt, "2028", date(2027, 10, 1))
    House.objects.update(business_day=date(2027, 12, 1))
    assert check(mine, version="2027").json()["ground"] == "perpetual"
    assert problem(check(mine, version="2028")) == (403, "licence_suspended")


def test_a_version_that_is_too_old_is_refused_and_the_newest_is_not(cast: Cast) -> None:
    for version, day in (("2025", "2024-10-01"), ("2026", "2025-10-01"), ("2027", "2026-10-01")):
        release(cast.sculpt, version, date.fromisoformat(day))
    mine = secret(who(cast.emil))
    assert check(mine, version="2027").status_code == 200
    assert check(mine, version="a build of ours").status_code == 200
    assert problem(check(mine, version="2025")) == (403, "licence_version_too_old")


def test_an_activation_is_for_one_product(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    assert problem(check(mine, product="NONE")) == (422, "product_unknown")
    assert problem(activate(mine, 2)) == (401, "token_unknown")


def test_the_check_of_an_activation_is_one_statement(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert check(mine).status_code == 200
    assert [query["sql"].partition("(")[0] for query in asked] == ["SELECT * FROM entitlements_licence_of_device"]


def test_a_device_is_noted_as_seen_once_in_some_minutes(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    before = devices(cast)[0].last_seen_at
    check(mine)
    assert devices(cast)[0].last_seen_at == before
    change(cast, Device, last_seen_at=before - timedelta(minutes=11), activated_at=before - timedelta(days=1))
    assert check(mine).status_code == 200
    assert devices(cast)[0].last_seen_at >= before


def test_who_guesses_is_shut_out_and_nobody_else(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    statuses = [check(f"cpta_guess-{nth}").status_code for nth in range(settings.LICENCE_GUESSES + 3)]
    assert statuses == [401] * (settings.LICENCE_GUESSES + 1) + [429] * 2
    assert problem(activate("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")) == (429, "too_many_guesses")
    assert check(mine).status_code == 200  # what is right costs no look at who guessed
    forget_guessers()
    assert check("cpta_guess").status_code == 401
    assert problem(check("cpta_guess")) == (429, "too_many_guesses")  # every other process learns it at its next guess


def test_a_token_of_the_customers_api_is_no_licence(cast: Cast) -> None:
    assert problem(check(token_of(cast.emil))) == (401, "token_unknown")


def test_a_former_member_of_one_customer_is_looked_for_in_the_others(cast: Cast) -> None:
    also = member(cast.est, "Emil", "Larsen")
    take_back(actor_of(cast.sofia), cast.subscription, members=[cast.emil.pk], on=TODAY)
    assert problem(activate(who(cast.emil))) == (403, "licence_no_seat")
    seat(cast.foreign_subscription, also)
    told = activate(who(cast.emil)).json()
    assert check(told["secret"]).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.token', true)")
        assert not cursor.fetchone()[0]
