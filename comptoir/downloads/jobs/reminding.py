"""Mails about what administrators ask to be installed: once when it is asked, once before the deadline."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue, job
from comptoir.kernel.nightly import nightly
from comptoir.organisations.queries import own_organisation

from ..queries.reminding import reminded_on, to_install
from ..queries.updates import assigned_just_now

BATCH = 200  # people who are written to in one transaction
ORDER = 82


@job("downloads.assigned")
def assigned(actor: Actor, *, code: str, version: str, day: str) -> None:
    """Each assignment of that day gets a job of its own; one that has written already writes nothing."""
    for pk in assigned_just_now(actor, code, version, date.fromisoformat(day)):
        enqueue("downloads.ask_to_install", organisation_id=actor.customer_id, assigned_id=pk, after=0, reminds=False)


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers where somebody is to be reminded on that day."""
    return {row.organisation_id for row in reminded_on(ids, day)}


@nightly("downloads.remind", order=ORDER, due=due)
def remind(actor: Actor, *, day: date) -> None:
    """Whoever has not installed what they were asked to is reminded once, some days before the deadline."""
    for row in reminded_on([actor.customer_id], day):
        enqueue("downloads.ask_to_install", organisation_id=actor.customer_id, assigned_id=row.pk, after=0, reminds=True)


@job("downloads.ask_to_install")
def ask_to_install(actor: Actor, *, assigned_id: int, after: int, reminds: bool) -> None:
    """Write to a batch of those asked who have not installed it. A person gets each once, whoever else asks them too."""
    found = to_install(actor, assigned_id, after=after, most=BATCH, on=business_day())
    if found is None:
        return
    kind, until = "due" if reminds else "asked", found.deadline.isoformat() if found.deadline else ""
    told: dict[str, object] = {"release": found.release, "deadline": found.deadline, "by": found.by, "reminds": reminds}
    told["customer"] = own_organisation(actor)
    for member in found.members:
        to = mail.Recipient(member.person_id, member.email, member.name, member.person.language)
        once = f"update-{kind}:{found.release.pk}:{until}:{member.pk}"
        mail.write(to, "downloads/mail/to_install", told, once=once, organisation_id=actor.customer_id)
    failpoint("updates.asked")
    if found.last is not None:
        enqueue(
            "downloads.ask_to_install",
            organisation_id=actor.customer_id,
            assigned_id=assigned_id,
            after=found.last,
            reminds=reminds,
        )
