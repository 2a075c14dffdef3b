"""Files for devices without a network: from what the device shows to a file that is carried there, and back (rules 9)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _

from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions.offline import revoke_file
from ..actions.unconnected import issue_file_for
from ..forms import DeviceRequestForm
from ..queries.leases import floats
from ..queries.offline import file_by_id, files_of, member_with_email, signs_for_others, subscription_to_sign_for


@gets_and_posts
@page(Can.SIGN_FILES)
def offline(request: GateRequest, number: str) -> HttpResponse:
    """The files of a subscription, one's own or everybody's, and a form for another device."""
    row = subscription_to_sign_for(request.actor, number)
    manages = signs_for_others(request.actor, row)
    posted = request.method == "POST"
    form = DeviceRequestForm(*((request.POST, request.FILES) if posted else ()), for_others=manages)
    status = 200
    if posted and form.is_valid():
        try:
            _issue(request, row.pk, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("The file is ready: download it and carry it to the device."))
            return redirect("licence_files", customer=request.customer.number, number=number)
    told = {
        "subscription": row,
        "files": files_of(request.actor, row, now()),
        "form": form,
        "manages": manages,
        "floats": manages and floats(row),
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/licence_files.html", told, status=422 if status == 200 and form.errors else status)


def _issue(request: GateRequest, subscription: int, told: dict[str, Any]) -> None:
    member = member_with_email(request.actor, told.get("email") or "")
    if member is None:
        raise Refused("member_unknown", field="email", status=422)
    device = {"fingerprint": told["fingerprint"], "name": told["name"]}
    issue_file_for(request.actor, member, subscription=subscription, **device, on=request.today)


@gets
@page(Can.SIGN_FILES)
def licence_file(request: GateRequest, number: str, pk: int) -> HttpResponse:
    """The file itself, to be carried to its device."""
    row = file_by_id(request.actor, pk)
    subscription_to_sign_for(request.actor, number)
    name = f"{row.device.product.code}-{slugify(row.device.name) or row.pk}.licence"
    response = HttpResponse(row.text, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@posts
@page(Can.SIGN_FILES)
def licence_file_revoked(request: GateRequest, number: str, pk: int) -> HttpResponse:
    """Revoke the files of a device."""
    row = file_by_id(request.actor, pk)
    try:
        revoke_file(request.actor, subscription_to_sign_for(request.actor, number), file=row.pk, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("The file is on the list of revoked files."))
    return redirect("licence_files", customer=request.customer.number, number=number)
