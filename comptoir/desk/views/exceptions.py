"""Exceptions for versions that are too old: given with a reason and a last day, and ended (rules 9)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.entitlements.actions.exceptions import end_exception, except_version
from comptoir.entitlements.queries.exceptions import exceptable, exception_of, exceptions
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import ExceptionForm
from .showing import show


@gets_and_posts
@desk_page(Can.EXCEPT_VERSIONS)
def version_exceptions(request: GateRequest) -> HttpResponse:
    """The customer's exceptions, and giving another one."""
    old = exceptable(request.actor, request.today)
    form, status = ExceptionForm(request.POST if request.method == "POST" else None, exceptable=old), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            number, version = form.cleaned_data["what"].split(" ", 1)
            row = next(each.subscription for each in old if each.subscription.number == number)
            told = {"version": version, "until": form.cleaned_data["until"], "reason": form.cleaned_data["reason"]}
            try:
                except_version(request.actor, row, **told, on=request.today)
            except Refused as refusal:
                field = refusal.field if refusal.field in form.fields else None
                form.add_error(field, tell(refusal).words)
                status = refusal.status
            else:
                messages.success(request, _("Allowed. It can be downloaded at once; the customer’s log tells it."))
                return redirect("desk_exceptions", customer=request.customer.number)
    given = exceptions(request.actor, request.today)
    told = {"exceptions": given, "running": sum(each.runs for each in given), "exceptable": old, "form": form}
    return show(request, "exceptions", {**told, "request_key": new_request_key()}, status=status)


@posts
@desk_page(Can.EXCEPT_VERSIONS)
def exception_end(request: GateRequest, pk: int) -> HttpResponse:
    """End one from today on."""
    try:
        end_exception(request.actor, exception_of(request.actor, pk), on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("It has ended: the version can’t be downloaded any more."))
    return redirect("desk_exceptions", customer=request.customer.number)
