"""Who works at the desk: roles given and ended by an administrator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.home.queries.at_desk import staff_word
from comptoir.identity.actions import end_staff_role, give_staff_role
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import STAFF_ROLES, Can

from ..forms import StaffForm
from ..queries.staff import colleagues, former_roles, held_role
from .showing import show


@gets_and_posts
@desk_page(Can.GIVE_STAFF_ROLE)
def staff(request: GateRequest) -> HttpResponse:
    """Who has which role since when, and giving another one."""
    form, status = StaffForm(words=_words()), 200
    if request.method == "POST":
        form = StaffForm(request.POST, words=_words())
        try:
            if form.is_valid():
                return _give(request, form)
            status = 422
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            form.add_error("name" if refusal.code == "person_unknown" else "email", tell(refusal).words)
            status = refusal.status
    shown = {"form": form, "colleagues": colleagues(), "former": former_roles(), "words": _words()}
    return show(request, "staff", {**shown, "request_key": new_request_key()}, status=status)


def _give(request: GateRequest, form: StaffForm) -> HttpResponse:
    told = form.cleaned_data
    given = give_staff_role(request.actor, the_house(), **told, on=request.today)
    said = _("%(name)s works at the desk now: %(role)s. A mail says so.")
    messages.success(request, said % {"name": given.name, "role": _words()[given.role]})
    return redirect("desk_staff")


@gets_and_posts
@desk_page(Can.GIVE_STAFF_ROLE)
def role(request: GateRequest, pk: int) -> HttpResponse:
    """One role, and ending it."""
    held, refused, status = held_role(pk), "", 200
    if request.method == "POST":
        try:
            end_staff_role(request.actor, the_house(), email=held.email, role=held.role, on=request.today)
            messages.success(request, _("%(name)s no longer has this role.") % {"name": held.name})
            return redirect("desk_staff")
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            refused, status = tell(refusal).words, refusal.status
    shown = {"held": held, "word": _words()[held.role], "refused": refused, "request_key": new_request_key()}
    return show(request, "staff_role", shown, status=status)


def _words() -> dict[str, str]:
    return {role.value: staff_word([role]) for role in sorted(STAFF_ROLES)}
