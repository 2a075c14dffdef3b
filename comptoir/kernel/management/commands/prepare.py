"""`comptoir prepare`, hidden: everything that `make run` needs done before it serves, in one start of Django."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, import the demo into an empty database, print the sandbox's sign-in links."""

    help = "Migrate, import the demo into an empty database, print the sandbox's sign-in links."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the demo lies."""
        parser.add_argument("--demo", type=Path, required=True, metavar="DIR", help="an export of an old centre")

    def handle(self, *args: Any, **options: Any) -> None:
        """Only the links go to standard output."""
        call_command("migrate", verbosity=0)
        # By name, since the kernel knows no context above it.
        customers = apps.get_model("organisations", "Organisation").objects
        if not customers.exists():
            print("Importing the demo ...", file=sys.stderr, flush=True)
            call_command("import_legacy", str(options["demo"]), stdout=sys.stderr)
        if not apps.get_model("catalogue", "Terms").objects.exists():
            call_command("sandbox_catalogue")
        if not apps.get_model("downloads", "ReleaseFile").objects.exists():
            call_command("sandbox_releases")
        call_command("sandbox_application")
        call_command("sandbox_staff")
        call_command("sandbox_customer")
        call_command("sandbox_links", stdout=self.stdout)
