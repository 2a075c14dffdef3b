"""French beside English: `messages.py extract` gathers the texts of every context, `messages.py check` finds what is missing.

A context's texts are those of its own Python and templates; the tables at the root (`events.py`) count as the kernel's.
Its catalogue is `comptoir/<context>/locale/fr/LC_MESSAGES/django.po`. Pure Python: no gettext programs are needed.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as gather
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize
from jinja2.ext import babel_extract

CHECKOUT = Path(__file__).resolve().parent.parent
LANGUAGE = "fr"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = "# {context}: the French of Comptoir, written for its readers (docs/glossary.md has the words).\n"
NOISE = (
    "Project-Id-Version",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Report-Msgid",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
# What a French typesetter would mend: a straight apostrophe, and a space that is not a narrow no-break one.
TYPEWRITTEN = re.compile(r"\w'\w|\w\s'\w|(?<!\u202f)[;!?»](?=\s|$|<)|[ \u00a0]:(?=\s|$)|\w:(?=\s|$)|«(?!\u202f)")

Key = tuple[str, str]


def contexts(package: Path) -> list[str]:
    """The contexts of the house: every package with an `apps.py` below `comptoir/`."""
    return sorted(path.parent.name for path in package.glob("*/apps.py"))


def catalogue_path(package: Path, context: str) -> Path:
    """Where the French of a context lies."""
    return package / context / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def key_of(message: Message) -> Key:
    """What makes a message one: its English (the singular) and its context."""
    return first_of(message), str(message.context or "")


def first_of(message: Message) -> str:
    """The English of a message; of one with a plural, the singular."""
    return message.id if isinstance(message.id, str) else message.id[0]


def french_of(message: Message) -> tuple[str, ...]:
    """The French of a message: one text, or one for each form of its plural; empty texts where there is none."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def gathered(package: Path, context: str) -> Catalog:
    """The messages that the Python and the templates of a context hold now, without French."""
    found = Catalog(locale=LANGUAGE)
    roots = [package / context, *([package] if context == "kernel" else [])]
    for root in roots:
        for path in sorted(root.glob("*.py") if root == package else root.rglob("*.py")):
            if not {"tests", "migrations"} & set(path.relative_to(package).parts):
                _add(found, path, path.read_text())
    for path in sorted((package / context / "templates").rglob("*.*")):
        _add(found, path, _as_python(path))
    for path in sorted((package / context / "jinja2").rglob("*.*")):
        _add(found, path, path.read_text(), babel_extract)
    return found


def _as_python(template: Path) -> str:
    # Django's own lexer; what it leaves is calls among blanked-out text, whose indentation means nothing
    return "\n".join(line.strip() for line in templatize(template.read_text(), str(template)).splitlines())


def _add(found: Catalog, path: Path, source: str, how: str | Callable[..., Any] = "python") -> None:
    told_by = gather(how, io.BytesIO(source.encode()), KEYWORDS, ["Translators:"], options={"silent": "false"})
    for _line, message, comments, context in told_by:
        told = message if isinstance(message, str) else tuple(message)
        known = found.get(told if isinstance(told, str) else told[0], context)
        # the same text with and without a plural is one entry, with the plural, as for gettext's own tools
        if known is None or (isinstance(known.id, str) and not isinstance(told, str)):
            if known is not None:
                found.delete(known.id, context)
            found.add(told, context=context, auto_comments=comments)


def read(path: Path) -> Catalog:
    """A catalogue as it is kept; an empty one where there is none yet. Raises PoFileError where it can't be read."""
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE, abort_invalid=True)


def merged(kept: Catalog, found: Catalog, elsewhere: dict[Key, tuple[str, ...]]) -> Catalog:
    """What was found, with the French that is kept, or that another context has; what is gone is marked, not lost."""
    result = Catalog(locale=LANGUAGE, project="Comptoir", charset="utf-8", fuzzy=False)
    known = {key_of(message): message for message in [*kept.obsolete.values(), *kept] if message.id}
    for message in found:
        if not message.id:
            continue
        old = known.pop(key_of(message), None)
        forms = 1 if isinstance(message.id, str) else 2
        french = french_of(old) if old is not None else ()
        if len(french) != forms or not all(french):
            french = elsewhere.get(key_of(message), ())
        if len(french) != forms:
            french = ("",) * forms
        result.add(
            message.id,
            french[0] if forms == 1 else french,
            flags={"fuzzy"} if old is not None and old.fuzzy and any(french) else (),
            auto_comments=message.auto_comments,
            user_comments=old.user_comments if old is not None else (),
            context=message.context,
        )
    for key, gone in known.items():
        if any(french_of(gone)):
            gone.locations = []
            result.obsolete[key if key[1] else key[0]] = gone
    return result


