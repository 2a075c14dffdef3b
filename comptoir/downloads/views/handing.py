"""Files as they are handed out: the right to each is looked up at the moment it is asked for."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, page, public_page
from comptoir.kernel.refusals import tell
from comptoir.kernel.walls import wall_of_request, wall_opened
from comptoir.permissions import Can

from ..actions.downloads import begin_download, note_progress, note_sent
from ..adapters.sending import Offer, Told, answer
from ..adapters.store import StoreUnreachable, address_elsewhere, content_of, public_key
from ..queries.downloads import download_by_link, download_of, link_going_on
from ..queries.entitled import own_membership, refuse_without_right
from ..queries.feeds import public_file
from ..queries.links import Link, link_expired, link_of, link_to, visit_by_link
from ..queries.releases import file_by_id, refuse_not_installable
from ..rules.ranges import Part

if TYPE_CHECKING:
    from ..models import Download, ReleaseFile

log = logging.getLogger(__name__)


@gets
@page(Can.DOWNLOAD)
def link(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """Sign a link to a file for whoever asks, and lead there; who may not have it is told who can help."""
    found = file_by_id(pk)
    if found.release.product.code != code:
        raise Http404
    try:
        refuse_without_right(request.actor, found.release.product, request.today)
        refuse_not_installable(request.actor, found, request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
        return redirect("product_downloads", customer=request.customer.number, code=code)
    token = link_to(request.actor, request.customer.number, found.pk)
    return redirect("fetch_file", token=token, name=found.name)


@gets
@public_page
def fetch(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """The bytes of a file by its link alone, so that whatever fetches it can go on where it broke off."""
    try:
        told = link_of(token)
    except signing.BadSignature:
        raise Http404 from None
    visit = visit_by_link(told)
    if visit is None:
        raise Http404
    if request.user.is_authenticated and int(request.user.pk) != told.person:
        return refused(request, Refused("link_of_another", status=403))
    customer, actor = visit.customer, visit.actor
    with wall_of_request(read=[customer.id], write=customer.id, person=told.person):
        if told.late and not _goes_on(request, actor, told):
            return refused(request, link_expired())
        return hand_out(request, actor, told.file, link=told.nonce, how="browser")


def _goes_on(request: HttpRequest, actor: Actor, told: Link) -> bool:
    """Whether it asks for the rest of a download that the link began: a slow one outlasts the link."""
    asked = re.match(r"bytes=0*[1-9][0-9]*-", request.headers.get("Range", ""))
    return asked is not None and not told.over and download_by_link(actor, told.nonce, told.file) is not None


def hand_out(request: HttpRequest, actor: Actor, pk: int, *, link: str, how: str) -> HttpResponse:
    """A file or a part of it, for who may have it now; counted once per `link`. An empty link: one download a request.

    A part that goes on where an earlier one of the same machine stopped is counted to that one.
    """
    today = business_day()
    try:
        file = file_by_id(pk)
        refuse_without_right(actor, file.release.product, today)
        refuse_not_installable(actor, file, today)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        return refused(request, refusal)
    try:
        return _handed(request, actor, file, link, how)
    except Refused as refusal:  # lost at this very moment
        return refused(request, refusal)


def _handed(request: HttpRequest, actor: Actor, file: "ReleaseFile", link: str, how: str) -> HttpResponse:
    try:
        elsewhere = address_elsewhere(file, settings.DOWNLOAD_LINK_SECONDS)
    except StoreUnreachable as error:
        return _unreachable(request, file, error)
    if elsewhere is not None:
        if request.method == "GET":
            _begin(actor, file.pk, link or secrets.token_urlsafe(9), how, elsewhere=True)
        return HttpResponseRedirect(elsewhere)

    def begins(part: Part) -> Told:
        going_on = link or (link_going_on(actor, file.pk, part.start, how) if part.start else "")
        under = going_on or secrets.token_urlsafe(9)
        begun = download_by_link(actor, under, file.pk)
        counted = Counted(actor, begun or _begin(actor, file.pk, under, how), part.start, goes_on=begun is not None)
        return Told(counted.came, counted.ended)

    return _sent(request, file, begins)


def hand_out_to_anybody(request: HttpRequest, file: "ReleaseFile") -> HttpResponse:
    """A file or a part of it, for whoever asks: nobody is known, so nobody is counted."""
    try:
        elsewhere = address_elsewhere(file, settings.DOWNLOAD_LINK_SECONDS)
    except StoreUnreachable as error:
        return _unreachable(request, file, error)
    if elsewhere is not None:
        return HttpResponseRedirect(elsewhere)
    return _sent(request, file, lambda _part: Told(lambda _sent: public_file(file.pk, business_day()) is not None, _uncounted))


def _uncounted(_sent_bytes: int) -> None:
    return None


def _sent(request: HttpRequest, file: "ReleaseFile", begins: Callable[[Part], Told]) -> HttpResponse:
    since = file.release.published_at or file.added_at
    offer = Offer(file.name, file.media_type, file.size, file.sha256, since)
    try:
        return answer(request, offer, open_it=lambda: content_of(file), begins=begins)
    except OSError as error:
        return _unreachable(request, file, error)


def _unreachable(request: HttpRequest, file: "ReleaseFile", error: OSError) -> HttpResponse:
    """The store does not answer: nobody is led there, and everybody is told when to come back."""
    log.error("the bytes of file %s can't be read: %s", file.pk, error)
    response = refused(request, Refused("file_unreachable", params={"name": file.name}, status=503))
    response["Retry-After"] = "120"
    return response


def _begin(actor: Actor, file: int, link: str, how: str, *, elsewhere: bool = False) -> int:
    """Count a download, or go on with one."""
    counted = download_by_link(actor, link, file)
    if counted is not None:
        return counted
    member = own_membership(actor)
    return begin_download(actor, member, file=file, link=link, how=how, elsewhere=elsewhere, on=business_day()).pk


@dataclass(frozen=True, slots=True)
class Counted:
    """One part of a download, whose bytes are counted in transactions of their own: the answer's is over by then."""

    actor: Actor
    pk: int
    start: int
    goes_on: bool

    def came(self, sent: int) -> bool:
        """Note how far it came, and look again whether it may go on: what was withdrawn stops, and who lost the right."""
        with self._inside() as download:
            note_progress(self.actor, download, start=self.start, sent=sent, goes_on=self.goes_on)
            file, today = file_by_id(download.file_id), business_day()
            try:
                refuse_without_right(self.actor, file.release.product, today)
                refuse_not_installable(self.actor, file, today)
            except Refused:
                return False
            return own_membership(self.actor).left_on is None

    def ended(self, sent: int) -> None:
        """Count what went out."""
        if sent:
            with self._inside() as download:
                note_sent(self.actor, download, start=self.start, sent=sent, goes_on=self.goes_on, on=business_day())

    @contextmanager
    def _inside(self) -> "Iterator[Download]":
        organisation = self.actor.customer_id
        with transaction.atomic(), wall_opened(read=[organisation], write=organisation, person=self.actor.person_id):
            yield download_of(self.actor, self.pk)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Why not, and who can help: in plain text for machines, as a page for people."""
    told, status = tell(refusal), refusal.status if refusal.status in {410, 503} else 403
    if "text/html" not in request.headers.get("Accept", ""):
        said = told.words
        return HttpResponse(f"{said}\n", status=status, content_type="text/plain; charset=utf-8")
    return render(request, "downloads/refused.html", {"told": told}, status=status)


@gets
@public_page
def keys(request: HttpRequest) -> HttpResponse:
    """The public key that files are signed with, for whoever checks a signature."""
    key = public_key()
    told = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": key.rstrip("=").translate({43: 45, 47: 95})}
    response = JsonResponse({"keys": [told], "SUPublicEDKey": key})
    response["Cache-Control"] = "public, max-age=3600"
    return response
