"""The API of downloads, trials and updates: whatever the pages can do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.urls import reverse
from ninja import Field, Router, Schema, Status
from ninja import Path as InPath
from pydantic import ConfigDict

from comptoir.entitlements.queries.exceptions import excepted_versions
from comptoir.kernel.api import PROBLEMS, Text, operation, own_operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import Place
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from .actions.downloads import make_address, revoke_address
from .actions.trials import start_trial
from .actions.updates import assign_update, choose_news, mark_installed, take_back_update
from .queries import pages, trials, updates
from .queries.entitled import own_membership, refuse_without_right
from .queries.links import digest_of, link_to, new_secret
from .queries.news import choice_of, person_of
from .queries.releases import Shown, file_by_id, refuse_not_installable, releases_of

router = Router(tags=["Downloads"])
AnId = Annotated[int, InPath(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]], Field(max_length=5_000)]
Code = Annotated[Text, Field(min_length=1, max_length=40)]


class FileOut(Schema):
    """One file of a release: size in bytes, SHA-256 in hex, Ed25519 signature in base64."""

    id: int
    name: str
    platform: str
    architecture: str
    language: str
    kind: str
    media_type: str
    size: int
    sha256: str
    signature: str


class ReleaseOut(Schema):
    """A release that may be installed, in the language of the call."""

    id: int
    version: str
    kind: str
    released_on: date
    title: str
    notes: str
    files: list[FileOut]


class OwnProductOut(Schema):
    """A product that may be downloaded, and why: by a seat, by looking after it, or as a trial that ends."""

    product: str
    name: str
    because: Literal["seat", "looks_after", "trial"]
    ends_on: date | None
    releases: list[ReleaseOut]


class LinkOut(Schema):
    """An address of one file for one person; it takes ranges."""

    url: str
    seconds: int


class DownloadOut(Schema):
    """One download: how much of it arrived."""

    who: str
    product: str
    version: str
    file: str
    on: date
    how: str
    trial: bool
    sent: int
    size: int
    finished_at: datetime | None


class DownloadsPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[DownloadOut]
    next: str | None


class TrialOut(Schema):
    """A trial; it ends by itself on `ends_on`, the first day without it."""

    product: str
    started_on: date
    ends_on: date
    days_left: int


class TrialBody(Schema):
    """What to try."""

    model_config = ConfigDict(extra="forbid")
    product: Code


class UpdateOut(Schema):
    """A release as this person finds it. `have`: by download or by word, empty if they have it not."""

    id: int
    product: str
    version: str
    kind: str
    title: str
    released_on: date
    assigned: bool
    deadline: date | None
    have: Literal["", "download", "mark"]


class AssignBody(Schema):
    """Who is to install it by when; nobody named: everybody entitled."""

    model_config = ConfigDict(extra="forbid")
    members: Ids = []
    groups: Ids = []
    deadline: date | None = None


class InstalledBody(Schema):
    """Who has it; nobody named: oneself."""

    model_config = ConfigDict(extra="forbid")
    members: Ids = []


class StandingOut(Schema):
    """How many may have a release, and how many have it."""

    people: int
    installed: int


class NewsChoiceOut(Schema):
    """When mails about updates are written."""

    when: Literal["at_once", "daily", "weekly", "never"]


class AddressBody(Schema):
    """A secret address for machines, or for one's own programs."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(min_length=1, max_length=100, pattern=r"\S")]
    purpose: Literal["machines", "own"]


class AddressOut(Schema):
    """A secret address. `url` is told once, when it is made."""

    id: int
    name: str
    purpose: str
    made_on: date
    url: str | None = None


def _release(shown: Any) -> ReleaseOut:
    row = shown.release
    files = [FileOut.from_orm(file) for file in shown.files]
    told = {"version": row.version, "kind": row.kind, "released_on": row.released_on}
    texts = {"title": row.shown_title, "notes": row.shown_notes}
    return ReleaseOut.model_validate({"id": row.pk, **told, **texts, "files": files})


def _of(request: GateRequest, product: Any) -> list[Shown]:
    return releases_of(product, request.today, excepted_versions(request.actor, product.pk, request.today))


