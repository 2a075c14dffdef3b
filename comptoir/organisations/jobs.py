"""Mails of people who come, and the waves in which many are invited."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings

from comptoir.identity.queries import merge_of, signing_in
from comptoir.kernel import mail
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import enqueue, job
from comptoir.kernel.nightly import nightly
from comptoir.kernel.walls import open_wall

from .actions import forget_lists, invite_wave, note_wish, unite_members
from .actions.people_lists import WAVE
from .models import Appointment, JoinRequest, Membership, Organisation, PeopleImport
from .ports import Ports
from .queries import administrators, lists_to_forget, members_by_id, next_wave, ticket_of

ORDER = 90  # after everything else: it only tidies up


@job("organisations.invite")
def invite(actor: Actor, *, member_id: int, until: str, by: int) -> None:
    """Mail an invitation with its link, unless a newer one was sent, or it was accepted meanwhile."""
    member = Membership.objects.select_related("person", "organisation").get(organisation_id=actor.customer_id, pk=member_id)
    if member.active or member.left_on or member.invited_until is None or member.invited_until.isoformat() != until:
        return
    inviter = members_by_id(actor, [by]).get(by)
    write_invitation(member, inviter.name if inviter else "")


@job("organisations.invite_wave")
def invite_next(actor: Actor, *, list_id: int, by: int) -> None:
    """Invite the next of those whom a list added; the job goes on until all are."""
    found = PeopleImport.objects.get(organisation_id=actor.customer_id, pk=list_id)
    members = next_wave(found, WAVE)
    if not members:
        return
    invite_wave(actor, found, members=members)
    inviter = members_by_id(actor, [by]).get(by)
    rows = Membership.objects.select_related("person", "organisation").filter(organisation_id=actor.customer_id, pk__in=members)
    for member in rows.order_by("pk"):
        write_invitation(member, inviter.name if inviter else "")
    enqueue("organisations.invite_wave", organisation_id=actor.customer_id, list_id=list_id, by=by)


def lists_due(ids: Sequence[int], day: date) -> set[int]:
    """The customers with lists of people that are old enough to be erased."""
    rows = lists_to_forget(ids, settings.PEOPLE_LIST_DAYS, day)
    return set(rows.values_list("organisation_id", flat=True).distinct())


@nightly("organisations.forget_lists", order=ORDER, due=lists_due)
def forget_old_lists(actor: Actor, *, day: date) -> None:
    """Erase the rows of lists of people that nobody needs any more."""
    forget_lists(actor, Organisation.objects.get(pk=actor.customer_id), days=settings.PEOPLE_LIST_DAYS, on=day)


@job("organisations.note_wish")
def note(actor: Actor, *, person: int) -> None:
    """Somebody of a listed domain wishes to join this customer."""
    note_wish(actor, Organisation.objects.get(pk=actor.customer_id), person=person, on=business_day())


@job("organisations.tell_wish")
def tell_wish(actor: Actor, *, wish_id: int) -> None:
    """Whoever manages or coordinates anything of the customer hears who asks to join: each of them may let somebody in."""
    found = JoinRequest.objects.select_related("organisation").get(organisation_id=actor.customer_id, pk=wish_id)
    told = {"wish": found, "customer": found.organisation}
    for member in administrators(actor, None):
        _write(member, "organisations/mail/wish", told, once=f"wish:{found.pk}:{member.pk}")


@job("organisations.tell_joined")
def tell_joined(actor: Actor, *, member_id: int) -> None:
    """Whoever asked to join hears that they are in."""
    member = Membership.objects.select_related("person", "organisation").get(organisation_id=actor.customer_id, pk=member_id)
    told = {"customer": member.organisation}
    _write(member, "organisations/mail/joined", told, once=f"joined:{member.pk}:{member.joined_on}")


@job("organisations.tell_appointed")
def tell_appointed(actor: Actor, *, appointment_id: int) -> None:
    """Who was appointed manager at the desk hears so once they are in; managers and coordinators there hear of it too."""
    made = Appointment.objects.select_related("organisation", "membership").get(
        organisation_id=actor.customer_id, pk=appointment_id
    )
    told = {"customer": made.organisation, "member": made.membership, "contract": made.contract}
    if made.membership.active:  # else the invitation is on its way
        _write(made.membership, "organisations/mail/appointed", told, once=f"appointed:{made.pk}:{made.membership_id}")
    numbers = {number: pk for pk, number in Ports.contracts.all_numbers(actor).items()}
    for member in administrators(actor, numbers.get(made.contract)):
        if member.pk != made.membership_id:
            _write(member, "organisations/mail/appointed_other", told, once=f"appointed:{made.pk}:{member.pk}")


@job("organisations.bring_over")
def bring_over(actor: Actor, *, merge_id: int) -> None:
    """Bring over what a closed account has with this customer; run again it finds nothing to do."""
    with signing_in():
        merge = merge_of(merge_id, actor.customer_id)
    if merge is not None:
        open_wall(read=[actor.customer_id], write=actor.customer_id, person=merge.kept_id)
        unite_members(actor, Organisation.objects.get(pk=actor.customer_id), merge=merge.pk, on=business_day())


def _write(member: Membership, template: str, told: Mapping[str, object], *, once: str) -> None:
    to = mail.Recipient(member.person_id, member.email, member.name, member.person.language)
    mail.write(to, template, told, once=once, organisation_id=member.organisation_id)


def write_invitation(member: Membership, inviter: str) -> None:
    """Write the mail of somebody's newest invitation, once."""
    until = member.invited_until
    told = {"customer": member.organisation, "inviter": inviter, "ticket": ticket_of(member), "until": until}
    to = mail.Recipient(member.person_id, member.email, member.name, member.person.language)
    once = f"invitation:{member.pk}:{until.isoformat() if until else ''}"
    mail.write(to, "organisations/mail/invitation", told, once=once, organisation_id=member.organisation_id, secret=True)