def written(catalogue: Catalog, context: str) -> str:
    """A catalogue as its file: sorted, without dates and places, so that a change shows what was changed."""
    catalogue.header_comment = HEADER.format(context=context).strip()
    target = io.BytesIO()
    write_po(target, catalogue, width=120, no_location=True, sort_output=True)
    lines = target.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(f'"{name}' for name in NOISE)))


def everywhere(package: Path) -> dict[Key, tuple[str, ...]]:
    """The French of every message in any catalogue; the first context wins."""
    told: dict[Key, tuple[str, ...]] = {}
    for context in contexts(package):
        for message in read(catalogue_path(package, context)):
            if message.id and all(french_of(message)) and not message.fuzzy:
                told.setdefault(key_of(message), french_of(message))
    return told


def extract(package: Path, only: list[str]) -> None:
    """Bring the catalogues of these contexts (all, if none is named) up to what their sources say now."""
    told = everywhere(package)
    for context in only or contexts(package):
        path, found = catalogue_path(package, context), gathered(package, context)
        if not path.exists() and not len(found):
            continue
        text = written(merged(read(path), found, told), context)
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def faults(package: Path) -> Iterator[str]:
    """What is wrong with the French, a line each: missing, fuzzy, other placeholders, gone, typewritten, said in two ways."""
    told: dict[Key, tuple[str, tuple[str, ...]]] = {}
    for context in contexts(package):
        kept = read(catalogue_path(package, context))
        by_key = {key_of(message): message for message in kept if message.id}
        for message in gathered(package, context):
            if not message.id:
                continue
            held = by_key.pop(key_of(message), None)
            if held is None:
                yield f"{context}: not in the catalogue, `messages.py extract` adds it: {first_of(message)!r}"
                continue
            yield from (f"{context}: {fault}: {first_of(message)!r}" for fault in _faults_of(message, held))
            if all(french_of(held)):
                first, french = told.setdefault(key_of(message), (context, french_of(held)))
                if french != french_of(held):
                    yield f"{context}: said differently in {first}: {first_of(message)!r}"
        for key in by_key:
            yield f"{context}: nothing says this any more, `messages.py extract` marks it: {key[0]!r}"


def _faults_of(message: Message, held: Message) -> Iterator[str]:
    french = french_of(held)
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    if len(french) != len(english) or not all(french):
        yield "no French"
        return
    if held.fuzzy:
        yield "marked fuzzy"
    for index, text in enumerate(french):
        # a plural's 'one' may leave the number out in English; French may keep it
        wanted = [set(PLACEHOLDER.findall(form)) for form in (english[index], english[-1])]
        if set(PLACEHOLDER.findall(text)) not in wanted:
            yield f"other placeholders in {text!r}"
        if any(wanted) and "%" in PLACEHOLDER.sub("", text).replace("%%", "") and "%(" in english[-1]:
            yield f"a percent sign that is not doubled in {text!r}"
        if TYPEWRITTEN.search(PLACEHOLDER.sub("x", text)):
            yield f"typewriter marks (’, and U+202F before ; : ! ? and inside « ») in {text!r}"


def main(arguments: list[str]) -> int:
    """`extract [CONTEXT ...]` or `check`; the status is 1 where something is wrong."""
    package = CHECKOUT / "comptoir"
    try:
        match arguments:
            case ["extract", *only]:
                extract(package, only)
                return 0
            case ["check"]:
                found = list(faults(package))
                print("\n".join(found) if found else "every text has its French", file=sys.stderr if found else sys.stdout)
                return 1 if found else 0
    except PoFileError as mistake:
        print(f"a catalogue can't be read: {mistake}", file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
