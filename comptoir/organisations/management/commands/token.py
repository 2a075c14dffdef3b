"""`comptoir token create`: a program gets a key, never wider than the person whom it acts as."""

import difflib
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.refusals import tell
from comptoir.organisations.actions import Secret, create_token
from comptoir.organisations.models import Membership, Organisation
from comptoir.permissions import SCOPES


class Command(BaseCommand):
    """Make an access token of one member of one customer; its secret is shown this once."""

    help = "Make a token for the API. It acts as one member of one customer, never beyond that member's roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose it is, and how far it goes."""
        parser.add_argument("what", choices=["create"], help="make a token")
        parser.add_argument("--customer", metavar="NUMBER", required=True, help="the customer's number")
        parser.add_argument("--email", required=True, help="the member as whom the program acts")
        parser.add_argument("--name", required=True, help="what people call the token, such as the program's name")
        parser.add_argument(
            "--scope", action="append", metavar="SCOPE", help=f"once or more; all of them if not given: {', '.join(SCOPES)}"
        )
        parser.add_argument("--days", metavar="N", type=int, help="how long it lasts; until it is revoked if not given")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Only the secret's digest is kept, so it is printed here or never."""
        member = _member(options["customer"].strip(), options["email"].strip())
        secret, scopes = Secret(), options["scope"] or SCOPES
        kept = {"digest": secret.digest, "hint": secret.hint}
        try:
            token = create_token(Actor.operator(), member, name=options["name"], scopes=scopes, days=options["days"], **kept)
        except Refused as refusal:
            told = tell(refusal)
            raise CommandError(" ".join(filter(None, [told.sentence, told.next_step])), returncode=2) from None
        expires = token.expires_at.isoformat(timespec="seconds") if token.expires_at else None
        if options["json"]:
            shown = {"token": secret.text, "name": token.name, "customer": options["customer"], "email": member.email}
            self.stdout.write(json.dumps({**shown, "scopes": token.scopes, "expires_at": expires}, ensure_ascii=False, indent=1))
            return
        self.stdout.write(secret.text)
        self.stderr.write(f"It acts as {member.name} and is not shown again. Expires: {expires or 'when it is revoked'}.")


def _member(number: str, email: str) -> Membership:
    customer = Organisation.objects.filter(number=number).first()
    if customer is None:
        near = difflib.get_close_matches(number, Organisation.objects.values_list("number", flat=True)[:10_000], n=1)
        raise CommandError(f"there is no customer {number!r}{f'; did you mean {near[0]}?' if near else '.'}", returncode=2)
    member = Membership.objects.filter(organisation=customer, person__email__iexact=email).first()
    if member is None:
        raise CommandError(f"nobody with the e-mail {email!r} belongs to {customer.name} ({number}).", returncode=2)
    return member
