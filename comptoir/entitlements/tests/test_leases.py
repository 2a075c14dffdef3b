"""Floating seats: taken, kept, borrowed, given back, ended; people who are given seats come first (rules 9)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from comptoir.entitlements import adapters
from comptoir.entitlements.actions.licences import end_key
from comptoir.entitlements.actions.seats import assign
from comptoir.entitlements.models import Assignment, Lease, LicenceKey
from comptoir.entitlements.ports import Ports
from comptoir.entitlements.queries.lines import to_move_up
from comptoir.entitlements.tests.test_licences import Signed, change, check, events, look, new_key, secret
from comptoir.entitlements.tests.test_offline import key_set, opened, revoked
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call, problem
from comptoir.organisations.actions.people import remove_people
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat

LEASES = "/api/v1/licences/leases"
LINE = "/api/v1/customers/5200001/subscriptions/560000001/leases"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Atelier Nord shares two seats of Sculpt LT."""
    monkeypatch.setattr(Ports, "bearers", Signed())
    monkeypatch.setattr(adapters, "_shut", type(adapters._shut)())
    cache.clear()
    made = raise_curtain()
    made.sculpt.sharing = "multi_user"
    made.sculpt.save()
    change(made, Subscription, seats_now=2, seats_at_renewal=2)
    yield made
    cache.clear()


def take(whose: Membership | str, device: int = 1, **more: str) -> Any:
    bearer = whose if isinstance(whose, str) else str(whose.person_id)
    body = {"product": "SCLT", "fingerprint": f"0123456789abcdef-{device}", "name": f"Device {device}"}
    return call("post", LEASES, bearer, body, **more)


def taken(whose: Membership | str, device: int = 1) -> str:
    answer = take(whose, device)
    assert answer.status_code == 201, answer.content
    number: str = answer.json()["lease"]
    return number


def beat(whose: Membership | str, lease: str) -> Any:
    return call("post", f"{LEASES}/{lease}/heartbeat", whose if isinstance(whose, str) else str(whose.person_id))


def borrow(whose: Membership, lease: str, days: int, nth: int = 1) -> Any:
    own = call("get", "/api/v1/licences/activations?product=SCLT", str(whose.person_id)).json()
    device = next(row["id"] for row in own if row["name"] == f"Device {nth}")
    return call("post", f"{LEASES}/{lease}/borrowing", str(whose.person_id), {"activation": device, "days": days})


def test_any_member_takes_a_seat_keeps_it_and_gives_it_back(cast: Cast) -> None:
    told = take(cast.emil).json()
    assert (told["subscription"], told["heartbeat_seconds"], told["ended"]) == ("560000001", 300, False)
    lease = told["lease"]
    assert check(str(cast.emil.person_id)).json()["ground"] == "lease"
    before = len(events(cast, ""))
    with time_machine.travel(now() + timedelta(minutes=14), tick=False):
        assert beat(cast.emil, lease).json()["free_at"] > told["free_at"]
        assert len(events(cast, "")) == before  # a sign of life is no event
    with time_machine.travel(now() + timedelta(minutes=28), tick=False):
        assert call("post", f"{LEASES}/{lease}/return", str(cast.emil.person_id)).json()["ended"] is True
        assert problem(beat(cast.emil, lease)) == (409, "lease_ended")
    assert problem(check(str(cast.emil.person_id)))[1] == "licence_no_seat"
    assert [event.kind for event in events(cast, "lease.")] == ["lease.taken", "lease.returned"]


def test_a_lease_that_is_not_heard_of_frees_itself_without_a_job(cast: Cast) -> None:
    lease = taken(cast.emil)
    taken(cast.rita)
    assert problem(take(cast.pierre)) == (409, "lease_none_free")
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1), tick=False):
        taken(cast.pierre)
        assert problem(beat(cast.emil, lease)) == (409, "lease_ended")
        assert problem(check(str(cast.emil.person_id)))[1] == "licence_no_seat"
        taken(cast.emil)  # another one: pierre and emil, rita was not heard of


