"""The seats of one subscription: who has one, who waits, give, take back, swap; groups."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.groups import give_to_group, take_from_group
from ..actions.seats import assign, leave_line, swap, take_back
from ..forms import GroupForm, MembersForm, SwapForm
from ..queries.asking import access_of
from ..queries.groups import group_of
from ..queries.leases import floats
from ..queries.lines import place_in_line
from ..queries.people import Reaching, named, own_row, seats_told
from ..queries.use_pages import rights_here
from ..rules import Beyond


@gets
@page(Can.ASSIGN_SEATS)
def seats(request: GateRequest, number: str) -> HttpResponse:
    """Who has a seat, who waits, how many are free; whoever may gives and takes back."""
    return _show(request, number)


@posts
@page(Can.ASSIGN_SEATS)
def given(request: GateRequest, number: str) -> HttpResponse:
    """Give seats to those who were chosen, or put them on the waiting list."""
    form = MembersForm(request.POST)
    chosen, beyond = form.chosen(), form.rule()

    def give() -> None:
        row = subscription_of(request.actor, number)
        quote = form.cleaned_data.get("quote") or None
        assign(request.actor, row, members=chosen, beyond=beyond, quote=quote, on=request.today)

    told = ngettext("Done: %(n)s person.", "Done: %(n)s people.", len(chosen)) % {"n": len(chosen)}
    return _done(request, number, give, told, chosen=chosen)


@posts
@page(Can.ASSIGN_SEATS)
def taken(request: GateRequest, number: str) -> HttpResponse:
    """Take the seats of those who were chosen back; whoever waits first is given what becomes free."""
    chosen = MembersForm(request.POST).chosen()

    def take() -> None:
        take_back(request.actor, subscription_of(request.actor, number), members=chosen, on=request.today)

    told = ngettext("Taken back from %(n)s person.", "Taken back from %(n)s people.", len(chosen)) % {"n": len(chosen)}
    return _done(request, number, take, told)


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def swapped(request: GateRequest, number: str) -> HttpResponse:
    """Give somebody's seat to somebody else in one step: choose who, then do it."""
    subscription_of(request.actor, number)
    form = SwapForm(request.POST if request.method == "POST" else request.GET)
    form.fields["taker"].required = request.method == "POST"
    if not form.is_valid():
        if request.method != "POST":
            return redirect("seats_of", customer=request.customer.number, number=number)
        return _show(request, number, status=422)
    giver, taker = form.cleaned_data["giver"], form.cleaned_data["taker"]
    if request.method != "POST":
        return _show(request, number, giver=giver)

    def change() -> None:
        swap(request.actor, subscription_of(request.actor, number), giver=giver, taker=taker, on=request.today)

    return _done(request, number, change, _("The seat has changed hands."), giver=giver)


@posts
@page(Can.LEAVE_LINE)
def line_left(request: GateRequest, number: str) -> HttpResponse:
    """Leave the waiting list oneself."""

    def leave() -> None:
        leave_line(request.actor, subscription_of(request.actor, number), on=request.today)

    return _done(request, number, leave, _("You are no longer on the waiting list."))


@posts
@page(Can.ASSIGN_SEATS)
def group_given(request: GateRequest, number: str) -> HttpResponse:
    """Give it to everybody in a group."""
    form = GroupForm(request.POST)
    if not form.is_valid():
        return _show(request, number, status=422)
    group = group_of(request.actor, form.cleaned_data["group"])
    beyond = Beyond(form.cleaned_data["beyond"] or Beyond.REFUSE)

    def give() -> None:
        row = subscription_of(request.actor, number)
        give_to_group(request.actor, group, subscriptions=[row.pk], beyond=beyond, on=request.today)

    return _done(request, number, give, _("The group %(name)s has it now.") % {"name": group.name}, group=group.pk)


@posts
@page(Can.ASSIGN_SEATS)
def group_taken(request: GateRequest, number: str, pk: int) -> HttpResponse:
    """Take it from a group."""
    group = group_of(request.actor, pk)

    def take() -> None:
        row = subscription_of(request.actor, number)
        take_from_group(request.actor, group, subscription=row.pk, on=request.today)

    return _done(request, number, take, _("The group %(name)s no longer has it.") % {"name": group.name})


def _done(
    request: GateRequest,
    number: str,
    do: Callable[[], None],
    told: str,
    *,
    chosen: list[int] | None = None,
    giver: int = 0,
    group: int = 0,
) -> HttpResponse:
    try:
        do()
    except Refused as refusal:
        problem, status = tell(refusal), refusal.status
        return _show(request, number, status=status, problem=problem, code=refusal.code, chosen=chosen, giver=giver, group=group)
    messages.success(request, told)
    return redirect("seats_of", customer=request.customer.number, number=number)


def _show(
    request: GateRequest,
    number: str,
    *,
    status: int = 200,
    problem: Told | None = None,
    code: str = "",
    chosen: list[int] | None = None,
    giver: int = 0,
    group: int = 0,
) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    words = words if words.isprintable() else ""
    told = seats_told(request.actor, number, words, Place.of(request.GET), request.today)
    own = own_row(request.actor, told.subscription)
    full = code in {"no_seat_left", "seats_short"}
    manages = told.reaching in {Reaching.ALL, Reaching.GROUPS}
    keys = request.actor.may(Can.MANAGE_KEYS, told.subscription.contract_id)
    shown = {
        "told": told,
        "subscription": told.subscription,
        "words": words,
        "manages": manages,
        "manages_keys": keys,
        "floats": keys and floats(told.subscription),
        "own": own,
        "place": place_in_line(own) if own and own.waiting else 0,
        "giver": named(request.actor, [giver]).get(giver) if giver and manages else None,
        "problem": problem,
        "chosen": list(named(request.actor, chosen or []).values()) if full else [],
        "group": group if full else 0,
        "access": None if manages else access_of(request.actor, told.subscription, request.today),
        "may_add": request.actor.reach(Can.ADD_SEATS, told.subscription.contract_id),
        "rights": rights_here(request.actor, [told.subscription.pk], request.today),
        "may_end": True,
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/seats.html", shown, status=status)
