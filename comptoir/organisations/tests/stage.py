"""What the tests of people and groups share: acting as a member through the real gate's eyes, and what the log says."""

from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Event
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.actions import add_person
from comptoir.organisations.models import Membership
from tests.cast import TODAY, Cast


def acting(member: Membership) -> Actor:
    """The member inside their customer, with the roles of this moment; the wall stays open for the rest of the test."""
    with wall_opened(person=member.person_id):
        visit = KernelPorts.grants.visit(member.person_id, member.organisation.number)
    assert visit is not None
    open_wall(read=[visit.customer.id], write=visit.customer.id, person=member.person_id)
    return visit.actor


def told(kind: str) -> list[dict[str, object]]:
    """The details of what the log says of that kind, in order."""
    return list(Event.objects.filter(kind=kind).order_by("seq").values_list("detail", flat=True))


def added(cast: Cast, by: Membership, email: str = "nina.neu@example.com", **more: object) -> Membership:
    """Somebody whom a member adds today."""
    names = {"first_name": "Nina", "last_name": "Neu", "language": "en", "invite": True, **more}
    return add_person(acting(by), by.organisation, email=email, on=TODAY, **names)
