"""What every template is given."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from django.utils import translation

from comptoir.ui import context
from comptoir.ui.ports import Ports
from comptoir.ui.shell import Shell, Vendor


class OneShell:
    def shell_of(self, request: HttpRequest, vendor: Vendor) -> Shell:
        return Shell(vendor, help_url=request.path)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "shell", OneShell())


@pytest.mark.usefixtures("port")
def test_the_shell_comes_from_the_port(rf: RequestFactory) -> None:
    shell = context.shell(rf.get("/somewhere/"))["shell"]
    assert isinstance(shell, Shell)
    assert shell.help_url == "/somewhere/"


@pytest.mark.usefixtures("port")
def test_a_page_may_bring_its_own_shell(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.shell = Shell(Vendor("Atelier Nord"))  # type: ignore[attr-defined]
    assert context.shell(request)["vendor"] == Vendor("Atelier Nord")


@override_settings(VENDOR_NAME="Atelier Nord", VENDOR_CONTACT_EMAIL="a@b.example", VENDOR_LOGO="/static/logo.svg")
def test_the_vendor_is_what_the_settings_say() -> None:
    vendor = context.vendor()
    assert (vendor.name, vendor.email, vendor.logo) == ("Atelier Nord", "a@b.example", "/static/logo.svg")


def test_languages_are_called_as_they_call_themselves() -> None:
    with translation.override("fr"):
        offered = context.languages()
    assert [(language.code, language.name, language.active) for language in offered] == [
        ("en", "English", False),
        ("fr", "Français", True),
    ]


@override_settings(LANGUAGES=[("tlh", "Klingon")])
def test_a_language_that_nobody_knows_is_shown_by_its_code() -> None:
    assert [language.name for language in context.languages()] == ["tlh"]
