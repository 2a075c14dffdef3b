"""Updates: what is new for me, who is to install what by when, how I hear of it."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, own_page, page, posts
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import tell
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.updates import assign_update, choose_news, mark_installed, take_back_update
from ..forms import AssignForm, MarkForm, WhenForm
from ..queries import standing
from ..queries import updates as queries
from ..queries.news import choice_of, person_of
from ..queries.overseeing import oversight


@gets
@page(Can.DOWNLOAD)
def updates(request: GateRequest) -> HttpResponse:
    """What came out for me, what I am asked to install first."""
    product = request.GET.get("product", "")[:40]
    found = queries.updates(request.actor, request.today, product if product.isprintable() else "")
    told = {
        "updates": [(one, one.late(request.today)) for one in found],
        "of_groups": sum(not one.mine for one in found),
        "todo": sum(one.assigned and not one.how for one in found),
        "product": found[0].release.product if product and found else None,
        "newest": queries.MOST if len(found) == queries.MOST else None,  # earlier ones may be left out
    }
    return render(request, "downloads/updates.html", told)


@gets
@page(Can.DOWNLOAD)
def update(request: GateRequest, pk: int) -> HttpResponse:
    """One release: what is new; for who looks after it, who has installed it and who is to, also as a file."""
    if not wants_file(request):
        return _page(request, pk)
    found = queries.update(request.actor, pk, request.today).release
    over = oversight(request.actor, found.product_id, request.today)
    if not over:
        raise Http404
    lines = standing.lines_of_file(request.actor, found, over, request.today, _wanted(request))
    return list_as_file(request, "update-people", standing.COLUMNS, lines)


def _wanted(request: GateRequest) -> standing.Wanted:
    words, state = request.GET.get("q", "")[:100], request.GET.get("state", "")
    return standing.Wanted(words if words.isprintable() else "", state if state in standing.STATES else "")


def _page(request: GateRequest, pk: int, form: AssignForm | None = None, *, status: int = 200) -> HttpResponse:
    found = queries.update(request.actor, pk, request.today)
    release, place = found.release, Place.of(request.GET)
    over, wanted = oversight(request.actor, release.product_id, request.today), _wanted(request)
    told = {
        "update": found,
        "late": found.late(request.today),
        "standing": standing.standing_of(request.actor, release, over, request.today, place, wanted) if over else None,
        "wanted": wanted,
        "states": [("", _("All")), (standing.HAVE, _("Have it")), (standing.MISSING, _("Don’t have it"))],
        "form": form or AssignForm(),
        "request_key": new_request_key(),
    }
    return render(request, "downloads/update.html", told, status=status)


@posts
@page(Can.ASSIGN_UPDATES)
def assign(request: GateRequest, pk: int) -> HttpResponse:
    """Ask everybody, or those ticked, to install it by a day."""
    queries.update(request.actor, pk, request.today)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form, status=422)
    told = {name: form.cleaned_data[name] for name in ("members", "groups", "deadline")}
    try:
        assign_update(request.actor, own_organisation(request.actor), release=pk, **told, on=request.today)
    except Refused as refusal:
        form.add_error("deadline" if refusal.field == "deadline" else None, tell(refusal).words)
        return _page(request, pk, form, status=refusal.status)
    messages.success(request, _("They are asked to install it."))
    return redirect("update", customer=request.customer.number, pk=pk)


@posts
@page(Can.ASSIGN_UPDATES)
def take_back(request: GateRequest, pk: int) -> HttpResponse:
    """Nobody is asked any more."""
    found = queries.assigned_update(request.actor, pk)
    try:
        take_back_update(request.actor, found, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).sentence)
    else:
        messages.success(request, _("Taken back."))
    return redirect("update", customer=request.customer.number, pk=found.release_id)


@posts
@page(Can.MARK_INSTALLED)
def installed(request: GateRequest, pk: int) -> HttpResponse:
    """Note that I have it, or, by who looks after it, that others have."""
    queries.update(request.actor, pk, request.today)
    form = MarkForm(request.POST)
    members = (form.cleaned_data["members"] if form.is_valid() else []) or [request.actor.member_id]
    try:
        mark_installed(request.actor, own_organisation(request.actor), release=pk, members=members, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    except ObjectDoesNotExist:
        raise Http404 from None
    else:
        messages.success(request, _("Noted."))
    return redirect("update", customer=request.customer.number, pk=pk)


@gets_and_posts
@own_page(Can.CHOOSE_NEWS)
def news_choice(request: GateRequest) -> HttpResponse:
    """How I hear of updates: at once, once a day, once a week, or not by mail."""
    person = person_of(request.actor.person_id or 0)
    form = WhenForm(request.POST or None, initial={"when": choice_of(person.pk)})
    if request.method == "POST" and form.is_valid():
        choose_news(request.actor, person, when=form.cleaned_data["when"])
        messages.success(request, _("Kept. The portal shows every update in any case."))
        return redirect("news_choice")
    told = {"form": form, "request_key": new_request_key()}
    return render(request, "downloads/news_choice.html", told, status=422 if form.errors else 200)
