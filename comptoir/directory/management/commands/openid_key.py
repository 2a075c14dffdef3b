"""`comptoir openid-key`: the keys that sign ID tokens, and putting a new one first."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ...adapters.keys import kept_at, named, rotated

PUBLISHED = 2


class Command(BaseCommand):
    """List the keys by the names that ID tokens give them, or rotate them."""

    help = "List the keys that sign ID tokens, or put a new one first; the one before it stays published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("what", choices=["list", "rotate"], help="list them, or put a new one first")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """The first one signs. What was signed with one that is no longer published can't be checked any more."""
        pems = settings.OPENID_KEYS
        if options["what"] == "rotate":
            if not kept_at().exists() or pems[0].strip() not in kept_at().read_text():
                raise CommandError(
                    "the keys come from COMPTOIR_OPENID_KEYS: put a new one before the others there, and restart.", returncode=2
                )
            pems = rotated(pems, keep=PUBLISHED)
            self.stderr.write(f"A new key stands first in {kept_at()}. Restart web: then it signs.")
        if options["json"]:
            self.stdout.write(json.dumps([{"kid": named(pem), "signs": not place} for place, pem in enumerate(pems)], indent=1))
            return
        for place, pem in enumerate(pems):
            self.stdout.write(f"{named(pem)}  {'published' if place else 'signs'}")
