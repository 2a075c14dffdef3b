"""News of releases, batch by batch."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue, job
from comptoir.kernel.models import Roster
from comptoir.kernel.nightly import nightly
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.queries import own_organisation

from ..actions.updates import note_news, note_told
from ..models import NewsChoice, Release
from ..queries.entitled import customers_with
from ..queries.news import Batch, to_tell, waiting_customers

AT_ONCE = 500  # customers that are looked at in one transaction
BATCH = 200  # people who are written to in one transaction
ORDER = 80  # late in the night: what a night changes comes first


@job("downloads.announce")
def announce(actor: Actor, *, release_id: int, day: str, after: int) -> None:
    """Give each customer that has the product a job of its own, some hundred customers at a time.

    The next part is enqueued in this transaction: whatever is killed, no customer is left out; one that is given two jobs
    is told once.
    """
    release = Release.objects.get(pk=release_id)
    ids = list(Roster.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids or release.state != Release.State.PUBLISHED:
        return
    with wall_opened(read=ids):
        having = customers_with(release.product_id, ids, date.fromisoformat(day))
    for pk in sorted(having):
        enqueue("downloads.note_news", organisation_id=pk, release_id=release_id, day=day)
    enqueue("downloads.announce", release_id=release_id, day=day, after=ids[-1])
    failpoint("news.announced")


@job("downloads.note_news")
def note(actor: Actor, *, release_id: int, day: str) -> None:
    """Note who of one customer is to hear of a release; those who like to hear at once do."""
    note_news(actor, own_organisation(actor), release=release_id, on=date.fromisoformat(day))
    enqueue("downloads.tell_at_once", organisation_id=actor.customer_id, release_id=release_id, after=0)


@job("downloads.tell_at_once")
def tell_at_once(actor: Actor, *, release_id: int, after: int) -> None:
    """Write the mails about one release, a batch of people at a time: mails and notes in one transaction."""
    today = business_day()
    batch = to_tell(actor, {NewsChoice.When.AT_ONCE}, after=after, most=BATCH, on=today, release_id=release_id)
    _write(actor, batch, today, f"news:{release_id}")
    if batch.last is not None:
        enqueue("downloads.tell_at_once", organisation_id=actor.customer_id, release_id=release_id, after=batch.last)


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with somebody who has not heard yet."""
    return waiting_customers(ids)


@nightly("downloads.digest", order=ORDER, due=due)
def digest(actor: Actor, *, day: date) -> None:
    """Those who like to hear once a day hear what came out before this day; on Mondays also those of once a week."""
    enqueue("downloads.tell_digest", organisation_id=actor.customer_id, day=day.isoformat(), after=0)


@job("downloads.tell_digest")
def tell_digest(actor: Actor, *, day: str, after: int) -> None:
    """Write one mail to each of a batch of people about all that they have not heard of."""
    on = date.fromisoformat(day)
    # who changed to hearing at once meanwhile has waited long enough
    when = {NewsChoice.When.DAILY, NewsChoice.When.AT_ONCE, *({NewsChoice.When.WEEKLY} if on.weekday() == 0 else ())}
    batch = to_tell(actor, when, after=after, most=BATCH, on=on, before=on)
    _write(actor, batch, on, f"news:{actor.customer_id}:{day}")
    if batch.last is not None:
        enqueue("downloads.tell_digest", organisation_id=actor.customer_id, day=day, after=batch.last)


def _write(actor: Actor, batch: Batch, on: date, once: str) -> None:
    """Write the mails of a batch and note that they are written, in the job's one transaction. A person gets each once."""
    if not batch.news:
        return
    customer = own_organisation(actor)
    for reader in batch.readers:
        member = reader.membership
        to = mail.Recipient(member.person_id, member.email, member.name, member.person.language)
        told = {"releases": reader.releases, "customer": customer}
        mail.write(to, "downloads/mail/news", told, once=f"{once}:{member.person_id}", organisation_id=member.organisation_id)
    note_told(actor, customer, news=list(batch.news), people=len(batch.readers), on=on)
    failpoint("news.written")
