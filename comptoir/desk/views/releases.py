"""Releases: drafted, given files, published, withdrawn."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from comptoir.catalogue.queries import product as product_of
from comptoir.downloads.actions.releases import (
    add_file,
    delete_draft,
    draft_release,
    edit_release,
    publish_release,
    remove_file,
    set_public_feed,
    withdraw_release,
)
from comptoir.downloads.adapters.receiving import Received, Receiving
from comptoir.downloads.adapters.store import StoreUnreachable, hold, keep, signature_of
from comptoir.downloads.queries.feeds import public_feed_since
from comptoir.downloads.rules.contents import media_type
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.gate import GateRequest, desk_page, enters, gets, gets_and_posts, new_request_key, posts
from comptoir.kernel.ports import Ports
from comptoir.kernel.refusals import tell
from comptoir.kernel.walls import wall_of_request
from comptoir.permissions import Can

from ..forms import ReasonForm, ReleaseFileForm, ReleaseForm
from ..queries import releases as queries
from ..queries.staff import who_may
from .showing import show

if TYPE_CHECKING:
    from comptoir.downloads.models import Release, ReleaseFile

log = logging.getLogger(__name__)
REST_OF_FORM = 100_000  # bytes beside the file
View = Callable[..., HttpResponse]


@gets
@desk_page(Can.SEE_RELEASES)
def products(request: GateRequest) -> HttpResponse:
    """Every product that is installed, with what is published of it."""
    found = queries.products()
    counted = {"published": sum(each.releases for each in found), "drafts": sum(each.drafts for each in found)}
    return show(request, "release_products", {"products": found, **counted})


@gets
@desk_page(Can.SEE_RELEASES)
def releases(request: GateRequest, code: str) -> HttpResponse:
    """The releases of one product, drafts among them, and whether anybody may have them."""
    found = product_of(code)
    told = {
        "product": found,
        "lines": queries.releases(found),
        "may": request.actor.may(Can.EDIT_RELEASES),
        "who_may": [] if request.actor.may(Can.EDIT_RELEASES) else who_may(Can.EDIT_RELEASES),
        "may_publish": request.actor.may(Can.PUBLISH_RELEASES),
        "public_since": public_feed_since(found),
        "base_url": settings.BASE_URL,
        "request_key": new_request_key(),
    }
    return show(request, "releases", told)


@gets_and_posts
@desk_page(Can.PUBLISH_RELEASES)
def feeds(request: GateRequest, code: str) -> HttpResponse:
    """Open the update feeds of a product to everybody, or close them. Who had to sign in again comes back by a GET."""
    if request.method == "POST":
        public = request.POST.get("public") == "yes"
        set_public_feed(request.actor, product_of(code), public=public, on=request.today)
        opened, closed = _("Anybody finds its releases in the update feeds now."), _("Its feeds are closed to the public.")
        messages.success(request, opened if public else closed)
    return redirect("desk_releases_of", code=code)


@gets_and_posts
@desk_page(Can.EDIT_RELEASES)
def new_release(request: GateRequest, code: str) -> HttpResponse:
    """Begin a release: it is a draft until it is published."""
    found = product_of(code)
    form, status = ReleaseForm(request.POST or None, initial={"released_on": request.today}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = draft_release(request.actor, found, **form.cleaned_data, on=request.today)
            except Refused as refusal:
                _refused(form, refusal)
                status = refusal.status
            else:
                return redirect("desk_release_page", code=code, pk=made.pk)
    return show(request, "new_release", {"product": found, "form": form, "request_key": new_request_key()}, status=status)


@gets_and_posts
@desk_page(Can.SEE_RELEASES)
def release(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """One release: what it says, its files, publishing and withdrawing it. A POST changes what a draft says."""
    found = queries.release(code, pk)
    initial = {name: getattr(found, name) for name in ReleaseForm.base_fields}
    form = ReleaseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST":
        return _page(request, found, form)
    if not request.actor.may(Can.EDIT_RELEASES):
        raise PermissionDenied
    if form.is_valid():
        try:
            edit_release(request.actor, found, **form.cleaned_data, on=request.today)
        except Refused as refusal:
            _refused(form, refusal)
            return _page(request, found, form, status=refusal.status)
        messages.success(request, _("Kept."))
        return redirect("desk_release_page", code=code, pk=pk)
    return _page(request, found, form, status=422)


def _page(request: GateRequest, found: "Release", form: Any = None, upload: Any = None, *, status: int = 200) -> HttpResponse:
    may = request.actor.may(Can.EDIT_RELEASES)
    initial = {name: getattr(found, name) for name in ReleaseForm.base_fields}
    told = {
        "release": found,
        "draft": found.state == "draft",
        "files": queries.files(found),
        "form": form or ReleaseForm(initial=initial),
        "upload": upload or ReleaseFileForm(),
        "reason_form": ReasonForm(),
        "may": may,
        "may_publish": request.actor.may(Can.PUBLISH_RELEASES),
        "largest": settings.LARGEST_FILE // 1_000_000,
        "largest_bytes": settings.LARGEST_FILE,
        "request_key": new_request_key(),
    }
    return show(request, "release", told, status=status)


def _before_it_is_read(view: View) -> View:
    """Ask who it is before a byte of an upload is read, in a short transaction of its own: the upload may take minutes."""

    @wraps(view)
    def run(request: HttpRequest, **parts: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, **parts)
        person_id = int(request.user.pk)
        with transaction.atomic(), wall_of_request(person=person_id, desk=True):
            may = enters(Actor.staff(person_id, Ports.staff.roles(person_id)), Can.EDIT_RELEASES)
        if not may:
            raise Http404
        receiving = Receiving(request)
        receiving.too_big = int(request.headers.get("Content-Length") or 0) > settings.LARGEST_FILE + REST_OF_FORM
        if receiving.too_big:
            return HttpResponse(_("A file has at most %(most)s MB.") % {"most": settings.LARGEST_FILE // 1_000_000}, status=413)
        request.upload_handlers = [receiving]
        try:
            return csrf_protect(view)(request, **parts)
        finally:
            for received in receiving.got:
                received.discard()

    return run


@csrf_exempt  # checked inside, after it is known who it is: the check reads the upload
@_before_it_is_read
@posts
@desk_page(Can.EDIT_RELEASES)
def new_file(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """Add a file to a draft: streamed to the disk, its digest counted on the way, typed by its bytes, signed."""
    found = queries.release(code, pk)
    form = ReleaseFileForm(request.POST, request.FILES)
    too_big = any(getattr(handler, "too_big", False) for handler in request.upload_handlers)
    if too_big:
        told = tell(Refused("file_too_big", params={"most": settings.LARGEST_FILE // 1_000_000}))
        form.add_error("file", told.sentence)
    if not form.is_valid():
        return _page(request, found, upload=form, status=413 if too_big else 422)
    try:
        made = _kept(request, found, form)
    except Refused as refusal:
        _refused(form, refusal)
        return _page(request, found, upload=form, status=refusal.status)
    except StoreUnreachable as error:
        log.error("the store of releases: %s", error)
        _refused(form, Refused("store_unreachable"))
        return _page(request, found, upload=form, status=503)
    messages.success(
        request, _("%(name)s is in the draft. Nobody gets it before the release is published.") % {"name": made.name}
    )
    return redirect("desk_release_page", code=code, pk=pk)


def _kept(request: GateRequest, found: "Release", form: ReleaseFileForm) -> "ReleaseFile":
    received: Received = form.cleaned_data["file"]
    told: dict[str, Any] = {name: form.cleaned_data[name] for name in ("platform", "architecture", "language", "kind")}
    told["media_type"] = media_type(received.head, received.tail) or "application/octet-stream"
    told |= {"name": received.name or "", "size": received.size, "sha256": received.sha256}
    if form.cleaned_data["sha256"] not in {"", received.sha256}:
        raise Refused("file_digest_differs", params={"sha256": received.sha256}, field="sha256", status=422)
    told["signature"] = signature_of(received.path)
    with transaction.atomic():
        made = add_file(request.actor, found, **told, on=request.today)
        hold(received.sha256)  # nobody forgets these bytes while they are taken in
        # in the same transaction, and last: no row without its bytes
        keep(received.path, made.stored_as)
        failpoint("release.kept")
    return made


@posts
@desk_page(Can.EDIT_RELEASES)
def file_removal(request: GateRequest, code: str, pk: int, file: int) -> HttpResponse:
    """Take a file off a draft."""
    return _done(request, code, pk, lambda found: remove_file(request.actor, found, file=file, on=request.today), _("Removed."))


@gets_and_posts
@desk_page(Can.EDIT_RELEASES)
def deletion(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """What goes with a draft, and deleting it; of what is published, why not."""
    found = queries.release(code, pk)
    files, status = queries.files(found), 200 if found.state == "draft" else 409
    if request.method == "POST":
        try:
            delete_draft(request.actor, found, on=request.today)
        except Refused as refusal:
            messages.error(request, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("The draft of %(version)s is deleted.") % {"version": found.version})
            return redirect("desk_releases_of", code=code)
    told = {"release": found, "draft": found.state == "draft", "files": files, "size": sum(file.size for file in files)}
    return show(request, "release_deletion", told | {"request_key": new_request_key()}, status=status)


@gets_and_posts
@desk_page(Can.PUBLISH_RELEASES)
def publication(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """Publish it: from this moment on those entitled have it, and are told. Who had to sign in again comes back by a GET."""
    if request.method != "POST":
        return redirect("desk_release_page", code=code, pk=pk)
    said = _("It is published. Those entitled see it now, and are told as they like.")
    return _done(request, code, pk, lambda found: publish_release(request.actor, found, on=request.today), said)


@gets_and_posts
@desk_page(Can.PUBLISH_RELEASES)
def withdrawal(request: GateRequest, code: str, pk: int) -> HttpResponse:
    """Withdraw it: from this moment on nobody gets it."""
    if request.method != "POST":
        return redirect("desk_release_page", code=code, pk=pk)
    reason = request.POST.get("reason", "")[:300]
    said = _("It is withdrawn. Links that are out no longer work.")
    return _done(request, code, pk, lambda found: withdraw_release(request.actor, found, reason=reason, on=request.today), said)


def _done(request: GateRequest, code: str, pk: int, verb: "Callable[[Release], object]", said: str) -> HttpResponse:
    found = queries.release(code, pk)
    try:
        verb(found)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        if refusal.code == "step_up_needed":
            raise
        messages.error(request, tell(refusal).words)
        return _page(request, found, status=refusal.status)
    messages.success(request, said)
    return redirect("desk_release_page", code=code, pk=pk)


def _refused(form: Any, refusal: Refused) -> None:
    told = tell(refusal)
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, told.words)
