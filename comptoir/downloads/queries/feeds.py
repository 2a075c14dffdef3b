"""What machines read: a list of packages with checksums, a Sparkle appcast."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from unicodedata import combining, normalize
from xml.etree import ElementTree as Xml

from django.conf import settings
from django.db.models import QuerySet
from django.utils.http import http_date

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.actor import Actor

from ..models import PublicFeed, ReleaseFile, SecretAddress
from .entitled import looked_after, rights
from .releases import Shown, offered, releases_of, releases_of_all
from .withheld import Kept, kept_from

SPARKLE = "http://www.andymatuschak.org/xml-namespaces/sparkle"
PACKAGE = "application/x-xar"  # an installer package of macOS
NO_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # what XML 1.0 can not hold
UrlOf = Callable[[ReleaseFile], str]


@dataclass(frozen=True, slots=True)
class Package:
    """A file that machines may take."""

    product: Product
    file: ReleaseFile
    notes: str
    title: str


def packages(actor: Actor, address: SecretAddress, on: date, language: str, code: str = "") -> list[Package]:
    """The files of the address on that day: of what its owner looks after, or uses. Newest first within each product.

    `code`: of that product alone. A constant number of queries.
    """
    machines = address.purpose == SecretAddress.Purpose.MACHINES
    ids = looked_after(actor, on) if machines else set(rights(actor, on))
    products = list(_of_code(Product.objects.filter(pk__in=ids), code))
    kept = Kept(frozenset(), frozenset()) if machines else kept_from(actor, on)
    shown = releases_of_all(products, on, excepted(actor, ids, on))
    return [each for product in products for each in _of(product, offered(kept, shown[product.pk]), language)]


def public_packages(on: date, language: str, code: str = "") -> list[Package]:
    """The files that anybody may have on that day: of products whose feeds are public, in the versions that may be installed."""
    products = list(_of_code(Product.objects.filter(publicfeed__since__lte=on), code))
    shown = releases_of_all(products, on)
    return [each for product in products for each in _of(product, shown[product.pk], language)]


def _of_code(products: QuerySet[Product], code: str) -> QuerySet[Product]:
    return (products.filter(code=code) if code else products).order_by("code")


def public_file(pk: int, on: date) -> ReleaseFile | None:
    """A file that anybody may have on that day; None for any other."""
    file = (
        ReleaseFile.objects.select_related("release__product").filter(pk=pk, release__product__publicfeed__since__lte=on).first()
    )
    if file is None:
        return None
    shown = releases_of(file.release.product, on)
    return file if any(each.allowed and each.release.pk == file.release_id for each in shown) else None


def public_feed_since(product: Product) -> date | None:
    """Since when anybody may have a product; None: by secret addresses alone."""
    return PublicFeed.objects.filter(product=product).values_list("since", flat=True).first()


def _of(product: Product, releases: Iterable[Shown], language: str) -> Iterator[Package]:
    for shown in releases:
        if shown.allowed:
            notes, title = shown.release.notes_in(language), shown.release.title_in(language)
            yield from (Package(product, file, notes, title) for file in shown.files)


def package_list(found: Iterable[Package], url_of: UrlOf, on: date) -> dict[str, Any]:
    """The list of packages, as JSON holds it; sizes in bytes."""
    return {"vendor": settings.VENDOR.name, "day": on.isoformat(), "packages": [_listed(each, url_of) for each in found]}


def _listed(package: Package, url_of: UrlOf) -> dict[str, Any]:
    file, release = package.file, package.file.release
    return {
        "product": package.product.code,
        "product_name": package.product.name,
        "version": release.version,
        "kind": release.kind,
        "preview": release.is_preview,
        "released_on": release.released_on.isoformat(),
        "title": package.title,
        "file": file.name,
        "file_kind": file.kind,
        "platform": file.platform,
        "architecture": file.architecture,
        "language": file.language,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "signature": file.signature,
        "url": url_of(file),
    }


def saved_as(found: Iterable[Package]) -> Iterator[tuple[str, ReleaseFile]]:
    """Each file with its path in the lists and scripts: product, version, name. None of it means anything to a shell.

    No two are the same, also where capitals don't count.
    """
    taken: set[str] = set()
    for file in (each.file for each in found):
        folder = f"{_safe(file.release.product.code)}/{_safe(file.release.version)}"
        path = f"{folder}/{_safe(file.name)}"
        if path.casefold() in taken:
            path = f"{folder}/{file.sha256[:8]}-{_safe(file.name)}"
        taken.add(path.casefold())
        yield path, file


def _safe(part: str) -> str:
    kept = re.sub(r"[^A-Za-z0-9_.+-]", "_", "".join(each for each in normalize("NFKD", part) if not combining(each)))
    return kept.lstrip(".-").rstrip(".") or "_"


def checksums(found: Iterable[Package]) -> str:
    """As `sha256sum --check` reads it."""
    return "".join(f"{file.sha256}  {path}\n" for path, file in saved_as(found))


def appcast(product: Product, found: Sequence[Package], url_of: UrlOf, platform: str) -> bytes:
    """A Sparkle appcast of one product for one platform, newest first; each file with its `edSignature`."""
    Xml.register_namespace("sparkle", SPARKLE)
    root = Xml.Element("rss", {"version": "2.0"})
    channel = Xml.SubElement(root, "channel")
    _text(channel, "title", product.name)
    _text(channel, "link", settings.BASE_URL)
    _text(channel, "description", f"{settings.VENDOR.name}, {product.name}")
    for each in found:
        if each.product.pk == product.pk and each.file.platform in {platform, "any"} and each.file.kind != "documentation":
            _item(Xml.SubElement(channel, "item"), each, url_of(each.file), platform)
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _item(item: Xml.Element, each: Package, url: str, platform: str) -> None:
    file, release = each.file, each.file.release
    _text(item, "title", each.title)
    _text(item, f"{{{SPARKLE}}}version", release.version)
    _text(item, f"{{{SPARKLE}}}shortVersionString", release.version)
    if release.is_preview:  # only programs that ask for this channel find it
        _text(item, f"{{{SPARKLE}}}channel", "beta")
    # notes are paragraphs of text: without this mark they would be read as HTML
    _text(item, "description", each.notes or each.title).set(f"{{{SPARKLE}}}format", "plain-text")
    at = release.published_at or datetime.combine(release.released_on, time(), UTC)
    _text(item, "pubDate", http_date(at.timestamp()))
    if platform == "macos" and file.architecture == ReleaseFile.Architecture.ARM64:  # it stands before the one for others
        _text(item, f"{{{SPARKLE}}}hardwareRequirements", "arm64")
    # WinSparkle tells processors apart by the name of the system
    system = f"{platform}-{file.architecture}" if platform == "windows" and file.architecture != "any" else platform
    told = {"url": url, "length": str(file.size), "type": "application/octet-stream", f"{{{SPARKLE}}}os": system}
    if file.media_type == PACKAGE:
        told[f"{{{SPARKLE}}}installationType"] = "package"
    Xml.SubElement(item, "enclosure", {**told, f"{{{SPARKLE}}}edSignature": file.signature})


def _text(parent: Xml.Element, tag: str, text: str) -> Xml.Element:
    made = Xml.SubElement(parent, tag)
    made.text = NO_XML.sub("", text)
    return made
