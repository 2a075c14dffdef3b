"""Made-up customers for trying and measuring: which rows there are follows from the seed alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Span, Term, add_days, add_months, days_between

from .chance import Chance
from .made_up_names import COUNTRIES, Country

MOST_SEEDS, MOST_CUSTOMERS, MOST_ROWS = 10_000, 9_999, 1_000_000
PER_CONTRACT = 5  # subscriptions
SEATS = (((1, 2), 60), ((3, 6), 25), ((7, 20), 10), ((21, 60), 4), ((61, 200), 1))
TERMS = ((Term.YEAR, 60), (Term.MONTH, 20), (Term.THREE_YEARS, 20))
METHODS = (("invoice", 50), ("card", 25), ("sepa", 25))
CHANNELS = (("direct", 80), ("reseller", 15), ("store", 5))
PLANS = (("subscription", 90), ("maintenance", 10))
SUPPORT = (("basic", 60), ("advanced", 30), ("priority", 10))
ROLES = (("software_coordinator", 100), ("contract_manager", 20), ("payer", 20), ("report_viewer", 10))  # in 100 contracts
MOST_SITTING = 8  # people with a seat of one subscription
MOST_DUE_IN = 28  # shorter than any term
LATE = 2  # of 100 subscriptions are past their renewal date


@dataclass(frozen=True, slots=True)
class World:
    """What was asked for. Customers get equal shares of people and subscriptions, the first ones one more."""

    customers: int
    people: int
    subscriptions: int
    seed: int
    due_in: int | None = None  # days until every subscription renews, by itself, under a direct contract; None: as chance wants

    def fault(self) -> str:
        """Why there is no such world, in one sentence; empty: there is."""
        if not 0 <= self.seed < MOST_SEEDS:
            return f"--seed takes a number from 0 to {MOST_SEEDS - 1:,}."
        if not 1 <= self.customers <= MOST_CUSTOMERS:
            return f"--customers takes a number from 1 to {MOST_CUSTOMERS:,}."
        if self.due_in is not None and not 1 <= self.due_in <= MOST_DUE_IN:
            return f"--due-in takes a number of days from 1 to {MOST_DUE_IN}."
        for name in ("people", "subscriptions"):
            if not self.customers <= getattr(self, name) <= MOST_ROWS:
                return f"--{name} takes a number from {self.customers:,}, one for each customer, to {MOST_ROWS:,}."
        return ""

    def number_of(self, index: int) -> str:
        """The number of its customer `index`, counted from 0."""
        return f"6{self.seed:04d}{index + 1:04d}"

    def share(self, whole: int, index: int) -> range:
        """Which of `whole` rows, counted through all customers, belong to customer `index`."""
        each, more = divmod(whole, self.customers)
        start = index * each + min(index, more)
        return range(start, start + each + (index < more))


@dataclass(frozen=True, slots=True)
class MadeCustomer:
    """A customer."""

    number: str
    name: str
    country: Country
    street: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True)
class MadePerson:
    """A member of a customer; the first one manages all its contracts."""

    first_name: str
    last_name: str
    email: str
    language: str
    joined_on: date


@dataclass(frozen=True, slots=True)
class MadeContract:
    """A contract, and the roles on it: role and which of the customer's people."""

    number: str
    plan: str
    channel: str
    reseller: int | None  # which of the resellers
    support_level: str
    started_on: date
    roles: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MadeSubscription:
    """A subscription with its paid periods, oldest first, and who has a seat: which of the customer's people, since when."""

    number: str
    contract: int  # which of the customer's contracts
    product: int  # which of the products that are sold
    term: Term
    seats: int
    automatic_renewal: bool
    payment_method: str
    periods: tuple[Span, ...]
    sitting: tuple[tuple[int, date], ...]

    @property
    def renews_on(self) -> date:
        """The first day that is not paid."""
        return self.periods[-1].end


