"""Made-up customers, written in bulk: one seed is one transaction, and the same seed gives the same rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from comptoir.catalogue.actions import import_prices, import_products
from comptoir.catalogue.models import Price, Product
from comptoir.contracts.actions import import_contracts
from comptoir.contracts.models import Contract
from comptoir.cutover.rules.made_up import MadeContract, MadePerson, MadeSubscription, World
from comptoir.cutover.rules.made_up import contracts as made_contracts
from comptoir.cutover.rules.made_up import customer as made_customer
from comptoir.cutover.rules.made_up import people as made_people
from comptoir.cutover.rules.made_up import subscriptions as made_subscriptions
from comptoir.cutover.rules.made_up_book import PRODUCTS, RESELLERS, SINCE, price_of
from comptoir.entitlements.actions.importing import seed_assignments
from comptoir.entitlements.models import Assignment
from comptoir.events import Events
from comptoir.identity.actions import FormerPerson, import_people
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.organisations.actions import import_customers, import_members, import_resellers, import_roles
from comptoir.organisations.models import Membership, Organisation, Reseller, RoleGrant
from comptoir.organisations.rules import sort_name
from comptoir.permissions import Can, Role
from comptoir.subscriptions.actions.seeding import Bought, seed_subscriptions
from comptoir.subscriptions.models import Period, Subscription

BATCH = 5_000  # people looked up at once
Progress = Callable[[str], None]
Book = Mapping[tuple[int, str], Sequence[Price]]  # the prices of one currency by product and term, earliest first


class AlreadySeeded(Exception):
    """These customers are here: this seed was used before."""


@action(Can.SEED)
def seed_world(actor: Actor, house: House, *, world: World, on: date, password: str, progress: Progress) -> House:
    """Add the made-up customers of `world` as of the business day `on`, with a small price book where there is none.

    `password` is their managers'; empty: nobody has one. The house is locked, so two seeds queue. Raises AlreadySeeded.
    """
    if Organisation.objects.filter(number=world.number_of(0)).exists():
        raise AlreadySeeded
    if not Product.objects.exists():
        _write_book()
    books = _books()
    brought = import_resellers(Reseller(number=number, name=name) for number, name in RESELLERS)
    resellers = [brought.ids[number,] for number, _name in RESELLERS]
    for organisation in _write_customers(world, sorted(books), on):
        progress(organisation.number)
        index = int(organisation.number) - int(world.number_of(0))
        filling = _Filling(world, index, organisation, on, books[organisation.currency], resellers)
        filling.write_people(make_password(password) if password else "")
        filling.write_contracts()
        filling.write_subscriptions()
        record(Events.WORLD_SEEDED, organisation, on=on, seed=world.seed)
    return house


def _write_book() -> None:
    products = import_products(
        Product(code=made.code, name=made.name, family=made.family, kind=made.kind, previous_versions=3) for made in PRODUCTS
    )
    import_prices(
        Price(
            product_id=products.ids[made.code,],
            term=term.value,
            currency=currency,
            new_minor=price_of(made, term, currency).new,
            renewal_minor=price_of(made, term, currency).renewal,
            valid_from=SINCE,
        )
        for made in PRODUCTS
        for term in Term
        for currency in ("EUR", "GBP", "USD", "CHF")
    )


def _books() -> dict[str, Book]:
    books: dict[str, dict[tuple[int, str], list[Price]]] = {}
    sold = Price.objects.filter(product__status=Product.Status.ACTIVE, new_minor__isnull=False)
    for price in sold.order_by("product__code", "term", "valid_from"):
        books.setdefault(price.currency, {}).setdefault((price.product_id, price.term), []).append(price)
    return dict(books)


def _write_customers(world: World, currencies: Sequence[str], on: date) -> list[Organisation]:
    made = [made_customer(world, index, currencies) for index in range(world.customers)]
    rows, _new = import_customers(
        Organisation(
            number=one.number,
            name=one.name,
            country=one.country.code,
            currency=one.country.currency,
            language=one.country.language,
            street=one.street,
            postcode=one.postcode,
            city=one.city,
            created_on=on - timedelta(days=4_000),
        )
        for one in made
    )
    return [rows[one.number] for one in made]


class _Filling:
    """One customer as it is filled. Lives inside the action."""

    def __init__(
        self, world: World, index: int, organisation: Organisation, on: date, book: Book, resellers: Sequence[int]
    ) -> None:
        self.world, self.index, self.organisation, self.on = world, index, organisation, on
        self.book, self.resellers = book, resellers
        self.members: list[int] = []
        self.joined: list[date] = []
        self.contracts: list[int] = []

    def write_people(self, managers_password: str) -> None:
        """The people with their memberships; the first one manages every contract."""
        country = made_customer(self.world, self.index, [self.organisation.currency]).country
        told = list(made_people(self.world, self.index, country, self.on))
        ids: dict[str, int] = {}
        for start in range(0, len(told), BATCH):
            former = [
                _former(one, managers_password if start + n == 0 else "") for n, one in enumerate(told[start : start + BATCH])
            ]
            ids |= import_people(former).ids
        own = self.organisation.pk
        added = import_members(_member(one, own, ids[one.email]) for one in told)
        self.members = [added.ids[own, ids[one.email]] for one in told]
        self.joined = [one.joined_on for one in told]
        import_roles([self._role(Role.CONTRACT_MANAGER, 0, None)])

    def write_contracts(self) -> None:
        """The contracts with the roles on them."""
        told = list(made_contracts(self.world, self.index, self.on, resellers=len(self.resellers)))
        own = self.organisation.pk
        added = import_contracts(self._contract(one) for one in told)
        self.contracts = [added.ids[own, one.number] for one in told]
        import_roles(
            self._role(Role(role), person, contract_id)
            for one, contract_id in zip(told, self.contracts, strict=True)
            for role, person in one.roles
        )

    def write_subscriptions(self) -> None:
        """The subscriptions with their periods, seats, and who has a seat."""
        offers = list(self.book)
        sitting: list[tuple[tuple[int, date], ...]] = []

        def bought() -> Iterator[Bought]:
            for made in made_subscriptions(self.world, self.index, self.on, products=len(offers), joined=self.joined):
                sitting.append(made.sitting)
                yield self._bought(made, offers[made.product][0])

        ids = seed_subscriptions(bought())
        own = self.organisation.pk
        seed_assignments(
            [
                Assignment(organisation_id=own, subscription_id=pk, membership_id=self.members[person], given_on=given_on)
                for pk, people in zip(ids, sitting, strict=True)
                for person, given_on in people
            ]
        )

    def _role(self, role: Role, person: int, contract_id: int | None) -> RoleGrant:
        return RoleGrant(
            organisation_id=self.organisation.pk,
            membership_id=self.members[person],
            role=role.value,
            contract_id=contract_id,
            given_on=self.joined[person],
        )

    def _contract(self, made: MadeContract) -> Contract:
        return Contract(
            organisation_id=self.organisation.pk,
            number=made.number,
            plan=made.plan,
            channel=made.channel,
            reseller_id=None if made.reseller is None else self.resellers[made.reseller],
            support_level=made.support_level,
            started_on=made.started_on,
        )

    def _bought(self, made: MadeSubscription, product_id: int) -> Bought:
        row = Subscription(
            organisation_id=self.organisation.pk,
            contract_id=self.contracts[made.contract],
            product_id=product_id,
            number=made.number,
            term=made.term.value,
            anchor_day=made.renews_on.day,
            automatic_renewal=made.automatic_renewal,
            payment_method=made.payment_method,
            seats_now=made.seats,
            seats_at_renewal=made.seats,
            starts_on=made.periods[0].start,
            renews_on=made.renews_on,
            lapses_on=made.renews_on,
        )
        return Bought(row, [self._period(made, n, product_id) for n in range(len(made.periods))])

    def _period(self, made: MadeSubscription, n: int, product_id: int) -> Period:
        span, first = made.periods[n], n == 0
        valid = [price for price in self.book.get((product_id, made.term.value), ()) if price.valid_from <= span.start]
        price = (valid[-1].new if first else valid[-1].renewal) if valid else None
        return Period(
            start=span.start,
            end=span.end,
            days=span.days,
            term=made.term.value,
            kind=Period.Kind.PURCHASE if first else Period.Kind.RENEWAL,
            price_minor=None if price is None else price.minor,
            currency=self.organisation.currency,
            price_kind="" if price is None else "new" if first else "renewal",
        )


def _former(made: MadePerson, password: str) -> FormerPerson:
    return FormerPerson(
        email=made.email,
        first_name=made.first_name,
        last_name=made.last_name,
        language=made.language,
        password=password,
        created_on=made.joined_on,
        old_ids=(),
    )


def _member(made: MadePerson, organisation_id: int, person_id: int) -> Membership:
    return Membership(
        organisation_id=organisation_id,
        person_id=person_id,
        name=f"{made.first_name} {made.last_name}",
        sort_name=sort_name(made.first_name, made.last_name),
        email=made.email,
        joined_on=made.joined_on,
    )
