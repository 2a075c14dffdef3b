"""Devices, licence keys and serial numbers: one's own, a subscription's, a person's; who was entitled on any day."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.licences import end_device, end_key, make_key
from ..actions.serials import give_serial
from ..forms import EntitledForm, KeyForm, SerialForm
from ..queries.devices import device_of, devices_of_member, own_devices
from ..queries.entitled import entitled_on, products_to_ask, reason_words
from ..queries.keys import NewKey, keys_of, serial_number, serials_of, serials_of_member, subscription_with_keys
from ..queries.people import members_by_email, named
from ..rules.licences import DEVICES_EACH

SERIALS = ("subscription", "product", "number", "version", "group_label", "person", "given_on")


@gets
@page(Can.END_DEVICES)
def my_devices(request: GateRequest) -> HttpResponse:
    """The devices that one activated products on, and one's serial numbers."""
    found = own_devices(request.actor)
    told = {
        "devices": found,
        "in_use": sum(each.in_use for each in found),
        "most": DEVICES_EACH,
        "serials": serials_of_member(request.actor, request.actor.member_id),
        "mine": True,
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/devices.html", told)


@posts
@page(Can.END_DEVICES)
def device_ended(request: GateRequest, pk: int) -> HttpResponse:
    """End an activation; back to whose devices they were."""
    device = device_of(request.actor, pk)
    try:
        end_device(request.actor, device, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("It has ended: the product is told at its next check."))
    if device.membership_id in (None, request.actor.membership_id):
        return redirect("my_devices", customer=request.customer.number)
    return redirect("persons_devices", customer=request.customer.number, member=device.membership_id)


@gets
@page(Can.MANAGE_KEYS)
def persons_devices(request: GateRequest, member: int) -> HttpResponse:
    """A person's devices and serial numbers, and whether they were entitled to use a product on a day."""
    person = named(request.actor, [member]).get(member)
    if person is None:
        raise Http404
    products = products_to_ask(request.actor)
    asked = "product" in request.GET
    initial = {"on": request.today.isoformat()}
    form = EntitledForm(request.GET if asked else None, products=products, initial=initial)
    told: Any = None
    if asked and form.is_valid():
        code, on = form.cleaned_data["product"], form.cleaned_data["on"]
        try:
            told = entitled_on(request.actor, member, code, on, today=request.today)
        except Refused as refusal:
            form.add_error("on", tell(refusal).words)
    shown = {
        "person": person,
        "devices": devices_of_member(request.actor, member),
        "most": DEVICES_EACH,
        "serials": serials_of_member(request.actor, member),
        "form": form,
        "told": told,
        "why": " ".join(reason_words()[code] for code in told.verdict.reasons) if told else "",
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/persons_devices.html", shown, status=422 if form.errors else 200)


@gets_and_posts
@page(Can.MANAGE_KEYS)
def licence_keys(request: GateRequest, number: str) -> HttpResponse:
    """The keys of a subscription, made and shown once, and its serial numbers, as a file too."""
    subscription = subscription_with_keys(request.actor, number)
    if request.method != "POST" and wants_file(request):
        rows = ({name: getattr(each, name) for name in SERIALS} for each in serials_of(request.actor, subscription))
        return list_as_file(request, "serial_numbers", SERIALS, rows)
    form = KeyForm(request.POST if request.method == "POST" else None)
    shown, status = "", 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        email, new = form.cleaned_data["email"], NewKey()
        member = members_by_email(request.actor, [email]).get(email) if email else None
        told = {"name": form.cleaned_data["name"], "digest": new.digest, "ending": new.ending}
        try:
            if email and member is None:
                raise Refused("member_unknown", field="email", status=422)
            made = make_key(request.actor, subscription, member=member, **told, on=request.today)
        except Refused as refusal:
            form.add_error("email" if refusal.field else None, tell(refusal).words)
            status = refusal.status
        else:
            shown, form = new.text if made.digest == new.digest else "", KeyForm(None)
    return _keys_page(request, subscription, form, shown=shown, status=status)


def _keys_page(
    request: GateRequest, subscription: Any, form: KeyForm, *, given: SerialForm | None = None, shown: str = "", status: int = 200
) -> HttpResponse:
    keys = keys_of(request.actor, subscription)
    told = {
        "subscription": subscription,
        "keys": keys,
        "living": sum(key.ended_at is None for key in keys),
        "serials": serials_of(request.actor, subscription),
        "form": form,
        "given": given or SerialForm(None),
        "shown": shown,
        "request_key": new_request_key(),
    }
    response = render(request, "entitlements/licence_keys.html", told, status=status)
    response["Cache-Control"] = "no-store"
    return response


@posts
@page(Can.MANAGE_KEYS)
def licence_key_ended(request: GateRequest, number: str, pk: int) -> HttpResponse:
    """End a key, and what was activated with it."""
    subscription = subscription_with_keys(request.actor, number)
    try:
        end_key(request.actor, subscription, key=pk, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("The key has ended, and what was activated with it."))
    return redirect("licence_keys", customer=request.customer.number, number=number)


@posts
@page(Can.MANAGE_KEYS)
def serial_given(request: GateRequest, number: str) -> HttpResponse:
    """Give a serial number to a person, with whom it stays."""
    subscription = subscription_with_keys(request.actor, number)
    form = SerialForm(request.POST)
    status = 422
    if form.is_valid():
        email = form.cleaned_data["person"]
        try:
            member = members_by_email(request.actor, [email]).get(email)
            if member is None:
                raise Refused("member_unknown", field="person", status=422)
            serial = serial_number(subscription, form.cleaned_data["serial"])
            give_serial(request.actor, subscription_of(request.actor, number), serial=serial, member=member, on=request.today)
        except Refused as refusal:
            fields = {"serial": "serial", "person": "person", "member": "person"}
            form.add_error(fields.get(refusal.field or ""), tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("The serial number is theirs now."))
            return redirect("licence_keys", customer=request.customer.number, number=number)
    return _keys_page(request, subscription, KeyForm(None), given=form, status=status)
