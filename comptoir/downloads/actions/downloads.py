"""Downloads as they are counted, and the secret addresses of machines."""

from datetime import date
from typing import Any

from django.db.models import F

from comptoir.events import Events
from comptoir.kernel.action import action, heartbeat
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.organisations.models import Membership
from comptoir.permissions import Can

from ..models import Download, Installed, ReleaseFile, SecretAddress
from ..queries.entitled import refuse_without_right
from ..queries.releases import file_by_id, refuse_not_installable
from ..rules.ranges import reached

LONGEST_NAME = 100


@action(Can.DOWNLOAD, anywhere=True)
def begin_download(
    actor: Actor, membership: Membership, *, file: int, link: str, how: str, elsewhere: bool = False, on: date
) -> Download:
    """Count a download that begins; its parts carry the same `link`. `elsewhere`: an object store sends the bytes.

    Raises Refused for who may not have it at this moment: `download_not_yours`, `version_too_old` ...
    """
    _refuse_others(actor, membership.pk)
    wanted = file_by_id(file)
    right = refuse_without_right(actor, wanted.release.product, on)
    refuse_not_installable(actor, wanted, on)
    trial = right.ends_on is not None
    told = {"how": how, "trial": trial, "elsewhere": elsewhere, "on": on, "membership": membership}
    own = {"organisation_id": membership.organisation_id, "link": link, "file": wanted}
    download, new = Download.objects.get_or_create(**own, defaults=told)
    if new:
        counted = {"downloads": F("downloads") + 1, **({"of_trials": F("of_trials") + 1} if trial else {})}
        ReleaseFile.objects.filter(pk=wanted.pk).update(**counted)
    record(Events.DOWNLOAD_BEGUN, download, on=on, name=wanted.name, **_named(wanted), trial=trial, how=how)
    return download


@heartbeat(Can.DOWNLOAD)
def note_progress(actor: Actor, download: Download, *, start: int, sent: int, goes_on: bool) -> None:
    """Note how far a download has come that goes on: whatever ends its process, the next part counts from here."""
    row = Download.objects.select_for_update(no_key=True).get(organisation_id=actor.customer_id, pk=download.pk)
    came = reached(row.sent, start, sent, goes_on=goes_on)
    if row.finished_at is None and row.sent < came:
        row.sent = came
        row.save(update_fields=["sent"])


@action(Can.DOWNLOAD, anywhere=True)
def note_sent(actor: Actor, download: Download, *, start: int, sent: int, goes_on: bool = False, on: date) -> Download:
    """Count what went out: `sent` bytes from `start`, in a part that `goes_on` with an earlier one or is the first.

    With the last byte the member has that release.
    """
    file = file_by_id(download.file_id)
    download.sent = reached(download.sent, start, sent, goes_on=goes_on)
    if download.sent >= file.size and download.finished_at is None:
        download.finished_at = now()
        own = {"organisation_id": download.organisation_id, "membership_id": download.membership_id}
        installs = file.kind != ReleaseFile.Kind.DOCUMENTATION and download.how == Download.How.BROWSER
        if installs:
            Installed.objects.get_or_create(**own, release=file.release, how=Installed.How.DOWNLOAD, defaults={"on": on})
    download.save(update_fields=["sent", "finished_at"])
    record(Events.DOWNLOAD_SENT, download, on=on, name=file.name, sent=download.sent, size=file.size, **_named(file))
    return download


@action(Can.KEEP_ADDRESSES, anywhere=True)
def make_address(actor: Actor, membership: Membership, *, name: str, purpose: str, digest: str, on: date) -> SecretAddress:
    """Make a secret address for machines, or for oneself. The secret itself never comes here.

    Raises Refused `not_allowed` (for machines: who looks after nothing) and `address_name_missing`.
    """
    _refuse_others(actor, membership.pk)
    if purpose == SecretAddress.Purpose.MACHINES and not actor.may(Can.DEPLOY, anywhere=True):
        raise not_allowed(actor, Can.DEPLOY)
    kept = " ".join(name.split())[:LONGEST_NAME]
    if not kept:
        raise Refused("address_name_missing", field="name", status=422)
    told = {"name": kept, "purpose": purpose, "digest": digest, "made_on": on}
    address = SecretAddress.objects.create(organisation_id=membership.organisation_id, membership=membership, **told)
    record(Events.ADDRESS_MADE, address, on=on, name=kept, purpose=purpose)
    return address


@action(Can.KEEP_ADDRESSES, anywhere=True)
def revoke_address(actor: Actor, address: SecretAddress, *, on: date) -> SecretAddress:
    """End an address, one's own or, for who looks after products, anybody's. Raises Refused `not_allowed`."""
    if address.membership_id != actor.membership_id and not actor.may(Can.DEPLOY, anywhere=True):
        raise not_allowed(actor, Can.DEPLOY)
    if address.revoked_on is None:
        address.revoked_on = max(on, address.made_on)
        address.save(update_fields=["revoked_on"])
    record(Events.ADDRESS_REVOKED, address, on=on, name=address.name)
    return address


def _named(file: ReleaseFile) -> dict[str, Any]:
    return {"code": file.release.product.code, "version": file.release.version}


def _refuse_others(actor: Actor, membership_id: int) -> None:
    if actor.membership_id != membership_id:
        raise Refused("not_allowed", params={"permission": Can.DOWNLOAD.name}, status=403)
