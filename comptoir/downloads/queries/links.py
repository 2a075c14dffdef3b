"""Links to files: signed, short-lived, of one person and one file. What they say is looked up anew at each use."""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import connection

from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import Ports, Visit
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import Can

from ..models import SecretAddress

SALT = "comptoir.downloads.link"
GOES_ON_SECONDS = 24 * 3600  # how long a download that was begun in time may be gone on with


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: whose it is, for which customer, which file; `nonce` tells two downloads apart.

    `late`: it begins nothing any more, what it began may go on; `over`: nothing may.
    """

    person: int
    customer: str
    file: int
    nonce: str
    late: bool = False
    over: bool = False


def link_to(actor: Actor, customer: str, file: int) -> str:
    """The part of an address that stands for the actor's download of a file."""
    return signing.dumps([actor.person_id, customer, file, secrets.token_urlsafe(9)], salt=SALT)


def link_of(token: str) -> Link:
    """What such a part says. Raises BadSignature for one that is made up."""
    person, customer, file, nonce = signing.loads(token, salt=SALT)
    limits = (settings.DOWNLOAD_LINK_SECONDS, GOES_ON_SECONDS)
    late, over = (_older(token, seconds) for seconds in limits)
    return Link(person, customer, file, nonce, late=late, over=over)


def _older(token: str, seconds: int) -> bool:
    try:
        signing.loads(token, salt=SALT, max_age=seconds)
    except signing.SignatureExpired:
        return True
    return False


def link_expired() -> Refused:
    """That a link begins nothing any more."""
    return Refused("link_expired", params={"minutes": settings.DOWNLOAD_LINK_SECONDS // 60}, status=410)


def visit_by_link(link: Link) -> Visit | None:
    """Whose link it is, with the roles of this moment; None for who has left, or whose account is closed."""
    with wall_opened(person=link.person):
        if not Person.objects.filter(pk=link.person, is_active=True).exists():
            return None
        return Ports.grants.visit(link.person, link.customer)


def new_secret() -> str:
    """256 random bits for an address. Whoever made it shows it once; only its digest is kept."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of a secret, and what an address is found by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def visit_by_address(secret: str) -> tuple[Visit, SecretAddress] | None:
    """Whoever an address is of, with the roles of this moment; None if it is no good (any more)."""
    digest = digest_of(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.token', %s, true)", [digest])
    address = SecretAddress.objects.filter(digest=digest, revoked_on=None).first()
    if address is None:
        return None
    with wall_opened(read=[address.organisation_id]):
        owners = Membership.objects.filter(pk=address.membership_id, left_on=None, person__is_active=True)
        owner = owners.values("person_id", "organisation__number").first()
    if owner is None:
        return None
    with wall_opened(person=owner["person_id"]):
        visit = Ports.grants.visit(owner["person_id"], owner["organisation__number"])
    if visit is None:
        return None
    machines = address.purpose == SecretAddress.Purpose.MACHINES
    if machines and not visit.actor.may(Can.DEPLOY, anywhere=True):
        return None
    return visit, address
