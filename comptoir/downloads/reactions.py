"""What follows from events: each only enqueues."""

from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import Event

from .queries.trials import tried_by_customer


def published(event: Event) -> None:
    """A release is out: everybody entitled hears of it."""
    day = event.on.isoformat() if event.on else ""
    enqueue("downloads.announce", release_id=event.subject_id, day=day, after=0)


def file_removed(event: Event) -> None:
    """A file was taken off a draft: its bytes go, unless another file has them."""
    if sha256 := event.detail.get("sha256"):
        enqueue("downloads.forget_bytes", sha256=sha256)


def draft_deleted(event: Event) -> None:
    """The same of every file of a draft that was deleted."""
    for sha256 in filter(None, str(event.detail["digests"]).split(",")):
        enqueue("downloads.forget_bytes", sha256=sha256)


def bought(event: Event) -> None:
    """Something was bought: trials of it are converted."""
    subscription_id = event.subject_id
    if event.organisation_id is not None and tried_by_customer(event.organisation_id):
        enqueue("downloads.convert_trials", organisation_id=event.organisation_id, subscription_id=subscription_id)


def assigned(event: Event) -> None:
    """Somebody is asked to install a release: they hear of it."""
    told = {"code": event.detail["code"], "version": event.detail["version"], "day": event.on.isoformat() if event.on else ""}
    enqueue("downloads.assigned", organisation_id=event.organisation_id, **told)
