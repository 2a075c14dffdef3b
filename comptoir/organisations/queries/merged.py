"""By which memberships and addresses a customer knew somebody before their accounts were merged (decision 19)."""

from collections.abc import Collection

from django.db.models import QuerySet

from comptoir.identity.queries import all_merged, kept_of, merges_locked, signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.walls import wall_opened

from ..models import Membership
from .people import members


def led_on(organisations: Collection[int]) -> dict[int, int]:
    """The memberships of closed accounts in these customers, each with that of the account that stays. Needs their walls."""
    with signing_in():
        closed = all_merged()
    rows = Membership.objects.filter(organisation_id__in=organisations, person_id__in={*closed, *closed.values()})
    here = {(customer, person): pk for pk, customer, person in rows.values_list("pk", "organisation_id", "person_id")}
    places = {(customer, person): closed[person] for customer, person in here if person in closed}
    return {here[at]: here[at[0], kept] for at, kept in places.items() if (at[0], kept) in here}


def not_yet_brought_over(people: Collection[int]) -> dict[tuple[int, int], int]:
    """Where only a closed account of these people is a member so far: customer and person to that account. Needs their walls.

    The merges are locked: nothing is brought over until this transaction ends.
    """
    with signing_in():
        closed = merges_locked(people)
    rows = Membership.objects.filter(person_id__in={*closed, *closed.values()})
    here = set(rows.values_list("organisation_id", "person_id"))
    at = {(customer, closed[person]): person for customer, person in sorted(here) if person in closed}
    return {place: person for place, person in at.items() if place not in here}


def customers_named(person_id: int) -> list[str]:
    """The names of the customers that somebody belongs to. Opens their wall."""
    with wall_opened(person=person_id):
        rows = Membership.objects.filter(person_id=person_id, left_on=None)
        return list(rows.order_by("organisation__name", "pk").values_list("organisation__name", flat=True))


def led_addresses(actor: Actor) -> set[str]:
    """The addresses, in lower case, by which the actor's customer knew members of today before their accounts were merged."""
    return set(_led(actor, Membership.objects.all()))


def led_by_email(actor: Actor, emails: Collection[str]) -> dict[str, int]:
    """The members of today whom the actor's customer knew by these addresses before their accounts were merged.

    By address in lower case. What an account has with other customers is told by none of it.
    """
    wanted = {email.lower() for email in emails}
    return _led(actor, Membership.objects.filter(email__in={*emails, *wanted})) if wanted else {}


def _led(actor: Actor, rows: QuerySet[Membership]) -> dict[str, int]:
    former = rows.filter(organisation_id=actor.customer_id, left_on__isnull=False)
    people = {email.lower(): person for email, person in former.values_list("email", "person_id")}
    if not people:
        return {}
    with signing_in():
        kept = kept_of(people.values())
    here = dict(members(actor).filter(person_id__in=kept.values()).values_list("person_id", "pk")) if kept else {}
    return {email: here[kept[person]] for email, person in people.items() if kept.get(person) in here}
