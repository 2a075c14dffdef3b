"""`comptoir seed`: made-up customers, the same ones for the same arguments."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from comptoir.cutover.actions.seeding import AlreadySeeded, seed_world
from comptoir.cutover.queries import Sown, sown
from comptoir.cutover.rules.made_up import World
from comptoir.identity.views import sandbox_ticket
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import tell_planner
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import the_house

SHOWN = 10  # customers, on a terminal


class Command(BaseCommand):
    """Add made-up customers; another seed adds others."""

    help = "Fill the database with made-up customers. The same arguments give the same rows; another seed adds more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many of what, and from which seed."""
        parser.add_argument("--customers", type=int, default=3, metavar="N", help="default 3")
        parser.add_argument("--people", type=int, default=60, metavar="N", help="over all customers; default 60")
        parser.add_argument("--subscriptions", type=int, default=120, metavar="N", help="over all customers; default 120")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="which rows; default 1")
        parser.add_argument("--due-in", type=int, metavar="DAYS", help="every subscription renews by itself in so many days")
        parser.add_argument("--password", default="", help="of each customer's manager; nobody else has one")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, let the planner know, say who can sign in."""
        world = World(options["customers"], options["people"], options["subscriptions"], options["seed"], options["due_in"])
        if fault := world.fault():
            raise CommandError(fault, returncode=2)
        with _bar() as bar:
            task = bar.add_task("seeding", total=world.customers)
            try:
                seed_world(
                    Actor.operator(),
                    the_house(),
                    world=world,
                    on=business_day(),
                    password=options["password"],
                    progress=lambda number: bar.update(task, advance=1, description=number),
                )
            except AlreadySeeded:
                sentence = f"seed {world.seed} was sown here before, as customer {world.number_of(0)}: choose another --seed."
                raise CommandError(sentence, returncode=1) from None
        # the planner must not go by the sizes of before, and figures are told from indexes of pages known to be clean
        tell_planner(vacuum=True)
        self._tell(sown(world), as_json=options["json"])

    def _tell(self, found: Sown, *, as_json: bool) -> None:
        links = [_link(customer.manager_id) for customer in found.customers]
        if as_json:
            report = asdict(found)
            for customer, link in zip(report["customers"], links, strict=True):
                customer |= {"link": link}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.rows.items())
        self.stdout.write(f"Seeded: {counts}.")
        for customer, link in list(zip(found.customers, links, strict=True))[:SHOWN]:
            self.stdout.write(f"  {customer.number} {customer.name}: {customer.manager}")
            if link:
                self.stdout.write(f"    {link}")
        if len(links) > SHOWN:
            self.stdout.write(f"  ... and {len(links) - SHOWN:,} more; --json lists them all.")


def _link(person_id: int) -> str:
    return settings.BASE_URL + reverse("sandbox_sign_in", args=[sandbox_ticket(person_id)]) if settings.SANDBOX else ""


def _bar() -> Progress:
    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
