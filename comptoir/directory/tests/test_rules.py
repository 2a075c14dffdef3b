"""Codes as people type them, and addresses that may be registered."""

import pytest

from comptoir.directory.rules import code_as_typed, origin_of, wrong_address


@pytest.mark.parametrize("typed", ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "W D J B - M J H T"])
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert code_as_typed(typed) == "WDJB-MJHT"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://sculpt.example/back?a=b", "https://sculpt.example"),
        ("http://127.0.0.1:49152/callback", "http://127.0.0.1:49152"),
        ("http://[::1]:49152/callback", "http:"),
        ("com.example.sculpt:/back", "com.example.sculpt:"),
    ],
)
def test_a_policy_names_where_a_form_may_lead(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("address", "public", "reason"),
    [
        ("https://sculpt.example/back", False, ""),
        ("http://127.0.0.1/callback", True, ""),
        ("http://[::1]/callback", True, ""),
        ("com.example.sculpt:/back", True, ""),
        ("com.example.sculpt:/back", False, "scheme"),
        ("sculpt:/back", True, "scheme"),
        ("javascript:alert(1)", True, "scheme"),
        ("data.x:text/html", True, "malformed"),
        ("http://127.0.0.1.evil.example/", True, "not_encrypted"),
        ("http://sculpt.example/", False, "not_encrypted"),
        ("https://sculpt.example/#part", False, "malformed"),
        ("https://who@sculpt.example/", False, "malformed"),
        ("https://*.example/", False, "malformed"),
        ("https://a b/", False, "malformed"),
        ("https:///back", False, "malformed"),
        ("https://sculpt.example:99999/", False, "malformed"),
        ("https://sculpt.example/" + "x" * 500, False, "malformed"),
        ("https://sculpté.example/", False, "malformed"),
    ],
)
def test_an_address_is_safe_to_send_people_to(address: str, public: bool, reason: str) -> None:
    wrong = wrong_address([address], public=public)
    assert (wrong.reason if wrong else "") == reason
