"""What is done on a person's page: invited again, roles and groups given and taken, handed over, removed."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .. import queries
from ..actions import give_role, hand_over, invite_again, join_group, leave_group, remove_people, take_role
from ..forms import GroupChoice, HandOverForm
from ..ports import Ports
from .people import asks_for_roles, role_form, show_member


@posts
@page(Can.ADD_PEOPLE)
def invitations(request: GateRequest, member: int) -> HttpResponse:
    """Send the invitation, or send it again."""
    found = queries.member(request.actor, member)
    return _done(request, member, lambda: invite_again(request.actor, found), _("The invitation is on its way."))


@posts
@page(Can.GIVE_ROLES)
def roles(request: GateRequest, member: int) -> HttpResponse:
    """Give one more role."""
    queries.member(request.actor, member)
    form = role_form(request, request.POST)
    if not form.is_valid():
        return show_member(request, member, form=form, status=422)
    if asks_for_roles(request):
        return _ask(request, member, "give_role", {**form.place(), "member": member}, form.cleaned_data["reason"])
    customer = queries.own_organisation(request.actor)
    told = {**form.place(), "member": member, "on": request.today}
    return _done(request, member, lambda: give_role(request.actor, customer, **told), _("The role counts from now on."))


@posts
@page(Can.GIVE_ROLES)
def role_removal(request: GateRequest, member: int) -> HttpResponse:
    """Take one role away."""
    queries.member(request.actor, member)
    form = role_form(request, request.POST)
    if not form.is_valid():
        return show_member(request, member, form=form, status=422)
    if asks_for_roles(request):
        return _ask(request, member, "take_role", {**form.place(), "member": member}, form.cleaned_data["reason"])
    customer = queries.own_organisation(request.actor)
    told = {**form.place(), "member": member, "on": request.today}
    return _done(request, member, lambda: take_role(request.actor, customer, **told), _("The role is taken away."))


@posts
@page(Can.MANAGE_GROUPS)
def groups(request: GateRequest, member: int) -> HttpResponse:
    """Put the person into a group, or (`leave`) take them out of it."""
    queries.member(request.actor, member)
    form = GroupChoice(request.POST)
    if not form.is_valid():
        return show_member(request, member, refusal=Refused("group_unknown", status=422))
    group = queries.group_of(request.actor, form.cleaned_data["group"])
    verb, said = (leave_group, _("Taken out.")) if form.cleaned_data["leave"] else (join_group, _("Put into the group."))
    return _done(request, member, lambda: verb(request.actor, group, members=[member], on=request.today), said)


def _ask(request: GateRequest, member: int, verb: str, arguments: Mapping[str, Any], reason: str) -> HttpResponse:
    try:
        return _asked(request, verb, arguments, reason)
    except Refused as refusal:
        return show_member(request, member, refusal=refusal)


def _asked(request: GateRequest, verb: str, arguments: Mapping[str, Any], reason: str) -> HttpResponse:
    """Send it to those who may give roles there."""
    wish = queries.wish_about_roles(request.actor, verb, arguments)
    ask(request.actor, queries.own_organisation(request.actor), **wish, reason=reason, on=request.today)
    messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))
    return redirect("requests", customer=request.customer.number)


def _done(request: GateRequest, member: int, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        return show_member(request, member, refusal=refusal)
    messages.success(request, said)
    return redirect("member", customer=request.customer.number, member=member)


@gets_and_posts
@page(Can.REMOVE_PEOPLE)
def removal(request: GateRequest, member: int) -> HttpResponse:
    """What ends when the person leaves; a POST removes them."""
    found = queries.member(request.actor, member)
    problem, status = None, 200
    if request.method == "POST":
        try:
            remove_people(request.actor, queries.own_organisation(request.actor), members=[member], on=request.today)
        except Refused as refusal:
            problem, status = tell(refusal), refusal.status
        else:
            messages.success(request, _("%(name)s does not belong to your company any more.") % {"name": found.name})
            return redirect("people", customer=request.customer.number)
    told = {
        "member": found,
        "ends": queries.endings(request.actor, [member], request.today),
        "roles": queries.role_lines(request.actor, member),
        "inside": queries.groups_of(request.actor, [member]).get(member, []),
        "open_requests": queries.open_requests(request.actor, member),
        "tokens": queries.tokens_of(request.actor, member),
        "problem": problem,
        "request_key": new_request_key(),
    }
    return render(request, "organisations/removal.html", told, status=status)


@gets_and_posts
@page(Can.GIVE_ROLES)
def handing_over(request: GateRequest, member: int) -> HttpResponse:
    """Hand what the person manages over to somebody else."""
    found = queries.member(request.actor, member)
    mine = {contract for _member, contract in queries.managers_among(request.actor, [member])}
    numbers = Ports.contracts.all_numbers(request.actor)
    offered = [("all", _("The whole customer"))] if None in mine else []
    offered += [(f"contract:{pk}", numbers[pk]) for pk in sorted(pk for pk in mine if pk) if pk in numbers]
    asks = asks_for_roles(request)
    form = HandOverForm(request.POST if request.method == "POST" else None, places=offered, asks=asks)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            return _hand_over(request, member, form, asks=asks)
        except Refused as refusal:
            said, status = tell(refusal), refusal.status
            form.add_error(refusal.field if refusal.field in form.fields else None, said.words)
    shown = {"member": found, "form": form, "offered": offered, "gives": not asks, "request_key": new_request_key()}
    return render(request, "organisations/handing_over.html", shown, status=status)


def _hand_over(request: GateRequest, member: int, form: HandOverForm, *, asks: bool) -> HttpResponse:
    taker = queries.members_by_email(request.actor, [form.cleaned_data["email"].strip()])
    contract = form.cleaned_data["where"].partition(":")[2]
    if not taker:
        raise Refused("member_not_here", field="email", status=422)
    told: dict[str, Any] = {"giver": member, "taker": next(iter(taker.values())), "contract": int(contract) if contract else None}
    if asks:
        return _asked(request, "hand_over", told, form.cleaned_data["reason"])
    hand_over(request.actor, queries.own_organisation(request.actor), **told, on=request.today)
    messages.success(request, _("Handed over."))
    return redirect("member", customer=request.customer.number, member=member)
