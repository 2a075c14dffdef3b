"""`make test`: every test. Those that drive a browser run beside the others, which leave them the machine where they want it.

A browser waits more than it works: one after the other, both would leave half a core idle.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# one more than there are cores: many tests wait for a process, a server's start or a kill, which left a quarter of them idle
OTHERS = ["-n", "3", "--dist", "loadscope", "--no-loadscope-reorder", "-m", "not browser"]
YIELDING = 5  # how much the others stand back


def main() -> int:
    """Run both; what the browser's said comes last, then one line about all. The status is that of the worse run."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        beside = _pytest(["-m", "browser", *_with_a_browser()], stdout=said)
        others = _pytest(OTHERS, stdout=subprocess.PIPE, preexec_fn=_yield)
        assert others.stdout is not None
        lines = []
        try:
            for line in others.stdout:
                lines.append(line)
                print(line, end="", flush=True)
            statuses = [others.wait(), beside.wait()]
        finally:
            for run in (others, beside):
                run.terminate()
                run.wait()
        said.seek(0)
        print(text := said.read(), end="")
    print(summary("".join(lines) + text, time.monotonic() - started))
    return max(map(abs, statuses))


def summary(told: str, seconds: float) -> str:
    """The last lines of several runs in one: `1 failed, 12 passed in 3.00s`."""
    counts: Counter[str] = Counter()
    for line in re.findall(r"^(?:=+ )?(\d+ \w+.*) in \d+(?:\.\d+)?s\b", told, re.MULTILINE):
        counts.update({word: int(number) for number, word in re.findall(r"(\d+) (\w+)", line)})
    named = [f"{counts[word]} {word}" for word in ("failed", "passed", "skipped", "errors", "error") if counts[word]]
    return f"{', '.join(named) or 'no tests ran'} in {seconds:.2f}s"


def _with_a_browser() -> list[str]:
    """The files that hold such tests: only they are loaded."""
    places = (CHECKOUT / "tests", CHECKOUT / "comptoir")
    return sorted(str(path) for place in places for path in place.rglob("test_*.py") if "mark.browser" in path.read_text())


def _pytest(arguments: list[str], **more: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", *arguments]
    told = {"cwd": CHECKOUT, "env": _compiled_once(os.environ), "stderr": subprocess.STDOUT, "text": True, **more}
    return subprocess.Popen(command, **told)  # type: ignore[call-overload,no-any-return]


def _compiled_once(environment: Mapping[str, str]) -> dict[str, str]:
    """Where Python is told to write no bytecode each of these processes would compile all tests and their tools anew.

    It lies beside the sources, as what set-up compiles does.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _yield() -> None:
    os.nice(YIELDING)


if __name__ == "__main__":
    sys.exit(main())
