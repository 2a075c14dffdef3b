"""`comptoir sandbox-staff`, hidden: made-up people of the vendor's, so that the desk can be tried."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comptoir.identity.actions import give_staff_role
from comptoir.identity.models import StaffRole
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import the_house
from comptoir.permissions import Role

# two of finance: what one asks for over the limit, the other one decides
PEOPLE = (
    ("Fiona Lenoir", Role.FINANCE),
    ("Noah Vidal", Role.FINANCE),
    ("Karl Lang", Role.CATALOGUE),
    ("Ada Sommer", Role.ADMINISTRATOR),
)


class Command(BaseCommand):
    """Add them where nobody works at the desk yet."""

    help = "Let made-up people work at the desk of a sandbox."

    def handle(self, *args: Any, **options: Any) -> None:
        """Each with a role; their links are among those of `comptoir sandbox-links`."""
        if not settings.SANDBOX:
            raise CommandError("made-up staff is for a sandbox; `comptoir staff add` gives real people their roles.")
        if StaffRole.objects.exists():
            return
        domain = settings.VENDOR.email.rpartition("@")[2]
        for name, role in PEOPLE:
            email = f"{name.lower().replace(' ', '.')}@{domain}"
            give_staff_role(Actor.operator(), the_house(), email=email, name=name, role=role.value, on=business_day())
