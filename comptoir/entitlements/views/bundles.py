"""Groups of products: made, given to a list of people or to a group, ended."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.bundles import end_bundle, give_bundle, make_bundle
from ..actions.groups import give_to_group
from ..forms import BundleForm, ListForm
from ..queries.benefits import may_choose
from ..queries.bundles import bundle_of, bundles_of, groups_for, subscriptions_named, subscriptions_to_tick
from ..queries.groups import group_of
from ..queries.people import members_by_email
from ..rules import Beyond


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def bundles(request: GateRequest) -> HttpResponse:
    """The groups of products, and a form for another one."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)  # which names who may
    choices = subscriptions_to_tick(request.actor, request.today)
    form = BundleForm(request.POST if request.method == "POST" else None, choices=choices)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            ids = subscriptions_named(request.actor, form.cleaned_data["subscriptions"])
            made = make_bundle(
                request.actor,
                own_organisation(request.actor),
                name=form.cleaned_data["name"],
                subscriptions=list(ids.values()),
                on=request.today,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).sentence)
            status = refusal.status
        else:
            messages.success(request, _("The group of products is there: now give it to people or to a group."))
            return redirect("bundle", customer=request.customer.number, pk=made.pk)
    shown = {"bundles": bundles_of(request.actor, request.today), "form": form, "request_key": new_request_key()}
    return render(request, "entitlements/bundles.html", shown, status=status)


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def bundle(request: GateRequest, pk: int) -> HttpResponse:
    """What is in it; give it to a list of people, or to a group."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)
    told = bundle_of(request.actor, pk, request.today)
    group = request.POST.get("group", "")
    form = ListForm(request.POST if request.method == "POST" and not group else None, initial={"beyond": Beyond.REFUSE})
    status, give = 422 if form.errors else 200, _giver(request, pk, form, group)
    if request.method == "POST" and give is not None:
        try:
            give()
        except Refused as refusal:
            problem = tell(refusal)
            form = form if form.is_bound else ListForm({})
            form.errors.clear()
            form.add_error(None, problem.words)
            status = refusal.status
        else:
            messages.success(request, _("Given: %(name)s.") % {"name": told.bundle.name})
            return redirect("bundle", customer=request.customer.number, pk=pk)
    shown = {"told": told, "form": form, "groups": groups_for(request.actor), "request_key": new_request_key()}
    return render(request, "entitlements/bundle.html", shown, status=status)


def _giver(request: GateRequest, pk: int, form: ListForm, group: str) -> Callable[[], object] | None:
    """What a click gives; None where what was typed can't be given."""
    told = bundle_of(request.actor, pk, request.today)
    if group.isascii() and group.isdigit() and len(group) < 18:
        whom, ids = group_of(request.actor, int(group)), [each.subscription.pk for each in told.inside]
        return lambda: give_to_group(request.actor, whom, subscriptions=ids, on=request.today)
    if not form.is_bound or not form.is_valid():
        return None
    found = members_by_email(request.actor, form.cleaned_data["people"])
    members = list(dict.fromkeys(found[email] for email in form.cleaned_data["people"] if email in found))
    beyond = form.cleaned_data["beyond"]
    return lambda: give_bundle(request.actor, told.bundle, members=members, beyond=beyond, on=request.today)


@posts
@page(Can.ASSIGN_SEATS)
def bundle_ended(request: GateRequest, pk: int) -> HttpResponse:
    """Forget the name; whoever has seats keeps them."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)
    told = bundle_of(request.actor, pk, request.today)
    try:
        end_bundle(request.actor, told.bundle, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).sentence)
        return redirect("bundle", customer=request.customer.number, pk=pk)
    messages.success(request, _("%(name)s has ended. Whoever has seats keeps them.") % {"name": told.bundle.name})
    return redirect("bundles", customer=request.customer.number)