@router.get("/customers/{customer}/downloads", response={200: list[OwnProductOut], **PROBLEMS}, operation_id="downloads")
@operation(Can.DOWNLOAD)
def downloads(request: GateRequest, customer: str) -> list[OwnProductOut]:
    """What the token's person may download, with what is installable of it."""
    return [
        OwnProductOut(
            product=own.product.code,
            name=own.product.name,
            because=own.right.how.value,
            ends_on=own.right.ends_on,
            releases=[_release(shown) for shown in _of(request, own.product) if shown.allowed],
        )
        for own in pages.own_products(request.actor, request.today)
    ]


@router.post("/customers/{customer}/downloads/{pk}/link", response={200: LinkOut, **PROBLEMS}, operation_id="make_download_link")
@operation(Can.DOWNLOAD)
def make_link(request: GateRequest, customer: str, pk: AnId) -> LinkOut:
    """A short-lived link to a file. The right to it is looked up again each time it is used."""
    file = file_by_id(pk)
    refuse_without_right(request.actor, file.release.product, request.today)
    refuse_not_installable(request.actor, file, request.today)
    token = link_to(request.actor, request.customer.number, file.pk)
    path = reverse("fetch_file", kwargs={"token": token, "name": file.name})
    return LinkOut(url=settings.BASE_URL + path, seconds=settings.DOWNLOAD_LINK_SECONDS)


@router.get("/customers/{customer}/download-log", response={200: DownloadsPage, **PROBLEMS}, operation_id="download_log")
@operation(Can.SEE_DOWNLOADS)
def download_log(request: GateRequest, customer: str, cursor: str = "") -> DownloadsPage:
    """Who downloaded what, the newest first."""
    place_of(cursor, (int,))
    page = pages.page_of_downloads(request.actor, Place(after=cursor))
    return DownloadsPage(items=[_downloaded(row) for row in page.rows], next=page.next or None)


def _downloaded(row: Mapping[str, Any]) -> DownloadOut:
    return DownloadOut(
        who=row["membership__name"],
        product=row["file__release__product__name"],
        version=row["file__release__version"],
        file=row["file__name"],
        size=row["file__size"],
        **{name: row[name] for name in ("on", "how", "trial", "sent", "finished_at")},
    )


@router.get("/customers/{customer}/trials", response={200: list[TrialOut], **PROBLEMS}, operation_id="trials")
@operation(Can.TRY)
def own_trials(request: GateRequest, customer: str) -> list[TrialOut]:
    """What the token's person tries today."""
    return [_trial(tried) for tried in trials.own_trials(request.actor, request.today)]


@router.post("/customers/{customer}/trials", response={201: TrialOut, **PROBLEMS}, operation_id="start_trial")
@operation(Can.TRY)
def begin_trial(request: GateRequest, customer: str, body: TrialBody) -> Status[TrialOut]:
    """Begin a trial: 30 days, once per person and product."""
    made = start_trial(request.actor, own_membership(request.actor), product=body.product, on=request.today)
    return Status(201, _trial(trials.Tried(made, (made.ends_on - request.today).days)))


def _trial(tried: trials.Tried) -> TrialOut:
    row = tried.trial
    return TrialOut(product=row.product.code, started_on=row.started_on, ends_on=row.ends_on, days_left=tried.days_left)


@router.get("/customers/{customer}/updates", response={200: list[UpdateOut], **PROBLEMS}, operation_id="updates")
@operation(Can.DOWNLOAD)
def own_updates(request: GateRequest, customer: str) -> list[UpdateOut]:
    """What is out for the token's person; what they are asked to install first."""
    return [_update(one) for one in updates.updates(request.actor, request.today)]


def _update(one: updates.Update) -> UpdateOut:
    row = one.release
    told = {"version": row.version, "kind": row.kind, "title": row.shown_title, "released_on": row.released_on}
    own = {"assigned": one.assigned, "deadline": one.deadline, "have": one.how}
    return UpdateOut.model_validate({"id": row.pk, "product": row.product.code, **told, **own})


