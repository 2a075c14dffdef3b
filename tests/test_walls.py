"""Every address, asked as everybody: who may by the permission table comes in, nobody else, and no canary crosses.

The addresses come from the program itself, the answers that are right from `comptoir.permissions` and the cast. A new page is
asked by itself; what it needs to be asked for (a part of its address, the body of its call) stands in `tests/world.py`.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client

from comptoir.kernel.ports import Ports
from comptoir.kernel.routes import PUBLIC, Route, routes
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import DIRECT, Permission, Reach, Role, table
from tests.database import RUN, SERVER
from tests.world import (
    BODIES,
    ELSEWHERE,
    EVERYBODY,
    EVERYBODYS,
    NAMES_WHAT_IS_ASKED_FOR,
    OF_THE_WHOLE_CUSTOMER,
    OUTSIDERS,
    OWNERS,
    PARTS,
    ROLES,
    STAFF,
    UNDER_THE_CONTRACT,
    World,
    actor_of,
    invoice_of,
    made,
)

ROUTES = routes()
GATED = [route for route in ROUTES if route.permission != PUBLIC]
PAGES = [route for route in GATED if not route.path.startswith("/api/")]
CALLS = [route for route in GATED if route.path.startswith("/api/")]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture(scope="module")
def world(django_db_blocker: Any) -> Iterator[World]:
    """One world for all, in a database of its own; every request is rolled back."""
    name, before = f"{RUN}_walls", connection.settings_dict["NAME"]
    SERVER.clone(name)
    with django_db_blocker.unblock():
        connections.close_all()
        connection.settings_dict["NAME"] = name
        try:
            yield made()
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = before
            SERVER.drop(name)


# --- asking --------------------------------------------------------------------------------------------------------------


def parts_of(route: Route) -> list[str]:
    """The variable parts of an address, each with the segment before it."""
    segments = route.path.strip("/").split("/")
    return [f"{before}/{part}" for before, part in pairwise(segments) if part.startswith("{")]


def address(route: Route, world: World, **instead: object) -> str:
    """The address filled with Atelier Nord's numbers; `instead` puts something else for a part, by its name."""
    path = route.path
    for part in parts_of(route):
        if part not in PARTS:
            pytest.fail(f"{route.path} has a part that is not known here: add {part!r} to PARTS in tests/world.py.")
        name = part.rpartition("/")[2].strip("{}")
        path = path.replace("{" + name + "}", str(instead.get(name, PARTS[part](world))), 1)
    return path


def answer(who: str, route: Route, path: str, world: World) -> HttpResponse:
    """What that person or their token is answered. Whatever it did is rolled back."""
    client = Client(raise_request_exception=True)
    with transaction.atomic():
        if route.path.startswith("/api/"):
            if route.method != "GET" and route.name not in BODIES:
                pytest.fail(f"{named(route)} takes a body: add {route.name!r} to BODIES in tests/world.py.")
            body = json.dumps(BODIES.get(route.name))
            headers = {"authorization": f"Bearer {world.tokens[who]}"} if who in world.tokens else {}
            kind = "application/json"
            given = client.generic(route.method, path, "" if body == "null" else body, content_type=kind, headers=headers)
        else:
            if who != "anonymous":
                client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[who]
            given = client.generic(route.method, path, "", content_type="application/x-www-form-urlencoded")
        if given.streaming:
            given = HttpResponse(b"".join(given), status=given.status_code)
        given.content  # noqa: B018 - rendered while the wall is open, or it breaks here
        transaction.set_rollback(True)
    return given


# --- what is right ---------------------------------------------------------------------------------------------------------


def reaches(who: str, can: Permission, *, contract: str | None = None) -> set[Reach]:
    """What the table gives this person: anywhere, or on one contract of Atelier Nord."""
    held = [(Role.END_USER, None), *ROLES[who]]
    found = {can.reach_of[role] for role, on in held if contract is None or on in (None, contract, "group")}
    return found - {Reach.NONE}


