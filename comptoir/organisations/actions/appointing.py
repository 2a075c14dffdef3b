"""A contract manager is appointed at the desk, where nobody of the customer can do it (rules 7)."""

from datetime import date

from comptoir.events import Events
from comptoir.identity.actions import Newcomer, find_or_make_people
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.encoding import plain_line
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Appointment, Membership, Organisation
from ..ports import Ports
from ..queries import managing_now, member_at, roles_with
from .people import come_in, refuse_malformed, send_invitation
from .roles import Place, hold

LEAST_TOLD = 20  # characters that say how it was checked who somebody is


@action(Can.APPOINT_MANAGER, step_up=True)
def appoint_manager(
    actor: Actor,
    organisation: Organisation,
    *,
    email: str,
    first_name: str,
    last_name: str,
    language: str,
    contract: str,
    checked: str,
    although_managed: bool,
    on: date,
) -> Appointment:
    """Make a member, or somebody new who is invited, contract manager: of one contract, by number, or of the whole customer.

    `checked` says how it was checked who they are. Raises Refused `check_not_told`, `contract_unknown`, `still_managed` (not
    with `although_managed`), `role_held`, `email_malformed`, `name_missing`.
    """
    told = _told(checked)
    place = Place(roles_with(Can.GIVE_ROLES)[0], _contract(actor, contract))
    # two who appoint at once are seen one after the other: the action holds the customer's row
    managers = managing_now(actor, place.contract)
    names = {"first_name": plain_line(first_name), "last_name": plain_line(last_name)}
    member = _member(actor, organisation, Newcomer(email=email.strip().lower(), **names, language=language), on)
    held = not hold(member, place, on)
    if held and member.active:
        raise Refused("role_held", params={"name": member.name}, field="email")
    if managers and not although_managed:
        raise Refused("still_managed", params={"names": ", ".join(each.name for each in managers)}, field="although_managed")
    if actor.id is None:
        raise HouseRule("nobody appoints a manager but a person")
    made = Appointment.objects.create(
        organisation=organisation, membership=member, contract=contract, checked=told, by_id=actor.id, on=on
    )
    record(Events.MANAGER_APPOINTED, made, contract_id=place.contract, on=on, member=member.pk, contract=contract)
    if not member.active:
        send_invitation(member)
    return made


def _told(checked: str) -> str:
    told = " ".join(checked.split())
    if len(told) < LEAST_TOLD:
        raise Refused("check_not_told", params={"least": LEAST_TOLD}, field="checked", status=422)
    return told


def _contract(actor: Actor, number: str) -> int | None:
    if not number:
        return None
    numbers = {each: pk for pk, each in Ports.contracts.all_numbers(actor).items()}
    if number not in numbers:
        raise Refused("contract_unknown", field="contract", status=422)
    return numbers[number]


def _member(actor: Actor, organisation: Organisation, told: Newcomer, on: date) -> Membership:
    """The member with that address, locked; who is new, or has left, comes in and is invited."""
    here = member_at(actor, told.email)
    if here is not None:
        return Membership.objects.select_for_update(no_key=True).get(pk=here.pk)
    refuse_malformed(told)
    person_id = find_or_make_people([told], on)[told.email]
    member = Membership.objects.select_for_update(no_key=True).filter(organisation=organisation, person_id=person_id).first()
    if member is None or member.left_on is not None:
        member = come_in(organisation, member, person_id, told, on)
        record(Events.MEMBER_ADDED, member, on=on, member=member.pk)
    return member
