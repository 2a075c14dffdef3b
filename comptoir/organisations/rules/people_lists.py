"""Lists of people, from a file or pasted: read in any encoding, columns recognised, each row judged.

The heads that are known are those of templates and exports which administrators have at hand, as their makers document them:
Autodesk Account, "Import users" (Email, First name, Last name); Microsoft Entra, bulk create (`Name [displayName] Required`,
`User name [userPrincipalName] Required`, under a line `version:v1.0`) and download of users (`userPrincipalName`, `displayName`,
`givenName`, `surname`, `mail`); Microsoft 365 admin center, "Add multiple users" (Username, First name, Last name, Display name)
and export (User principal name); Google Workspace, bulk upload (`First Name [Required]`, `Email Address [Required]`); Okta, CSV
import (`login`, `firstName`, `lastName`, `email`); Adobe Admin Console (Identity Type, Username, Email, First Name, Last Name).
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from comptoir.kernel.encoding import decode, is_text, plain_line

from .names import split_name

MOST_ROWS = 5_000
MOST_BYTES = 4 * 2**20
MOST_COLUMNS = 80
LONGEST_CELL = 254
FIELDS = ("email", "first_name", "last_name", "name", "language", "role", "groups")
DELIMITERS = ",;\t|"
Table = Sequence[Sequence[str]]

# what a head says, letters and digits alone -> the field, and how good a source of it (0 is best)
_HEADS: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(("email", "emailaddress", "mail", "mailaddress", "workemail", "primaryemail", "useremail"), ("email", 0)),
    **dict.fromkeys(("courriel", "adressemail", "adresseemail", "adressecourriel", "adressedemessagerie"), ("email", 0)),
    **dict.fromkeys(("userprincipalname", "upn", "username", "login", "userlogin", "signinname"), ("email", 1)),
    **dict.fromkeys(("nomdutilisateur", "identifiant", "alternateemailaddress", "alternateemail"), ("email", 2)),
    **dict.fromkeys(("firstname", "givenname", "forename", "prenom"), ("first_name", 0)),
    **dict.fromkeys(("lastname", "surname", "familyname", "nomdefamille"), ("last_name", 0)),
    **dict.fromkeys(("name", "displayname", "fullname", "nomcomplet", "nomaffiche"), ("name", 0)),
    "nom": ("last_name", 1),
    **dict.fromkeys(("language", "preferredlanguage", "locale", "langue"), ("language", 0)),
    **dict.fromkeys(("role", "roles"), ("role", 0)),
    **dict.fromkeys(("group", "groups", "groupe", "groupes"), ("groups", 0)),
}
_BRACKETED = re.compile(r"\[([^\]]*)\]")
_MARKS = re.compile(r"\b(required|optional|obligatoire|facultatif)\b", re.IGNORECASE)
_FORMATS = re.compile(r'"?(sep=.|version:[\w.]*)"?[,;\t]*', re.IGNORECASE)
_ACCENTS = str.maketrans("àâäáãéèêëíìîïóòôöõúùûüçñ", "aaaaaeeeeiiiiooooouuuucn")


class Unreadable(ValueError):
    """A list that can't be taken: `code` says why, `params` how much would be right."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list, and what is to become of it (`verdict`); `told` is the word that was not understood."""

    line: int
    email: str
    first_name: str
    last_name: str
    language: str
    role: str
    groups: tuple[int, ...]
    verdict: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What rows are judged by. All keys in lower case."""

    here: frozenset[str]  # addresses of members
    address_ok: Callable[[str], bool]
    languages: Mapping[str, str]
    default_language: str
    roles: Mapping[str, str] = field(default_factory=dict)  # those that may be given: words and codes
    groups: Mapping[str, int] = field(default_factory=dict)


def read_list(content: bytes | str) -> tuple[list[str], list[list[str]]]:
    """The heads (empty ones where it has none) and the rows of a list. Raises Unreadable: `list_too_big`, `list_too_long`,
    `list_empty`, `list_unreadable`, `list_quote_open`."""
    if len(content) > MOST_BYTES:
        raise Unreadable("list_too_big", most=MOST_BYTES // 2**20)
    if isinstance(content, bytes) and not is_text(content):
        raise Unreadable("list_unreadable")
    text = content if isinstance(content, str) else decode(content).text
    # what made no sense in its encoding, and what no table takes, is shown as such
    text = "".join("\ufffd" if "\ud800" <= sign <= "\udfff" or sign == "\0" else sign for sign in text.removeprefix("\ufeff"))
    lines = [line for line in text.splitlines() if line.strip(" \t,;|")]
    while lines and _FORMATS.fullmatch(lines[0].strip()):
        lines.pop(0)
    if not lines:
        raise Unreadable("list_empty")
    named = _named(text)
    if named and not guess_fields(_cells(lines[:1], _delimiter(lines))[0]):
        rows = [[email, *split_name(name)] for name, email in named]
        return _cut(["email", "first_name", "last_name"], rows)
    mark = _delimiter(lines)
    _refuse_open_quote(lines, mark)
    table = _cells(lines, mark)
    if any("@" in cell for cell in table[0]):  # it begins with a person: there are no heads
        return _cut([], table)
    return _cut([cell.strip() for cell in table[0]], table[1:])


def _named(text: str) -> list[tuple[str, str]]:
    """The recipients of a mail, `Name <address>; Name <address>`: one walk through the text, however long its lines are."""
    found, at = [], 0
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        name = re.split(r"[;\r\n]", text[max(at, start - 200) : start])[-1].strip(" \t,\"'")
        email = text[start + 1 : min(end, start + 300)].strip()
        if "@" in email and not any(sign.isspace() for sign in email):
            found.append((name, email))
        at = end + 1
    return found


def _delimiter(lines: Sequence[str]) -> str:
    def score(mark: str) -> tuple[int, int]:
        table = _cells(lines[:20], mark)
        return len(guess_fields(table[0])), min(len(row) for row in table)

    return max(DELIMITERS, key=score)


def _cells(lines: Sequence[str], mark: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=mark) if row]
    except csv.Error:
        raise Unreadable("list_unreadable") from None


def _refuse_open_quote(lines: Sequence[str], mark: str) -> None:
    """A quotation mark that is never closed would make one cell of everybody after it. Raises Unreadable."""
    reader, line = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=mark, strict=True), 1
    try:
        for _row in reader:
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Unreadable("list_quote_open", line=line) from None


def _cut(heads: list[str], rows: Table) -> tuple[list[str], list[list[str]]]:
    width = min(max([len(heads), *(len(row) for row in rows)]), MOST_COLUMNS)
    found = [[cell.strip()[: LONGEST_CELL + 1] for cell in row[:width]] for row in rows if any(cell.strip() for cell in row)]
    if not found:
        raise Unreadable("list_empty")
    if len(found) > MOST_ROWS:
        raise Unreadable("list_too_long", most=MOST_ROWS, rows=len(found))
    padded = [row + [""] * (width - len(row)) for row in found]
    return [head[:100] for head in [*heads, *[""] * (width - len(heads))][:width]], padded


def guess_fields(heads: Sequence[str]) -> dict[int, str]:
    """The field of each column whose head is known; of several sources of one field the best, of equal ones the first."""
    best: dict[str, tuple[int, int]] = {}
    for column, head in enumerate(heads):
        for said in (*_BRACKETED.findall(head), _BRACKETED.sub("", head)):
            found = _HEADS.get(re.sub(r"[^a-z0-9]", "", _MARKS.sub("", said).lower().translate(_ACCENTS)))
            if found is not None:
                name, rank = found
                best[name] = min(best.get(name, (rank, column)), (rank, column))
    if "first_name" in best and "last_name" in best:
        best.pop("name", None)
    return {column: name for name, (_rank, column) in best.items()}


def guess_without_heads(row: Sequence[str]) -> dict[int, str]:
    """The fields of a row that has no heads: the cell with the address, then a first and a last name where there are two more."""
    at = next((column for column, cell in enumerate(row) if "@" in cell), None)
    if at is None:
        return {}
    others = [column for column, cell in enumerate(row) if column != at and cell.strip()][:2]
    names = ("first_name", "last_name") if len(others) == 2 else ("name",)
    return {at: "email", **dict(zip(others, names, strict=False))}


def judge(rows: Table, fields: Mapping[int, str], known: Known) -> list[ListRow]:
    """What is to become of each row, in order: `will_be_added`, or why not."""
    seen: set[str] = set()
    judged = []
    for line, row in enumerate(rows, start=1):
        told = {name: row[column].strip() for column, name in fields.items() if column < len(row)}
        found = _judged(line, told, known, seen)
        seen.add(found.email.lower())
        judged.append(found)
    return judged


def _judged(line: int, told: Mapping[str, str], known: Known, seen: set[str]) -> ListRow:
    email = told.get("email", "").strip("<>\"' ").lower()
    names = [told.get(name, "") for name in ("first_name", "last_name", "name")]
    first, last, whole = map(plain_line, names)
    if not first and not last:
        first, last = split_name(whole)
    language = known.languages.get(told.get("language", "").lower().replace("_", "-"), known.default_language)
    role_word, groups, unknown = told.get("role", ""), _groups(told.get("groups", ""), known), ""
    role = known.roles.get(role_word.lower())
    verdict = "will_be_added"
    if not email:
        verdict = "address_missing"
    elif len(email) > LONGEST_CELL or not known.address_ok(email):
        verdict = "address_malformed"
    elif email in seen:
        verdict = "twice"
    elif email in known.here:
        verdict = "already_here"
    elif any("\n" in name for name in names):  # a quotation mark took the next person along
        verdict = "name_broken"
    elif max(len(first), len(last)) > 100:
        verdict = "name_too_long"
    elif role_word and role is None:
        verdict, unknown = "role_unknown", role_word
    elif isinstance(groups, str):
        verdict, unknown = "group_unknown", groups
    inside = () if isinstance(groups, str) else groups
    return ListRow(line, email, first[:100], last[:100], language, role or "", inside, verdict, unknown[:100])


def _groups(told: str, known: Known) -> tuple[int, ...] | str:
    """The groups that a cell names, or the first name that is none."""
    if told.lower() in known.groups:
        return (known.groups[told.lower()],)
    found = []
    for name in (part.strip() for part in re.split(r"[;|,]", told)):
        if name and name.lower() not in known.groups:
            return name
        if name:
            found.append(known.groups[name.lower()])
    return tuple(dict.fromkeys(found))
