"""Somebody with two accounts shows that the other one is theirs too, sees what moves, and merges it into this one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.identity import adapters
from comptoir.identity.actions import merge_accounts
from comptoir.identity.queries import account, myself, old_ids, other_sign_ins
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, own_page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from .. import queries
from ..forms import CodeForm, OtherAccountForm


@gets_and_posts
@own_page(Can.MERGE_ACCOUNTS)
@adapters.one_at_a_time
def other_account(request: GateRequest) -> HttpResponse:
    """Name the other account; a POST shows its password, or has a code mailed to it."""
    form = OtherAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _proved(request, form)
        if answer is not None:
            return answer
    status = 422 if form.errors else 200
    told = {"form": form, "person": myself(request.actor.person_id or 0)}
    return render(request, "organisations/other_account.html", told, status=status)


def _proved(request: GateRequest, form: OtherAccountForm) -> HttpResponse | None:
    name, password = form.cleaned_data["name"].strip(), form.cleaned_data["password"]
    if not password:
        if adapters.ask_to_prove(request, name):
            return redirect("other_account_code")
        form.add_error(None, _("Too many codes were asked for. Wait an hour, or use the password."))
        return None
    try:
        if adapters.prove_by_password(request, name, password) is not None:
            return redirect("account_merge")
        form.add_error(
            "password", _("No account has this e-mail or user ID with this password. Check both, or have a code mailed.")
        )
    except ValidationError as error:
        form.add_error(None, error)
    return None


@gets_and_posts
@own_page(Can.MERGE_ACCOUNTS)
@adapters.one_at_a_time
def other_account_code(request: GateRequest) -> HttpResponse:
    """Type the code that was mailed to the other account."""
    name = adapters.proving(request)
    if name is None:
        return redirect("other_account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if adapters.prove_by_code(request, form.cleaned_data["code"]) is not None:
            return redirect("account_merge")
        if adapters.proving(request) is None:
            form.add_error("code", _("That was the third wrong code. Name the account again to get a new one."))
        else:
            form.add_error("code", _("This is not the code of the newest mail. Check it; three tries are allowed."))
    status = 422 if form.errors else 200
    return render(request, "organisations/other_account_code.html", {"form": form, "name": name}, status=status)


@gets_and_posts
@own_page(Can.MERGE_ACCOUNTS)
@adapters.one_at_a_time
def account_merge(request: GateRequest) -> HttpResponse:
    """What the other account has, and where it goes; a POST merges it into this one."""
    other, person = adapters.proved_other(request), myself(request.actor.person_id or 0)
    refused = None
    if request.method == "POST":
        try:
            # another tab may have shown another account since
            if other is None or str(other) != request.POST.get("other"):
                raise Refused("merge_unproved")
            merge_accounts(request.actor, person, other=other, on=request.today)
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            refused = refusal
        else:
            adapters.forget_proof(request)
            return redirect("profile")
    if other is None and refused is None:
        return redirect("other_account")
    told: dict[str, Any] = {"person": person, "other": None, "refused": None if refused is None else tell(refused)}
    if other is not None and other != person.pk:
        closed = account(other)
        told |= {"other": closed, "old_ids": old_ids(closed), "addresses": other_sign_ins(closed.pk)}
        told |= {"brought": queries.brought_by(other, person.pk, request.today), "wishes": queries.wishes_by(other)}
    elif refused is None:
        told["refused"] = tell(Refused("merge_with_itself"))
    told["request_key"] = new_request_key()
    return render(request, "organisations/account_merge.html", told, status=refused.status if refused else 200)
