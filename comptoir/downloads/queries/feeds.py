"""What machines read: a list of packages with checksums, a Sparkle appcast, a winget source."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree as Xml

from django.conf import settings
from django.utils.http import http_date

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.actor import Actor

from ..models import ReleaseFile, SecretAddress
from .entitled import looked_after, rights
from .releases import releases_of

SPARKLE = "http://www.andymatuschak.org/xml-namespaces/sparkle"
WINGET_VERSIONS = ["1.0.0", "1.1.0"]
WINGET_TYPES = {"application/vnd.microsoft.portable-executable": "exe", "application/x-msi": "msi"}
UrlOf = Callable[[ReleaseFile], str]


@dataclass(frozen=True, slots=True)
class Package:
    """A file that machines may take."""

    product: Product
    file: ReleaseFile
    notes: str
    title: str


def packages(actor: Actor, address: SecretAddress, on: date, language: str) -> list[Package]:
    """The files of the address on that day: of what its owner looks after, or uses. Newest first within each product."""
    machines = address.purpose == SecretAddress.Purpose.MACHINES
    ids = looked_after(actor, on) if machines else set(rights(actor, on))
    products, more = Product.objects.filter(pk__in=ids).order_by("code"), excepted(actor, ids, on)
    return [
        Package(product, file, shown.release.notes_in(language), shown.release.title_in(language))
        for product in products
        for shown in releases_of(product, on, more.get(product.pk, ()))
        if shown.allowed
        for file in shown.files
    ]


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


def saved_as(file: ReleaseFile) -> str:
    """The path of a file in the lists and scripts: product, version, name. None of it means anything to a shell."""
    parts = (file.release.product.code, file.release.version, file.name)
    return "/".join(re.sub(r"[^A-Za-z0-9_.+-]", "_", part).lstrip(".-") or "_" for part in parts)


def checksums(found: Iterable[Package]) -> str:
    """As `sha256sum --check` reads it."""
    return "".join(f"{each.file.sha256}  {saved_as(each.file)}\n" for each in found)


def appcast(product: Product, found: Sequence[Package], url_of: UrlOf, platform: str) -> bytes:
    """A Sparkle appcast of one product for one platform, newest first; each file with its `edSignature`."""
    Xml.register_namespace("sparkle", SPARKLE)
    root = Xml.Element("rss", {"version": "2.0"})
    channel = Xml.SubElement(root, "channel")
    _text(channel, "title", product.name)
    for each in found:
        file, release = each.file, each.file.release
        if each.product.pk != product.pk or file.platform not in {platform, "any"} or file.kind == "documentation":
            continue
        item = Xml.SubElement(channel, "item")
        _text(item, "title", each.title)
        _text(item, f"{{{SPARKLE}}}version", release.version)
        _text(item, f"{{{SPARKLE}}}shortVersionString", release.version)
        _text(item, "description", each.notes or each.title)
        if release.published_at is not None:
            _text(item, "pubDate", http_date(release.published_at.timestamp()))
        told = {"url": url_of(file), "length": str(file.size), "type": "application/octet-stream"}
        Xml.SubElement(item, "enclosure", {**told, f"{{{SPARKLE}}}edSignature": file.signature, f"{{{SPARKLE}}}os": platform})
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _text(parent: Xml.Element, tag: str, text: str) -> None:
    Xml.SubElement(parent, tag).text = text


def winget_information() -> dict[str, Any]:
    """What the source is and speaks."""
    data = {"SourceIdentifier": f"{_publisher()}.Comptoir", "ServerSupportedVersions": WINGET_VERSIONS}
    fields = {"UnsupportedPackageMatchFields": ["Market", "PackageFamilyName", "ProductCode"], "RequiredPackageMatchFields": []}
    return {"Data": {**data, **fields, "UnsupportedQueryParameters": ["Market"], "RequiredQueryParameters": []}}


def winget_packages(found: Iterable[Package]) -> dict[str, list[Package]]:
    """The installers for Windows, by package identifier, newest first."""
    by_name: dict[str, list[Package]] = {}
    for each in found:
        if each.file.platform == "windows" and each.file.media_type in WINGET_TYPES and each.file.kind == "installer":
            by_name.setdefault(_identifier(each.product), []).append(each)
    return by_name


def winget_search(by_name: Mapping[str, Sequence[Package]], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The packages that a search means. Raises ValueError for what is no search of the schema."""
    tests = [*_tests(asked, "Filters")]
    either = [*_tests(asked, "Inclusions")]
    query = asked.get("Query")
    if isinstance(query, dict):
        either += [("PackageIdentifier", *_match(query)), ("PackageName", *_match(query)), ("Moniker", *_match(query))]
    most = asked.get("MaximumResults")
    told = [
        _summary(name, found)
        for name, found in by_name.items()
        if all(_fits(name, found, *test) for test in tests) and (not either or any(_fits(name, found, *test) for test in either))
    ]
    limited = told[:most] if isinstance(most, int) and not isinstance(most, bool) and most > 0 else told
    return {"Data": limited, "RequiredPackageMatchFields": [], "UnsupportedPackageMatchFields": []}


