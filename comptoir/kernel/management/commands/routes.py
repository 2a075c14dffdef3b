"""`comptoir routes`: every address with its permission."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from comptoir.kernel.routes import routes


class Command(BaseCommand):
    """List the pages and the API's operations: path, method, name, permission."""

    help = "List every address with its method, its name and the permission that it takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As a table, or as JSON."""
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each."""
        found = routes()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(route) for route in found], indent=1))
            return
        width = max(len(route.path) for route in found)
        for route in found:
            self.stdout.write(f"{route.method:<6} {route.path:<{width}}  {route.permission:<20} {route.name}")
