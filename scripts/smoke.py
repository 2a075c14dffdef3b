"""A look at a running `make run`, from outside: ready, a page, a sign-in link, and nothing left when it is ended.

Called with the process id of `make run` and the file that its standard output goes to.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import signal
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from comptoir.environment import home
from comptoir.kernel.local_postgres.place import place_of

READY_SECONDS = 300
END_SECONDS = 60


def main(pid: int, output: Path) -> int:
    """Look, end it, look for what is left. Raises SystemExit with the sentence of what is wrong."""
    printed = _printed(pid, output)
    address = re.search(r"http://127\.0\.0\.1:\d+", printed)
    links = re.findall(r"http://127\.0\.0\.1:\d+/\S+", printed)
    if address is None or not links:
        raise SystemExit(f"make run printed no address or no sign-in link:\n{printed}")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    for what, url in (("readyz", f"{address[0]}/readyz"), ("the first page", f"{address[0]}/"), ("a sign-in link", links[0])):
        with browser.open(url, timeout=30) as answer:
            body = answer.read()
            print(f"{what}: {answer.status}, {len(body)} bytes, {answer.url}")
    started = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGTERM)
    _wait_until_gone(pid)
    left = [process for process in started if process.is_running()] + _postgres_of_home()
    if left:
        raise SystemExit(f"make run left processes behind: {left}")
    print("make run ended and left nothing behind")
    return 0


def _printed(pid: int, output: Path) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        printed = output.read_text()
        # The links come last, in one write.
        if "Comptoir serves" in printed:
            time.sleep(0.5)
            return output.read_text()
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            raise SystemExit("make run ended before it served")
        time.sleep(0.2)
    raise SystemExit(f"make run did not serve within {READY_SECONDS} s")


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    raise SystemExit(f"make run did not end within {END_SECONDS} s")


def _postgres_of_home() -> list[psutil.Process]:
    root, found = place_of(home()).root, []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.info["name"].startswith("postgres") and Path(process.cwd()).is_relative_to(root):
                found.append(process)
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