@router.post("/customers/{customer}/updates/{pk}/assignment", response={200: UpdateOut, **PROBLEMS}, operation_id="assign_update")
@operation(Can.ASSIGN_UPDATES)
def assign(request: GateRequest, customer: str, pk: AnId, body: AssignBody) -> UpdateOut:
    """Ask people, groups, or everybody entitled, to install a release by the end of a day."""
    assign_update(request.actor, own_organisation(request.actor), release=pk, **body.dict(), on=request.today)
    return _update(updates.update(request.actor, pk, request.today))


@router.post(
    "/customers/{customer}/assigned-updates/{pk}/withdrawal",
    response={200: UpdateOut, **PROBLEMS},
    operation_id="take_back_update",
)
@operation(Can.ASSIGN_UPDATES)
def take_back(request: GateRequest, customer: str, pk: AnId) -> UpdateOut:
    """Nobody is asked any more."""
    taken = take_back_update(request.actor, updates.assigned_update(request.actor, pk), on=request.today)
    return _update(updates.update(request.actor, taken.release_id, request.today))


@router.post(
    "/customers/{customer}/updates/{pk}/installation", response={200: UpdateOut, **PROBLEMS}, operation_id="note_installed"
)
@operation(Can.MARK_INSTALLED)
def note_installed(request: GateRequest, customer: str, pk: AnId, body: InstalledBody) -> UpdateOut:
    """Note that oneself, or those whose product one looks after, have a release."""
    members = body.members or [request.actor.member_id]
    mark_installed(request.actor, own_organisation(request.actor), release=pk, members=members, on=request.today)
    return _update(updates.update(request.actor, pk, request.today))


@router.get("/me/updates", response={200: NewsChoiceOut, **PROBLEMS}, operation_id="news_choice")
@own_operation(Can.CHOOSE_NEWS)
def news_choice(request: GateRequest) -> NewsChoiceOut:
    """When mails about updates are written to me."""
    return NewsChoiceOut.model_validate({"when": choice_of(request.actor.person_id or 0)})


@router.put("/me/updates", response={200: NewsChoiceOut, **PROBLEMS}, operation_id="choose_news")
@own_operation(Can.CHOOSE_NEWS)
def choose(request: GateRequest, body: NewsChoiceOut) -> NewsChoiceOut:
    """Choose it."""
    choose_news(request.actor, person_of(request.actor.person_id or 0), when=body.when)
    return body


@router.get(
    "/customers/{customer}/secret-addresses", response={200: list[AddressOut], **PROBLEMS}, operation_id="secret_addresses"
)
@operation(Can.KEEP_ADDRESSES)
def addresses(request: GateRequest, customer: str) -> list[AddressOut]:
    """The living secret addresses; the secrets themselves are kept nowhere."""
    return [
        AddressOut(id=row.pk, name=row.name, purpose=row.purpose, made_on=row.made_on) for row in pages.addresses(request.actor)
    ]


@router.post("/customers/{customer}/secret-addresses", response={201: AddressOut, **PROBLEMS}, operation_id="make_secret_address")
@operation(Can.KEEP_ADDRESSES)
def new_address(request: GateRequest, customer: str, body: AddressBody) -> Status[AddressOut]:
    """Make one; its `url` is told this once, and not again to a twin of the call."""
    secret = new_secret()
    made = make_address(request.actor, own_membership(request.actor), **body.dict(), digest=digest_of(secret), on=request.today)
    base = settings.BASE_URL + reverse("machine_packages", args=(secret,)).removesuffix("packages.json")
    url = base if made.digest == digest_of(secret) else None
    return Status(201, AddressOut(id=made.pk, name=made.name, purpose=made.purpose, made_on=made.made_on, url=url))


@router.post(
    "/customers/{customer}/machines/{pk}/revocation",
    response={200: AddressOut, **PROBLEMS},
    operation_id="revoke_secret_address",
)
@operation(Can.KEEP_ADDRESSES)
def revoke(request: GateRequest, customer: str, pk: AnId) -> AddressOut:
    """End one."""
    ended = revoke_address(request.actor, pages.address(request.actor, pk), on=request.today)
    return AddressOut(id=ended.pk, name=ended.name, purpose=ended.purpose, made_on=ended.made_on)