def customer(world: World, index: int, currencies: Sequence[str]) -> MadeCustomer:
    """Customer `index`, in a country whose currency the price book has. The first one is in France if it can be."""
    chance = Chance(world.seed, "customer", index)
    possible = [country for country in COUNTRIES if country.currency in currencies]
    country = possible[0] if index == 0 else chance.pick(possible)
    postcode, city = chance.pick(country.cities)
    name = chance.pick(country.firms).format(last=chance.pick(country.last_names), city=city)
    street = chance.pick(country.streets).format(n=chance.between(1, 120))
    return MadeCustomer(world.number_of(index), name, country, street, postcode, city)


def people(world: World, index: int, country: Country, on: date) -> Iterator[MadePerson]:
    """The people of customer `index`; one in ten is from another country."""
    chance = Chance(world.seed, "people", index)
    place = f"seed-{world.number_of(index)}.example"
    for n in range(len(world.share(world.people, index))):
        home = chance.pick(COUNTRIES) if chance.percent(10) else country
        first, last = chance.pick(home.first_names), chance.pick(home.last_names)
        joined_on = add_days(on, -chance.between(30, 2_200))
        email = f"manager@{place}" if n == 0 else f"person-{n}@{place}"
        yield MadePerson(first, last, email, home.language, joined_on)


def contracts(world: World, index: int, on: date, *, resellers: int) -> Iterator[MadeContract]:
    """The contracts of customer `index`, one for every five subscriptions."""
    chance = Chance(world.seed, "contracts", index)
    first, members = world.share(world.subscriptions, index).start, len(world.share(world.people, index))
    for n in range(-(-len(world.share(world.subscriptions, index)) // PER_CONTRACT)):
        channel = chance.weighed(CHANNELS) if world.due_in is None else "direct"
        yield MadeContract(
            number=f"7{world.seed:04d}{first + n:07d}",
            plan=chance.weighed(PLANS) if world.due_in is None else "subscription",
            channel=channel,
            reseller=chance.below(resellers) if channel == "reseller" else None,
            support_level=chance.weighed(SUPPORT),
            started_on=add_days(on, -chance.between(3_300, 4_000)),
            roles=tuple((role, chance.below(members)) for role, share in ROLES if chance.percent(share)),
        )


def subscriptions(world: World, index: int, on: date, *, products: int, joined: Sequence[date]) -> Iterator[MadeSubscription]:
    """The subscriptions of customer `index`; `joined` tells since when each of its people is there."""
    chance = Chance(world.seed, "subscriptions", index)
    for n, number in enumerate(world.share(world.subscriptions, index)):
        term = chance.weighed(TERMS)
        periods = _periods(chance, term, on, world.due_in)
        seats = chance.between(*chance.weighed(SEATS))
        yield MadeSubscription(
            number=f"8{world.seed:04d}{number:07d}",
            contract=n // PER_CONTRACT,
            product=chance.below(products),
            term=term,
            seats=seats,
            automatic_renewal=chance.percent(85) or world.due_in is not None,
            payment_method=chance.weighed(METHODS),
            periods=periods,
            sitting=_sitting(chance, seats, periods[0].start, joined, on),
        )


def _periods(chance: Chance, term: Term, on: date, due_in: int | None) -> tuple[Span, ...]:
    """The period that runs, and up to two before it; the days on which it ends are spread over the term."""
    full = days_between(on, add_months(on, term.months, on.day))
    late = chance.percent(LATE)
    ends = add_days(on, -chance.between(0, 40) if late else chance.between(1, full))
    ends = ends if due_in is None else add_days(on, due_in)
    known = chance.between(1, 2 if term is Term.THREE_YEARS else 3)
    days = [add_months(ends, -term.months * back, ends.day) for back in range(known, 0, -1)]
    return tuple(Span(start, end) for start, end in zip(days, [*days[1:], ends], strict=True))


def _sitting(chance: Chance, seats: int, since: date, joined: Sequence[date], on: date) -> tuple[tuple[int, date], ...]:
    """Some neighbours in the list of people, never more than there are seats."""
    most = min(seats, MOST_SITTING, len(joined))
    first, count = chance.below(len(joined)), chance.between(0, most)
    chosen = [(first + step) % len(joined) for step in range(count)]
    return tuple((person, min(on, max(since, joined[person]))) for person in chosen)
