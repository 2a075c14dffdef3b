"""A subscription renewed with fewer seats: the first by rank keep theirs, the others are told (rules 4, 9)."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.jobs import enqueue, job
from comptoir.kernel.nightly import nightly
from comptoir.kernel.roster import every_customer
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.queries import members_by_id, own_organisation, who_may
from comptoir.permissions import Can, Role
from comptoir.subscriptions.models import Subscription

from .actions.groups import end_left
from .actions.keeping import let_go
from .actions.offline import revoke_groundless
from .actions.seats import move_up
from .actions.withdrawn import end_withdrawn, note_next_key
from .queries.leaving import customers_left_but_holding, left_but_holding
from .queries.lines import customers_with_a_line, to_move_up
from .queries.offline import customers_with_files, groundless, with_files
from .queries.rank import customers_with_fewer_seats, over_seats
from .queries.withdrawn import customers_signed_for, stopped_for, subscriptions_signed_for

ORDER = 20  # after the renewals, which make seats fewer
AT_ONCE = 1_000  # customers that are looked at in one statement


def due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with a subscription that renews with fewer seats by that day."""
    return customers_with_fewer_seats(ids, day)


@nightly("entitlements.over_seats", order=ORDER, due=due)
def let_go_over_seats(actor: Actor, *, day: date) -> None:
    """Put whoever has no seat any more on the waiting list."""
    for subscription in over_seats(actor):
        let_go(actor, subscription, on=day)


def line_due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers where somebody waits for a seat."""
    return customers_with_a_line(ids)


@nightly("entitlements.lines", order=ORDER + 1, due=line_due)
def move_lines_up(actor: Actor, *, day: date) -> None:
    """Give what a renewal has brought more to those who wait."""
    for subscription in to_move_up(actor, day):
        move_up(actor, subscription, on=day)


def files_due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with a licence file that somebody could use."""
    return customers_with_files(ids, now())


@nightly("entitlements.licence_files", order=ORDER + 2, due=files_due)
def revoke_files_without_ground(actor: Actor, *, day: date) -> None:
    """Revoke the files whose subscription, seat, key or lease has gone by itself: a period has ended, with fewer seats."""
    at = now()
    for subscription in with_files(actor, at):
        if groundless(subscription, day, at):
            revoke_groundless(actor, subscription, on=day)


@job("entitlements.revoke_files")
def revoke_files_now(actor: Actor) -> None:
    """The same at once: a sale was returned, or taken back."""
    revoke_files_without_ground(actor, day=business_day())


@job("entitlements.move_up")
def move_up_now(actor: Actor, *, subscription_id: int) -> None:
    """The same of one subscription, as soon as it has more seats."""
    on = business_day()
    for subscription in to_move_up(actor, on, subscription_id):
        move_up(actor, subscription, on=on)


@job("entitlements.end_left")
def end_left_now(actor: Actor) -> None:
    """End what was given to somebody in the moment in which they left."""
    end_what_is_left(actor, day=business_day())


def left_due(ids: Sequence[int], day: date) -> Collection[int]:
    """The customers with somebody who has left and holds something still."""
    return customers_left_but_holding(ids, day)


@nightly("entitlements.left", order=ORDER + 3, due=left_due)
def end_what_is_left(actor: Actor, *, day: date) -> None:
    """The same of what was not committed yet when they had left: seen in the night."""
    for member in left_but_holding(actor, day):
        end_left(actor, member, on=day)


@job("entitlements.let_go")
def let_go_now(actor: Actor, *, subscription_id: int) -> None:
    """The same of one subscription, as soon as it has renewed with fewer seats."""
    for subscription in over_seats(actor, subscription_id):
        let_go(actor, subscription, on=business_day())


@job("entitlements.tell_let_go")
def tell_let_go(actor: Actor, *, subscription_id: int, members: str, day: str) -> None:
    """Those who lost their seat hear it, with who can give one."""
    roles = [role for role, reach in Can.ASSIGN_SEATS.reach_of.items() if reach == "x"]
    subscription = _subscription(actor, subscription_id)
    givers = [member.name for member in who_may(actor, map(Role, roles), subscription.contract_id)]
    _tell(actor, "let_go", subscription, members, once=f"let-go:{subscription.pk}:{day}", givers=givers)


@job("entitlements.tell_moved_up")
def tell_moved_up(actor: Actor, *, subscription_id: int, members: str, day: str) -> None:
    """Those who waited hear that they have a seat."""
    subscription = _subscription(actor, subscription_id)
    _tell(actor, "moved_up", subscription, members, once=f"moved-up:{subscription.pk}:{day}")


@job("entitlements.key_withdrawn")
def key_withdrawn(actor: Actor, *, kid: str, day: str) -> None:
    """Give each customer whose files that key signed a job of its own."""
    for part in every_customer(AT_ONCE):
        with wall_opened(read=part):
            found = customers_signed_for(part, kid, now())
        for pk in sorted(found):
            enqueue("entitlements.files_stopped", organisation_id=pk, kid=kid, day=day)


@job("entitlements.files_stopped")
def files_stopped(actor: Actor, *, kid: str, day: str) -> None:
    """End the files that a withdrawn key signed, and have mails written to who held them and who looks after them."""
    for subscription in subscriptions_signed_for(actor, kid, now()):
        once = actor.with_key(f"withdrawn:{kid}:{subscription.pk}")
        end_withdrawn(once, subscription, kid=kid, on=date.fromisoformat(day))
    enqueue("entitlements.tell_files_stopped", organisation_id=actor.customer_id, kid=kid)


@job("entitlements.tell_files_stopped")
def tell_files_stopped(actor: Actor, *, kid: str) -> None:
    """One mail to each of them, about all that stopped for them at this customer, with what to do next."""
    found, customer = stopped_for(actor, kid), own_organisation(actor)
    for pk, member in members_by_id(actor, found).items():
        if member.left_on is None:
            to = mail.Recipient(member.person.pk, member.person.email, member.name, member.person.language)
            told = {"lines": found[pk], "customer": customer}
            once = f"files-stopped:{kid}:{pk}"
            mail.write(to, "entitlements/mail/files_stopped", told, once=once, organisation_id=customer.pk)


@job("entitlements.key_made")
def key_made(actor: Actor, *, kid: str, signs_from: str, day: str) -> None:
    """Give each customer with licence files a job of its own."""
    for part in every_customer(AT_ONCE):
        with wall_opened(read=part):
            found = customers_with_files(part, now())
        for pk in sorted(found):
            enqueue("entitlements.next_key", organisation_id=pk, kid=kid, signs_from=signs_from, day=day)


@job("entitlements.next_key")
def next_key(actor: Actor, *, kid: str, signs_from: str, day: str) -> None:
    """Note in a customer's log that another key signs its files from then on."""
    once = actor.with_key(f"next-key:{kid}")
    note_next_key(once, own_organisation(actor), kid=kid, signs_from=signs_from, on=date.fromisoformat(day))


def _subscription(actor: Actor, pk: int) -> Subscription:
    return Subscription.objects.select_related("product", "organisation").get(organisation_id=actor.customer_id, pk=pk)


def _tell(actor: Actor, template: str, subscription: Subscription, members: str, *, once: str, **more: object) -> None:
    told = {"subscription": subscription, "customer": subscription.organisation, **more}
    for pk, member in members_by_id(actor, map(int, members.split(","))).items():
        if member.left_on is None:
            person = member.person
            to = mail.Recipient(person.pk, person.email, member.name, person.language)
            mail.write(to, f"entitlements/mail/{template}", told, once=f"{once}:{pk}", organisation_id=member.organisation_id)
