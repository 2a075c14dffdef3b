"""What is over is erased each night, and nothing that is still needed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from comptoir.directory.adapters.forgetting import forget_what_is_over
from comptoir.directory.models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken
from comptoir.directory.queries import sign_ins
from tests.cast import Cast, raise_curtain, signed_in

from .client import Program, error_of
from .stage import registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def test_what_lives_stays_and_what_is_over_goes(cast: Cast) -> None:
    program, began = Program(registered().client_id), datetime.now(UTC)
    browser = signed_in(cast.emil)
    kept, left = program.signed_in(browser), program.signed_in(signed_in(cast.rita))
    program.ask("device_authorization_endpoint", scope="openid")
    assert forget_what_is_over() == 0
    for days in (10, 20, 30, 40, 50):
        with time_machine.travel(began + timedelta(days=days), tick=False):
            kept = program.refresh(kept["refresh_token"]).json()
    with time_machine.travel(began + timedelta(days=55), tick=False):
        forget_what_is_over()
        assert (Grant.objects.count(), DeviceGrant.objects.count(), IDToken.objects.count()) == (0, 0, 0)
        # the one that lives, the first of its sign-in, and those of the last thirty days, should a copy come back
        assert RefreshToken.objects.filter(user_id=cast.emil.person_id).count() == 5
        assert AccessToken.objects.count() == 1
        assert [each.since.date() for each in sign_ins(cast.emil.person_id)] == [began.date()]
        assert sign_ins(cast.rita.person_id) == []
        assert error_of(program.refresh(left["refresh_token"])) == "invalid_grant"
        assert program.refresh(kept["refresh_token"]).status_code == 200
        forget_what_is_over()
        assert forget_what_is_over() == 0
