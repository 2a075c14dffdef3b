"""Compile every django.po below comptoir/ into the django.mo beside it; only what changed."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

CHECKOUT = Path(__file__).resolve().parent.parent


def compiled(po: Path) -> bool:
    """Compile one catalogue if it is newer than what was compiled from it. Raises PoFileError where it is not readable."""
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
        return False
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
    draft = mo.with_suffix(".mo.unfinished")
    with draft.open("wb") as target:
        write_mo(target, catalogue)
    draft.replace(mo)
    return True


def main() -> int:
    """Compile all; a catalogue with a mistake is named, and the status is 1."""
    status = 0
    for po in sorted(CHECKOUT.glob("comptoir/*/locale/*/LC_MESSAGES/django.po")):
        try:
            compiled(po)
        except PoFileError as mistake:
            print(f"{po.relative_to(CHECKOUT)}: {mistake}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
