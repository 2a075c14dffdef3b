"""`comptoir web`: the pages and the API, served by granian."""

import gc
import ipaddress
import os
import socket
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from comptoir.kernel.lifeline import end_with_parent
from comptoir.kernel.safety import refuse_unsafe_start

GRACE_SECONDS = 30
# Granian would write to standard output; its records go the way of all others.
LOGS = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


class Command(BaseCommand):
    """Serve until SIGTERM; requests that run are finished first."""

    help = "Serve the pages and the API until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and with how many hands."""
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", default=os.environ.get("COMPTOIR_PORT", "8000"), help="default COMPTOIR_PORT or 8000")
        parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
        parser.add_argument("--threads", type=int, default=4, help="threads in each process (default 4)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check that the start is safe and the port is free, then serve."""
        host, port = _host(options["host"]), _port(options["port"])
        for name in ("workers", "threads"):
            if options[name] < 1:
                raise CommandError(f"--{name} takes 1 or more")
        refuse_unsafe_start()
        _refuse_busy(host, port)
        # Loaded before the worker processes fork: a mistake in the code shows once, and they share the memory.
        gc.disable()
        import_module(settings.ROOT_URLCONF)
        import_module("comptoir.wsgi")
        server = Granian(
            "comptoir.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=options["threads"],
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE_SECONDS,
            log_level=LogLevels.warning,
            log_dictconfig=LOGS,
        )
        # The worker processes are forks of this one: no connection may be shared, and none may outlive it.
        connections.close_all()
        # What was loaded stays until the end: looking through it for garbage costs a large page half of its time.
        # Looking through it now would take a tenth of the start, and leave holes in the memory that the processes share.
        gc.freeze()
        gc.enable()
        parent = os.getpid()
        os.register_at_fork(after_in_child=lambda: end_with_parent(parent))
        server.serve()


def _host(given: str) -> str:
    try:
        address = ipaddress.ip_address("127.0.0.1" if given == "localhost" else given)
    except ValueError:
        raise CommandError(f"--host takes an IP address such as 127.0.0.1, not {given!r}") from None
    if settings.SANDBOX and not address.is_loopback:
        raise CommandError(
            f"the sandbox signs anybody in, so it listens on this machine only and not on {address}; "
            "for other people to reach it, set COMPTOIR_MODE=production"
        )
    return str(address)


def _port(given: str) -> int:
    if given.isdigit() and 0 < int(given) < 65_536:
        return int(given)
    raise CommandError(f"--port (or COMPTOIR_PORT) takes a number from 1 to 65535, not {given!r}")


def _refuse_busy(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} of {host} cannot be used ({error.strerror}); choose another with --port or COMPTOIR_PORT"
            ) from None
