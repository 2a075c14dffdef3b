"""User management by person: the list, one person's page, and who is added."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can, Reach

from .. import queries
from ..actions import add_person
from ..forms import PeopleFilter, PersonForm, RoleForm
from ..ports import Ports

STATE_KINDS = {"active": "good", "invited": "", "expired": "warn", "not_invited": "hollow", "left": "hollow"}
COLUMNS = ("name", "email", "state", "joined_on", "left_on", "roles", "groups", "seats")
AT_ONCE = 1_000  # people whose roles are looked up together


@gets
@page(Can.SEE_PEOPLE)
def people(request: GateRequest) -> HttpResponse:
    """Everybody, by name, with their roles and how many seats they have (F1.6)."""
    form = PeopleFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    told = form.cleaned_data
    wanted = {"words": told.get("q", ""), "role": told.get("role", ""), "state": told.get("state", "")}
    groups = queries.group_choices(request.actor, Can.SEE_PEOPLE)
    group = told.get("group")
    if wants_file(request):
        rows = queries.filtered_people(request.actor, **wanted, group=group)
        return list_as_file(request, "people", COLUMNS, _lines_of_file(request, rows.order_by("sort_name", "id")))
    found = queries.page_of_people(request.actor, **wanted, group=group, place=Place.of(request.GET))
    shown = {
        **wanted,
        "form": form,
        "group": str(group or ""),
        "roles": [("", _("All")), *queries.role_words().items()],
        "states": [("", _("All who are here")), *queries.state_words().items()],
        "groups": [("", _("All")), *((str(pk), name) for pk, name in groups)] if groups else [],
        "filtered": any((*wanted.values(), group)),
        "page": found,
        "lines": _lines(request, found.rows),
        "figures": queries.people_figures(request.actor),
        "may_limit": request.actor.may(Can.SET_SPENDING_LIMITS),
        "wishes": len(queries.wishes_of(request.actor)) if request.actor.may(Can.ADD_PEOPLE) else 0,
        "may_add": request.actor.may(Can.ADD_PEOPLE, anywhere=True),
        "all_seats": request.actor.contracts(Can.SEE_PRODUCTS) is None,
    }
    return render(request, "organisations/people.html", shown, status=422 if form.errors else 200)


def _lines(request: GateRequest, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = list(rows)
    ids = [row["id"] for row in rows]
    roles, seats = roles_in_words(request, ids), Ports.holdings.seats(request.actor, ids, request.today)
    words = queries.state_words()
    return [
        {**row, "roles": roles[row["id"]], "seats": seats.get(row["id"], 0), "word": words[state], "kind": STATE_KINDS[state]}
        for row in rows
        for state in [queries.state_of(row)]
    ]


def _lines_of_file(request: GateRequest, rows: Any) -> Iterator[Mapping[str, Any]]:
    fields = ("id", "name", "email", "joined_on", "active", "invited_until", "left_on")
    whole = list(rows.values(*fields))
    for start in range(0, len(whole), AT_ONCE):
        part = whole[start : start + AT_ONCE]
        ids = [row["id"] for row in part]
        seats, groups = Ports.holdings.seats(request.actor, ids, request.today), queries.groups_of(request.actor, ids)
        held = defaultdict(list)
        grants = queries.grants_of(request.actor, ids)
        numbers = Ports.holdings.contract_numbers(request.actor, {grant.contract_id for grant in grants if grant.contract_id})
        for grant in grants:
            held[grant.membership_id].append(f"{grant.role} {numbers.get(grant.contract_id or 0, '')}".strip())
        for row in part:
            names = "; ".join(stay.name for stay in groups.get(row["id"], []))
            more = {"state": queries.state_of(row), "roles": "; ".join(held[row["id"]]), "groups": names}
            yield {**row, **more, "seats": seats.get(row["id"], 0)}


@gets
@page(Can.SEE_PEOPLE)
def member(request: GateRequest, member: int) -> HttpResponse:
    """One person: their roles on each contract, their groups, the seats that they have and had, and what can be done."""
    return show_member(request, member)


def show_member(
    request: GateRequest, pk: int, *, refusal: Refused | None = None, form: RoleForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a person, with what was refused."""
    found = queries.member(request.actor, pk)
    held = Ports.holdings.held_by(request.actor, pk, request.today)
    state = queries.state_of({"active": found.active, "invited_until": found.invited_until, "left_on": found.left_on})
    may_add = request.actor.may(Can.ADD_PEOPLE, anywhere=True)
    inside = queries.groups_of(request.actor, [pk]).get(pk, [])
    mine = {stay.group_id for stay in inside}
    gives, asks = request.actor.may(Can.GIVE_ROLES, anywhere=True), asks_for_roles(request)
    told = {
        "member": found,
        "state": {"word": queries.state_words()[state], "kind": STATE_KINDS[state], "name": state},
        "roles": queries.role_lines(request.actor, pk),
        "inside": inside,
        "groups": [each for each in queries.group_choices(request.actor, Can.MANAGE_GROUPS) if each[0] not in mine],
        "held": [each for each in held if each.ended_on is None],
        "past": [each for each in held if each.ended_on is not None],
        "lent": Ports.holdings.lent_to(request.actor, pk, request.today),
        "seated": sum(each.ended_on is None and not each.waiting for each in held),
        "waiting": sum(each.ended_on is None and each.waiting for each in held),
        "all_seats": request.actor.contracts(Can.SEE_PRODUCTS) is None or pk == request.actor.membership_id,
        "sees_contracts": request.actor.may(Can.SEE_CONTRACTS, anywhere=True),
        "may_invite": may_add and not found.active,
        "may_group": request.actor.may(Can.MANAGE_GROUPS, anywhere=True),
        "may_remove": request.actor.may(Can.REMOVE_PEOPLE, anywhere=True),
        "form": form or (role_form(request) if gives or asks else None),
        "gives": gives,
        "asks": asks,
        "who_gives": queries.who_may_where(request.actor, Can.GIVE_ROLES).get(None, ()) if asks else (),
        "manages": (gives or asks) and bool(queries.managers_among(request.actor, [pk])),
        "refusal": None if refusal is None else tell(refusal),
        "request_key": new_request_key(),
    }
    return render(request, "organisations/member.html", told, status=refusal.status if refusal else status)


