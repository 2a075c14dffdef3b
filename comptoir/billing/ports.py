"""How money comes in, and what must be known from above. Filled in `wiring.py` and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol, cast

from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.ports import Unfilled
from comptoir.kernel.refusals import Told

if TYPE_CHECKING:
    from .models import Invoice


class NoAnswer(Exception):
    """The provider was asked, or could not be reached: whether it did what it was asked for is not known."""


class NotSigned(Exception):
    """A note that does not carry the provider's signature."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A visit to the provider's page, to be made once for `reference`, so that somebody gives a card or a mandate there."""

    reference: str
    kind: str  # card, sepa
    customer: str  # number, also the provider's description
    customer_id: int
    customer_ref: str  # the provider's name of the customer, or empty where it knows none yet
    name: str
    email: str
    language: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """Where such a visit stands. `method` once it is done; `failed` once it can't be."""

    provider_ref: str
    url: str = ""
    method: "FoundMethod | None" = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class FoundMethod:
    """A method as the provider describes it."""

    customer_ref: str
    token_ref: str
    label: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Charge:
    """What a provider is asked to charge, once for `reference`."""

    reference: str
    amount: Money
    kind: str  # card, sepa
    customer_ref: str
    token_ref: str
    customer_id: int  # for its notes and lists; with `reference` they lead back to the attempt
    description: str
    return_url: str
    by_hand: bool  # somebody is there to confirm it
    day: date  # business day of asking
    provider_ref: str = ""  # where it has answered before
    hours_ago: int = 0  # since it was asked first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a charge or a refund. `state` is one of pending, needs_action, succeeded, declined, cancelled, failed.

    `unknown` where there was no answer, `absent` where the provider says that it was never asked.
    """

    state: str
    provider_ref: str = ""
    decline_code: str = ""
    action_url: str = ""


UNKNOWN = Outcome("unknown")
ABSENT = Outcome("absent")


@dataclass(frozen=True, slots=True)
class GiveBack:
    """What a provider is asked to give back of a charge, once for `reference`."""

    reference: str
    charge_ref: str
    amount: Money
    customer_id: int
    day: date
    provider_ref: str = ""
    hours_ago: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A dispute as the provider tells it. `state` is open, won or lost."""

    provider_ref: str
    charge_ref: str
    amount: Money
    reason: str
    state: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One charge or refund in the provider's books."""

    kind: str  # charge, refund
    provider_ref: str
    reference: str
    customer_id: int | None
    amount: Money
    state: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the provider's about one thing of ours; what it says is not believed but asked for anew."""

    event_ref: str
    kind: str  # charge, refund, setup, dispute, or other
    provider_ref: str


@dataclass(frozen=True, slots=True)
class About:
    """What a note is about, in our words."""

    kind: str
    customer_id: int
    reference: str  # of the attempt, refund or setup; of a dispute its charge's


class Provider(Protocol):
    """Who charges cards and accounts. Every call may take seconds and raise NoAnswer: none is made inside a transaction."""

    name: str

    def set_up(self, wanted: Setup) -> Page:
        """The page of this visit, made once for its reference."""
        ...

    def look_at_setup(self, provider_ref: str) -> Page:
        """Where a visit stands."""
        ...

    def remove(self, token_ref: str) -> None:
        """Forget a method; it is well if it is gone already."""
        ...

    def charge(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """Charge each once for its reference, however often it is asked; UNKNOWN where no answer came."""
        ...

    def look_up(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """What became of each; charges nothing. ABSENT where it was never asked."""
        ...

    def cancel(self, wanted: Charge) -> Outcome:
        """Give up a charge that waits for its holder; what it has become."""
        ...

    def give_back(self, wanted: GiveBack) -> Outcome:
        """Give back once for its reference."""
        ...

    def look_up_refund(self, wanted: GiveBack) -> Outcome:
        """What became of a refund; gives back nothing."""
        ...

    def disputes_of(self, charge_ref: str) -> Sequence[TakenBack]:
        """The disputes of a charge."""
        ...

    def disputed(self, day: date) -> Iterable[About]:
        """The charges of ours that a bank took back on one day; each named by its reference."""
        ...

    def listed(self, day: date) -> Iterable[Listed]:
        """Its books of one day."""
        ...

    def read_note(self, body: bytes, headers: Mapping[str, str]) -> Note:
        """A note, if it is the provider's. Raises NotSigned."""
        ...

    def about(self, note: Note) -> About | None:
        """What a note is about; None if it is nothing of ours."""
        ...


class MethodUse(Protocol):
    """What is paid with a method. Filled by subscriptions."""

    def used_by(self, organisation_id: int, method_ids: Sequence[int], on: date) -> Mapping[int, Sequence[str]]:
        """For each method that is used, the names of the subscriptions that renew with it on that day."""
        ...


@dataclass(frozen=True, slots=True)
class SoldHere:
    """What an invoice sold to one subscription: until when it can be returned, and every reason why not (rules 6, 8).

    `until` None: nothing of it is left to return; `returned_on`: it went back whole on that day.
    """

    subscription: str
    product: str
    kind: str
    kind_word: str
    seats: int
    until: date | None
    returned_on: date | None
    reasons: tuple[Told, ...]
    codes: tuple[str, ...]

    @property
    def returnable(self) -> bool:
        """Whether it can be returned now, by whoever looks at it."""
        return self.until is not None and not self.codes


class Returns(Protocol):
    """Whether what an invoice sold can be given back. Filled by subscriptions."""

    def of_invoice(self, actor: Actor, invoice: "Invoice", on: date, most: int) -> Sequence[SoldHere]:
        """Each of its sales, by subscription; the first `most`."""
        ...


@dataclass
class Providers:
    """The providers that are connected, by name, and which of them new methods are given to ("": none)."""

    by_name: Mapping[str, Provider] = field(default_factory=dict)
    chosen: str = ""


class Ports:
    """The sockets."""

    method_use: MethodUse = cast(MethodUse, Unfilled())
    returns: Returns = cast(Returns, Unfilled())
    providers: Providers = cast(Providers, Unfilled())
