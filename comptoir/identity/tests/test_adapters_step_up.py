"""A verb that asks for a fresh proof of who one is, from the refusal to the deed (`@action(..., step_up=True)`)."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.gate import GateRequest, gets_and_posts, page, posts
from comptoir.kernel.recording import record
from comptoir.kernel.tests.stage import GROWN, kinds_of_events, seats_of
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.urls import urlpatterns as everything
from tests.cast import PASSWORD, Cast, raise_curtain

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ADDRESS = "/c/5200001/growth/"
AGAIN = "/sign-in/again/?next=%2Fc%2F5200001%2Fgrowth%2F"


@action(Can.ADD_SEATS, step_up=True)
def grow_guarded(actor: Actor, subscription: Subscription) -> Subscription:
    """A verb that counts, for those who have just shown who they are."""
    subscription.seats_now += 1
    subscription.save(update_fields=["seats_now"])
    record(GROWN, subscription, add=1)
    return subscription


def growth(request: GateRequest) -> HttpResponse:
    """Grow on POST; the refusal is let through."""
    subscription = Subscription.objects.get(number="560000001")
    return HttpResponse(str(grow_guarded(request.actor, subscription).seats_now if request.method == "POST" else 0))


urlpatterns = [
    path("c/<str:customer>/growth/", gets_and_posts(page(Can.ADD_SEATS)(growth))),
    path("c/<str:customer>/growth/only-posted/", posts(page(Can.ADD_SEATS)(growth))),
    *everything,
]


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def camille(cast: Cast) -> Client:
    """Her browser, in which she signed in twenty minutes ago."""
    browser = Client()
    browser.post("/sign-in/", {"login": cast.camille.email, "password": PASSWORD})
    session = browser.session
    (signed_in,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**signed_in, "at": signed_in["at"] - 20 * 60}]
    session.save()
    return browser


def test_who_signed_in_long_ago_is_asked_again_and_comes_back(cast: Cast, camille: Client) -> None:
    refused = camille.post(ADDRESS)
    assert (refused.status_code, refused.headers["Location"]) == (302, AGAIN)
    assert (seats_of(cast.subscription), kinds_of_events(cast.nord.pk)) == (4, [])
    assert camille.post(refused.headers["Location"], {"password": "wrong"}).status_code == 200
    assert camille.post(ADDRESS).status_code == 302
    shown = camille.post(refused.headers["Location"], {"password": PASSWORD})
    assert (shown.status_code, shown.headers["Location"]) == (302, ADDRESS)
    assert camille.post(ADDRESS).content == b"5"
    assert (seats_of(cast.subscription), kinds_of_events(cast.nord.pk)) == (5, ["test.grown"])


def test_where_nothing_can_be_seen_the_way_back_is_the_front_door(camille: Client) -> None:
    refused = camille.post(f"{ADDRESS}only-posted/")
    assert (refused.status_code, refused.headers["Location"]) == (302, "/sign-in/again/")
    assert camille.post("/sign-in/again/", {"password": PASSWORD}).headers["Location"] == "/"


def test_who_has_just_signed_in_is_not_asked_again(cast: Cast) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.camille.email, "password": PASSWORD})
    assert browser.post(ADDRESS).content == b"5"


def test_the_proof_of_somebody_else_in_the_same_browser_counts_for_nothing(cast: Cast) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.pierre.email, "password": PASSWORD})
    proof = browser.session["account_authentication_methods"]
    browser.post("/sign-out/")
    with_his_proof = Client()
    with_his_proof.post("/sign-in/", {"login": cast.camille.email, "password": PASSWORD})
    session = with_his_proof.session
    session["account_authentication_methods"] = proof
    session["account_authentication_methods_user"] = str(cast.pierre.person_id)
    session.save()
    assert with_his_proof.post(ADDRESS).headers["Location"] == AGAIN
    assert seats_of(cast.subscription) == 4