def expected(who: str, route: Route) -> set[int]:
    """The statuses that are right."""
    can, is_call = table()[route.permission], route.path.startswith("/api/")
    read, done, refused = {200, 302}, {200, 201, 302, 409, 422}, {403, 404}
    allowed = read if route.method == "GET" else done
    if who == "anonymous" or (is_call and who in STAFF):  # staff have no tokens
        return {401} if is_call else {302}
    if who == "gaston" and is_call:
        return {401}  # the token ended with the membership
    if can.reach_of[Role.PERSON] in DIRECT:
        return allowed
    if who in STAFF:
        may = route.path.startswith("/desk/") and can.reach_of[STAFF[who]] in DIRECT
        # a page that many read and some write: who may only read is told so
        return ({*allowed, 403} if route.method == "POST" else allowed) if may else {404}
    if route.path.startswith("/desk/"):
        return {404}
    if who in ELSEWHERE and not route.path.startswith("/api/") and "{customer}" not in route.path:
        return allowed
    if who not in ROLES:
        return {404}
    if not reaches(who, can):
        return {403} if is_call else {404}
    if route.name in OF_THE_WHOLE_CUSTOMER and route.method != "GET" and None not in {on for _role, on in ROLES[who]}:
        return {403}
    targets = set(parts_of(route)) & ({*UNDER_THE_CONTRACT} | {*OWNERS})
    in_groups = Reach.GROUPS in reaches(who, can) and Reach.ALL not in reaches(who, can)
    if in_groups and not targets and (parts_of(route)[1:] or route.method != "GET"):
        return allowed | refused  # what is of their groups, and what is of others, stands under one address
    if not targets:
        # a call says to whoever may only ask that they may not; a page lets them ask
        return allowed if reaches(who, can) & DIRECT or not is_call else allowed | refused
    found = reaches(who, can, contract="contract" if targets & UNDER_THE_CONTRACT else None)
    if found & {Reach.ALL, Reach.MONEY}:
        return allowed
    if Reach.OWN in found and who in {OWNERS.get(target) for target in targets}:
        return allowed
    if found & {Reach.ASK, Reach.PROPOSE}:
        return allowed | refused
    return refused if Reach.OWN in found else {404}


def canaries(who: str, route: Route, path: str, world: World) -> set[str]:
    """Texts that must not appear in an answer to this person, unless they typed them into the address themselves."""
    cast = world.cast
    est = {cast.est.name, cast.est.number, cast.foreign_contract.number, cast.foreign_subscription.number, "Oskar"}
    est |= {world.foreign_order.number, invoice_of(world.foreign_order)}
    invoices = {invoice_of(world.order)}
    owned = {cast.contract.number, cast.subscription.number, world.order.number}
    nord = {
        cast.nord.name,
        cast.nord.number,
        cast.second_contract.number,
        "Camille",
        "Sofia Costa",  # a time zone is called Sofia too
        "Payet",
    }  # Pierre is in the name of a country, too
    if who in STAFF:
        hidden = set() if who == "fiona" else {cast.est.name, cast.nord.name, *est, *nord, *owned, *invoices}
        if who == "ada":  # customers and their managers, nothing of money
            hidden = {*invoices, world.order.number, world.foreign_order.number}
    elif who == "oskar":
        hidden = nord | owned | invoices
    elif who in OUTSIDERS:
        hidden = est | nord | owned | invoices
    else:
        hidden = set(est)
        if not reaches(who, table()["see_invoices"], contract="contract"):
            hidden |= invoices
        sees = reaches(who, table()["see_contracts"], contract="contract") & {Reach.ALL}
        if not sees and route.name not in NAMES_WHAT_IS_ASKED_FOR:
            hidden |= owned
            if reaches(who, table()["see_products"], contract="contract") & {Reach.ALL}:  # by its number seats are given
                hidden -= {cast.subscription.number}
    return {text for text in hidden if text not in path}


def leaked(given: HttpResponse, hidden: set[str]) -> list[str]:
    """The canaries that an answer holds, in its body or its headers."""
    said = given.content.decode(errors="replace") + "\n".join(f"{key}: {value}" for key, value in given.headers.items())
    return sorted(text for text in hidden if re.search(rf"(?<!\d){re.escape(text)}(?!\d)", said))


# --- the tests -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", GATED, ids=named)
def test_whoever_may_comes_in_and_nobody_else(route: Route, world: World) -> None:
    path, wrong = address(route, world), {}
    for who in EVERYBODY:
        given = answer(who, route, path, world)
        if given.status_code not in expected(who, route):
            wrong[who] = f"{given.status_code}, not {expected(who, route)}"
        if who == "anonymous" and given.status_code == 302:
            assert given.headers["Location"].startswith("/sign-in/?next=")
        if found := leaked(given, canaries(who, route, path, world)):
            wrong[f"{who} is shown"] = str(found)
    assert wrong == {}


