"""Who acts. Everyone who can change or read something is an `Actor`, whatever they came through."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from comptoir.permissions import DIRECT, Permission, Reach, Role

from .errors import HouseRule


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"
    JOB = "job"
    OPERATOR = "operator"
    STAFF = "staff"
    KEY = "key"  # a licence key, typed into one of the vendor's products
    DEVICE = "device"  # one of the vendor's products, activated on a device


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one member. No contract and no group: the whole customer."""

    role: Role
    contract_id: int | None = None
    group_id: int | None = None

    def covers(self, contract_id: int | None) -> bool:
        """Whether the grant reaches what belongs to that contract (None: something of the whole customer)."""
        if self.group_id is not None:
            return False
        return self.contract_id is None or self.contract_id == contract_id


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which customer, with which roles. Built anew for each request; never kept."""

    kind: ActorKind
    id: int | None = None
    name: str = ""
    person_id: int | None = None
    membership_id: int | None = None
    organisation_id: int | None = None
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    request_key: str | None = None
    stepped_up_at: datetime | None = None
    answering: int | None = None
    looked_at: int | None = None  # the stored verb of a colleague that this one approves

    @property
    def log_name(self) -> str:
        """How the activity log names the actor: a kind and an id, never personal data."""
        return f"{self.kind}:{self.id}" if self.id is not None else f"{self.kind}:{self.name}"

    def reach(self, can: Permission, contract_id: int | None = None, *, anywhere: bool = False) -> Reach:
        """The widest reach that the actor has for `can` on something of `contract_id`.

        With `anywhere` the contract does not count: what the actor may do on at least one thing.
        """
        if self.lacks_scope(can):
            return Reach.NONE
        reaches = {can.reach_of[grant.role] for grant in self.grants if anywhere or grant.covers(contract_id)}
        return next((reach for reach in Reach if reach in reaches), Reach.NONE)

    def may(self, can: Permission, contract_id: int | None = None, *, anywhere: bool = False) -> bool:
        """Whether the actor may do it directly, not by asking."""
        return self.reach(can, contract_id, anywhere=anywhere) in DIRECT

    def may_ask(self, can: Permission, contract_id: int | None = None) -> bool:
        """Whether the actor may ask somebody else to do it."""
        return not self.may(can, contract_id) and self.reach(can, contract_id) in {Reach.ASK, Reach.PROPOSE}

    def contracts(self, can: Permission) -> frozenset[int] | None:
        """The contracts on which the actor holds `can` in full; None means all of the customer's."""
        if self.lacks_scope(can):
            return frozenset()
        held = [grant for grant in self.grants if can.reach_of[grant.role] in DIRECT and grant.group_id is None]
        full = [grant for grant in held if can.reach_of[grant.role] not in {Reach.OWN, Reach.GROUPS}]
        if any(grant.contract_id is None for grant in full):
            return None
        return frozenset(grant.contract_id for grant in full if grant.contract_id is not None)

    def groups(self, can: Permission) -> frozenset[int] | None:
        """The groups of people on which the actor holds `can`; None means all of the customer's."""
        if self.lacks_scope(can):
            return frozenset()
        if any(can.reach_of[grant.role] == Reach.ALL for grant in self.grants):
            return None
        held = [grant for grant in self.grants if can.reach_of[grant.role] == Reach.GROUPS]
        return frozenset(grant.group_id for grant in held if grant.group_id is not None)

    def lacks_scope(self, can: Permission) -> bool:
        """Whether the actor is a token that was not given the scope of `can`, whatever its member's roles are."""
        return self.scopes is not None and can.scope not in self.scopes

    @property
    def customer_id(self) -> int:
        """The customer that the actor is inside of. Raises HouseRule where it is inside none."""
        if self.organisation_id is None:
            raise HouseRule(f"{self.log_name} is inside no customer")
        return self.organisation_id

    @property
    def member_id(self) -> int:
        """The membership as which the actor acts. Raises HouseRule where there is none."""
        if self.membership_id is None:
            raise HouseRule(f"{self.log_name} is no member of a customer")
        return self.membership_id

    def with_key(self, request_key: str | None) -> "Actor":
        """The same actor carrying the key of one request."""
        return replace(self, request_key=request_key or None)

    @classmethod
    def job(cls, name: str, organisation_id: int | None) -> "Actor":
        """A job of the house, for one customer at most."""
        return cls(ActorKind.JOB, name=name, organisation_id=organisation_id, grants=(Grant(Role.JOB),))

    @classmethod
    def staff(cls, person_id: int, roles: Iterable[Role], organisation_id: int | None = None) -> "Actor":
        """Somebody of the vendor's staff, at the desk, for one customer at most. They are no member: `id` is the person."""
        return cls(ActorKind.STAFF, id=person_id, organisation_id=organisation_id, grants=tuple(map(Grant, roles)))

    @classmethod
    def operator(cls, name: str = "command line") -> "Actor":
        """Whoever holds the machine and its owner's login."""
        return cls(ActorKind.OPERATOR, name=name, grants=(Grant(Role.OPERATOR),))
