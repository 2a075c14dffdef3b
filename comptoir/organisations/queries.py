"""Reads of customers and who belongs to them. The actor comes first and is the first filter."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from comptoir.kernel.actor import Actor, ActorKind, Grant
from comptoir.kernel.clock import now
from comptoir.kernel.ports import Customer, Visit
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Role

from .models import AccessToken, Membership, Organisation, RoleGrant


class Grants:
    """Fills `kernel.Grants`: the roles of a member, read anew at each request."""

    def visit(self, person_id: int, number: str) -> Visit | None:
        """The person inside that customer. None for a stranger and for a former member."""
        membership = (
            Membership.objects.select_related("organisation")
            .filter(person_id=person_id, organisation__number=number, left_on=None)
            .first()
        )
        if membership is None:
            return None
        with wall_opened(read=[membership.organisation_id], person=person_id):
            grants = _grants_of(membership.pk)
        actor = Actor(
            ActorKind.PERSON,
            id=membership.person_id,
            name=membership.name,
            person_id=membership.person_id,
            membership_id=membership.pk,
            organisation_id=membership.organisation_id,
            grants=grants,
        )
        return Visit(actor, _customer(membership.organisation))

    def visit_by_token(self, digest: str, number: str | None) -> Visit | Actor | None:
        """The token's actor, inside the customer `number`, or as a person where no customer is meant."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.token', %s, true)", [digest])
        token = (
            AccessToken.objects.filter(digest=digest, revoked_at=None)
            .filter(Q(expires_at=None) | Q(expires_at__gt=now()))
            .first()
        )
        if token is None:
            return None
        with wall_opened(read=[token.organisation_id]):
            membership = Membership.objects.select_related("organisation").filter(pk=token.membership_id, left_on=None).first()
            if membership is None or number not in (None, membership.organisation.number):
                return None
            actor = Actor(
                ActorKind.TOKEN,
                id=token.pk,
                name=token.name,
                person_id=membership.person_id,
                membership_id=membership.pk,
                organisation_id=membership.organisation_id,
                grants=_grants_of(membership.pk),
                scopes=frozenset(token.scopes),
            )
            if number is not None:
                return Visit(actor, _customer(membership.organisation))
        person = (Grant(Role.PERSON),)
        return Actor(ActorKind.TOKEN, token.pk, token.name, actor.person_id, grants=person, scopes=actor.scopes)


def _grants_of(membership_id: int) -> tuple[Grant, ...]:
    rows = RoleGrant.objects.filter(membership_id=membership_id).values_list("role", "contract_id")
    # every member is an end user of the customer, whatever else
    return (*(Grant(Role(role), contract_id) for role, contract_id in rows), Grant(Role.END_USER))


def _customer(organisation: Organisation) -> Customer:
    return Customer(organisation.pk, organisation.number, organisation.name, organisation.currency, organisation.country)


def customers_of(person_id: int) -> list[Organisation]:
    """The customers that a person belongs to, by name. Needs the person's wall."""
    return list(Organisation.objects.filter(membership__person_id=person_id, membership__left_on=None).order_by("name", "number"))


def members(actor: Actor) -> QuerySet[Membership]:
    """The members of the actor's customer."""
    return Membership.objects.filter(organisation_id=actor.customer_id, left_on=None)


def members_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, Membership]:
    """Members, former ones too, by id: for names beside what they did."""
    return Membership.objects.filter(organisation_id=actor.customer_id).in_bulk(list(ids))


def who_may(actor: Actor, roles: Iterable[Role], contract_id: int | None) -> list[Membership]:
    """The members who hold one of the roles on that contract or on the whole customer, by name (F1.7)."""
    scope = Q(roles__contract_id=None) | Q(roles__contract_id=contract_id)
    return list(
        members(actor).filter(scope, roles__role__in=[role.value for role in roles]).distinct().order_by("sort_name", "id")
    )
