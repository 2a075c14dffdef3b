"""`comptoir failpoints`: where a test can make the program die, fail or stall."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from comptoir.kernel.failpoints import POINTS


class Command(BaseCommand):
    """List the fail points by name, with what has happened when one is reached."""

    help = "List the places where COMPTOIR_FAILPOINT=name:kill|raise|sleep5 makes a sandbox fail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As a table, or as JSON."""
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each."""
        if options["json"]:
            self.stdout.write(json.dumps([{"name": name, "meaning": meaning} for name, meaning in POINTS.items()], indent=1))
            return
        width = max(map(len, POINTS))
        for name, meaning in POINTS.items():
            self.stdout.write(f"{name:<{width}}  {meaning}")
