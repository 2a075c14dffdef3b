"""The keys that licence files are signed with: listed, followed by the next one, withdrawn (docs/licences.md)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.entitlements.actions.signing import rotate_signing_key, withdraw_signing_key
from comptoir.entitlements.queries.signing import keys_told, withdrawal_of
from comptoir.entitlements.rules.offline import KeyState
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import ReasonForm
from .showing import show


@gets_and_posts
@desk_page(Can.KEEP_SIGNING_KEYS)
def signing_keys(request: GateRequest) -> HttpResponse:
    """Every key and what it is good for; making the next one."""
    status = 200
    if request.method == "POST":
        try:
            made = rotate_signing_key(request.actor, the_house())
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            messages.error(request, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("The key %(kid)s is made and public.") % {"kid": short(made.kid)})
            return redirect("desk_signing_keys")
    at = now()
    keys = keys_told(at)
    told: dict[str, Any] = {
        "keys": keys,
        "signs": next((key for key in keys if key.state == KeyState.SIGNS), None),
        "coming": next((key for key in keys if key.state == KeyState.NEXT), None),
        "files": sum(key.files for key in keys),
        "signs_from": at + timedelta(hours=settings.LICENCE_KEY_HOURS),
        "request_key": new_request_key(),
    }
    return show(request, "signing_keys", told, status=status)


@gets_and_posts
@desk_page(Can.KEEP_SIGNING_KEYS)
def withdrawal(request: GateRequest, kid: str) -> HttpResponse:
    """What withdrawing a key would stop, and doing it, with a reason."""
    found = withdrawal_of(kid, now())
    form, status = ReasonForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                withdraw_signing_key(request.actor, the_house(), kid=kid, reason=form.cleaned_data["reason"])
            except Refused as refusal:
                if refusal.code == "step_up_needed":
                    raise
                form.add_error(None, tell(refusal).words)
                status = refusal.status
            else:
                messages.success(request, _("The key %(kid)s is withdrawn, and what it signed.") % {"kid": short(kid)})
                return redirect("desk_signing_keys")
    told = {"found": found, "form": form, "request_key": new_request_key()}
    return show(request, "signing_key_withdrawal", told, status=status)


def short(kid: str) -> str:
    """A key as people tell it from others."""
    return f"{kid[:8]}…"
