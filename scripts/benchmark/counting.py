"""How many SQL statements a page needs, for customers of different sizes; a process of its own, inside the product.

Takes `{address with {number}: ...}` as JSON on standard input (see `Asked`), prints the counts as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """The addresses of one customer, the session cookie of a page and the token of the API."""

    cookie: str
    token: str
    pages: dict[str, str] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)


def count(asked: Asked, database_url: str) -> dict[str, int]:
    """The number of statements by the name of the address, with the restricted login."""
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "comptoir.settings"}
    command = [sys.executable, str(Path(__file__).resolve())]
    done = subprocess.run(command, input=json.dumps(asdict(asked)), capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"the counting broke: {done.stderr.strip()[-500:]}")
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _run(asked: Asked) -> dict[str, int]:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(headers={"host": "127.0.0.1"})
    browser.cookies[settings.SESSION_COOKIE_NAME] = asked.cookie
    program = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {asked.token}"})
    found = {}
    for client, addresses in ((browser, asked.pages), (program, asked.operations)):
        for name, address in addresses.items():
            client.get(address)  # the first one fills what is kept between requests
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}")
            found[name] = len(queries)
    return found


if __name__ == "__main__":
    print(json.dumps(_run(Asked(**json.load(sys.stdin)))))
