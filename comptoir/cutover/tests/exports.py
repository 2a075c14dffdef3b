"""Exports to test with: the demo's, whole or with some files changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from pathlib import Path

from comptoir.cutover.rules.finding import Finding
from comptoir.cutover.rules.judgement import Judgement, judge
from comptoir.cutover.rules.layout import FILES
from comptoir.cutover.rules.rows import PersonRow
from comptoir.cutover.rules.table import Export, Table, read_export, table_of

DEMO = Path(__file__).resolve().parents[3] / "demo"
IN_WINDOWS_1252 = ("customers.csv", "releases.csv")


@cache
def demo() -> Export:
    return read_export(DEMO)


@cache
def demo_judged() -> Judgement:
    return judge(demo())


def demo_text(file: str) -> str:
    """A file of the demo as text, with plain newlines."""
    encoding = "cp1252" if file in IN_WINDOWS_1252 else "utf-8-sig"
    return (DEMO / file).read_bytes().decode(encoding).replace("\r\n", "\n")


def with_files(**contents: str | bytes) -> Export:
    """The demo with some files replaced; `users="..."` stands for users.csv."""
    tables: dict[str, Table] = dict(demo().tables)
    for name, content in contents.items():
        file = f"{name}.csv"
        tables[file] = table_of(file, content if isinstance(content, bytes) else content.encode())
    return Export(tables, demo().cutover_day, demo().notes)


def judged_with(**contents: str | bytes) -> Judgement:
    return judge(with_files(**contents))


def edited(name: str, edit: Callable[[list[str]], list[str]]) -> Judgement:
    """The demo judged with one file edited as a list of lines, the header first."""
    lines = demo_text(f"{name}.csv").splitlines()
    return judged_with(**{name: "\n".join(edit(lines)) + "\n"})


def with_line(name: str, line: int, old: str, new: str) -> Judgement:
    """The demo judged with one line of one file changed; lines are counted as a reader of the report does."""

    def change(lines: list[str]) -> list[str]:
        assert old in lines[line - 1], lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new)
        return lines

    return edited(name, change)


def with_row(name: str, row: str) -> Judgement:
    """The demo judged with one more row at the end of a file."""
    return edited(name, lambda lines: [*lines, row])


def on_line(findings: tuple[Finding, ...], file: str, line: int) -> Finding:
    """The one finding about a line."""
    (found,) = [finding for finding in findings if (finding.file, finding.line) == (file, line)]
    return found


def places(judgement: Judgement) -> Counter[tuple[str, int]]:
    """How often each line was put somewhere: accepted, held, rejected, dependent or repeated."""
    found: Counter[tuple[str, int]] = accepted_lines(judgement)
    found.update((row.file, row.line) for row in judgement.held)
    for findings in (judgement.rejected, judgement.dependent, judgement.repeated):
        found.update((finding.file, finding.line) for finding in findings)
    return found


def accepted_lines(judgement: Judgement) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for kind in fields(judgement.accepted):
        for row in getattr(judgement.accepted, kind.name):
            lines = [old_id.line for old_id in row.old_ids] if isinstance(row, PersonRow) else [row.line]
            found.update((row.file, line) for line in lines)
    return found


def assert_all_accounted_for(export: Export, judgement: Judgement) -> None:
    """Every data row of every file is in exactly one place, and nothing else is but whole-file problems."""
    expected = Counter((file, row.line) for file in FILES for row in export.tables[file].rows)
    problems = [table.problem for table in export.tables.values() if table.problem is not None]
    expected.update((problem.file, problem.line) for problem in problems)
    assert places(judgement) == expected
    assert set(problems) <= set(judgement.rejected)