def winget_manifest(name: str, found: Sequence[Package], url_of: UrlOf, version: str = "") -> dict[str, Any]:
    """All versions of a package with their installers; `version` narrows it."""
    versions: dict[str, list[Package]] = {}
    for each in found:
        if version in {"", each.file.release.version}:
            versions.setdefault(each.file.release.version, []).append(each)
    told = [
        {
            "PackageVersion": number,
            "DefaultLocale": _locale(some[0]),
            "Installers": [_installer(each, url_of) for each in some],
        }
        for number, some in versions.items()
    ]
    return {"Data": {"PackageIdentifier": name, "Versions": told}}


def _locale(package: Package) -> dict[str, Any]:
    text = (package.notes or package.title)[:10_000]
    told = {"PackageLocale": "en-US", "Publisher": settings.VENDOR.name, "PackageName": package.product.name}
    return {**told, "License": settings.VENDOR.legal_name, "ShortDescription": package.title[:256], "ReleaseNotes": text}


def _installer(package: Package, url_of: UrlOf) -> dict[str, Any]:
    file = package.file
    told = {"InstallerIdentifier": str(file.pk), "InstallerSha256": file.sha256, "InstallerUrl": url_of(file)}
    kind = {"Architecture": "neutral" if file.architecture == "any" else file.architecture}
    told |= {**kind, "InstallerType": WINGET_TYPES[file.media_type]}
    return {**told, "InstallerLocale": file.language} if file.language else told


def _summary(name: str, found: Sequence[Package]) -> dict[str, Any]:
    versions = dict.fromkeys(each.file.release.version for each in found)
    told = {"PackageIdentifier": name, "PackageName": found[0].product.name, "Publisher": settings.VENDOR.name}
    return {**told, "Versions": [{"PackageVersion": version} for version in versions]}


def _tests(asked: Mapping[str, Any], part: str) -> Iterable[tuple[str, str, str]]:
    for each in asked.get(part) or ():
        if not isinstance(each, dict) or not isinstance(each.get("RequestMatch"), dict):
            raise ValueError(f"{part} holds what is no match")
        yield str(each.get("PackageMatchField", "")), *_match(each["RequestMatch"])


def _match(told: Mapping[str, Any]) -> tuple[str, str]:
    return str(told.get("MatchType") or "Substring"), str(told.get("KeyWord") or "")


def _fits(name: str, found: Sequence[Package], field: str, kind: str, word: str) -> bool:
    product = found[0].product
    both = f"{product.name}{settings.VENDOR.name}".replace(" ", "")
    values = {"PackageIdentifier": name, "PackageName": product.name, "Moniker": product.code, "Tag": product.family}
    values |= {"Command": product.code, "NormalizedPackageNameAndPublisher": both}
    value = values.get(field)
    if value is None:
        return False
    match kind:
        case "Exact":
            return value == word
        case "CaseInsensitive":
            return value.casefold() == word.casefold()
        case "StartsWith":
            return value.casefold().startswith(word.casefold())
        case _:
            return word.casefold().strip("*") in value.casefold()


def _identifier(product: Product) -> str:
    return f"{_publisher()}.{_plain(product.code)}"


def _publisher() -> str:
    return _plain(settings.VENDOR.name)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)[:32] or "Vendor"
