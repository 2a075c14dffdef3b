"""`make deep`: every test at full depth, on every PostgreSQL version that this machine has; docs/deep.md says what came of it.

`scripts/deep.py kills pages` runs these parts alone. What a part last came to is kept, so that the table is always whole.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmark.report import machine

from comptoir.environment import home
from comptoir.kernel.failpoints import POINTS
from comptoir.kernel.local_postgres.binaries import Binaries, every_server

CHECKOUT = Path(__file__).resolve().parent.parent
TABLE = CHECKOUT / "docs" / "deep.md"
# a part, and what stands in the files that it is made of, or with _ in their names; a file is of the first part that it fits
PARTS = {
    "calls": ("schemathesis",),
    "pages": ("test_every_page.py",),
    "browser": ("mark.browser",),
    "verbs": ("test_verbs",),
    "kills": ("_surviv", "_killed", "visited(", "forked(", " = work("),
    "examples": ("hypothesis",),
    "others": ("",),
}
MEANING = {
    "calls": "The API as its document says it, called 100 times for each operation (20 in `make test`).",
    "pages": "Every page that somebody can open, in English and French, light and dark, 1,440 and 360 pixels wide: axe finds "
    "nothing, nothing is wider than the screen, the browser complains of nothing. "
    "In a world with one row of each kind, and where they can be opened there, among the rows of the demo.",
    "browser": "The stories of people in a browser, as in `make test`.",
    "verbs": "Every verb that can be called without a provider, a bank or a night, killed with -9 at each of the four points of "
    "the door (eight verbs at one of them in `make test`), broken off, and sent twice: nothing is left, nothing is done twice.",
    "kills": "People's clicks and workers killed with -9 at the fail points of what they do, and clicked or started again; "
    "workers and PostgreSQL killed at random in a night of 400 renewals.",
    "examples": "What Hypothesis tries: 1,000 examples of each rule, two years of a subscription 600 times, up to 300 examples "
    "where there is a database or are threads.",
    "others": "All others, as in `make test`.",
}
HEAD = ["PostgreSQL", "part", "when (UTC)", "commit", "passed", "failed", "skipped", "seconds", "load", "counted"]


@dataclass(frozen=True)
class Result:
    """What one part came to on one version of PostgreSQL; `load` is the machine's over the last quarter of an hour."""

    postgresql: str
    part: str
    at: str
    commit: str
    passed: int
    failed: int
    skipped: int
    seconds: int
    load: float
    counted: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)  # fail points at which nothing was killed

    def cells(self) -> list[str]:
        """The line of the table."""
        told = [f"{number:,} {noun}" for noun, number in self.counted.items()]
        told += [f"NOT KILLED AT {', '.join(self.missed)}"] if self.missed else []
        counts = [f"{number:,}" for number in (self.passed, self.failed, self.skipped, self.seconds)]
        return [self.postgresql, self.part, self.at, self.commit, *counts, f"{self.load:.1f}", ", ".join(told)]


def main(wanted: list[str]) -> int:
    """Run the parts once for each version and write the table; 1 if anything failed."""
    if unknown := set(wanted) - set(PARTS):
        print(f"deep: there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    files, kept, good = files_of_parts(), home() / "deep", True
    kept.mkdir(parents=True, exist_ok=True)
    for binaries in every_server():
        for part in wanted or PARTS:
            print(f"\n== PostgreSQL {binaries.major} ({binaries.directory}): {part} ==", flush=True)
            result = ran(part, files[part], binaries, kept)
            (kept / f"{binaries.major}-{part}.json").write_text(json.dumps(asdict(result)))
            good = good and not result.failed and not result.missed
    results = [Result(**json.loads(path.read_text())) for path in sorted(kept.glob("*.json"))]
    TABLE.write_text(as_page(results))
    print("\n".join(" ".join(result.cells()) for result in results))
    return 0 if good else 1


def files_of_parts() -> dict[str, list[str]]:
    """Every test file in one part."""
    found: dict[str, list[str]] = {part: [] for part in PARTS}
    for path in sorted(path for place in ("tests", "comptoir") for path in (CHECKOUT / place).rglob("test_*.py")):
        text, name = path.read_text(), path.name
        fits = {part: any(mark in (name if "_" in mark else text) for mark in marks) for part, marks in PARTS.items()}
        part = next(part for part in PARTS if fits[part])
        found[part].append(str(path.relative_to(CHECKOUT)))
    return found


def ran(part: str, files: list[str], binaries: Binaries, kept: Path) -> Result:
    """Run the tests of a part on that version."""
    label, began, at = f"{binaries.major}-{part}", time.monotonic(), datetime.now(UTC)
    report, killed = kept / f"{label}.xml", kept / f"{label}.killed"
    report.unlink(missing_ok=True)
    killed.write_text("")
    place = Path(os.environ.get("COMPTOIR_TEST_HOME") or home() / "test")
    told = {"COMPTOIR_DEEP": "1", "COMPTOIR_PG_BIN": str(binaries.directory), "COMPTOIR_KILLED": str(killed)}
    told["COMPTOIR_TEST_HOME"] = f"{place}-{binaries.major}"
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", "-o", "junit_family=xunit1", *files]
    status = subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **told}, check=False).returncode
    passed, failed, skipped, counted = read(report) if report.exists() else (0, 1, 0, Counter[str]())
    points = Counter(killed.read_text().split())
    missed = sorted(set(POINTS) - set(points)) if part == "kills" else []
    if points:
        counted |= Counter({"kills": points.total(), "fail points": len(points)})
    return Result(
        postgresql=_version(binaries),
        part=part,
        at=f"{at:%Y-%m-%d %H:%M}",
        commit=_said("git", "rev-parse", "--short", "HEAD"),
        passed=passed,
        failed=failed or int(status != 0),
        skipped=skipped,
        seconds=round(time.monotonic() - began),
        load=round(os.getloadavg()[2], 1),
        counted=dict(counted),
        missed=missed,
    )


def read(report: Path) -> tuple[int, int, int, Counter[str]]:
    """How many passed, failed and were skipped, and what the tests counted: the sum for each noun."""
    suites = ElementTree.parse(report).getroot().findall("testsuite")
    names = ("tests", "skipped", "failures", "errors")
    tests, skipped, *broken = (sum(int(suite.get(name, 0)) for suite in suites) for name in names)
    counted: Counter[str] = Counter()
    for told in (each for suite in suites for each in suite.iter("property")):
        counted[told.get("name", "")] += int(told.get("value", 0))
    return tests - skipped - sum(broken), sum(broken), skipped, counted


def as_page(results: list[Result]) -> str:
    """The page of the documentation."""
    there = {(result.postgresql, result.part): result.cells() for result in results}
    versions = sorted({postgresql for postgresql, _part in there})
    every = [(postgresql, part) for postgresql in versions for part in PARTS]
    lines = [there.get(each, [*each, "not run", *[""] * (len(HEAD) - 3)]) for each in every]
    rows = [HEAD, ["---"] * len(HEAD), *lines]
    return "\n".join(
        [
            "# Every test at full depth",
            "",
            f"Written by `make deep` on {machine(' and '.join(versions))}.",
            "Parts may be run apart (`scripts/deep.py kills pages`): each line says when it was run, and on which commit.",
            "Seconds count with the load of the machine at that time.",
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            "## What the parts are",
            "",
            *(f"- **{part}**: {meaning}" for part, meaning in MEANING.items()),
            "",
        ]
    )


def _version(binaries: Binaries) -> str:
    return _said(str(binaries / "postgres"), "--version").split()[2]


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
