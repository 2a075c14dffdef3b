"""Reads of findings: where a provider's books and ours differ, and what would put it right."""

from collections.abc import Iterable, Mapping

from ..models import Finding
from ..rules.books import Entry, Remedy, remedy

AGREES, TAKEN_OFF, GIVEN_BACK, REFUSED = "agrees", "taken_off", "given_back", "refused_by_provider"
OURS = "finding_"  # how the references of refunds begin that were asked for because of a finding


def remedy_of(row: Finding) -> Remedy:
    """What would put a finding right; nothing for a refund, and where the currencies may differ."""
    if row.what != "charge":
        return Remedy()
    ours = None if row.ours_minor is None else (row.ours_minor, row.ours_state)
    theirs = None if row.theirs_minor is None else (row.theirs_minor, row.theirs_state)
    return remedy(ours, theirs)


def reference_of(row: Finding) -> str:
    """The key that makes the refund of a finding happen once."""
    return f"{OURS}{row.pk}"


def refunds_of_findings(references: Iterable[str]) -> Mapping[tuple[str, str], Entry]:
    """What a provider should know of refunds that were asked for because of findings, among these references."""
    ids = [int(each.removeprefix(OURS)) for each in references if each.startswith(OURS) and each.removeprefix(OURS).isdecimal()]
    rows = Finding.objects.filter(pk__in=ids, answer=GIVEN_BACK)
    entries = [Entry("refund", reference_of(row), "", remedy_of(row).give_back, row.currency, "succeeded") for row in rows]
    return {(entry.kind, entry.reference): entry for entry in entries}