@pytest.mark.parametrize("route", [route for route in GATED if "{customer}" in route.path], ids=named)
def test_no_customer_is_entered_by_the_number_of_another(route: Route, world: World) -> None:
    cast, wrong = world.cast, {}
    targets = [part for part in parts_of(route) if not part.endswith("{customer}") and part not in EVERYBODYS]
    foreign = {"number": world.foreign_order.number, "member": cast.oskar.pk, "pk": 2**62}
    if "subscriptions/{number}" in targets:
        foreign["number"] = cast.foreign_subscription.number
    if "contracts/{number}" in targets:
        foreign["number"] = cast.foreign_contract.number
    if "invoices/{number}" in targets:
        foreign["number"] = invoice_of(world.foreign_order)
    asked = [
        # a number that nobody has looks the same as a number of somebody else
        ("oskar", address(route, world)),
        ("oskar", address(route, world, customer="5299999")),
        ("camille", address(route, world, customer=cast.est.number)),
    ]
    if targets:
        asked += [("oskar", address(route, world, customer=cast.est.number)), ("camille", address(route, world, **foreign))]
    said = set()
    for who, path in asked:
        given = answer(who, route, path, world)
        if given.status_code != 404:
            wrong[f"{who} {path}"] = given.status_code
        if route.path.startswith("/api/"):
            said.add(given.content)
        if found := leaked(given, canaries(who, route, path, world)):
            wrong[f"{who} {path} is shown"] = found  # type: ignore[assignment]
    assert wrong == {}
    assert len(said) <= 1, "a stranger can tell one refusal from another"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.permission == PUBLIC], ids=named)
def test_a_public_page_shows_nothing_of_any_customer(route: Route, world: World) -> None:
    path = address(route, world)
    for who in ("anonymous", "oskar"):
        given = answer(who, route, path, world)
        assert given.status_code < 500
        assert given.status_code != 403
        assert leaked(given, canaries(who, route, path, world)) == []


@pytest.mark.parametrize("route", [route for route in GATED if route.method == "GET"], ids=named)
def test_whatever_stands_behind_the_question_mark_breaks_nothing(route: Route, world: World) -> None:
    names = ("q", "cursor", "before", "after", "customer", "role", "sort", "term", "contract", "kind", "person", "add", "on")
    values = ("%00", "9" * 30, "%27%22%3C%3E%F0%9F%A6%84" * 99)
    for query in [*("&".join(f"{name}={value}" for name in names) for value in values), *(f"{name}=%00" for name in names[:3])]:
        who = "fiona" if route.path.startswith("/desk/") else "camille"
        given = answer(who, route, f"{address(route, world)}?{query}", world)
        assert given.status_code in {200, 302, 400, 404, 422}, query


LISTS = ("contracts", "subscriptions", "people", "orders", "invoices", "charges", "spending", "contract_charges", "any_day")


@pytest.mark.parametrize("route", [route for route in PAGES if route.name in LISTS and route.method == "GET"], ids=named)
def test_a_list_as_a_file_is_for_the_same_people_and_says_no_more(route: Route, world: World) -> None:
    path, wrong = f"{address(route, world)}?download=csv", {}
    for who in EVERYBODY:
        given = answer(who, route, path, world)
        if given.status_code not in expected(who, route):
            wrong[who] = f"{given.status_code}, not {expected(who, route)}"
        if found := leaked(given, canaries(who, route, path, world)):
            wrong[f"{who} is shown"] = str(found)
    assert wrong == {}
    assert answer("camille", route, path, world).headers["Content-Type"].startswith("text/csv")


def test_a_test_that_asked_nothing_would_tell_nothing() -> None:
    assert len(PAGES) > 15
    assert len(CALLS) > 10
    assert {who for who in EVERYBODY if who in ROLES} == set(ROLES)


def test_the_roles_here_are_those_of_the_cast(world: World) -> None:
    for who, roles in ROLES.items():
        member = getattr(world.cast, who)
        with wall_opened(read=[world.cast.nord.pk], person=member.person_id):
            held = {(grant.role, grant.contract_id) for grant in actor_of(member).grants}
        places = [(role, None if on == "group" else on) for role, on in [*roles, (Role.END_USER, None)]]
        there = {(role, getattr(world.cast, on).pk if on else None) for role, on in places}
        assert held == there


def test_an_address_with_an_unknown_part_fails_with_a_sentence(world: World) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"add 'cakes/\{flavour\}' to PARTS"):
        address(Route("/c/{customer}/cakes/{flavour}/", "GET", "cake", "see_home"), world)
    with pytest.raises(pytest.fail.Exception, match="add 'bake' to BODIES"):
        answer("camille", Route("/api/v1/cakes", "POST", "bake", "see_home"), "/api/v1/cakes", world)


def test_with_the_gate_open_a_stranger_is_seen_to_come_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    route = next(route for route in PAGES if route.name == "contracts")
    manager, visit = world.cast.camille, Ports.grants.visit
    monkeypatch.setattr(type(Ports.grants), "visit", lambda _self, _person_id, number: _as(manager, visit, number))
    given = answer("oskar", route, address(route, world), world)
    assert given.status_code not in expected("oskar", route)
    assert leaked(given, canaries("oskar", route, address(route, world), world))


def _as(member: Membership, visit: Any, number: str) -> object:
    with wall_opened(person=member.person_id):
        return visit(member.person_id, number)
