"""Bytes that no file of a release stands on any more go from the store; those that one stands on never do."""

import logging

from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue, every, job
from comptoir.kernel.pause import paused_because

from ..adapters.orphans import orphans
from ..adapters.store import StoreUnreachable, forget, hold
from ..models import ReleaseFile

log = logging.getLogger(__name__)


class HeldBack(RuntimeError):
    """The house is paused: a restored copy may share its store with the house that it was made of."""


@job("downloads.forget_bytes")
def forget_bytes(actor: Actor, *, sha256: str) -> None:
    """Remove what lies under that digest, unless a file has it. Whoever uploads the same bytes meanwhile waits, or is waited for.

    Raises StoreUnreachable and HeldBack: the job comes again.
    """
    if reason := paused_because():
        raise HeldBack(f"bytes stay: {reason}")
    hold(sha256)
    if not ReleaseFile.objects.filter(sha256=sha256).exists():
        forget(sha256)
        failpoint("release.forgotten")


@every("41 3 * * *", "orphans_swept")
def sweep() -> None:
    """Once a day: what an upload that was killed left in the store, and whatever else belongs to no file."""
    if paused_because():
        return
    try:
        found = list(orphans())
    except StoreUnreachable as error:
        log.warning("the store of releases can't be asked for what belongs to no file: %s", error)
        return
    for sha256 in found:
        enqueue("downloads.forget_bytes", sha256=sha256)
