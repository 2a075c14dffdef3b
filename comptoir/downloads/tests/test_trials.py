"""Trials: 30 days, once per person and product, ended by the calendar alone, converted by buying (rules 9)."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from comptoir.downloads.models import Download, ReleaseFile, Trial
from comptoir.kernel.models import House
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.organisations.tests.test_register_pages import TOLD, code
from comptoir.permissions import Role
from tests.cast import TODAY, Cast, make_contract, member, product, raise_curtain, seat, signed_in, subscribe, words_of
from tests.released import CONTENT, file, release

from .test_updates import work_off

pytestmark = pytest.mark.django_db
TRIAL = "/c/5200001/trials/PLAN/"
GET = "/c/5200001/downloads/PLAN/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def installer(cast: Cast) -> ReleaseFile:
    """Of Plan, which nobody here has."""
    plan = product("PLAN", "Plan", {"year": (100, 100)})
    return file(release(plan, "2027", date(2026, 3, 24)), "plan.exe")


def trials(cast: Cast) -> list[tuple[int, date, date, date | None]]:
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        return list(Trial.objects.values_list("membership_id", "started_on", "ends_on", "bought_on"))


def day(on: date) -> None:
    House.objects.update(business_day=on)


def test_a_trial_lasts_thirty_days_and_ends_with_no_job(cast: Cast, installer: ReleaseFile) -> None:
    rita = signed_in(cast.rita)
    assert "For 30 days, from today up to 21 December 2026." in words_of(rita.get(TRIAL))
    assert rita.post(TRIAL).headers["Location"] == GET
    assert trials(cast) == [(cast.rita.pk, TODAY, TODAY + timedelta(days=30), None)]
    assert "Plan PLAN 2027 24 March 2026 Trial, 30 days left" in words_of(rita.get("/c/5200001/downloads/"))
    signed_in(cast.emil).post(TRIAL)
    assert "What you try Product Trial Download Plan Trial, 30 days left" in words_of(signed_in(cast.emil).get("/c/5200001/"))
    day(TODAY + timedelta(days=29))
    assert "Trial, 1 day left" in words_of(rita.get("/c/5200001/downloads/"))
    address = rita.get(f"{GET}files/{installer.pk}/").headers["Location"]
    assert b"".join(Client().get(address)) == CONTENT
    day(TODAY + timedelta(days=30))
    assert Client().get(address).status_code == 403
    assert "Nothing to download" in words_of(rita.get("/c/5200001/downloads/"))
    assert "Your trial ended on 21 December 2026." in words_of(rita.get(TRIAL))


def test_downloads_of_trials_are_counted_as_such(cast: Cast, installer: ReleaseFile) -> None:
    rita = signed_in(cast.rita)
    rita.post(TRIAL)
    b"".join(Client().get(rita.get(f"{GET}files/{installer.pk}/").headers["Location"]))
    with wall_opened(read=[cast.nord.pk]):
        assert Download.objects.get().trial
    found = ReleaseFile.objects.get()
    assert (found.downloads, found.of_trials) == (1, 1)


def test_nobody_tries_twice_whatever_the_customer(cast: Cast, installer: ReleaseFile) -> None:
    elsewhere = member(cast.est, "Rita", "Nielsen", (Role.PAYER, None))  # the same person
    assert elsewhere.person_id == cast.rita.person_id
    rita = signed_in(cast.rita)
    rita.post(TRIAL)
    day(TODAY + timedelta(days=200))
    for number in ("5200001", "5200002"):
        answer = rita.post(f"/c/{number}/trials/PLAN/")
        assert answer.status_code == 409
    assert "You have tried Plan already, until 21 December 2026." in words_of(rita.get("/c/5200002/trials/PLAN/"))
    assert len(trials(cast)) == 1
    signed_in(cast.emil).post(TRIAL)  # a colleague has a trial of their own
    assert len(trials(cast)) == 2


def test_what_one_has_or_what_is_not_offered_is_not_tried(cast: Cast, installer: ReleaseFile) -> None:
    seat(cast.subscription, cast.emil)
    file(release(cast.sculpt, "2027", date(2026, 3, 24)))
    assert "there is no need to try it" in words_of(signed_in(cast.emil).post("/c/5200001/trials/SCLT/"))
    for what in ({"status": "retired"}, {"self_service": False}):
        type(cast.sculpt).objects.filter(code="PLAN").update(status="active", self_service=True)
        type(cast.sculpt).objects.filter(code="PLAN").update(**what)
        assert signed_in(cast.rita).post(TRIAL).status_code == 409
    assert trials(cast) == []


def test_a_trial_offers_nothing_but_buying(cast: Cast, installer: ReleaseFile) -> None:
    rita = signed_in(cast.rita)
    rita.post(TRIAL)
    page = words_of(rita.get(TRIAL))
    assert "Add seats This is a trial, until 21 December 2026. Buy the product to keep it." in page
    assert page.count("This is a trial, until 21 December 2026.") == 5  # seats, plan, alignment, renewal, return


def test_buying_converts_the_trials_of_that_product(cast: Cast, installer: ReleaseFile) -> None:
    signed_in(cast.rita).post(TRIAL)
    token = token_of(cast.camille)
    wishes = {"wishes": [{"product": "PLAN", "term": "year", "seats": 1}]}
    address = "/api/v1/customers/5200001/purchases"
    headers = {"authorization": f"Bearer {token}"}
    seen = Client().post(f"{address}/preview", wishes, content_type="application/json", headers=headers).json()
    body = {**wishes, "quote": seen["quote"]}
    assert Client().post(address, body, content_type="application/json", headers=headers).status_code == 201
    work_off()
    assert trials(cast)[0][3] == TODAY


def test_the_public_page_says_how_to_begin(cast: Cast, installer: ReleaseFile) -> None:
    said = words_of(Client().get("/catalogue/PLAN/trial/"))
    assert "The whole product for 30 days, once per person." in said
    assert "Register" in said
    assert "Try it for 30 days" in words_of(Client().get("/catalogue/PLAN/"))
    assert "Try it for 30 days" not in words_of(Client().get("/catalogue/SCLT/"))  # nothing of it can be installed
    assert "For which company? Atelier Nord" in words_of(signed_in(cast.rita).get("/catalogue/PLAN/trial/"))
    signed_in(cast.rita).post(TRIAL)
    assert "Your trial began on 21 November 2026" in words_of(signed_in(cast.rita).get("/catalogue/PLAN/trial/"))
    assert "began" not in words_of(signed_in(cast.emil).get("/catalogue/PLAN/trial/"))


def test_trials_of_one_customer_are_not_those_of_another(cast: Cast, installer: ReleaseFile) -> None:
    signed_in(cast.rita).post(TRIAL)
    subscribe(make_contract(cast.est, "110000077"), cast.sculpt, "560000077", seats=1, start=date(2026, 6, 1))
    assert "Plan" not in words_of(signed_in(cast.oskar).get("/c/5200002/downloads/"))
    assert isinstance(cast.oskar, Membership)


def test_administrators_see_who_tries_what_and_take_it_along(cast: Cast, installer: ReleaseFile) -> None:
    rita, sofia = signed_in(cast.rita), signed_in(cast.sofia)
    assert "Nobody has tried anything yet." in words_of(sofia.get("/c/5200001/trials/"))
    rita.post(TRIAL)
    b"".join(Client().get(rita.get(f"{GET}files/{installer.pk}/").headers["Location"]))
    assert "Rita Nielsen Plan 21 Nov 2026 30 days left 1" in words_of(sofia.get("/c/5200001/trials/"))
    assert signed_in(cast.emil).get("/c/5200001/trials/").status_code == 404
    taken = sofia.get("/c/5200001/trials/?download=csv").content.decode().splitlines()
    assert taken[1] == "Rita Nielsen,rita.nielsen@example.com,PLAN,2026-11-21,2026-12-21,,30,1"
    log = sofia.get("/c/5200001/download-log/?download=csv").content.decode().splitlines()
    assert log[1].startswith("Rita Nielsen,rita.nielsen@example.com,PLAN,2027,plan.exe,2026-11-21,browser,yes,10242,10242,")
    assert sofia.get("/c/5200001/download-log/?download=xlsx").content[:2] == b"PK"
    headers = {"authorization": f"Bearer {token_of(cast.sofia)}"}
    (line,) = Client().get("/api/v1/customers/5200001/trial-log", headers=headers).json()["items"]
    assert (line["who"], line["product"], line["days_left"], line["downloads"]) == ("Rita Nielsen", "PLAN", 30, 1)


def test_who_manages_one_contract_sees_trials_of_its_products_and_of_what_nobody_has_yet(
    cast: Cast, installer: ReleaseFile
) -> None:
    file(release(cast.sculpt, "2027", TODAY), "sculpt.exe")
    rita, anton = signed_in(cast.rita), signed_in(cast.anton)  # Anton looks after another contract than the one of Sculpt LT
    rita.post("/c/5200001/trials/SCLT/")
    assert "Nobody has tried anything yet." in words_of(anton.get("/c/5200001/trials/"))
    assert "Rita Nielsen Sculpt LT" in words_of(signed_in(cast.sofia).get("/c/5200001/trials/"))
    rita.post(TRIAL)
    b"".join(Client().get(rita.get(f"{GET}files/{installer.pk}/").headers["Location"]))
    said = words_of(anton.get("/c/5200001/trials/"))
    assert "Rita Nielsen Plan 21 Nov 2026 30 days left 1" in said
    assert "Sculpt LT" not in said
    assert "plan.exe" in words_of(anton.get("/c/5200001/download-log/"))


def test_who_registers_for_a_trial_comes_to_it(cast: Cast, installer: ReleaseFile) -> None:
    browser = Client()
    page = browser.get("/catalogue/PLAN/trial/").content.decode()
    (address,) = re.findall(r'href="(/register/\?next=[^"]+)"', page)
    assert browser.post(address, {**TOLD, "accept": "", "language": "en"}).headers["Location"] == "/register/code/"
    answer = browser.post("/register/code/", {"code": code()})
    assert answer.headers["Location"] == "/catalogue/PLAN/trial/"
    said = browser.get(answer.headers["Location"])
    (begin,) = re.findall(r'href="(/c/[^/]+/trials/PLAN/)"', said.content.decode())
    assert browser.post(begin).status_code == 302
    assert "Trial, 30 days left" in words_of(browser.get(begin.replace("trials/PLAN/", "downloads/")))


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""])
def test_nobody_is_led_elsewhere_by_registering(elsewhere: str, cast: Cast) -> None:
    rita = signed_in(cast.rita)
    answer = rita.post(f"/register/?{urlencode({'next': elsewhere})}", TOLD)
    assert answer.headers["Location"].startswith("/c/N")