def test_who_waits_hears_how_many_hold_it_and_who_as_far_as_they_may_see(cast: Cast) -> None:
    taken(cast.emil)
    seat(cast.subscription, cast.anton)
    answer = take(cast.pierre).json()
    assert (answer["params"]["seats"], answer["params"]["held"], answer["params"]["holders"]) == (2, 2, [])
    assert "Sofia Costa" in answer["params"]["who_can_help"]
    assert take(cast.sofia).json()["params"]["holders"] == ["Anton Weber", "Emil Larsen"]


def test_who_has_a_seat_needs_no_lease_and_named_seats_have_none(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    assert problem(take(cast.emil)) == (409, "lease_has_seat")
    change(cast, Subscription, sharing="named")
    assert problem(take(cast.rita)) == (403, "lease_named_only")
    change(cast, Subscription, sharing="", lapses_on=TODAY - timedelta(days=16))
    assert problem(take(cast.rita)) == (403, "lease_not_running")
    assert look(cast, lambda: Lease.objects.count()) == 0


def test_one_person_holds_one_and_it_moves_with_them(cast: Cast) -> None:
    first = taken(cast.emil)
    second = taken(cast.emil, 2)
    assert problem(beat(cast.emil, first)) == (409, "lease_ended")
    assert beat(cast.emil, second).status_code == 200
    taken(cast.rita)
    assert look(cast, lambda: list(Lease.objects.order_by("pk").values_list("why", flat=True))) == ["moved", "", ""]


def test_sent_twice_with_one_key_it_is_one_lease(cast: Cast) -> None:
    told = [take(cast.emil, **{"Idempotency-Key": "l1"}).json()["lease"] for _ in range(2)]
    assert told[0] == told[1]
    assert look(cast, lambda: Lease.objects.count()) == 1


def test_people_who_are_given_seats_come_first_and_the_last_lease_is_not_renewed(cast: Cast) -> None:
    first, second = taken(cast.emil), taken(cast.rita)
    assign(actor_of(cast.sofia), cast.subscription, members=[cast.anton.pk], on=TODAY)
    assert beat(cast.emil, first).status_code == 200
    assert problem(beat(cast.rita, second)) == (409, "lease_outranked")
    assert problem(check(str(cast.rita.person_id)))[1] == "licence_no_seat"
    assert check(str(cast.emil.person_id)).json()["ground"] == "lease"
    assert problem(take(cast.pierre)) == (409, "lease_none_free")
    with time_machine.travel(now() + timedelta(minutes=14), tick=False):
        beat(cast.emil, first)
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert problem(beat(cast.rita, second)) == (409, "lease_ended")
        assert beat(cast.emil, first).status_code == 200


def test_fewer_seats_end_a_lease_with_the_period_and_no_job(cast: Cast) -> None:
    first, second = taken(cast.emil), taken(cast.rita)
    change(cast, Subscription, seats_at_renewal=1, renews_on=TODAY, automatic_renewal=True)
    assert beat(cast.emil, first).status_code == 200
    assert problem(beat(cast.rita, second)) == (409, "lease_outranked")


def test_a_borrowed_seat_has_a_file_and_nobody_else_is_given_it(cast: Cast) -> None:
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id))  # the same device, activated
    answer = borrow(cast.emil, lease, 7)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    says = opened(told["file"], key_set())
    assert (says["kind"], says["lease"], told["borrowed"], told["ends_on"]) == ("floating", lease, True, "2026-11-28")
    with time_machine.travel(now() + timedelta(days=1), tick=False):  # unheard of, and still taken
        taken(cast.rita)
        assert problem(take(cast.pierre)) == (409, "lease_none_free")
        with pytest.raises(Refused, match="seats_short"):
            assign(actor_of(cast.sofia), cast.subscription, members=[cast.anton.pk, cast.camille.pk], on=TODAY)
        assign(actor_of(cast.sofia), cast.subscription, members=[cast.anton.pk], on=TODAY)
        with pytest.raises(Refused, match="no_seat_left"):
            assign(actor_of(cast.sofia), cast.subscription, members=[cast.camille.pk], on=TODAY)
        assert problem(take(cast.emil, 2)) == (409, "lease_is_borrowed")
    assert revoked() == set()


