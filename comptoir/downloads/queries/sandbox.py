"""What the sandbox's releases lack."""

from ..models import Release, ReleaseFile

NEWEST = 3  # releases of each product that get files


def without_files() -> list[tuple[int, str, str]]:
    """The newest releases of each product that is installed and has no file at all: id, product, version."""
    having = ReleaseFile.objects.values("release__product_id")
    rows = Release.objects.filter(state=Release.State.PUBLISHED).exclude(product__kind="cloud").exclude(product__in=having)
    found: dict[str, list[tuple[int, str, str]]] = {}
    for pk, code, version in rows.order_by("-released_on", "-id").values_list("pk", "product__code", "version"):
        found.setdefault(code, []).append((pk, code, version))
    return [each for code in sorted(found) for each in found[code][:NEWEST]]
