"""Signed licence files and leases: a row of each, and what the database must not let pass."""

from datetime import date, timedelta

from comptoir.entitlements.models import FileNumber, SigningKey
from comptoir.kernel.clock import now
from tests.cast import Cast
from tests.staying import Copy, copy

# constraint -> statements, of which the last one breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    "entitlements_filenumber_number_key": [copy("entitlements_filenumber")],
    "entitlements_signingkey_kid_key": [copy("entitlements_signingkey")],
    "file_ends_after_it_was_issued": ["UPDATE entitlements_filenumber SET ends_at = issued_at"],
    "key_is_made_before_it_signs": ["UPDATE entitlements_signingkey SET signs_from = made_at - interval '1 second'"],
    "key_is_withdrawn_with_a_reason": ["UPDATE entitlements_signingkey SET withdrawn_at = now()"],
}


def one_row_each(cast: Cast, day: date) -> None:
    """A key, and the number of a file."""
    at = now()
    key = SigningKey.objects.create(kid="k", public="x", private="x", made_at=at, signs_from=at)
    FileNumber.objects.create(number="n", key=key, issued_at=at, ends_at=at + timedelta(days=30))
