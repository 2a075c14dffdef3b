"""`comptoir clock show|advance`: the business day."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.house import FURTHEST, move_clock, the_house
from comptoir.kernel.nightly import progress
from comptoir.kernel.refusals import tell


class Command(BaseCommand):
    """Show the business day, or move a sandbox's forward."""

    help = "Show the business day, or advance it (sandbox): forward only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and how far."""
        parser.add_argument("what", choices=["show", "advance"], help="show the day, or advance it")
        goal = parser.add_mutually_exclusive_group()
        goal.add_argument("--to", metavar="DATE", type=_day, help="advance to this day, such as 2027-04-10")
        goal.add_argument("--days", metavar="N", type=int, help="advance by so many days (1 if nothing is said)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show it as it is afterwards."""
        if options["what"] == "advance":
            self._advance(options["to"], options["days"])
        elif options["to"] is not None or options["days"] is not None:
            raise CommandError("show takes neither --to nor --days; `comptoir clock advance` does.", returncode=2)
        house = the_house()
        moves = settings.SANDBOX and house.business_day is not None
        if options["json"]:
            self.stdout.write(json.dumps({"business_day": business_day().isoformat(), "sandbox_clock": moves}))
        else:
            why = "the sandbox's clock" if moves else f"the calendar in {settings.BILLING_ZONE}"
            self.stdout.write(f"{business_day().isoformat()} ({why})")

    def _advance(self, to: date | None, days: int | None) -> None:
        before = business_day()
        days = 1 if days is None else days
        if to is None and not 0 < days <= FURTHEST.days:
            raise CommandError(f"--days takes a whole number from 1 to {FURTHEST.days}, not {days}.", returncode=2)
        try:
            move_clock(Actor.operator(), the_house(), to=to or before + timedelta(days=days))
        except Refused as refusal:
            raise CommandError(tell(refusal).sentence, returncode=1) from None
        while (how_far := progress()) is not None:
            self._work(how_far.to)
            if progress() == how_far:
                raise CommandError(f"the nights stopped on {business_day()}; `comptoir work` says why and goes on.", returncode=1)

    def _work(self, to: date) -> None:
        """Run the jobs in a worker of our own, which may share them with others, and tell meanwhile how far it is."""
        restricted = {"DATABASE_URL": os.environ["DATABASE_RESTRICTED_URL"], "COMPTOIR_PARENT": str(os.getpid())}
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"} | restricted
        worker = subprocess.Popen([sys.executable, "-m", "comptoir.command", "work", "--until-empty"], env=environment)
        shows = sys.stderr.isatty()
        while worker.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(timeout=1)
            if shows and (how_far := progress()) is not None:
                left = "" if how_far.seconds_left is None else f", about {how_far.seconds_left} s left"
                print(f"{how_far.days_done} of {how_far.days} days, until {to}{left}", file=sys.stderr, flush=True)
        if worker.returncode != 0:
            raise CommandError("the worker for the nights ended with an error.", returncode=1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as 2027-04-10") from None
