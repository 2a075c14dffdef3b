"""What winget reads: a REST source with its information, a search, and the manifest of each package.

Source: the contract of winget's REST sources, versions 1.0.0 and 1.1.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings

from comptoir.catalogue.models import Product

from .feeds import Package, UrlOf

VERSIONS = ["1.0.0", "1.1.0"]
TYPES = {"application/vnd.microsoft.portable-executable": "exe", "application/x-msi": "msi"}


def information() -> dict[str, Any]:
    """What the source is and speaks."""
    data = {"SourceIdentifier": f"{_publisher()}.Comptoir", "ServerSupportedVersions": VERSIONS}
    fields = {"UnsupportedPackageMatchFields": ["Market", "PackageFamilyName", "ProductCode"], "RequiredPackageMatchFields": []}
    return {"Data": {**data, **fields, "UnsupportedQueryParameters": ["Market"], "RequiredQueryParameters": []}}


def by_identifier(found: Iterable[Package]) -> dict[str, list[Package]]:
    """The installers for Windows, by package identifier, newest first; previews are left out: there is one channel."""
    by_name: dict[str, list[Package]] = {}
    for each in (one for one in found if not one.file.release.is_preview):
        if each.file.platform == "windows" and each.file.media_type in TYPES and each.file.kind == "installer":
            by_name.setdefault(_identifier(each.product), []).append(each)
    return by_name


def search(by_name: Mapping[str, Sequence[Package]], asked: Mapping[str, Any], token: str = "") -> dict[str, Any]:
    """The packages that a search means, those after `token`, at most so many as it wants. Raises ValueError for what is none."""
    fitting = [name for name, found in by_name.items() if asked.get("FetchAllManifests") is True or _meant(name, found, asked)]
    most = asked.get("MaximumResults") or 0
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        raise ValueError("MaximumResults is no number")
    if token and not re.fullmatch(r"[0-9]{1,9}", token):
        raise ValueError("the ContinuationToken is none of this source")
    start = int(token or 0)
    shown = fitting[start : start + most] if most else fitting[start:]
    told: dict[str, Any] = {"Data": [_summary(name, by_name[name]) for name in shown]}
    told |= {"RequiredPackageMatchFields": [], "UnsupportedPackageMatchFields": []}
    return {**told, "ContinuationToken": str(start + most)} if start + len(shown) < len(fitting) else told


def _meant(name: str, found: Sequence[Package], asked: Mapping[str, Any]) -> bool:
    tests, either = [*_tests(asked, "Filters")], [*_tests(asked, "Inclusions")]
    query = asked.get("Query")
    if isinstance(query, dict):
        either += [(field, *_match(query)) for field in ("PackageIdentifier", "PackageName", "Moniker")]
    return all(_fits(name, found, *test) for test in tests) and (not either or any(_fits(name, found, *test) for test in either))


def manifest(name: str, found: Sequence[Package], url_of: UrlOf, version: str = "") -> dict[str, Any]:
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
    told |= {**kind, "InstallerType": TYPES[file.media_type]}
    return {**told, "InstallerLocale": file.language} if file.language else told


def _summary(name: str, found: Sequence[Package]) -> dict[str, Any]:
    versions = dict.fromkeys(each.file.release.version for each in found)
    told = {"PackageIdentifier": name, "PackageName": found[0].product.name, "Publisher": settings.VENDOR.name}
    return {**told, "Versions": [{"PackageVersion": version} for version in versions]}


def _tests(asked: Mapping[str, Any], part: str) -> Iterable[tuple[str, str, str]]:
    told = asked.get(part) or []
    if not isinstance(told, list):
        raise ValueError(f"{part} is no list")
    for each in told:
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
