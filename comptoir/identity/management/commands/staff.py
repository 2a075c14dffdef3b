"""`comptoir staff add|end|list`: who works at the vendor's desk."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comptoir.identity.actions import end_staff_role, give_staff_role
from comptoir.identity.models import StaffRole
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import STAFF_ROLES

ROLES = sorted(role.value for role in STAFF_ROLES)


class Command(BaseCommand):
    """Give somebody a role at the desk, end it, or list who has one."""

    help = "Give somebody a role at the vendor's desk, end it, or list who has one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and what they do."""
        parser.add_argument("what", choices=["add", "end", "list"], help="give a role, end it, or list all")
        parser.add_argument("email", nargs="?", help="the address that they sign in with")
        parser.add_argument("role", nargs="?", choices=ROLES, help="what they do")
        parser.add_argument("--name", default="", help="first and last name, for somebody who has no sign-in yet")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and print who has which role now."""
        email, role = (options["email"] or "").strip(), options["role"]
        if options["what"] != "list":
            if not email or not role:
                raise CommandError(f"{options['what']} takes an e-mail and a role: {', '.join(ROLES)}.", returncode=2)
            try:
                if options["what"] == "add":
                    told = {"email": email, "name": options["name"], "role": role}
                    give_staff_role(Actor.operator(), the_house(), **told, on=business_day())
                else:
                    end_staff_role(Actor.operator(), the_house(), email=email, role=role, on=business_day())
            except Refused as refusal:
                said = tell(refusal)
                raise CommandError(" ".join(filter(None, [said.sentence, said.next_step])), returncode=1) from None
        held = StaffRole.objects.filter(ended_on=None).select_related("person").order_by("person__email", "role")
        rows = [{"email": each.person.email, "name": each.name, "role": each.role, "since": each.given_on} for each in held]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
            return
        for row in rows:
            self.stdout.write(f"{row['email']}  {row['role']}  {row['name']}, since {row['since']}")
