"""`comptoir verify`: everything that must be true, recomputed from the rows."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comptoir.kernel.verifying import verify


class Command(BaseCommand):
    """Recompute every invariant and tell what differs; status 1 if anything does. It changes nothing."""

    help = "Recompute every figure from the rows and tell what differs (status 1 if anything does)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As a table, or as JSON; with every byte of the files, or a sample."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--whole", action="store_true", help="read every byte of the files, not a sample")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all checks; one that fails does not keep the others from running."""
        verdicts = verify(whole=options["whole"])
        violations = sum(verdict.violations for verdict in verdicts)
        if options["json"]:
            checks = [
                {"name": verdict.name, "violations": verdict.violations, "examples": list(verdict.examples)}
                for verdict in verdicts
            ]
            self.stdout.write(json.dumps({"violations": violations, "checks": checks}, ensure_ascii=False, indent=1))
        else:
            for verdict in verdicts:
                self.stdout.write(f"{'ok' if not verdict.violations else verdict.violations:>6}  {verdict.sentence}")
                for example in verdict.examples:
                    self.stdout.write(f"          {example}")
        if violations:
            raise CommandError(f"{violations:,} violations in {len(verdicts)} checks.", returncode=1)
        if not options["json"]:
            self.stdout.write(f"0 violations in {len(verdicts)} checks.")
