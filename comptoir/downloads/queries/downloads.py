"""Reads of downloads that run or ran."""

from comptoir.kernel.actor import Actor

from ..models import Download


def download_of(actor: Actor, pk: int) -> Download:
    """One download of the actor's customer. Raises Download.DoesNotExist."""
    return Download.objects.get(organisation_id=actor.customer_id, pk=pk)


def link_going_on(actor: Actor, file: int, start: int, how: str) -> str:
    """The link of the member's newest download of a file that has come as far as `start` or further; empty: there is none."""
    rows = Download.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, file_id=file, how=how)
    return rows.filter(sent__gte=start, finished_at=None).order_by("-id").values_list("link", flat=True).first() or ""


def download_by_link(actor: Actor, link: str, file: int) -> int | None:
    """The id of the download that a link has begun; None where it has begun none."""
    rows = Download.objects.filter(organisation_id=actor.customer_id, link=link, file_id=file)
    return rows.values_list("pk", flat=True).first()
