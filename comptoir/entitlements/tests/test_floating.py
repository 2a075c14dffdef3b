"""A floating seat that is in use is not free: pages, lists, figures and the API say the same at any moment (rules 9)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from comptoir.entitlements.models import Lease
from comptoir.entitlements.queries.giving import preview_giving
from comptoir.entitlements.queries.people import seats_told
from comptoir.entitlements.queries.products import owned, subscriptions_of_product
from comptoir.entitlements.rules import Beyond
from comptoir.entitlements.tests.test_licences import change, look
from comptoir.kernel.clock import now
from comptoir.kernel.paging import Place
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.availability import facts_of
from comptoir.subscriptions.queries.detail import detail_of
from comptoir.subscriptions.queries.figures import figures
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, words_of

SEATS = "/c/5200001/subscriptions/560000001/people/"


@pytest.fixture
def cast(db: None) -> Cast:
    """Atelier Nord shares four seats of Sculpt LT; Sofia has one of them."""
    made = raise_curtain()
    made.sculpt.sharing = "multi_user"
    made.sculpt.save()
    seat(made.subscription, made.sofia)
    return made


def lease(cast: Cast, holder: Membership, **more: Any) -> Lease:
    at = now()
    told = {"subscription": cast.subscription, "number": holder.name, "fingerprint": "f" * 16, "device_name": "Desk", **more}
    heard = {"taken_on": TODAY, "taken_at": at, "heard_on": TODAY, "heard_at": at, "free_at": at + timedelta(minutes=15)}
    return look(cast, lambda: Lease.objects.create(organisation=cast.nord, membership=holder, **told, **heard))


def free_everywhere(cast: Cast) -> set[int]:
    """How many are free, by everything that tells it."""
    sofia, row = actor_of(cast.sofia), cast.subscription
    [product], (_, [line]) = owned(sofia, TODAY), subscriptions_of_product(sofia, "SCLT", TODAY)
    camille = actor_of(cast.camille)
    detail = detail_of(camille, row, TODAY, Place())
    assert {product.use.taken, line.use.taken, detail.use.taken} == {4 - detail.free}
    told = seats_told(sofia, row.number, "", Place(), TODAY)
    swapped = call("get", "/api/v1/customers/5200001/subscriptions/560000001/leases", token_of(cast.sofia)).json()
    return {product.free, line.free, told.free, figures(camille, TODAY).free, detail.free, swapped["free"]}


def test_what_floats_is_not_free_as_long_as_it_is_in_use(cast: Cast) -> None:
    assert free_everywhere(cast) == {3}
    lease(cast, cast.emil)
    lease(cast, cast.rita, borrowed_until=TODAY + timedelta(days=3))
    assert free_everywhere(cast) == {1}
    page = words_of(signed_in(cast.sofia).get(SEATS))
    assert "3 of 4 seats are used; 1 is free. 2 floating seats are in use now" in page
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):  # nobody wrote anything, and no job ran
        assert free_everywhere(cast) == {2}


def test_the_api_tells_it_with_every_seat_that_is_given(cast: Cast) -> None:
    lease(cast, cast.emil)
    body = {"members": [cast.anton.pk]}
    told = call("post", "/api/v1/customers/5200001/subscriptions/560000001/assignments", token_of(cast.camille), body).json()
    assert [told[name] for name in ("seats", "used", "floating", "free", "waiting")] == [4, 2, 1, 1, 0]


def test_people_are_given_what_floats_but_not_what_is_borrowed(cast: Cast) -> None:
    lease(cast, cast.emil)
    lease(cast, cast.rita, borrowed_until=TODAY + timedelta(days=3))
    sofia = actor_of(cast.sofia)
    preview = preview_giving(sofia, cast.subscription, [cast.anton.pk, cast.pierre.pk], Beyond.REFUSE, TODAY)
    assert (preview.free, preview.given) == (2, 2)
    assert facts_of(sofia, cast.subscription, TODAY).seats_left == 2


def test_a_lease_for_which_there_is_no_seat_any_more_takes_none(cast: Cast) -> None:
    lease(cast, cast.emil)
    lease(cast, cast.rita)
    change(cast, Subscription, seats_now=2, seats_at_renewal=2)
    told = seats_told(actor_of(cast.sofia), cast.subscription.number, "", Place(), TODAY)
    assert (told.used, told.floating, told.free) == (1, 1, 0)
