"""The table that `make bench` prints and keeps: each figure beside its baseline of the same run and its bar."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, in which unit, what it is compared with, and how good it has to be."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    of: str = ""  # what the baseline is
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> str:
        """The share of the baseline."""
        return f"{self.value / self.baseline:.0%} of {self.of}" if self.baseline else ""

    @property
    def bar(self) -> str:
        """The bar in words."""
        if self.at_least is not None:
            return f"≥ {_number(self.at_least)}"
        return f"< {_number(self.at_most)}" if self.at_most is not None else ""

    @property
    def mark(self) -> str:
        """Whether it passes; empty where there is no bar."""
        if self.at_least is not None:
            return "pass" if self.value >= self.at_least else "FAIL"
        return ("pass" if self.value < self.at_most else "FAIL") if self.at_most is not None else ""

    def cells(self) -> list[str]:
        """The line as text."""
        return [self.name, f"{_number(self.value)} {self.unit}", self.ratio, self.bar, self.mark, self.note]


HEAD = ["what", "measured", "ratio", "bar", "", "remarks"]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def as_text(figures: list[Figure]) -> str:
    """A table for a terminal."""
    lines = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def as_page(groups: dict[str, list[Figure]], about: list[str]) -> str:
    """The page of the documentation."""
    parts = ["# How fast it is", "", *about]
    for title, figures in groups.items():
        rows = [HEAD, ["---"] * len(HEAD), *(figure.cells() for figure in figures)]
        parts += ["", f"## {title}", "", *("| " + " | ".join(row) + " |" for row in rows)]
    return "\n".join(parts) + "\n"


def machine(postgresql: str) -> str:
    """What it ran on, without naming anybody's machine."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, {platform.system()}, "
        f"PostgreSQL {postgresql}, Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
