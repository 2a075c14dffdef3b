"""`scripts/manage.py licence_keys list|next|withdraw|reseal`: the keys that licence files are signed with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comptoir.entitlements.actions.signing import reseal_signing_keys, rotate_signing_key, withdraw_signing_key
from comptoir.entitlements.queries.signing import keys_told
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell


class Command(BaseCommand):
    """List the keys, make the next one, withdraw one, or seal all of them anew."""

    help = "The keys that licence files are signed with: list them, make the next, withdraw one, seal them anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and with which key."""
        parser.add_argument("what", choices=["list", "next", "withdraw", "reseal"])
        parser.add_argument("kid", nargs="?", help="the key that is withdrawn")
        parser.add_argument("--reason", default="", help="why it is withdrawn")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and print the keys."""
        what, kid = options["what"], options["kid"] or ""
        if (what == "withdraw") != bool(kid):
            raise CommandError("withdraw takes the id of a key, and nothing else does.", returncode=2)
        operator = Actor.operator()
        try:
            if what == "next":
                rotate_signing_key(operator, the_house())
            elif what == "withdraw":
                withdraw_signing_key(operator, the_house(), kid=kid, reason=options["reason"])
            elif what == "reseal":
                reseal_signing_keys(operator, the_house())
        except Refused as refusal:
            said = tell(refusal)
            raise CommandError(" ".join(filter(None, [said.sentence, said.next_step])), returncode=1) from None
        self._print()

    def _print(self) -> None:
        for key in reversed(keys_told(now())):
            self.stdout.write(f"{key.kid}  {key.state}  from {key.signs_from:%Y-%m-%d %H:%M} UTC  {key.because}".rstrip())
