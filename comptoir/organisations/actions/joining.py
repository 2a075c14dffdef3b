"""Nobody joins alone (F5.5), but whoever has an address in a customer's domain may ask to."""

from datetime import date

from comptoir.events import Events
from comptoir.identity.actions import lead_on
from comptoir.identity.models import Person
from comptoir.identity.queries import signing_in
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import EmailDomain, JoinRequest, Membership, Organisation
from ..rules import domain_of, is_public, sort_name


@action(Can.SET_DOMAINS, anywhere=True)
def list_domain(actor: Actor, organisation: Organisation, *, domain: str, on: date) -> EmailDomain:
    """Let people with an address there ask to join. The actor's own address shows that the domain is the customer's.

    Raises Refused `domain_public`, `domain_not_yours`, `domain_listed`.
    """
    wanted = domain.strip().lower().removeprefix("@")
    own = Membership.objects.filter(organisation=organisation, pk=actor.member_id).values_list("email", flat=True).first()
    if is_public(wanted):
        raise Refused("domain_public", params={"domain": wanted}, field="domain", status=422)
    if not own or domain_of(own) != wanted:
        raise Refused("domain_not_yours", params={"domain": wanted}, field="domain", status=422)
    if EmailDomain.objects.filter(organisation=organisation, domain=wanted).exists():
        raise Refused("domain_listed", params={"domain": wanted}, field="domain")
    made = EmailDomain.objects.create(organisation=organisation, domain=wanted, listed_on=on)
    record(Events.DOMAIN_LISTED, made, domain=wanted)
    return made


@action(Can.SET_DOMAINS, anywhere=True)
def unlist_domain(actor: Actor, domain: EmailDomain) -> None:
    """Nobody with an address there may ask to join any more. What was asked for stays to be decided."""
    record(Events.DOMAIN_UNLISTED, domain, domain=domain.domain)
    domain.delete()


@action(Can.ASK_TO_JOIN)
def ask_to_join(actor: Actor, person: Person, *, on: date) -> Person:
    """Ask whichever customers list the domain of one's address. Whether there is one is not told."""
    record(Events.JOINING_WISHED, person, on=on)
    return person


@action(Can.NOTE_WISHES)
def note_wish(actor: Actor, organisation: Organisation, *, person: int, on: date) -> Organisation:
    """Somebody of a listed domain wishes to join: their request waits here, once, if they are no member."""
    with signing_in():  # they are nobody of this customer's yet
        person = lead_on([person]).get(person, person)
        asker = Person.objects.get(pk=person, is_active=True)
    listed = EmailDomain.objects.filter(organisation=organisation, domain=domain_of(asker.email)).exists()
    here = Membership.objects.filter(organisation=organisation, person_id=person, left_on=None).exists()
    known = {"organisation": organisation, "person_id": person, "state": JoinRequest.State.OPEN}
    if not listed or here or JoinRequest.objects.filter(**known).exists():
        record(Events.WISH_LAID_ASIDE, organisation, on=on)
        return organisation
    made = JoinRequest.objects.create(**known, name=str(asker), email=asker.email, asked_on=on)
    record(Events.JOINING_ASKED, made, on=on, wish=made.pk)
    return organisation


@action(Can.ADD_PEOPLE, anywhere=True)
def approve_joining(actor: Actor, wish: JoinRequest, *, on: date) -> JoinRequest:
    """Let somebody in who asked: they have shown already that the address is theirs, so they are active at once.

    Raises Refused `request_already_decided`, `not_allowed` (who adds to groups only).
    """
    _decided(actor, wish, JoinRequest.State.APPROVED, on)
    with signing_in():
        person = Person.objects.get(pk=lead_on([wish.person_id]).get(wish.person_id, wish.person_id))
    rows = Membership.objects.select_for_update(no_key=True).filter(organisation_id=wish.organisation_id, person_id=person.pk)
    member = rows.first() or Membership(organisation_id=wish.organisation_id, person_id=person.pk)
    if member.pk is None or member.left_on is not None:
        member.joined_on = on
    member.name, member.email, member.left_on = str(person), person.email, None
    member.sort_name = sort_name(person.first_name, person.last_name) or person.email.lower()
    member.active, member.invited_until = True, None
    member.save()
    record(Events.JOINING_APPROVED, wish, on=on, member=member.pk)
    return wish


@action(Can.ADD_PEOPLE, anywhere=True)
def decline_joining(actor: Actor, wish: JoinRequest, *, on: date) -> JoinRequest:
    """Say no to somebody who asked to join; they may ask again. Raises what `approve_joining` raises."""
    _decided(actor, wish, JoinRequest.State.DECLINED, on)
    record(Events.JOINING_DECLINED, wish, on=on)
    return wish


def _decided(actor: Actor, wish: JoinRequest, state: JoinRequest.State, on: date) -> None:
    if actor.groups(Can.ADD_PEOPLE) is not None:
        raise not_allowed(actor, Can.ADD_PEOPLE)
    if wish.state != JoinRequest.State.OPEN:
        raise Refused("request_already_decided", params={"state": wish.state})
    wish.state, wish.decided_by_id, wish.decided_on = state, actor.member_id, on
    wish.save(update_fields=["state", "decided_by", "decided_on"])
