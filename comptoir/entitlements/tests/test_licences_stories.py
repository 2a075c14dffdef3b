"""Seats, devices and days at random, against a model that knows no database (rules 9)."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.entitlements.ports import Ports
from comptoir.entitlements.rules.licences import DEVICES_EACH
from comptoir.entitlements.tests.test_licences import ALL, Signed, activate, change, check, devices
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import House
from comptoir.kernel.tests.test_api import call
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, raise_curtain
from tests.depth import times

RENEWS = date(2027, 4, 10)
DOES = st.lists(
    st.tuples(st.sampled_from(["give", "take", "activate", "activate", "end"]), st.integers(0, 2), st.integers(1, 5)),
    min_size=4,
    max_size=14,
)
EXAMPLES = times(4, 60)


class _Undone(Exception):
    pass


@given(does=DOES, at_renewal=st.integers(1, 4))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.django_db
def test_never_more_than_three_devices_and_never_yes_without_a_seat(does: list[Any], at_renewal: int) -> None:
    before, Ports.bearers = Ports.bearers, Signed()
    try:
        with transaction.atomic():
            _story(does, at_renewal)
            raise _Undone
    except _Undone:
        pass
    finally:
        Ports.bearers = before


def _story(does: list[Any], at_renewal: int) -> None:
    cast = raise_curtain()
    people = [cast.emil, cast.rita, cast.pierre]
    sits: list[int] = []  # in the order given
    living: dict[int, dict[int, Any]] = defaultdict(dict)  # who -> device -> what it was told
    for what, at, nth in does:
        one = people[at]
        if what in {"give", "take"}:
            verb = assign if what == "give" else take_back
            try:
                with transaction.atomic():
                    verb(actor_of(cast.sofia), cast.subscription, members=[one.pk], on=TODAY)
            except Refused:
                assert (at in sits) == (what == "give")
                continue
            sits = [*sits, at] if what == "give" else [each for each in sits if each != at]
        elif what == "activate":
            answer = activate(str(one.person_id), nth)
            fits = nth in living[at] or len(living[at]) < DEVICES_EACH
            assert answer.status_code == (403 if at not in sits else 200 if fits else 409)
            if answer.status_code == 200:
                living[at][nth] = answer.json()
        elif nth in living[at]:
            told = living[at].pop(nth)
            assert call("delete", f"{ALL}/{told['id']}", told["secret"]).status_code == 200
        _compare(cast, people, living, set(sits))
    change(cast, Subscription, seats_at_renewal=at_renewal)
    House.objects.update(business_day=RENEWS)  # the period ends, and no job runs
    # nobody used it, all were given it on one day: by name
    by_name = sorted(sits, key=lambda at: people[at].name)
    _compare(cast, people, living, set(by_name[:at_renewal]))


def _compare(cast: Any, people: list[Any], living: dict[int, dict[int, Any]], sits: set[int]) -> None:
    for at, one in enumerate(people):
        rows = devices(cast, membership=one, ended_at=None)
        assert len(rows) == len(living[at]) <= DEVICES_EACH
        for told in living[at].values():
            assert check(told["secret"]).status_code == (200 if at in sits else 403)
