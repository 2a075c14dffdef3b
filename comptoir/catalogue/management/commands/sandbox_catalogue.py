"""`comptoir sandbox-catalogue`: texts, promotions and terms of sale for the demo's made-up products."""

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comptoir.catalogue.actions import fill_sandbox_catalogue
from comptoir.kernel.actor import Actor
from comptoir.kernel.house import the_house

KEPT_IN = Path(__file__).resolve().parent.parent / "sandbox_catalogue.toml"


class Command(BaseCommand):
    """Fill the catalogue of a sandbox; what is there already stays as it is."""

    help = "Give the demo's products their texts, promotions and terms of sale (sandbox)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file that lies beside this command, and add what is missing."""
        if not settings.SANDBOX:
            raise CommandError("the demo's texts are for a sandbox; COMPTOIR_MODE=sandbox has them.")
        with KEPT_IN.open("rb") as file:
            told = tomllib.load(file)
        fill_sandbox_catalogue(Actor.operator(), the_house(), **told)