def test_a_seat_that_comes_back_revokes_its_file_and_goes_to_who_waits(cast: Cast) -> None:
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id))
    told = borrow(cast.emil, lease, 7).json()
    seat(cast.subscription, cast.anton)
    seat(cast.subscription, cast.rita, waiting=True)
    actor = actor_of(cast.sofia)
    assert to_move_up(actor, TODAY) == []
    assert [row.pk for row in to_move_up(actor, TODAY + timedelta(days=7))] == [cast.subscription.pk]
    assert call("post", f"{LEASES}/{lease}/return", str(cast.emil.person_id)).status_code == 200
    assert revoked() == {told["number"]}
    assert look(cast, lambda: Assignment.objects.filter(membership=cast.rita, waiting=False, ended_on=None).count()) == 1


@pytest.mark.parametrize("days", [0, 31])
def test_a_seat_is_borrowed_for_thirty_days_at_most(cast: Cast, days: int) -> None:
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id))
    assert problem(borrow(cast.emil, lease, days))[0] == 422
    assert look(cast, lambda: Lease.objects.get().borrowed_until) is None


def test_a_seat_is_borrowed_by_the_device_that_holds_it(cast: Cast) -> None:
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id), 2)
    assert problem(borrow(cast.emil, lease, 3, nth=2)) == (409, "lease_other_device")


def test_a_borrowed_seat_comes_back_before_there_are_fewer(cast: Cast) -> None:
    turn = TODAY + timedelta(days=4)
    change(cast, Subscription, seats_at_renewal=1, renews_on=turn, lapses_on=turn)
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id))
    assert borrow(cast.emil, lease, 20).json()["ends_on"] == turn.isoformat()


def test_a_machines_key_takes_one_and_loses_it_with_its_end(cast: Cast) -> None:
    typed = new_key(cast, None)
    lease = taken(typed)
    assert check(typed).json()["ground"] == "lease"
    assert beat(typed, lease).status_code == 200
    key = look(cast, lambda: LicenceKey.objects.get())
    end_key(actor_of(cast.camille), cast.subscription, key=key.pk, on=TODAY)
    assert look(cast, lambda: Lease.objects.get().why) == "left"
    assert problem(beat(typed, lease)) == (401, "key_has_ended")


def test_who_leaves_holds_none(cast: Cast) -> None:
    lease = taken(cast.emil)
    secret(str(cast.emil.person_id))
    told = borrow(cast.emil, lease, 7).json()
    remove_people(actor_of(cast.camille), cast.nord, members=[cast.emil.pk], on=TODAY)
    assert revoked() == {told["number"]}
    assert look(cast, lambda: Lease.objects.get().ended_at) is not None


def test_managers_see_who_holds_leases_and_end_one(cast: Cast) -> None:
    lease = taken(cast.emil)
    token = token_of(cast.sofia)
    told = call("get", LINE, token).json()
    assert (told["seats"], told["people"], told["free"]) == (2, 0, 1)
    [held] = told["leases"]
    assert (held["name"], held["device"], held["counts"]) == ("Emil Larsen", "Device 1", True)
    assert call("post", f"{LINE}/{held['id']}/end", token).json()["leases"] == []
    assert problem(beat(cast.emil, lease)) == (409, "lease_ended")
    assert problem(call("post", f"{LINE}/{held['id']}/end", token)) == (409, "lease_ended")
    assert [event.kind for event in events(cast, "lease.")] == ["lease.taken", "lease.ended"]
    for other in (cast.emil, cast.rita, cast.anton):
        assert call("get", LINE, token_of(other)).status_code in {403, 404}


def test_nobody_touches_a_lease_of_somebody_else(cast: Cast) -> None:
    lease = taken(cast.emil)
    for stranger in (cast.rita, cast.oskar):
        bearer = str(stranger.person_id)
        assert problem(beat(stranger, lease)) == (404, "not_found")
        assert problem(call("post", f"{LEASES}/{lease}/return", bearer)) == (404, "not_found")
        assert problem(call("get", f"{LEASES}/{lease}", bearer)) == (404, "not_found")
    assert look(cast, lambda: Lease.objects.get().ended_at) is None