def role_form(request: GateRequest, data: Any = None) -> RoleForm:
    """The form for one more role, with what the actor may give."""
    return RoleForm(data, roles=_roles(), places=places(request), asks=asks_for_roles(request), auto_id="role-%s")


def asks_for_roles(request: GateRequest) -> bool:
    """Whether the actor gives no roles, but may ask for them (rules 7)."""
    held = {Can.GIVE_ROLES.reach_of[grant.role] for grant in request.actor.grants}
    return Reach.ASK in held and not request.actor.may(Can.GIVE_ROLES, anywhere=True)


def places(request: GateRequest) -> list[tuple[str, Any]]:
    """Where the actor may give roles, or ask for them: on the whole customer, on contracts, on groups."""
    asks = asks_for_roles(request)
    if not asks and not request.actor.may(Can.GIVE_ROLES, anywhere=True):
        return []
    # who looks after the people under a contract asks for roles there
    mine = request.actor.contracts(Can.REMOVE_PEOPLE if asks else Can.GIVE_ROLES)
    numbers = Ports.contracts.all_numbers(request.actor)
    contracts = [(f"contract:{pk}", number) for pk, number in numbers.items() if mine is None or pk in mine]
    groups = [(f"group:{pk}", name) for pk, name in queries.group_choices(request.actor, Can.MANAGE_GROUPS)]
    offered: list[tuple[str, Any]] = [("all", _("The whole customer"))] if mine is None else []
    return offered + [(word, some) for word, some in ((_("Contracts"), contracts), (_("Groups"), groups)) if some]


def _roles() -> list[tuple[str, Any]]:
    return [(role, word) for role, word in queries.role_words().items() if role not in queries.everybodys_roles()]


@gets_and_posts
@page(Can.ADD_PEOPLE)
def new_person(request: GateRequest) -> HttpResponse:
    """Add one person, with roles and groups, and invite them now or later."""
    groups = [(str(pk), name) for pk, name in queries.group_choices(request.actor, Can.ADD_PEOPLE)]
    roles = [("", _("End user")), *_roles()] if request.actor.may(Can.GIVE_ROLES, anywhere=True) else []
    sent = request.POST if request.method == "POST" else None
    form = PersonForm(sent, roles=roles, places=places(request), groups=groups)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = add_person(request.actor, queries.own_organisation(request.actor), **form.told(), on=request.today)
        except Refused as refusal:
            told, status = tell(refusal), refusal.status
            place = {"contract": "where", "group": "where"}.get(refusal.field or "", refusal.field)
            form.add_error(place if place in form.fields else None, told.words)
        else:
            _say_added(request, made)
            return redirect("member", customer=request.customer.number, member=made.pk)
    told_ = {"form": form, "request_key": new_request_key()}
    return render(request, "organisations/new_person.html", told_, status=status)


def _say_added(request: GateRequest, made: Any) -> None:
    if made.invited_until:
        said = _("%(name)s is here, and the invitation is on its way.")
    else:
        said = _("%(name)s is here. Send the invitation when it is time.")
    messages.success(request, said % {"name": made.name})


def roles_in_words(request: GateRequest, memberships: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The roles of each member: in words, with the contracts' numbers (none: the whole customer) and groups' names."""
    grants, words = queries.grants_of(request.actor, memberships), queries.role_words()
    numbers = Ports.holdings.contract_numbers(request.actor, {grant.contract_id for grant in grants if grant.contract_id})
    names = queries.names_of_groups(request.actor, {grant.group_id for grant in grants if grant.group_id})
    roles: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for grant in grants:
        role = roles[grant.membership_id].setdefault(grant.role, {"word": words[grant.role], "everywhere": None, "places": []})
        if grant.group_id is not None:
            role["places"].append({"number": names.get(grant.group_id, ""), "contract": False, "given_on": grant.given_on})
        elif grant.contract_id is None:
            role["everywhere"] = grant.given_on
        else:
            role["places"].append({"number": numbers.get(grant.contract_id, ""), "contract": True, "given_on": grant.given_on})
    return defaultdict(list, {pk: [found[role] for role in words if role in found] for pk, found in roles.items()})
