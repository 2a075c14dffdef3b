"""Pages of a person about themselves."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, new_request_key, our_page, own_page, posts, public_page
from comptoir.kernel.refusals import tell
from comptoir.kernel.zones import zone_name
from comptoir.permissions import Can

from . import actions, adapters, queries
from .forms import LanguageForm

if TYPE_CHECKING:
    from .models import Person

SANDBOX_LINK = "comptoir.sandbox.sign-in"


@gets
@own_page(Can.SEE_PROFILE)
def profile(request: GateRequest) -> HttpResponse:
    """Who I am, my language, how I sign in."""
    person = queries.myself(request.actor.person_id or 0)
    initial = {"language": queries.shown_language(person), "time_zone": queries.shown_zone(person)}
    return _show(request, person, LanguageForm(initial=initial))


@posts
@own_page(Can.CONFIRM_LANGUAGE)
def language(request: GateRequest) -> HttpResponse:
    """Confirm my language (F1.6), from the profile or from the menu, which says where to go back to."""
    person = queries.myself(request.actor.person_id or 0)
    form = LanguageForm(request.POST)
    if form.is_valid():
        try:
            actions.confirm_language(request.actor, person, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or "language", tell(refusal).sentence)
        else:
            translation.activate(form.cleaned_data["language"])
            messages.success(request, _saved(form.cleaned_data["time_zone"]))
            return redirect(_back(request))
    return _show(request, person, form, status=422)


def _saved(time_zone: str) -> str:
    if time_zone:
        return _("Pages, mail and support now use this language, and times are told in your time zone.")
    return _("Pages, mail and support now use this language.")


def _back(request: GateRequest) -> str:
    """The page that the form came from, if it is one of ours; else the profile."""
    customer = request.GET.get("customer")
    return our_page(request.POST.get("next", "")) or reverse("profile", query={"customer": customer} if customer else None)


def _show(request: GateRequest, person: "Person", form: LanguageForm, *, status: int = 200) -> HttpResponse:
    told = {
        "person": person,
        "old_ids": queries.old_ids(person),
        "other_sign_ins": queries.other_sign_ins(person.pk),
        "merging": queries.merges_running(person.pk),
        "shown_language": queries.shown_language(person),
        "zone_name": zone_name(queries.shown_zone(person), translation.get_language() or "en"),
        "form": form,
        "request_key": new_request_key(),
    }
    return render(request, "identity/profile.html", told, status=status)


@gets
@public_page
def nobody_signs_up_alone(request: HttpRequest) -> HttpResponse:
    """Who can give me access (F5.5, F1.7)."""
    return render(request, "identity/nobody_signs_up_alone.html")


@gets
@public_page
def sandbox_sign_in(request: HttpRequest, ticket: str) -> HttpResponse:
    """Sign in by one click, in a sandbox only."""
    try:
        person_id = signing.loads(ticket, salt=SANDBOX_LINK)
    except signing.BadSignature:
        raise Http404 from None
    person = adapters.OldOrNewSignIn().get_user(int(person_id))
    if not settings.SANDBOX or person is None:
        raise Http404
    # the link stands for the password, so that verbs which want a fresh proof can be tried
    adapters.sign_in(request, person, method="sandbox")
    return redirect("front")


def sandbox_ticket(person_id: int) -> str:
    """The part of a one-click link that names the person."""
    return signing.dumps(person_id, salt=SANDBOX_LINK)
