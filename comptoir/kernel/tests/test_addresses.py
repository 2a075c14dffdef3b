"""What is an address, and what only looks like one."""

import pytest

from comptoir.kernel.addresses import is_address
from comptoir.kernel.encoding import is_text, plain_line


@pytest.mark.parametrize(
    "email", ["nina@nord.example", "NINA+x@nord.example", "o'neil@nord.example", "nina@exämple.de", "nina@xn--exmple-cua.de"]
)
def test_mail_can_be_sent_there(email: str) -> None:
    assert is_address(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nina",
        "nina@nord.example.",
        "boſs@nord.example",  # a long s
        "nına@nord.example",  # an i without its dot
        "nina@ｎord.example",  # a wide letter: mail would go to nord.example
        "nina@straße.example",  # mail would go to strasse.example
        "nina@no\u200brd.example",
    ],
)
def test_what_looks_like_another_address_or_reaches_nobody_is_none(email: str) -> None:
    assert not is_address(email)


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"%PDF-1.7", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0", bytes(range(32)) * 9])
def test_a_workbook_or_a_picture_is_no_text(head: bytes) -> None:
    assert not is_text(head + b"a@nord.example;Anna;Neu\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_list_is_text_in_every_encoding_and_with_a_zero_in_it(encoding: str) -> None:
    assert is_text("E-mail;Prénom\na\0@nord.example;André\n".encode(encoding))


def test_nothing_unseen_stands_in_a_name_or_turns_what_stands_beside_it() -> None:
    assert plain_line(" \u202eNina\u2066  \x00Neu\u200b\n") == "Nina Neu"
    assert plain_line("می\u200cخواهم") == "می\u200cخواهم"  # a joiner belongs to the word
