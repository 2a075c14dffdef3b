"""Files for devices without a network: issued, checked by a library of somebody else's, renewed, revoked (rules 9)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from comptoir.entitlements.actions.keeping import let_go
from comptoir.entitlements.actions.licences import end_device, end_key
from comptoir.entitlements.actions.seats import swap, take_back
from comptoir.entitlements.actions.signing import reseal_signing_keys, rotate_signing_key, withdraw_signing_key
from comptoir.entitlements.jobs import revoke_files_now
from comptoir.entitlements.models import Device, FileNumber, LicenceFile, LicenceKey, SigningKey
from comptoir.entitlements.queries.checks import keys_that_are_shut
from comptoir.entitlements.tests.test_licences import change, events, licensed, look, new_key, secret
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.house import the_house
from comptoir.kernel.models import House
from comptoir.kernel.sealing import sealed, unsealed
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call, problem
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions.people import remove_people
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, seat

FILES, KEYS, LIST = "/api/v1/licences/files", "/.well-known/comptoir-licence-keys.json", "/.well-known/comptoir-revocations.jwt"
LINE = "/api/v1/customers/5200001/subscriptions/560000001/licence-files"
OF_A_FILE, OF_THE_LIST = "comptoir-licence+jwt", "comptoir-revocations+jwt"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    yield from licensed(monkeypatch)


def key_set() -> JWKSet:
    """The public keys, as anybody reads them."""
    answer = Client().get(KEYS)
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert "max-age" in answer["Cache-Control"]
    return JWKSet.from_json(answer.content.decode())


def opened(text: str, keys: JWKSet, kind: str = OF_A_FILE) -> dict[str, Any]:
    """What a signed document says, checked by a library that is not the one that signed it. Raises JWException."""
    jws = JWS()
    jws.deserialize(text)
    header = json.loads(jws.objects["protected"])
    assert (header["alg"], header["typ"]) == ("EdDSA", kind)
    key = keys.get_key(header["kid"])
    if key is None:
        raise JWException("no such key")
    jws.verify(key)
    told: dict[str, Any] = json.loads(jws.payload)
    return told


def revoked() -> set[str]:
    """What stands in the list, its signature checked."""
    answer = Client().get(LIST)
    assert answer.status_code == 200
    told = opened(answer.content.decode(), key_set(), OF_THE_LIST)
    assert (told["iss"], set(told)) == (settings.BASE_URL, {"iss", "iat", "exp", "revoked"})
    assert told["exp"] > told["iat"]
    return set(told["revoked"])


def issue(bearer: str, **headers: str) -> dict[str, Any]:
    answer = call("post", FILES, bearer, {}, **headers)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def operator() -> Actor:
    return Actor.operator()


def test_a_file_is_checked_by_anybody_and_names_nobody(cast: Cast) -> None:
    told = issue(secret(str(cast.emil.person_id)))
    says = opened(told["file"], key_set())
    assert says["iss"] == settings.BASE_URL
    assert (says["aud"], says["customer"], says["subscription"]) == ("SCLT", "5200001", "560000001")
    assert (says["device"], says["kind"], says["jti"]) == ("0123456789abcdef-1", "named", told["number"])
    days = timedelta(seconds=says["exp"] - says["iat"])
    assert timedelta(days=29) < days <= timedelta(days=30)
    assert (told["issued_on"], told["ends_on"]) == ("2026-11-21", "2026-12-21")
    assert told["issued_on"] < told["renew_from"] < told["ends_on"]
    assert "emil" not in json.dumps(says).casefold()
    assert revoked() == set()
    [event] = events(cast, "licence_file.issued")
    assert event.detail["code"] == "SCLT"


def test_a_file_ends_at_the_end_of_what_is_paid(cast: Cast) -> None:
    change(
        cast, Subscription, lapses_on=TODAY - timedelta(days=10), renews_on=TODAY - timedelta(days=10), automatic_renewal=False
    )
    told = issue(secret(str(cast.emil.person_id)))
    assert told["ends_on"] == "2026-11-26"  # fifteen days of grace, ten of them over


def test_what_was_altered_or_signed_by_another_key_is_refused(cast: Cast) -> None:
    told, keys = issue(secret(str(cast.emil.person_id))), key_set()
    head, body, signature = told["file"].split(".")
    for wrong in (f"{head}.{body[:-4]}AAAA.{signature}", f"{head}.{body}.{signature[:-6]}AAAAAA"):
        with pytest.raises(JWException):
            opened(wrong, keys)
    look(cast, lambda: withdraw(str(SigningKey.objects.get().kid)))
    with pytest.raises(JWException):
        opened(told["file"], key_set())
    assert opened(told["file"], keys)["jti"] in revoked()  # whoever kept the old keys reads it in the list


def withdraw(kid: str) -> None:
    with wall_opened(house=True):
        withdraw_signing_key(operator(), the_house(), kid=kid, reason="A laptop was stolen")


def rotate() -> SigningKey:
    with wall_opened(house=True):
        return rotate_signing_key(operator(), the_house())


def test_the_next_key_is_public_before_it_signs_and_the_old_one_until_its_last_file_has_ended(cast: Cast) -> None:
    bearer = secret(str(cast.emil.person_id))
    first = issue(bearer)
    coming = rotate()
    assert {key["kid"] for key in json.loads(key_set().export(private_keys=False))["keys"]} >= {coming.kid}
    with pytest.raises(Refused, match="key_to_come"):
        rotate()
    assert issue(bearer)["file"].split(".")[0] == first["file"].split(".")[0]
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        second = issue(bearer)
        assert second["file"].split(".")[0] != first["file"].split(".")[0]
        keys = key_set()
        assert opened(first["file"], keys)["jti"] == first["number"]
        assert opened(second["file"], keys)["jti"] == second["number"]
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        keys = key_set()
        assert [key["kid"] for key in json.loads(keys.export(private_keys=False))["keys"]] == [coming.kid]
        with pytest.raises(JWException):
            opened(first["file"], keys)


def test_a_withdrawn_key_takes_all_its_files_along_and_another_one_signs_at_once(cast: Cast) -> None:
    bearer = secret(str(cast.emil.person_id))
    told = issue(bearer)
    kid = SigningKey.objects.get().kid
    with pytest.raises(Refused, match="reason_missing"), wall_opened(house=True):
        withdraw_signing_key(operator(), the_house(), kid=kid, reason=" ")
    withdraw(kid)
    assert revoked() == {told["number"]}
    assert opened(issue(bearer)["file"], key_set())["sub"]
    with pytest.raises(Refused, match="signing_key_unknown"):
        withdraw(kid)


def test_a_copy_without_the_key_that_seals_says_so_and_nothing_is_issued(cast: Cast, settings: Any) -> None:
    bearer = secret(str(cast.emil.person_id))
    issue(bearer)
    ours, settings.SEAL_KEYS = settings.SEAL_KEYS, ("A" * 43 + "=",)
    answer = call("post", FILES, bearer, {})
    assert problem(answer) == (503, "signing_key_shut")
    assert look(cast, LicenceFile.objects.count) == 1
    shut = Client().get(LIST)
    assert (shut.status_code, shut["Retry-After"]) == (503, "120")
    assert "COMPTOIR_SEAL_KEYS" in shut.content.decode()
    assert len(list(keys_that_are_shut())) == 1
    settings.SEAL_KEYS = ours
    assert revoked() == set()
    assert list(keys_that_are_shut()) == []


def test_the_private_half_lies_sealed_and_is_sealed_anew(cast: Cast, settings: Any) -> None:
    told = issue(secret(str(cast.emil.person_id)))
    kept = SigningKey.objects.get()
    assert json.loads(unsealed(kept.private))["x"] == kept.public
    assert json.loads(unsealed(kept.private))["d"] not in kept.private
    settings.SEAL_KEYS = ("ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY=", *settings.SEAL_KEYS)
    with wall_opened(house=True):
        reseal_signing_keys(operator(), the_house())
    settings.SEAL_KEYS = settings.SEAL_KEYS[:1]
    assert json.loads(unsealed(SigningKey.objects.get().private))["x"] == kept.public
    assert opened(told["file"], key_set())["jti"] == told["number"]
    settings.SEAL_KEYS = ("Z2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2c=",)
    with pytest.raises(HouseRule):
        unsealed(SigningKey.objects.get().private)
    assert unsealed(sealed(b"x")) == b"x"


def test_a_renewed_file_leaves_the_old_one_good_and_a_revocation_takes_both(cast: Cast) -> None:
    bearer = secret(str(cast.emil.person_id))
    first, second = issue(bearer), issue(bearer)
    assert first["number"] != second["number"]
    assert revoked() == set()
    assert look(cast, lambda: LicenceFile.objects.filter(ended_at=None).count()) == 1
    take_back(actor_of(cast.sofia), cast.subscription, members=[cast.emil.pk], on=TODAY)
    assert revoked() == {first["number"], second["number"]}
    assert problem(call("post", FILES, bearer, {})) == (403, "licence_no_seat")


def test_asked_twice_with_one_key_it_is_one_file(cast: Cast) -> None:
    bearer = secret(str(cast.emil.person_id))
    told = [issue(bearer, **{"Idempotency-Key": "f1"}) for _ in range(2)]
    assert told[0] == told[1]
    assert FileNumber.objects.count() == 1


def _person_leaves(cast: Cast) -> None:
    remove_people(actor_of(cast.camille), cast.nord, members=[cast.emil.pk], on=TODAY)


def _device_ends(cast: Cast) -> None:
    actor = actor_of(cast.emil)
    end_device(actor, Device.objects.get(membership=cast.emil), on=TODAY)


def _seat_changes_hands(cast: Cast) -> None:
    swap(actor_of(cast.sofia), cast.subscription, giver=cast.emil.pk, taker=cast.rita.pk, on=TODAY)


def _subscription_ends(cast: Cast) -> None:
    change(cast, Subscription, ended_on=TODAY)
    actor_of(cast.sofia)
    revoke_files_now(Actor.job("entitlements.revoke_files", cast.nord.pk))


def _renewed_with_fewer(cast: Cast) -> None:
    seat(cast.subscription, cast.rita, kept=True)
    look(cast, lambda: Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=1, seats_at_renewal=1))
    actor_of(cast.sofia)
    let_go(Actor.job("entitlements.let_go", cast.nord.pk), Subscription.objects.get(pk=cast.subscription.pk), on=TODAY)


@pytest.mark.parametrize("ends", [_person_leaves, _device_ends, _seat_changes_hands, _subscription_ends, _renewed_with_fewer])
def test_a_file_is_revoked_with_what_it_stood_on(cast: Cast, ends: Any) -> None:
    told = issue(secret(str(cast.emil.person_id)))
    assert revoked() == set()
    ends(cast)
    assert revoked() == {told["number"]}
    [row] = look(cast, lambda: list(LicenceFile.objects.all()))
    assert (row.ended_at is not None, bool(row.why)) == (True, True)


def test_a_machines_key_has_a_file_and_its_end_revokes_it(cast: Cast) -> None:
    typed = new_key(cast, None)
    told = issue(secret(typed))
    assert opened(told["file"], key_set())["subscription"] == "560000001"
    pk = look(cast, lambda: LicenceKey.objects.get(membership=None).pk)
    end_key(actor_of(cast.camille), cast.subscription, key=pk, on=TODAY)
    assert revoked() == {told["number"]}


def test_a_period_that_ends_with_fewer_seats_ends_the_file_before(cast: Cast) -> None:
    seat(cast.subscription, cast.rita, kept=True)
    turn = TODAY + timedelta(days=5)
    look(
        cast,
        lambda: Subscription.objects.filter(pk=cast.subscription.pk).update(
            seats_now=2, seats_at_renewal=1, renews_on=turn, lapses_on=turn
        ),
    )
    assert issue(secret(str(cast.emil.person_id)))["ends_on"] == turn.isoformat()
    assert issue(secret(str(cast.rita.person_id)))["ends_on"] == (turn + timedelta(days=15)).isoformat()


def test_in_a_sandbox_whose_clock_runs_ahead_a_file_holds_from_now_on(cast: Cast) -> None:
    House.objects.update(business_day=TODAY + timedelta(days=60))
    told = opened(issue(secret(str(cast.emil.person_id)))["file"], key_set())
    assert told["nbf"] < datetime.now(UTC).timestamp() < told["exp"]
    assert told["exp"] - told["iat"] <= 30 * 86_400


def test_a_manager_signs_for_a_device_without_a_network_and_takes_it_back(cast: Cast) -> None:
    token = token_of(cast.sofia)
    body = {"member": cast.emil.pk, "fingerprint": "f" * 32, "name": "Ship"}
    answer = call("post", LINE, token, body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["person"], made["device"]) == ("Emil Larsen", "Ship")
    assert opened(made["file"], key_set())["device"] == "f" * 32
    assert [each["id"] for each in call("get", LINE, token).json()] == [made["id"]]
    assert call("post", f"{LINE}/{made['id']}/revocation", token).status_code == 200
    assert revoked() == {made["number"]}
    assert problem(call("post", f"{LINE}/{made['id']}/revocation", token)) == (409, "licence_file_has_ended")


def test_nobody_gets_a_file_for_others_or_a_fourth_device(cast: Cast) -> None:
    own = token_of(cast.emil)
    body = {"member": cast.emil.pk, "name": "Ship", "fingerprint": "f" * 32}
    for each in "abc":
        assert call("post", LINE, own, {**body, "fingerprint": each * 32}).status_code == 201
    assert problem(call("post", LINE, own, body)) == (409, "devices_all_taken")
    assert look(cast, lambda: Device.objects.count()) == 3
    assert problem(call("post", LINE, own, {**body, "member": cast.rita.pk})) == (403, "not_allowed")
    assert problem(call("post", LINE, own, {**body, "member": cast.oskar.pk})) == (422, "member_unknown")
    assert problem(call("post", LINE, token_of(cast.sofia), {**body, "member": cast.rita.pk})) == (403, "licence_no_seat")
    assert [each["member"] for each in call("get", LINE, own).json()] == [cast.emil.pk] * 3


def test_another_person_or_customer_reaches_no_file(cast: Cast) -> None:
    bearer = secret(str(cast.emil.person_id))
    pk = look(cast, lambda: Device.objects.get().pk)
    for stranger in (cast.oskar, cast.rita):
        assert problem(call("post", FILES, str(stranger.person_id), {"activation": pk})) == (404, "not_found")
    assert problem(call("post", FILES, "cpta_nobody", {})) == (401, "token_unknown")
    assert FileNumber.objects.count() == 0
    assert issue(bearer)["number"]
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        assert LicenceFile.objects.count() == 0
