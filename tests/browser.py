"""The house as people meet it: a real browser, real web and worker processes, the imported demo.

Pictures of the story go to docs/pictures when COMPTOIR_PICTURES is set (`make pictures`), else to a temporary folder.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.database import CHECKOUT, RUN, SERVER, named

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
COMPTOIR = Path(sys.executable).with_name("comptoir")


@dataclass(frozen=True)
class House:
    """A running house: where it answers, and its database."""

    url: str
    owner_url: str
    app_url: str


def browser_or_skip() -> None:
    """Without Chromium say so and skip; in CI that is a failure."""
    if Path(CHROMIUM).exists():
        return
    reason = "no chromium on this machine: `apt-get install chromium`, or run `make setup-dev` as root"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_house(name: str, home: Path) -> Iterator[House]:
    """Import the demo into a database of its own and serve it, with one worker, until the block ends."""
    SERVER.clone(name)
    owner, app, port = named(SERVER.owner, name), named(SERVER.app, name), _free_port()
    environment = {**os.environ, "COMPTOIR_HOME": str(home), "COMPTOIR_URL": f"http://127.0.0.1:{port}", "CI": ""}
    environment.pop("COMPTOIR_FAILPOINT", None)
    as_owner = {**environment, "DATABASE_OWNER_URL": owner, "DATABASE_URL": app}
    subprocess.run([COMPTOIR, "import-legacy", "demo"], cwd=CHECKOUT, env=as_owner, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([COMPTOIR, "sandbox-catalogue"], cwd=CHECKOUT, env=as_owner, check=True)
    subprocess.run([COMPTOIR, "sandbox-staff"], cwd=CHECKOUT, env=as_owner, check=True)
    serve = {**environment, "DATABASE_URL": app}
    log = (home / "house.log").open("w")
    running = [
        subprocess.Popen(
            [COMPTOIR, "web", "--port", str(port), "--workers", "1"], cwd=CHECKOUT, env=serve, stdout=log, stderr=log
        ),
        subprocess.Popen([COMPTOIR, "work"], cwd=CHECKOUT, env=serve, stdout=log, stderr=log),
    ]
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", home / "house.log")
        yield House(f"http://127.0.0.1:{port}", owner, app)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)
        log.close()
        SERVER.drop(name)


def pictures(fallback: Path) -> Path:
    """Where the pictures of this run go."""
    if not os.environ.get("COMPTOIR_PICTURES"):
        return fallback
    folder = CHECKOUT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def name_of_house() -> str:
    """The name of the story's database."""
    return f"{RUN}_house"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the house did not get ready:\n{log.read_text()[-3000:]}")
