"""Who looks after a group answers the requests for seats of its people, and of nobody else (rules 7)."""

import pytest
from django.test import Client
from django.urls import reverse

from comptoir.entitlements.models import Assignment
from comptoir.kernel.asking import approve, decline
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb, Event, Message
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions import give_role, join_group, leave_group, make_group
from comptoir.organisations.models import Group, Membership
from comptoir.organisations.tests.stage import acting
from comptoir.subscriptions.tests.nights import run_queue
from tests.cast import TODAY, Cast, member, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
HERE = "/c/5200001/requests/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def greta(cast: Cast) -> Membership:
    """She looks after the group Drawing, in which Emil is and Rita is not."""
    made = member(cast.nord, "Greta", "Grau")
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    join_group(acting(cast.camille), group, members=[cast.emil.pk], on=TODAY)
    give_role(acting(cast.camille), cast.nord, member=made.pk, role="access_manager", group=group.pk, on=TODAY)
    return made


def asked(cast: Cast, by: Membership) -> AskedVerb:
    path = reverse("ask_for_a_seat", kwargs={"customer": "5200001", "number": "560000001"})
    assert signed_in(by).post(path, {"reason": "A project", "request_key": "k"}).status_code == 302
    acting(by)
    return AskedVerb.objects.get(asked_by_id=by.pk, state="open")


def test_a_list_of_products_names_her_to_those_in_her_group_as_the_page_of_a_product_does(cast: Cast, greta: Membership) -> None:
    able = "Sofia Costa, Greta Grau, Camille Morel"
    for who, told in ((cast.emil, able), (member(cast.nord, "Otto", "Ohm"), able.replace("Greta Grau, ", ""))):
        assert f"Sculpt LT SCLT {told}" in words_of(signed_in(who).get("/c/5200001/products/"))
        assert f"Who can give you access: {told}" in words_of(signed_in(who).get("/c/5200001/subscriptions/560000001/people/"))


def test_who_decides_nothing_reads_of_their_own_requests(cast: Cast, greta: Membership) -> None:
    emil = signed_in(cast.emil)
    assert "My requests No request of yours waits for an answer. No requests What you ask of others" in words_of(emil.get(HERE))
    asked(cast, cast.emil)
    assert "My requests 1 request of yours waits for its answer." in words_of(emil.get(HERE))


def test_she_hears_of_it_and_gives_the_seat_with_one_click(cast: Cast, greta: Membership) -> None:
    request = asked(cast, cast.emil)
    run_queue("subscriptions")
    with wall_opened(read=[cast.nord.pk]):
        told = set(Message.objects.values_list("to", flat=True))
    assert told == {"camille.morel@example.com", "sofia.costa@example.com", "greta.grau@example.com"}
    client = signed_in(greta)
    home = client.get("/c/5200001/")
    assert home.context["shell"].asks_waiting == 1
    assert "Emil Larsen" in words_of(client.get(HERE))
    page = client.get(f"{HERE}{request.pk}/")
    assert "Emil Larsen gets a seat" in words_of(page)
    quote = page.context["preview"].quote
    for _again in range(2):
        assert client.post(f"{HERE}{request.pk}/approval/", {"quote": quote, "request_key": "b"}).status_code == 302
    acting(greta)
    assert Assignment.objects.filter(membership=cast.emil, ended_on=None).count() == 1
    assert Event.objects.filter(kind="seats.given").count() == 1
    assert client.get("/c/5200001/").context["shell"].asks_waiting == 0


def test_requests_of_others_and_for_other_things_are_none_of_hers(cast: Cast, greta: Membership) -> None:
    rita = asked(cast, cast.rita)
    assert signed_in(greta).get(f"{HERE}{rita.pk}/").status_code == 404
    with pytest.raises(Refused, match="not_allowed"):
        decline(acting(greta), AskedVerb.objects.get(pk=rita.pk))
    with pytest.raises(Refused, match="not_allowed"):
        approve(acting(greta), AskedVerb.objects.get(pk=rita.pk), on=TODAY)
    own = asked(cast, greta)
    with pytest.raises(Refused, match="request_of_own"):
        decline(acting(greta), AskedVerb.objects.get(pk=own.pk))
    emil = asked(cast, cast.emil)
    leave_group(acting(cast.camille), Group.objects.get(), members=[cast.emil.pk], on=TODAY)
    assert signed_in(greta).get(f"{HERE}{emil.pk}/").status_code == 404, "who left the group is not hers any more"
    assert AskedVerb.objects.filter(state="open").count() == 3


def test_the_api_answers_the_same(cast: Cast, greta: Membership) -> None:
    emil, rita = asked(cast, cast.emil), asked(cast, cast.rita)

    def call(path: str) -> int:
        headers = {"authorization": f"Bearer {token_of(greta)}"}
        return Client().post(f"/api/v1/customers/5200001/requests/{path}", {}, "application/json", headers=headers).status_code

    assert call(f"{rita.pk}/refusal") == call(f"{rita.pk}/approval") == 404
    assert call(f"{emil.pk}/refusal") == 200
    acting(cast.emil)
    assert AskedVerb.objects.get(pk=emil.pk).state == "declined"
