"""Roles asked for by a coordinator: approved in one click by whoever gives them, after a fresh look (rules 7)."""

import pytest
from django.test import Client

from comptoir.kernel import asking
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb, Event, Message
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions import give_role, remove_people, take_role
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.organisations.queries import own_organisation, wish_about_roles
from comptoir.organisations.tests.stage import acting
from comptoir.permissions import Can
from comptoir.subscriptions.queries.requests import preview_of, request_of, requests_of
from comptoir.subscriptions.tests.nights import run_queue
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
HERE = "/c/5200001/requests/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def asked(cast: Cast, by: Membership, verb: str = "give_role", **arguments: object) -> AskedVerb:
    told = {"member": cast.emil.pk, "role": "payer", "contract": None, "group": None}
    if verb == "hand_over":
        told = {"contract": None}
    actor = acting(by)
    wish = wish_about_roles(actor, verb, {**told, **arguments})
    return asking.ask(actor, own_organisation(actor), **wish, reason="Pierre is away", on=TODAY)


def approved(cast: Cast, by: Membership, request: AskedVerb) -> None:
    actor = acting(by)
    found = request_of(actor, request.pk)
    asking.approve(actor, found.asked, on=TODAY, quote=preview_of(actor, found, TODAY).quote)


def test_a_coordinator_asks_on_the_page_and_a_manager_gives_with_one_click_from_the_mail(cast: Cast) -> None:
    sofia, camille = signed_in(cast.sofia), signed_in(cast.camille)
    page = f"/c/5200001/people/{cast.emil.pk}/"
    words = words_of(sofia.get(page))
    assert "Ask for this role" in words
    assert "Decided by: Camille Morel" in words
    assert "Give this role" not in words
    answer = sofia.post(f"{page}roles/", {"role": "payer", "where": "all", "reason": "Pierre is away", "request_key": "a"})
    assert answer.headers["Location"] == HERE
    assert not RoleGrant.objects.filter(membership=cast.emil).exists()
    run_queue("subscriptions")
    with wall_opened(read=[cast.nord.pk]):
        mail = Message.objects.get()
        request = AskedVerb.objects.get()
    assert (mail.to, f"{HERE}{request.pk}/" in mail.text) == ("camille.morel@example.com", True)
    assert "Emil Larsen becomes Payer: the whole customer" in mail.text
    words = words_of(camille.get(f"{HERE}{request.pk}/"))
    assert "Emil Larsen has no role until now: an end user." in words
    quote = camille.get(f"{HERE}{request.pk}/").context["preview"].quote
    for _again in range(2):
        assert camille.post(f"{HERE}{request.pk}/approval/", {"quote": quote, "request_key": "b"}).status_code == 302
    assert acting(cast.emil).may(Can.PAY)
    acting(cast.camille)
    assert Event.objects.filter(kind="role.given").count() == 1
    assert "Emil Larsen becomes Payer" in words_of(sofia.get(HERE))


@pytest.mark.parametrize("who", ["pierre", "rita", "emil"])
def test_others_neither_give_nor_ask(cast: Cast, who: str) -> None:
    somebody = signed_in(getattr(cast, who))
    assert somebody.post(f"/c/5200001/people/{cast.emil.pk}/roles/", {"role": "payer", "where": "all"}).status_code == 404
    with pytest.raises(Refused, match="not_allowed"):
        asked(cast, getattr(cast, who))


def test_a_manager_has_no_need_to_ask_and_only_one_of_the_place_decides(cast: Cast) -> None:
    with pytest.raises(Refused, match="no_need_to_ask"):
        asked(cast, cast.camille)
    everywhere = asked(cast, cast.sofia)
    there = asked(cast, cast.sofia, contract=cast.second_contract.pk)
    with pytest.raises(Refused, match="request_already_open"):
        asked(cast, cast.sofia)
    assert [each.asked.pk for each in requests_of(acting(cast.anton))] == [there.pk]
    with pytest.raises(AskedVerb.DoesNotExist):
        request_of(acting(cast.anton), everywhere.pk)
    approved(cast, cast.anton, there)
    assert acting(cast.emil).contracts(Can.PAY) == {cast.second_contract.pk}
    with pytest.raises(Refused, match="request_of_own"):
        asking.approve(acting(cast.sofia), AskedVerb.objects.get(pk=everywhere.pk), on=TODAY)
    with pytest.raises(Refused, match="not_allowed"):
        give_role(acting(cast.sofia), cast.nord, member=cast.emil.pk, role="payer", on=TODAY)


