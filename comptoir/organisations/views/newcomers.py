"""Somebody unknown, with an address of a company's: they confirm it by a code, and ask to join (F5.5)."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.identity import adapters
from comptoir.identity.actions import confirm_address
from comptoir.kernel.clock import business_day
from comptoir.kernel.gate import gets_and_posts, public_page, themselves
from comptoir.kernel.walls import wall_opened

from ..actions import ask_to_join
from ..forms import CodeForm, NewcomerForm

if TYPE_CHECKING:
    from comptoir.identity.models import Person

NEWCOMER = "newcomer"  # where a session keeps what was told, until the address is confirmed


@gets_and_posts
@public_page
@adapters.one_at_a_time
def newcomer(request: HttpRequest) -> HttpResponse:
    """Tell one's name and address. Whether a company lists its domain, or somebody has it, shows nowhere."""
    if request.user.is_authenticated:
        return redirect("ask_to_join")
    form = NewcomerForm(request.POST or None, initial={"language": get_language() or "en"})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if adapters.ask_to_confirm(request, told["email"], told["language"], to_join=True):
            request.session[NEWCOMER] = told
            return redirect("newcomer_code")
        form.add_error(None, _("Too many codes were asked for. Wait an hour, or write to us."))
        return render(request, "organisations/newcomer.html", {"form": form}, status=429)
    return render(request, "organisations/newcomer.html", {"form": form}, status=422 if form.errors else 200)


@gets_and_posts
@public_page
@adapters.one_at_a_time
def newcomer_code(request: HttpRequest) -> HttpResponse:
    """Type the code that was mailed: the person signs in, and has asked whichever company lists their address's domain."""
    email, told = adapters.confirming(request), request.session.get(NEWCOMER)
    if email is None or told is None or told["email"] != email:
        return redirect("newcomer")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = adapters.confirmed(request, form.cleaned_data["code"])
        if person is not None:
            return _confirmed(request, person, told)
        if adapters.confirming(request) is None:
            form.add_error("code", _("That was the third wrong code. Start again to get a new one."))
        else:
            form.add_error("code", _("This is not the code of the newest mail. Check it; three tries are allowed."))
    status = 422 if form.errors else 200
    return render(request, "organisations/newcomer_code.html", {"form": form, "email": email}, status=status)


def _confirmed(request: HttpRequest, person: "Person", told: dict[str, Any]) -> HttpResponse:
    names = {name: told[name] for name in ("first_name", "last_name", "language")}
    on = business_day()
    with wall_opened(person=person.pk):
        person = confirm_address(themselves(person.pk), person, on=on, **names)
        ask_to_join(themselves(person.pk), person, on=on)
        adapters.sign_in(request, person, method="code")
    request.session.pop(NEWCOMER, None)
    return redirect(reverse("ask_to_join", query={"asked": "yes"}))
