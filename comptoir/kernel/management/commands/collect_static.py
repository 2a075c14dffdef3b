"""`comptoir collect-static`: style sheets, scripts and fonts, hashed and compressed, where `web` serves them from."""

import fcntl
import shutil
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from comptoir.environment import static_is_collected, static_root, static_stamp


class Command(BaseCommand):
    """Collect once per change, whoever asks first; the others wait for it."""

    help = "Collect the static files, hashed and compressed."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect and note of what; a kill in the middle leaves no note, so it is done again."""
        root = static_root(settings.COMPTOIR_HOME)
        root.parent.mkdir(parents=True, exist_ok=True)
        with (root.parent / "static.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if static_is_collected(settings.COMPTOIR_HOME):
                return
            stamp = static_stamp()
            shutil.rmtree(root, ignore_errors=True)
            call_command("collectstatic", interactive=False, verbosity=0)
            (root / "stamp").write_text(stamp)
