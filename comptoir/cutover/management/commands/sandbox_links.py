"""`comptoir sandbox-links`: one click and one is somebody of the sandbox."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from comptoir.cutover.queries import people_to_try, staff_to_try
from comptoir.identity.views import sandbox_ticket


class Command(BaseCommand):
    """Sign-in links for a handful of people with different roles; a sandbox only."""

    help = "Print one-click sign-in links for a handful of the sandbox's people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As a table, or as JSON."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name, role, customer, link."""
        if not settings.SANDBOX:
            raise CommandError("nobody is signed in by a link in production; COMPTOIR_MODE=sandbox has them.")
        people = [*people_to_try(), *staff_to_try(settings.VENDOR.name)]
        links = [settings.BASE_URL + reverse("sandbox_sign_in", args=[sandbox_ticket(one.person_id)]) for one in people]
        if options["json"]:
            rows = [{**asdict(one), "link": link} for one, link in zip(people, links, strict=True)]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        if not people:
            self.stdout.write("Nobody is here yet: `comptoir import-legacy demo` brings people.")
        for one, link in zip(people, links, strict=True):
            role = one.role.replace("_", " ") or "several customers"
            self.stdout.write(f"  {one.name}, {role} of {one.customer} ({one.language})\n    {link}")
