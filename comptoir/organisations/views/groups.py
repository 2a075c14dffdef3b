"""User management by group: the list, one group's page, who joins and who leaves."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import number

from .. import queries
from ..actions import end_group, join_group, leave_group, make_group, rename_group
from ..forms import AddressesForm, GroupForm, MemberChoice

SHOWN_MISSING = 10  # addresses that are named because nobody has them


@gets_and_posts
@page(Can.SEE_PEOPLE)
def groups(request: GateRequest) -> HttpResponse:
    """The groups by name, with how many people are in each and what they were given; a POST makes one."""
    form = GroupForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            organisation = queries.own_organisation(request.actor)
            made = make_group(request.actor, organisation, name=form.cleaned_data["name"], on=request.today)
        except Refused as refusal:
            status = _refused(form, refusal)
        else:
            messages.success(request, _("The group is there: now put people into it."))
            return redirect("group", customer=request.customer.number, pk=made.pk)
    words = request.GET.get("q", "")[:100].replace("\0", "")
    found = queries.page_of_groups(request.actor, words=words, place=Place.of(request.GET))
    given = queries.given_to(request.actor, [row["id"] for row in found.rows], request.today)
    told = {
        "form": form,
        "words": words,
        "page": found,
        "lines": [{**row, "given": given.get(row["id"], [])} for row in found.rows],
        "may_make": request.actor.may(Can.MANAGE_GROUPS, anywhere=True) and request.actor.groups(Can.MANAGE_GROUPS) is None,
        "request_key": new_request_key(),
    }
    return render(request, "organisations/groups.html", told, status=status)


@gets
@page(Can.SEE_PEOPLE)
def group(request: GateRequest, pk: int) -> HttpResponse:
    """One group: who is in it, who looks after it, what it was given."""
    return _show(request, pk)


@posts
@page(Can.MANAGE_GROUPS)
def renaming(request: GateRequest, pk: int) -> HttpResponse:
    """Give the group another name."""
    found, form = queries.group(request.actor, pk), GroupForm(request.POST, auto_id="rename-%s")
    if not form.is_valid():
        return _show(request, pk, rename=form, status=422)
    name = form.cleaned_data["name"]
    return _done(request, pk, lambda: rename_group(request.actor, found, name=name), _("Renamed."), rename=form)


@posts
@page(Can.MANAGE_GROUPS)
def joining(request: GateRequest, pk: int) -> HttpResponse:
    """Put people into the group by their addresses: those who are members; the others are named."""
    found, form = queries.group(request.actor, pk), AddressesForm(request.POST, auto_id="join-%s")
    if not form.is_valid():
        return _show(request, pk, join=form, status=422)
    emails = form.cleaned_data["addresses"]
    known = queries.members_by_email(request.actor, emails)
    missing = [email for email in emails if email not in known]
    if missing:
        named = ", ".join(missing[:SHOWN_MISSING]) + ("…" if len(missing) > SHOWN_MISSING else "")
        form.add_error("addresses", _("Nobody here has %(addresses)s: add them first.") % {"addresses": named})
        return _show(request, pk, join=form, status=422)
    members = list(dict.fromkeys(known.values()))
    said = ngettext("%(n)s person is in the group now.", "%(n)s people are in the group now.", len(members)) % {
        "n": number(len(members))
    }
    return _done(request, pk, lambda: join_group(request.actor, found, members=members, on=request.today), said, join=form)


@posts
@page(Can.MANAGE_GROUPS)
def leaving(request: GateRequest, pk: int) -> HttpResponse:
    """Take one person out of the group."""
    found, form = queries.group(request.actor, pk), MemberChoice(request.POST)
    members = [form.cleaned_data["member"]] if form.is_valid() else []
    return _done(request, pk, lambda: leave_group(request.actor, found, members=members, on=request.today), _("Taken out."))


@gets_and_posts
@page(Can.MANAGE_GROUPS)
def ending(request: GateRequest, pk: int) -> HttpResponse:
    """What ends with the group; a POST ends it."""
    found, problem, status = queries.group(request.actor, pk), None, 200
    if request.method == "POST":
        try:
            end_group(request.actor, found, on=request.today)
        except Refused as refusal:
            problem, status = tell(refusal), refusal.status
        else:
            messages.success(request, _("The group %(name)s has ended.") % {"name": found.name})
            return redirect("groups", customer=request.customer.number)
    told = {
        "group": found,
        "people": queries.how_many_in(request.actor, pk),
        "given": queries.given_to(request.actor, [pk], request.today).get(pk, []),
        "problem": problem,
        "request_key": new_request_key(),
    }
    return render(request, "organisations/group_ending.html", told, status=status)


def _done(
    request: GateRequest,
    pk: int,
    act: Callable[[], object],
    said: str,
    *,
    rename: GroupForm | None = None,
    join: AddressesForm | None = None,
) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        form = rename or join
        if form is None:
            return _show(request, pk, refusal=refusal)
        return _show(request, pk, rename=rename, join=join, status=_refused(form, refusal))
    messages.success(request, said)
    return redirect("group", customer=request.customer.number, pk=pk)


def _refused(form: GroupForm | AddressesForm, refusal: Refused) -> int:
    told = tell(refusal)
    place = refusal.field if refusal.field in form.fields else None
    form.add_error(place, told.words)
    return refusal.status


def _show(
    request: GateRequest,
    pk: int,
    *,
    rename: GroupForm | None = None,
    join: AddressesForm | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    found = queries.group(request.actor, pk)
    own = request.actor.groups(Can.MANAGE_GROUPS)
    manages = request.actor.may(Can.MANAGE_GROUPS, anywhere=True)
    told = {
        "group": found,
        "page": queries.people_in(request.actor, pk, Place.of(request.GET)),
        "people": queries.how_many_in(request.actor, pk),
        "carers": queries.looked_after_by(request.actor, pk),
        "given": queries.given_to(request.actor, [pk], request.today).get(pk, []),
        "rename": rename or GroupForm(initial={"name": found.name}, auto_id="rename-%s"),
        "join": join or AddressesForm(auto_id="join-%s"),
        "may_change": manages and (own is None or pk in own),
        "may_end": manages and own is None,
        "refusal": None if refusal is None else tell(refusal),
        "request_key": new_request_key(),
    }
    return render(request, "organisations/group.html", told, status=refusal.status if refusal else status)
