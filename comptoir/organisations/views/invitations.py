"""An invitation: who has the link reads what it invites to, signs in, and accepts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.identity.queries import myself
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import gets_and_posts, new_request_key, public_page, themselves

from ..actions import accept_invitation
from ..queries import invitation_of


@gets_and_posts
@public_page
def invitation(request: HttpRequest, ticket: str) -> HttpResponse:
    """What the link invites to, and what comes next; a POST of the person who is meant accepts it."""
    found = invitation_of(ticket)
    person_id = int(request.user.pk) if request.user.is_authenticated else None
    mine = found is not None and person_id == found.person_id
    if found is not None and mine and found.accepted:
        return redirect("home", customer=found.number)
    if request.method == "POST" and found is not None and mine and person_id is not None:
        try:
            actor = themselves(person_id).with_key(request.POST.get("request_key") or None)
            accept_invitation(
                actor,
                myself(person_id),
                organisation=found.organisation_id,
                member=found.member_id,
                until=found.until,
                on=business_day(),
            )
        except Refused:
            found = invitation_of(ticket)
        else:
            messages.success(request, _("Welcome: you belong to %(customer)s now.") % {"customer": found.customer})
            return redirect("home", customer=found.number)
    shown = {"found": found, "mine": mine, "somebody_else": person_id is not None and not mine, "ticket": ticket}
    good = found is not None and found.good
    status = 200 if good else 410
    shown |= {"good": good, "request_key": new_request_key(), "next": request.path}
    return render(request, "organisations/invitation.html", shown, status=status)
