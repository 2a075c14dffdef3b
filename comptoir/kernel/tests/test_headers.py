"""What answers say to those who could keep a copy of them."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from comptoir.kernel.headers import KeptByNobody
from tests.cast import Cast, raise_curtain, signed_in

from .stage import token_of


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.mark.parametrize(
    "address",
    ["/", "/profile/", "/c/5200001/", "/c/5200001/contracts/", "/c/5200009/", "/sandbox/sign-in/none/", "/api/v1/openapi.json"],
)
def test_no_page_is_kept(address: str, cast: Cast) -> None:
    assert signed_in(cast.camille).get(address).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("authorization", ["", "Bearer none", "Bearer {}"])
def test_no_answer_of_the_api_is_kept(authorization: str, cast: Cast) -> None:
    told = {"authorization": authorization.format(token_of(cast.camille))}
    for address in ("/api/v1/me", "/api/v1/customers/5200001/contracts", "/api/v1/nothing"):
        assert Client(headers=told).get(address).headers["Cache-Control"] == "private, no-store"


def test_no_invoice_is_kept(cast: Cast) -> None:
    # what is downloaded passes the same door as pages do; what there is not, too
    answer = signed_in(cast.camille).get("/c/5200001/invoices/F-2026-000001/pdf/")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_sign_in_pages_say_it_in_their_own_words(db: None) -> None:
    assert "no-store" in Client().get("/sign-in/").headers["Cache-Control"]


def test_what_says_for_itself_how_long_it_may_be_kept_is_left_alone(rf: RequestFactory) -> None:
    def keeps(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "max-age=60"})

    assert KeptByNobody(keeps)(rf.get("/")).headers["Cache-Control"] == "max-age=60"


def test_styles_and_scripts_are_kept(db: None) -> None:
    assert "no-store" not in Client().get("/static/ui/base.css").headers.get("Cache-Control", "")


def test_what_is_said_after_a_change_travels_in_no_cookie(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    answer = browser.post("/profile/language/", {"language": "en"})
    assert "messages" not in answer.cookies
    assert "Pages, mail and support now use this language." in browser.get("/profile/").content.decode()


def test_a_page_that_differs_for_a_script_says_so(cast: Cast) -> None:
    browser, address = signed_in(cast.camille), "/c/5200001/subscriptions/560000001/seats/?add=2"
    whole, part = browser.get(address), browser.get(address, headers={"HX-Request": "true"})
    for answer in (whole, part):
        assert "HX-Request" in answer.headers["Vary"]
    assert (b"<html" in whole.content, b"<html" in part.content) == (True, False)