def test_the_last_manager_is_safe_from_a_request_too(cast: Cast) -> None:
    take_role(acting(cast.camille), cast.nord, member=cast.anton.pk, role="contract_manager", contract=cast.second_contract.pk)
    give_role(acting(cast.camille), cast.nord, member=cast.rita.pk, role="contract_manager", on=TODAY)
    one = asked(cast, cast.sofia, "take_role", member=cast.camille.pk, role="contract_manager")
    approve = request_of(acting(cast.rita), one.pk)
    seen = preview_of(acting(cast.rita), approve, TODAY)
    assert seen.others == ["Rita Nielsen"]
    take_role(acting(cast.camille), cast.nord, member=cast.rita.pk, role="contract_manager")
    give_role(acting(cast.camille), cast.nord, member=cast.rita.pk, role="contract_manager", contract=cast.contract.pk, on=TODAY)
    with pytest.raises(Refused, match="last_manager"):
        preview_of(acting(cast.camille), request_of(acting(cast.camille), one.pk), TODAY)
    with pytest.raises(Refused, match="last_manager"):
        asking.approve(acting(cast.camille), AskedVerb.objects.get(pk=one.pk), on=TODAY, quote=None)
    assert AskedVerb.objects.get(pk=one.pk).state == "open"
    assert acting(cast.camille).may(Can.GIVE_ROLES)


def test_what_was_seen_is_what_is_done(cast: Cast) -> None:
    request = asked(cast, cast.sofia)
    found = request_of(acting(cast.camille), request.pk)
    quote = preview_of(acting(cast.camille), found, TODAY).quote
    give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="report_viewer", on=TODAY)
    with pytest.raises(Refused, match="roles_moved"):
        asking.approve(acting(cast.camille), found.asked, on=TODAY, quote=quote)
    assert not acting(cast.emil).may(Can.PAY)
    approved(cast, cast.camille, request)
    assert acting(cast.emil).may(Can.PAY)


def test_handing_over_is_asked_for_and_a_person_who_left_is_nobody_to_approve_for(cast: Cast) -> None:
    over = asked(cast, cast.sofia, "hand_over", giver=cast.anton.pk, taker=cast.emil.pk, contract=cast.second_contract.pk)
    gone = asked(cast, cast.sofia, member=cast.rita.pk)
    assert request_of(acting(cast.camille), over.pk).title == "Emil Larsen manages contract 110000002 instead of Anton Weber"
    approved(cast, cast.camille, over)
    assert acting(cast.emil).may(Can.GIVE_ROLES, cast.second_contract.pk)
    assert not acting(cast.anton).may(Can.GIVE_ROLES, cast.second_contract.pk)
    remove_people(acting(cast.camille), cast.nord, members=[cast.rita.pk], on=TODAY)
    assert signed_in(cast.camille).get(f"{HERE}{gone.pk}/").status_code == 200
    with pytest.raises(Membership.DoesNotExist):
        asking.approve(acting(cast.camille), AskedVerb.objects.get(pk=gone.pk), on=TODAY, quote=None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"role": "king"}, "role_unknown"),
        ({"role": "end_user"}, "role_unknown"),
        ({"role": "access_manager"}, "role_needs_a_group"),
        ({"group": 5}, "role_not_on_a_group"),
        ({"role": "access_manager", "group": 5}, "group_unknown"),
        ({"contract": 5}, "contract_unknown"),
        ({"member": 5}, "member_not_here"),
    ],
)
def test_what_can_not_be_is_not_asked_for(cast: Cast, wrong: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        asked(cast, cast.sofia, **wrong)
    assert not AskedVerb.objects.exists()


def test_nothing_is_asked_for_that_nobody_could_approve(cast: Cast) -> None:
    acting(cast.sofia)
    RoleGrant.objects.filter(role="contract_manager").delete()
    with pytest.raises(Refused, match="nobody_approves"):
        asked(cast, cast.sofia)


def test_the_api_asks_and_answers_the_same(cast: Cast) -> None:
    def call(path: str, token: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        headers = {"authorization": f"Bearer {token}"}
        answer = Client().post(f"/api/v1/customers/5200001{path}", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    sofia, camille = token_of(cast.sofia), token_of(cast.camille)
    status, told = call(f"/people/{cast.emil.pk}/roles/requests", sofia, {"role": "payer", "reason": "Pierre is away"})
    assert (status, told["title"], told["verb"]) == (
        201,
        "Emil Larsen becomes Payer: the whole customer",
        "organisations.give_role",
    )
    assert call(f"/people/{cast.emil.pk}/roles/requests", camille, {"role": "payer"})[1]["code"] == "no_need_to_ask"
    assert call(f"/people/{cast.emil.pk}/roles/requests", token_of(cast.emil), {"role": "payer"})[0] == 403
    status, told = call(f"/requests/{told['id']}/approval", camille, {})
    assert (status, told["state"]) == (200, "approved")
    assert acting(cast.emil).may(Can.PAY)
    over = {"taker": cast.emil.pk, "contract_id": cast.second_contract.pk}
    status, told = call(f"/people/{cast.anton.pk}/handover/requests", sofia, over)
    assert (status, told["title"]) == (201, "Emil Larsen manages contract 110000002 instead of Anton Weber")
    assert call(f"/people/{cast.anton.pk}/handover", sofia, over)[0] == 403
    status, told = call(f"/people/{cast.anton.pk}/handover", camille, over)
    assert (status, told["name"]) == (200, "Emil Larsen")
    assert call(f"/people/{cast.rita.pk}/handover/requests", sofia, over)[0] == 201, "what no longer holds is seen by who decides"
