"""Whatever is sent to the licence API: a clear refusal, nothing changed, nothing told of anybody else."""

import json
from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client

from comptoir.entitlements.actions.signing import rotate_signing_key, withdraw_signing_key
from comptoir.entitlements.adapters import forget_guessers
from comptoir.entitlements.models import Device, Lease, LicenceFile, SigningKey
from comptoir.entitlements.tests.test_leases import borrow, take, taken
from comptoir.entitlements.tests.test_licences import activate, cast, check, look, secret, who
from comptoir.entitlements.tests.test_offline import issue, key_set, opened, revoked
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.kernel.tests.test_api import call, problem
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, seat

__all__ = ["cast"]
POSTS = (
    "activations",
    "leases",
    "files",
    "activations/1/use",
    "leases/x/heartbeat",
    "leases/x/borrowing",
    "leases/x/return",
)
BODIES = (
    "[" * 100_000 + "]" * 100_000,
    '{"product":' * 50_000 + "1" + "}" * 50_000,
    json.dumps({"product": "SCLT", "fingerprint": "f" * 1_000_000, "name": "n"}),
    json.dumps({"product": "SCLT", "fingerprint": "f" * 16, "name": "n" * 1_000_000}),
    json.dumps({"product": "a\x00b", "fingerprint": "f\x00" * 16, "name": "\x00"}),
    json.dumps({"product": "SCLT", "fingerprint": "f" * 16, "name": "\ud800"}),
    '{"activation": ' + "9" * 5_000 + ', "days": 1}',
    '{"activation": 1e400, "days": NaN}',
    json.dumps({"activation": 2**63, "days": -(2**70)}),
    json.dumps({"product": "NONE", "fingerprint": "f" * 16, "name": "n"}),
    "null",
    '"x',
    "\x00",
)


def rows(cast: Cast) -> tuple[int, ...]:
    return look(cast, lambda: tuple(model.objects.count() for model in (Device, Lease, LicenceFile)))  # type: ignore[no-any-return]


def test_garbage_is_refused_in_words_and_changes_nothing(cast: Cast) -> None:
    mine, browser = secret(who(cast.emil)), Client(raise_request_exception=False)
    before = rows(cast)
    for bearer, paths in ((mine, POSTS), (who(cast.emil), POSTS[:1])):
        for path in paths:
            for body in BODIES:
                told: dict[str, Any] = {"content_type": "application/json", "headers": {"authorization": f"Bearer {bearer}"}}
                answer = browser.post(f"/api/v1/licences/{path}", body, **told)
                if answer.status_code in (200, 201):  # a body that says nothing is not asked for
                    assert path in {"activations/1/use", "leases/x/return"}, (path, body[:60])
                    continue
                assert 400 <= answer.status_code < 500, (path, body[:60], answer.content[:200])
                assert json.loads(answer.content)["detail"], (path, body[:60])
    assert rows(cast) == before
    for query in ("product=%00", f"product={'x' * 5_000}", "product=SCLT&version=%00", f"product=SCLT&version={'9' * 3_000}", ""):
        answer = browser.get(f"/api/v1/licences/check?{query}", headers={"authorization": f"Bearer {mine}"})
        assert 400 <= answer.status_code < 500 or json.loads(answer.content)["allowed"] is True, query
    for bearer in ("cpta_" + "x" * 5_000, "é" * 40, "ABCDE-" * 9, " ", "a b c", "\x01"):
        forget_guessers()
        answer = browser.get("/api/v1/licences/check?product=SCLT", headers={"authorization": f"Bearer {bearer}"})
        assert answer.status_code == 401, bearer[:20]


def test_a_key_of_another_customer_opens_nothing_here(cast: Cast) -> None:
    seat(cast.foreign_subscription, cast.oskar)
    mine, theirs = secret(who(cast.emil)), who(cast.oskar)
    [device] = look(cast, lambda: list(Device.objects.values_list("pk", flat=True)))
    assert check(theirs).json()["ground"] == "seat"  # their own
    own = activate(theirs).json()
    for bearer in (theirs, own["secret"]):
        for method, path in (
            ("delete", f"activations/{device}"),
            ("post", f"activations/{device}/use"),
            ("delete", f"activations/{device}/use"),
        ):
            answer = call(method, f"/api/v1/licences/{path}", bearer, {} if method == "post" else None)
            assert problem(answer) == (404, "not_found"), path
            assert "Emil" not in answer.content.decode()
        assert problem(call("post", "/api/v1/licences/files", bearer, {"activation": device}))[0] in {403, 404}
    assert check(mine).status_code == 200
    assert [row["name"] for row in call("get", "/api/v1/licences/activations?product=SCLT", theirs).json()] == ["Device 1"]


def test_a_clock_that_moves_gives_nobody_more_than_there_is(cast: Cast) -> None:
    cast.sculpt.sharing = "multi_user"
    cast.sculpt.save()
    lease = taken(cast.rita)
    # set back by a day: the lease lives on, nobody has two, and what is signed then ends earlier, not later
    with time_machine.travel(now() - timedelta(days=1), tick=False):
        assert take(cast.rita, 2).status_code == 201
        assert look(cast, lambda: Lease.objects.filter(ended_at=None).count()) == 1
    with time_machine.travel(now() + timedelta(days=400), tick=False):
        assert problem(call("post", f"/api/v1/licences/leases/{lease}/heartbeat", who(cast.rita))) == (409, "lease_ended")
        assert problem(check(who(cast.rita)))[0] == 403


def test_a_key_is_changed_in_the_midst_of_a_files_life(cast: Cast) -> None:
    mine = secret(who(cast.emil))
    first = issue(mine)
    with wall_opened(house=True):
        rotate_signing_key(Actor.operator(), the_house())
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        assert opened(first["file"], key_set())["jti"] == first["number"]
        second = issue(mine)  # renewed, by the new key
        kids = set(SigningKey.objects.values_list("kid", flat=True))
        assert {key["kid"] for key in json.loads(key_set().export(private_keys=False))["keys"]} == kids
        old = SigningKey.objects.order_by("signs_from").first()
        assert old is not None
        with wall_opened(house=True):
            withdraw_signing_key(Actor.operator(), the_house(), kid=old.kid, reason="Lost")
        assert revoked() == {first["number"]}
        assert opened(second["file"], key_set())["jti"] == second["number"]


def test_what_is_borrowed_is_not_borrowed_by_somebody_else(cast: Cast) -> None:
    cast.sculpt.sharing = "multi_user"
    cast.sculpt.save()
    lease = taken(cast.rita)
    secret(who(cast.emil))
    answer = borrow(cast.emil, lease, 3)
    assert problem(answer) == (404, "not_found")
    assert look(cast, lambda: Lease.objects.get().borrowed_until) is None
