"""What the pages of downloads show. The actor comes first and is the first filter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted_versions
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.paging import Key, Page, Place, every, page_of
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can

from ..models import Download, ReleaseFile, SecretAddress
from ..rules.choosing import Choice, Machine, best
from ..rules.trials import days_left
from .entitled import How, Right, refuse_without_right, rights
from .overseeing import of_seen_products
from .published import Out, newest_of, published_of
from .releases import Shown, releases_of
from .withheld import Kept, kept_from, refusals_of


@dataclass(frozen=True, slots=True)
class Own:
    """A product that the actor may download, with its newest release; `days_left` of a trial."""

    product: Product
    right: Right
    newest: Out | None
    days_left: int | None

    @property
    def tried(self) -> bool:
        """Whether it is a trial."""
        return self.right.how == How.TRIAL


def own_products(actor: Actor, on: date) -> list[Own]:
    """The products that the actor may download today and that can be installed, by name. A constant number of queries."""
    found = rights(actor, on)
    products = list(Product.objects.filter(pk__in=found).exclude(kind=Product.Kind.CLOUD).order_by("name", "code"))
    kept, rows = kept_from(actor, on), published_of([product.pk for product in products], on)
    return [_own(product, found[product.pk], kept, rows.get(product.pk, []), on) for product in products]


def _own(product: Product, right: Right, kept: Kept, rows: Sequence[Out], on: date) -> Own:
    withheld = kept.of(rows)
    newest = newest_of([row for row in rows if row.pk not in withheld])
    return Own(product, right, newest, days_left(right.ends_on, on) if right.ends_on else None)


@dataclass(frozen=True, slots=True)
class Offered:
    """A file of a page, the one that is offered first among them."""

    file: ReleaseFile
    shown: Shown


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product's download page: `refusal` says why nothing of it can be had, and who can help."""

    product: Product
    right: Right | None
    refusal: Told | None
    releases: Sequence[Shown]
    older: Sequence[Shown]  # too old to be installed without an exception
    first: Offered | None
    withheld: Sequence[Told] = ()  # what the person does not get for want of a benefit, with who can give it
    owned: bool = False  # the customer has it, so that somebody can give a seat of it

    @property
    def has_files(self) -> bool:
        """Whether anything of it can be downloaded at all."""
        return any(each.files for each in self.releases)

    @property
    def languages(self) -> set[str]:
        """The languages that its files are in, where they are of one."""
        return {file.language for each in self.releases for file in each.files if file.language}

    @property
    def days_left_of(self) -> date | None:
        """The end of the trial, where it is one."""
        return self.right.ends_on if self.right else None


def product_page(actor: Actor, code: str, on: date, machine: Machine, language: str) -> ProductPage:
    """One product as the actor finds it. Raises Product.DoesNotExist."""
    product = Product.objects.get(code=code)
    try:
        right = refuse_without_right(actor, product, on)
    except Refused as refusal:
        return ProductPage(product, None, tell(refusal), (), (), None, owned=refusal.code == "download_not_yours")
    shown = releases_of(product, on, excepted_versions(actor, product.pk, on))
    withheld = kept_from(actor, on).of([each.release for each in shown])
    mine = [each for each in shown if each.release.pk not in withheld]
    allowed, older = [each for each in mine if each.allowed], [each for each in mine if not each.allowed]
    others = [(each.release, withheld[each.release.pk]) for each in shown if each.allowed and each.release.pk in withheld]
    told = [tell(refusal) for refusal in refusals_of(actor, others)]
    return ProductPage(product, right, None, allowed, older, _first(allowed, machine, language), told)


def _first(shown: Sequence[Shown], machine: Machine, language: str) -> Offered | None:
    """The file to offer: of the newest release that has one for that machine, a preview only where there is nothing else."""
    for each in sorted(shown, key=lambda one: one.release.is_preview):
        choices = [Choice(file.platform, file.architecture, file.language, file.kind) for file in each.files]
        found = best(choices, machine, language)
        if found is not None:
            return Offered(each.files[found], each)
    return None


def addresses(actor: Actor) -> list[SecretAddress]:
    """The living secret addresses: one's own, and for who looks after products everybody's."""
    rows = SecretAddress.objects.filter(organisation_id=actor.customer_id, revoked_on=None).select_related("membership")
    if not actor.may(Can.DEPLOY, anywhere=True):
        rows = rows.filter(membership_id=actor.member_id)
    return list(rows.order_by("purpose", "name", "id"))


def address(actor: Actor, pk: int) -> SecretAddress:
    """One of those. Raises SecretAddress.DoesNotExist."""
    return next((each for each in addresses(actor) if each.pk == pk), None) or _nothing()


def _nothing() -> SecretAddress:
    raise SecretAddress.DoesNotExist


FIELDS = (
    "id",
    "on",
    "how",
    "trial",
    "sent",
    "elsewhere",
    "finished_at",
    "membership__name",
    "membership__email",
    "file__name",
    "file__size",
    "file__release__version",
    "file__release__product__name",
    "file__release__product__code",
)


def page_of_downloads(actor: Actor, place: Place, product: str = "") -> Page[Mapping[str, Any]]:
    """Who downloaded what and when, whole or in part, the newest first: of the contracts that the actor sees, and their own."""
    rows = Download.objects.filter(organisation_id=actor.customer_id)
    if actor.contracts(Can.SEE_DOWNLOADS) is not None:
        seen = of_seen_products(actor, "file__release__product_id")
        rows = rows.filter(seen | Q(membership_id=actor.membership_id))
    if product:
        rows = rows.filter(file__release__product__code=product)
    return page_of(rows.values(*FIELDS), [Key("id", int)], place, descending=True)


COLUMNS = ("name", "email", "product", "version", "file", "on", "how", "trial", "sent", "size", "finished_at")  # of the file


def lines_of_file(actor: Actor) -> Iterator[Mapping[str, Any]]:
    """Every download of the list, as a file has them."""
    names = {"name": "membership__name", "email": "membership__email", "product": "file__release__product__code"}
    names |= {"version": "file__release__version", "file": "file__name", "size": "file__size"}
    for row in every(lambda place: page_of_downloads(actor, place)):
        yield {column: row[names.get(column, column)] for column in COLUMNS}
