"""`comptoir resume`: a restored copy goes to work."""

from typing import Any

from django.core.management.base import BaseCommand

from comptoir.kernel.pause import clear_paused


class Command(BaseCommand):
    """End the pause that `comptoir restore` set."""

    help = "Let a restored copy charge, mail and call again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Clear the pause and say whether there was one."""
        self.stdout.write("Resumed: jobs, mail and charges run again." if clear_paused() else "It was not paused.")
