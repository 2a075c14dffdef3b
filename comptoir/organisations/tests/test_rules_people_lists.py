"""Lists of people as they come: every encoding, every separator, the heads of the common exports, each row's verdict."""

import random
from contextlib import suppress
from time import perf_counter

import pytest

from comptoir.organisations.rules import MOST_ROWS, Known, Unreadable, guess_fields, judge, read_list

ENTRA = (
    "version:v1.0\nName [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required"
    ","
    "Block sign in (Yes/No) [accountEnabled] Required,First name [givenName],Last name [surname]\n"
    "Élodie Noël,elodie@nord.example,pw,No,Élodie,Noël\n"
)
# whose list -> its text, and what is read of its first person
EXPORTS = {
    "autodesk": "Email,First name,Last name\nelodie@nord.example,Élodie,Noël\n",
    "entra, to create": ENTRA,
    "entra, as downloaded": "userPrincipalName,displayName,surname,mail,givenName,objectId\n"
    "e_ext#EXT#@x.onmicrosoft.com,Noël Élodie,Noël,elodie@nord.example,Élodie,1\n",
    "microsoft 365": "Username,First name,Last name,Display name,Job title\nelodie@nord.example,Élodie,Noël,EN,Draws\n",
    "google": "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required]\n"
    "Élodie,Noël,elodie@nord.example,****,/\n",
    "okta": "login,firstName,lastName,middleName,email\nenoel,Élodie,Noël,,elodie@nord.example\n",
    "adobe": "Identity Type,Username,Domain,Email,First Name,Last Name,Country Code,Product Configurations,User Groups\n"
    "Federated ID,enoel,nord.example,elodie@nord.example,Élodie,Noël,FR,All,Draughtsmen\n",
    "french": "Prénom;Nom;Adresse e-mail\nÉlodie;Noël;elodie@nord.example\n",
    "tabs, as pasted": "First name\tLast name\tE-mail\nÉlodie\tNoël\telodie@nord.example",
    "excel says how": "sep=;\nE-mail;First name;Last name\nelodie@nord.example;Élodie;Noël\n",
    "recipients of a mail": '"Noël, Élodie" <elodie@nord.example>; Bo Berg <bo@nord.example>',
}
KNOWN = Known(
    here=frozenset({"here@nord.example"}),
    address_ok=lambda text: text.count("@") == 1 and " " not in text,
    languages={"fr": "fr", "french": "fr"},
    default_language="en",
    roles={"payer": "payer", "payeur": "payer", "end user": ""},
    groups={"drawing": 1, "site": 2},
)


def first_of(content: bytes | str) -> tuple[str, str, str, str]:
    heads, rows = read_list(content)
    row = judge(rows, guess_fields(heads), KNOWN)[0]
    return row.email, row.first_name, row.last_name, row.verdict


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("whose", EXPORTS)
def test_a_common_export_is_read_as_it_is_in_any_encoding(whose: str, encoding: str) -> None:
    wanted = ("elodie@nord.example", "Élodie", "Noël", "will_be_added")
    assert first_of(EXPORTS[whose].encode(encoding)) == wanted


def test_heads_that_nobody_knows_are_left_to_be_named() -> None:
    heads, rows = read_list("Who,Where to write\nNina Neu,nina@nord.example\n")
    assert heads == ["Who", "Where to write"]
    assert guess_fields(heads) == {}
    assert judge(rows, {0: "name", 1: "email"}, KNOWN)[0].verdict == "will_be_added"


def test_each_row_has_its_verdict_and_the_good_ones_are_not_held_up() -> None:
    heads, rows = read_list(
        "email,name,role,groups,language\nnina@nord.example,Nina Neu,Payeur,Drawing; SITE,French\nHERE@nord.example,Here,,,\n"
        "NINA@nord.example,Nina again,,,\n,Nobody,,,\nno address,Bad,,,\nking@nord.example,King,emperor,,\n"
        "lost@nord.example,Lost,,Nowhere,\nplain@nord.example,Plain,End user,,xx\n"
    )
    found = judge(rows, guess_fields(heads), KNOWN)
    assert [row.verdict for row in found] == [
        "will_be_added",
        "already_here",
        "twice",
        "address_missing",
        "address_malformed",
        "role_unknown",
        "group_unknown",
        "will_be_added",
    ]
    nina, plain = found[0], found[-1]
    assert (nina.role, nina.groups, nina.language, nina.line) == ("payer", (1, 2), "fr", 1)
    assert (plain.role, plain.groups, plain.language) == ("", (), "en")
    assert [row.told for row in found if row.told] == ["emperor", "Nowhere"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_empty"),
        (b"\xef\xbb\xbf", "list_empty"),
        (b"Email,First name\n", "list_empty"),
        (b"\n;;;\n , ,\n", "list_empty"),
        (b"a@b.c\n" * (MOST_ROWS + 1), "list_too_long"),
        (b"x" * (5 * 2**20), "list_too_big"),
        (b'"' + b"a@b.c," * 40_000, "list_unreadable"),
    ],
)
def test_what_is_no_list_is_told(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as problem:
        read_list(content)
    assert problem.value.code == code


@pytest.mark.parametrize("content", [b"x" * 4_000_000, b"<" * 4_000_000, b"<a@b>" * 200_000, b"a@b.c," * 200_000, b'"' * 999_999])
def test_a_long_line_takes_no_longer_than_its_length(content: bytes) -> None:
    started = perf_counter()
    with suppress(Unreadable):
        read_list(content)
    assert perf_counter() - started < 5


def test_no_bytes_at_all_break_the_reader() -> None:
    chance = random.Random(7)
    seeds = [text.encode() for text in EXPORTS.values()] + [bytes(range(256)) * 3]
    for _ in range(400):
        content = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            heads, rows = read_list(bytes(content[: chance.randrange(1, len(content) + 1)]))
        except Unreadable:
            continue
        for row in judge(rows, guess_fields(heads) or {0: "email"}, KNOWN):
            assert "\0" not in row.email + row.first_name + row.last_name


def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line() -> None:
    with pytest.raises(Unreadable) as found:
        read_list('Email,First name,Last name\na@example.com,"Anna",Neu\nb@example.com,"Bert,Alt\nc@example.com,Carl,Neu\n')
    assert (found.value.code, found.value.params) == ("list_quote_open", {"line": 3})


def test_a_quotation_mark_that_takes_the_next_person_along_is_seen() -> None:
    heads, rows = read_list('Email,First name,Last name\na@example.com,"Anna,Neu\nb@example.com,Bert",Alt\nc@example.com,C,D\n')
    judged = judge(rows, guess_fields(heads), KNOWN)
    assert [row.verdict for row in judged] == ["name_broken", "will_be_added"]


def test_a_workbook_is_no_list() -> None:
    with pytest.raises(Unreadable) as found:
        read_list(b"PK\x03\x04" + b"\0" * 99 + b"a@example.com")
    assert found.value.code == "list_unreadable"
