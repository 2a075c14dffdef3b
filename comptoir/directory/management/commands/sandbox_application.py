"""`comptoir sandbox-application`: the demo's product can sign people in, so that a program can be tried against it."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import the_house

from ...actions import register_application
from ...queries import application_called, products

CLIENT_ID = "comptoir-demo"
PRODUCT = "SCLT"


class Command(BaseCommand):
    """Register the demo's application, under a name that stays; nothing where it is there."""

    help = "Register an application of the demo's product, that a program can sign in with (sandbox)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Public, on people's own machines, with the device flow."""
        if not settings.SANDBOX:
            raise CommandError("the demo's application is for a sandbox; COMPTOIR_MODE=sandbox has it.")
        if application_called(CLIENT_ID) is not None or PRODUCT not in dict(products()):
            return
        register_application(
            Actor.operator(),
            the_house(),
            product=PRODUCT,
            name="Sculpt LT",
            addresses=["http://127.0.0.1/callback", "http://[::1]/callback"],
            farewells=["http://127.0.0.1/goodbye"],
            public=True,
            device_flow=True,
            trusted=False,
            secret=make_password(secrets.token_urlsafe()),  # nobody's: a public one has none
            on=business_day(),
            client_id=CLIENT_ID,
        )
