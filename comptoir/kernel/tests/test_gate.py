"""The gate: it finds the actor, opens transaction and wall, renders inside, and shows a stranger nothing but 404."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory

from comptoir.contracts.models import Contract
from comptoir.identity import queries as identity
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.gate import GateRequest, gets, new_request_key, own_page, page, posts, public_page
from comptoir.kernel.models import Event
from comptoir.kernel.ports import Ports, Unfilled
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Can, Permission
from tests.cast import Cast, raise_curtain

from .stage import inside, kinds_of_events


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def visit(view: Any, member: Membership | None, customer: str = "5200001", **posted: str) -> HttpResponse:
    """The view's answer to that person, through the gate."""
    request = RequestFactory().post("/x/", posted) if posted else RequestFactory().get("/x/")
    request.user = AnonymousUser()
    if member is not None:
        with wall_opened(person=member.person_id):
            request.user = identity.myself(member.person_id)
    answer: HttpResponse = view(request, customer=customer)
    return answer


def seen_by(request: GateRequest) -> HttpResponse:
    numbers = sorted(Contract.objects.values_list("number", flat=True))
    return HttpResponse(f"{request.actor.log_name} {request.customer.number} {numbers}")


SEEN = page(Can.SEE_CONTRACTS)(seen_by)


def test_a_member_comes_in_as_themselves_and_sees_their_customer(cast: Cast) -> None:
    said = visit(SEEN, cast.camille).content.decode()
    assert said == f"person:{cast.camille.person_id} 5200001 ['110000001', '110000002']"


@pytest.mark.parametrize("name", ["oskar", "gaston", "emil"])
def test_a_stranger_a_former_member_and_who_may_not_all_find_nothing(name: str, cast: Cast) -> None:
    with pytest.raises(Http404):
        visit(SEEN, getattr(cast, name))


@pytest.mark.parametrize("number", ["5200009", "", "5200001 ", "52000\x0001", "x" * 5000, "'; --"])
def test_a_customer_that_is_none_is_not_found(number: str, cast: Cast) -> None:
    with pytest.raises(Http404):
        visit(SEEN, cast.camille, number)


def test_who_has_not_signed_in_is_sent_to_sign_in(cast: Cast) -> None:
    answer = visit(SEEN, None)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/x/")


def test_who_may_only_ask_comes_in_too(cast: Cast) -> None:
    assert visit(page(Can.ADD_SEATS)(seen_by), cast.sofia).status_code == 200


def test_roles_are_read_anew_at_each_request(cast: Cast) -> None:
    assert visit(SEEN, cast.sofia).status_code == 200
    with inside(cast.camille):
        cast.sofia.roles.all().delete()
    with pytest.raises(Http404):
        visit(SEEN, cast.sofia)
    with inside(cast.camille):
        Membership.objects.filter(pk=cast.camille.pk).update(left_on="2026-11-21")
    with pytest.raises(Http404):
        visit(SEEN, cast.camille)


def test_rows_that_a_page_reads_late_are_read_inside(cast: Cast) -> None:
    template = engines["django"].from_string("{% for each in rows %}{{ each.number }} {% endfor %}")

    def lazily(request: GateRequest) -> HttpResponse:
        return SimpleTemplateResponse(template, {"rows": Contract.objects.order_by("number")})

    assert visit(page(Can.SEE_CONTRACTS)(lazily), cast.camille).content == b"110000001 110000002 "


def test_after_the_page_the_wall_is_shut(cast: Cast) -> None:
    visit(SEEN, cast.camille)
    assert not Contract.objects.exists()


def test_what_a_page_looks_for_and_does_not_find_is_404(cast: Cast) -> None:
    def looks(request: GateRequest) -> HttpResponse:
        return HttpResponse(Contract.objects.get(number="110000003").number)  # Studio Est's

    with pytest.raises(Http404):
        visit(page(Can.SEE_CONTRACTS)(looks), cast.camille)


def test_a_page_that_breaks_leaves_nothing(cast: Cast) -> None:
    def breaks(request: GateRequest) -> HttpResponse:
        Contract.objects.filter(number="110000001").update(support_level="priority")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        visit(page(Can.SEE_CONTRACTS)(breaks), cast.camille)
    with inside(cast.camille):
        assert Contract.objects.get(number="110000001").support_level == "basic"


