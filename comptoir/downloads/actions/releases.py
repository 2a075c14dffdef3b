"""Releases: drafted, given files, published, withdrawn. What is published stays as it is."""

from datetime import date
from typing import Any

from comptoir.catalogue.models import Product
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import PublicFeed, Release, ReleaseFile
from ..rules.contents import file_name, fits


@action(Can.EDIT_RELEASES)
def draft_release(
    actor: Actor,
    product: Product,
    *,
    version: str,
    kind: str,
    released_on: date,
    title: str,
    title_fr: str = "",
    notes_en: str = "",
    notes_fr: str = "",
    previous_versions: int | None = None,
    on: date,
) -> Release:
    """Begin a release that nobody but the desk sees. Raises Refused `release_exists`."""
    if Release.objects.filter(product=product, version=version).exists():
        raise Refused("release_exists", params={"version": version}, field="version")
    texts = {"title": title, "title_fr": title_fr, "notes_en": notes_en, "notes_fr": notes_fr}
    release = Release.objects.create(
        product=product,
        version=version,
        kind=kind,
        released_on=released_on,
        previous_versions=previous_versions,
        state=Release.State.DRAFT,
        **texts,
    )
    record(Events.RELEASE_DRAFTED, release, on=on, code=product.code, version=version)
    return release


@action(Can.EDIT_RELEASES)
def edit_release(
    actor: Actor,
    release: Release,
    *,
    version: str,
    kind: str,
    released_on: date,
    title: str,
    title_fr: str = "",
    notes_en: str = "",
    notes_fr: str = "",
    previous_versions: int | None = None,
    on: date,
) -> Release:
    """Change what a draft says. Raises Refused `release_not_draft`, `release_exists`."""
    _refuse_unless_draft(release)
    if Release.objects.filter(product=release.product, version=version).exclude(pk=release.pk).exists():
        raise Refused("release_exists", params={"version": version}, field="version")
    release.version, release.kind, release.released_on = version, kind, released_on
    release.previous_versions = previous_versions
    release.title, release.title_fr, release.notes_en, release.notes_fr = title, title_fr, notes_en, notes_fr
    release.save()
    record(Events.RELEASE_EDITED, release, on=on, code=release.product.code, version=release.version)
    return release


@action(Can.EDIT_RELEASES)
def add_file(
    actor: Actor,
    release: Release,
    *,
    platform: str,
    architecture: str,
    language: str,
    kind: str,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    signature: str,
    on: date,
) -> ReleaseFile:
    """Note a file whose bytes are in the store: size in bytes, digest in hex, Ed25519 signature in base64.

    Raises Refused `release_not_draft`, `file_kind_unknown` and `release_file_taken`.
    """
    _refuse_unless_draft(release)
    name = file_name(name)
    if kind == ReleaseFile.Kind.DOCUMENTATION:  # no processor reads it
        architecture = ReleaseFile.Architecture.ANY
    if not fits(media_type, platform=platform, kind=kind):
        raise Refused("file_kind_unknown", params={"name": name}, field="file", status=422)
    if release.files.filter(name=name).exists():
        raise Refused("release_file_taken", params={"name": name}, field="file")
    told = {"platform": platform, "architecture": architecture, "language": language, "kind": kind, "media_type": media_type}
    file = ReleaseFile.objects.create(release=release, name=name, size=size, sha256=sha256, signature=signature, **told)
    said: dict[str, Any] = {"code": release.product.code, "version": release.version, "sha256": sha256, "size": size}
    record(Events.RELEASE_FILE_ADDED, release, on=on, name=name, **said)
    return file


@action(Can.EDIT_RELEASES)
def remove_file(actor: Actor, release: Release, *, file: int, on: date) -> Release:
    """Take a file off a draft. Raises Refused `release_not_draft`, ReleaseFile.DoesNotExist."""
    _refuse_unless_draft(release)
    found = release.files.get(pk=file)
    found.delete()
    told: dict[str, Any] = {"code": release.product.code, "version": release.version, "name": found.name, "sha256": found.sha256}
    record(Events.RELEASE_FILE_REMOVED, release, on=on, **told)
    return release


@action(Can.EDIT_RELEASES)
def delete_draft(actor: Actor, release: Release, *, on: date) -> Product:
    """Delete a draft with its files; a job removes their bytes. Raises Refused `release_not_draft`."""
    _refuse_unless_draft(release)
    product, digests = release.product, sorted(set(release.files.values_list("sha256", flat=True)))
    told: dict[str, Any] = {"code": product.code, "version": release.version, "files": release.files.count()}
    record(Events.RELEASE_DELETED, release, on=on, **told, digests=",".join(digests))
    release.files.all().delete()
    Release.objects.filter(pk=release.pk).delete()
    return product


@action(Can.PUBLISH_RELEASES, step_up=True)
def publish_release(actor: Actor, release: Release, *, on: date) -> Release:
    """Let everybody entitled have it, from this moment on; they are told.

    Raises Refused `release_not_draft`, `release_without_files`, `release_in_the_future`.
    """
    _refuse_unless_draft(release)
    if not release.files.exclude(kind=ReleaseFile.Kind.DOCUMENTATION).exists():
        raise Refused("release_without_files", params={"version": release.version})
    if release.released_on > on:
        raise Refused("release_in_the_future", params={"released_on": release.released_on, "today": on})
    release.state, release.published_at = Release.State.PUBLISHED, now()
    release.save(update_fields=["state", "published_at"])
    told: dict[str, Any] = {"code": release.product.code, "version": release.version, "files": release.files.count()}
    record(Events.RELEASE_PUBLISHED, release, on=on, **told)
    return release


@action(Can.PUBLISH_RELEASES, step_up=True)
def withdraw_release(actor: Actor, release: Release, *, reason: str, on: date) -> Release:
    """Nobody gets it any more, from the next byte asked for on. Raises Refused `reason_missing`, `release_not_published`."""
    if not reason.strip():
        raise Refused("reason_missing", field="reason", status=422)
    if release.state != Release.State.PUBLISHED:
        raise Refused("release_not_published", params={"version": release.version})
    release.state, release.withdrawn_because = Release.State.WITHDRAWN, reason.strip()
    release.save(update_fields=["state", "withdrawn_because"])
    told: dict[str, Any] = {"code": release.product.code, "version": release.version, "reason": release.withdrawn_because}
    record(Events.RELEASE_WITHDRAWN, release, on=on, **told)
    return release


@action(Can.PUBLISH_RELEASES, step_up=True)
def set_public_feed(actor: Actor, product: Product, *, public: bool, on: date) -> Product:
    """Let anybody have what is published of a product, by update feeds without a secret; or no longer, from the next look on."""
    if public:
        PublicFeed.objects.get_or_create(product=product, defaults={"since": on})
    else:
        PublicFeed.objects.filter(product=product).delete()
    record(Events.FEED_OPENED if public else Events.FEED_CLOSED, product, on=on, code=product.code)
    return product


def _refuse_unless_draft(release: Release) -> None:
    if release.state != Release.State.DRAFT:
        raise Refused("release_not_draft", params={"version": release.version})
