"""Applications for tests."""

from django.contrib.auth.hashers import make_password

from comptoir.directory.actions import register_application
from comptoir.directory.models import Application
from comptoir.kernel.actor import Actor
from comptoir.kernel.house import the_house
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY


def registered(secret: str = "", **instead: object) -> Application:
    """An application of Sculpt LT: public, on somebody's machine, with the device flow."""
    told = {
        "product": "SCLT",
        "name": "Sculpt LT",
        "addresses": ["http://127.0.0.1/callback"],
        "farewells": [],
        "public": True,
        "device_flow": True,
        "trusted": False,
        "secret": make_password(secret) if secret else "argon2$of nobody",
        **instead,
    }
    with wall_opened(house=True):
        return register_application(Actor.operator(), the_house(), **told, on=TODAY)