@pytest.mark.parametrize("point", ["gate.before_commit", "gate.after_commit"])
def test_the_gate_can_be_made_to_fail_on_both_sides_of_the_commit(
    point: str, cast: Cast, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", f"{point}:raise")
    with pytest.raises(FailpointRaised), django_capture_on_commit_callbacks(execute=True):
        visit(SEEN, cast.camille)


def test_a_page_about_oneself_is_inside_no_customer(cast: Cast) -> None:
    def looks(request: GateRequest) -> HttpResponse:
        return HttpResponse(f"{request.actor.organisation_id} {Contract.objects.count()} {Membership.objects.count()}")

    request = RequestFactory().get("/x/")
    with wall_opened(person=cast.camille.person_id):
        request.user = identity.myself(cast.camille.person_id)
    assert own_page(Can.SEE_PROFILE)(looks)(request).content == b"None 0 1"


def test_a_public_page_sees_no_customer(cast: Cast) -> None:
    def looks(request: HttpRequest) -> HttpResponse:
        assert connection.in_atomic_block
        return HttpResponse(str(Contract.objects.count() + Membership.objects.count()))

    assert public_page(looks)(RequestFactory().get("/x/")).content == b"0"


@pytest.mark.parametrize("can", [Can.SEE_HOME, Can.SEE_PROFILE])
def test_a_gate_says_which_permission_it_asks_for(can: Permission) -> None:
    for gate in (page, own_page):
        view: Any = gets(gate(can)(seen_by))
        assert (view.permission, view.gate, view.methods) == (can, True, ("GET", "HEAD"))


def test_the_request_key_of_a_form_travels_with_the_actor(cast: Cast) -> None:
    def keyed(request: GateRequest) -> HttpResponse:
        return HttpResponse(str(request.actor.request_key))

    keyed_page = page(Can.SEE_CONTRACTS)(keyed)
    assert visit(keyed_page, cast.camille, request_key="k1").content == b"k1"
    assert visit(keyed_page, cast.camille, request_key="", other="x").content == b"None"
    assert len({new_request_key() for _ in range(100)}) == 100


@pytest.mark.parametrize("key", ["a\x00b", "x" * 256, "a\nb"])
def test_a_request_key_that_no_form_of_ours_holds_is_a_bad_request(key: str, cast: Cast) -> None:
    with pytest.raises(BadRequest):
        visit(SEEN, cast.camille, request_key=key)


def test_a_form_that_is_sent_twice_has_one_effect(cast: Cast, client: Client) -> None:
    with wall_opened(person=cast.camille.person_id):
        client.force_login(identity.myself(cast.camille.person_id))
    for _ in range(2):
        assert client.post("/profile/language/", {"language": "fr", "request_key": "k"}).status_code == 302
    with wall_opened(person=cast.camille.person_id):
        assert identity.myself(cast.camille.person_id).language == "fr"
        assert [event.kind for event in Event.objects.all()] == ["language.confirmed"]
    assert kinds_of_events(cast.nord.pk) == []


def test_a_page_takes_only_the_methods_that_it_says(cast: Cast) -> None:
    assert visit(gets(SEEN), cast.camille, request_key="k").status_code == 405
    assert visit(posts(SEEN), cast.camille).status_code == 405
    assert visit(posts(SEEN), cast.camille, request_key="k").status_code == 200


def test_the_actor_brings_along_when_the_person_showed_who_they_are(cast: Cast, monkeypatch: Any) -> None:
    def says(request: GateRequest, **_: str) -> HttpResponse:
        return HttpResponse(str(request.actor.stepped_up_at))

    class Proved:
        def proved_at(self, request: HttpRequest) -> datetime:
            return datetime(2026, 11, 21, 9, tzinfo=UTC)

    assert visit(page(Can.SEE_CONTRACTS)(says), cast.camille).content == b"None"
    monkeypatch.setattr(Ports, "sign_ins", Proved())
    for gate in (page(Can.SEE_CONTRACTS), own_page(Can.SEE_PROFILE)):
        assert visit(gate(says), cast.camille).content == b"2026-11-21 09:00:00+00:00"


def test_the_port_that_nobody_filled_says_so(monkeypatch: Any) -> None:
    monkeypatch.setattr(Ports, "grants", Unfilled())
    with pytest.raises(HouseRule, match=r"wiring\.py"):
        Ports.grants.visit(1, "5200001")
