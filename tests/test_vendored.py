"""What was vendored is what the lock says: nobody edits a copy by hand."""

import hashlib
import json

from tests.database import CHECKOUT


def test_every_vendored_file_has_the_hash_of_the_lock() -> None:
    lock = json.loads((CHECKOUT / "frontend" / "vendor.lock").read_text())
    assert len(lock) > 50
    changed = [
        path for path, told in lock.items() if hashlib.sha256((CHECKOUT / path).read_bytes()).hexdigest() != told["sha256"]
    ]
    assert changed == []


def test_no_file_stands_among_the_vendored_that_the_lock_does_not_know() -> None:
    lock = json.loads((CHECKOUT / "frontend" / "vendor.lock").read_text())
    here = {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "comptoir/ui/static/vendor").rglob("*") if path.is_file()}
    assert here - set(lock) == set()
