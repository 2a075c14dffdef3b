"""A release in a browser, in English and French: published at the desk, told by mail, downloaded in two parts, installed."""

import base64
import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser
from tests.browser import COMPTOIR, House, Visitor, asked, visiting
from tests.cutting import cutting
from tests.database import CHECKOUT, RUN
from tests.released import CONTENT

pytestmark = pytest.mark.browser
CUSTOMER = "5100000"
SOME = 6  # files
LINKS: dict[str, str] = {}
SPEAK = "UPDATE identity_person SET language = %s, language_confirmed_at = now() RETURNING id"
SAID = {
    "en": {"title": "Sculpt 2028", "install": "I have installed it", "done": "Installed", "new": "New version"},
    "fr": {"title": "Sculpt 2028, en français", "install": "Je l’ai installée", "done": "Installée", "new": "Nouvelle version"},
}


@pytest.fixture(scope="module")
def release_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    browser.browser_or_skip()
    home = tmp_path_factory.mktemp("release")
    with browser.running_house(f"{RUN}_release", home) as running:
        told = {**os.environ, "COMPTOIR_HOME": str(home), "COMPTOIR_URL": running.url}
        told |= {"DATABASE_OWNER_URL": running.owner_url, "DATABASE_URL": running.app_url}
        subprocess.run([COMPTOIR, "sandbox-releases"], cwd=CHECKOUT, env=told, check=True)
        done = subprocess.run([COMPTOIR, "sandbox-links", "--json"], cwd=CHECKOUT, env=told, check=True, stdout=subprocess.PIPE)
        rows = json.loads(done.stdout)
        here = {"catalogue", "administrator"}
        LINKS.update({row["role"]: row["link"] for row in rows if row["role"] in here or "(0)" in row["customer"]})
        yield running


def published(page: Page, code: str = "SCPT", version: str = "2028", title: str = "", kind: str = "release") -> None:
    """The catalogue's people draft a release, give it a file, and publish it."""
    page.goto(f"/desk/releases/{code}/")
    page.get_by_role("link", name="Draft a release").click()
    page.get_by_label("Version", exact=True).fill(version)
    page.get_by_label("Kind").select_option(kind)
    page.get_by_label("Title in English").fill(title or SAID["en"]["title"])
    page.get_by_label("Title in French").fill(title or SAID["fr"]["title"])
    page.get_by_label("What is new, in English").fill("Twice as fast.")
    page.get_by_role("button", name="Keep the draft").click()
    upload = {"name": f"{code.lower()}-{version}.exe", "mimeType": "application/octet-stream", "buffer": CONTENT}
    page.locator("input[type=file]").set_input_files([upload])
    page.get_by_label("SHA-256").fill(hashlib.sha256(CONTENT).hexdigest())
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_text(f"{code.lower()}-{version}.exe is in the draft.")).to_be_visible()
    page.get_by_role("button", name="Publish it now").click()
    expect(page.get_by_text("Those entitled see it now")).to_be_visible()


def test_a_release_reaches_those_entitled_in_their_language(release_house: House, chromium: Browser, tmp_path: Path) -> None:
    with visiting(chromium, release_house) as karl:
        karl.page.goto(LINKS["catalogue"])
        published(karl.page)
        karl.look("desk-release")
        karl.look_narrow_and_dark({"desk-release": karl.page.url, "desk-releases": "/desk/releases/SCPT/"})
    for language in browser.BOTH:
        asked(release_house, SPEAK, language)
        with visiting(chromium, release_house, language) as somebody:
            _downloads(somebody, language, tmp_path)
    told = asked(
        release_house,
        "SELECT count(*) FROM downloads_news n "
        "JOIN downloads_release r ON r.id = n.release_id WHERE r.version = '2028' AND n.told_at IS NOT NULL",
    )
    assert told[0][0] > 1


def _downloads(somebody: Visitor, language: str, tmp_path: Path) -> None:
    said, page = SAID[language], somebody.page
    page.goto(LINKS["contract_manager"])
    somebody.until(f"/c/{CUSTOMER}/updates/", said["title"], where="main a")
    somebody.look(f"updates-{language}")
    page.get_by_role("link", name=said["title"], exact=True).first.click()
    page.locator(".header-actions a").click()
    page.goto(re.sub(r"\?.*", "", page.url) + "?platform=windows")
    somebody.look(f"download-{language}")
    # the first half, then the rest: by the link alone
    link = page.locator(".header-actions a").get_attribute("href") or ""
    address = page.context.request.get(link, max_redirects=0).headers["location"]
    first = page.context.request.get(address, headers={"range": "bytes=0-4999"})
    rest = page.context.request.get(address, headers={"range": "bytes=5000-", "if-range": first.headers["etag"]})
    assert (first.status, rest.status) == (206, 206)
    assert first.body() + rest.body() == CONTENT
    with page.expect_download() as caught:
        page.locator(".header-actions a").click()
    assert Path(caught.value.path()).read_bytes() == CONTENT
    somebody.until(f"/c/{CUSTOMER}/download-log/", "scpt-2028.exe", where="main td")
    somebody.look_narrow_and_dark({"downloads": f"/c/{CUSTOMER}/downloads/SCPT/", "machines": f"/c/{CUSTOMER}/machines/"})


def test_a_script_fetches_everything_whatever_happens_on_the_way(release_house: House, chromium: Browser, tmp_path: Path) -> None:
    asked(release_house, SPEAK, "en")
    with visiting(chromium, release_house) as camille:
        page, to = camille.page, tmp_path / "packages"
        script = _script_of_a_new_address(page)
        wanted = re.findall(r"fetch '([^']+)' '([0-9a-f]{64})'", script)
        assert len(wanted) == SOME
        # the first answers break off: each file goes on from where it was
        with cutting(release_house.url, cuts=4, after=2_600) as way:
            done = fetched(script.replace(release_house.url, way.url), to)
        assert (done.returncode, done.stdout.count("fetched")) == (0, len(wanted)), done.stderr
        assert (way.cuts, way.passed) == (0, len(wanted) + 4)
        assert [digest_of(to / path) for path, _digest in wanted] == [digest for _path, digest in wanted]
        again = fetched(script, to)
        assert (again.returncode, again.stdout.count("here ")) == (0, len(wanted))  # nothing is fetched twice
        _takes_nothing_for_whole(script, wanted, to)
        page.goto(f"/c/{CUSTOMER}/machines/")
        page.get_by_role("button", name="Revoke Machine room").click()
    revoked = fetched(script, tmp_path / "late")
    assert (revoked.returncode, revoked.stderr.count("FAILED")) == (1, len(wanted))
    # a script that broke off on its way does nothing
    assert fetched(script[: len(script) * 2 // 3], tmp_path / "half").returncode != 0
    assert not (tmp_path / "half").exists()


SEATED = """
SELECT i.old_id, m.name, m.email FROM entitlements_assignment a JOIN organisations_membership m ON m.id = a.membership_id
JOIN organisations_organisation o ON o.id = a.organisation_id JOIN subscriptions_subscription s ON s.id = a.subscription_id
JOIN catalogue_product p ON p.id = s.product_id JOIN identity_oldsignin i ON i.person_id = m.person_id
AND i.old_id LIKE 'SC' || lpad(right(o.number, 3), 5, '0') || '%%'
WHERE o.number = %s AND p.code = 'SCPT' AND NOT a.waiting AND a.ended_on IS NULL AND m.active
AND m.id NOT IN (SELECT membership_id FROM organisations_rolegrant) ORDER BY a.id LIMIT 1
"""
HEARD = """
SELECT m.email, n.told_at IS NOT NULL FROM downloads_news n JOIN downloads_release r ON r.id = n.release_id
JOIN organisations_membership m ON m.id = n.membership_id JOIN organisations_organisation o ON o.id = m.organisation_id
WHERE r.title = %s AND o.number = %s AND m.email IN (%s, %s)
"""


def test_an_update_is_heard_of_as_one_likes_asked_for_by_a_day_and_said_to_be_installed(
    release_house: House, chromium: Browser
) -> None:
    asked(release_house, SPEAK, "en")
    [(old_id, name, email)] = asked(release_house, SEATED, CUSTOMER)
    emails, title = [_email_of_manager(release_house), email], "Sculpt 2027.9"
    with visiting(chromium, release_house) as reader:
        reader.sign_in(old_id, CUSTOMER)
        reader.page.goto("/profile/updates/")
        reader.page.get_by_label("Once a week").check()
        reader.page.get_by_role("button", name="Keep").click()
        expect(reader.page.get_by_text("The portal shows every update in any case.")).to_be_visible()
        with visiting(chromium, release_house) as karl:
            karl.page.goto(LINKS["catalogue"])
            published(karl.page, "SCPT", "2027.9", title, "update")
        reader.page.goto(f"/c/{CUSTOMER}/updates/")  # it stands there whoever has been written to
        reader.page.get_by_role("link", name=title).click()
        address = reader.page.url
        with visiting(chromium, release_house) as manager:
            manager.page.goto(LINKS["contract_manager"])
            _wait(lambda: dict(asked(release_house, HEARD, title, CUSTOMER, *emails)) == {emails[0]: True, emails[1]: False})
            _asks_everybody(manager, address)
            reader.page.reload()
            expect(reader.page.locator("main")).to_contain_text("asks you to install it by 30 November 2026")
            reader.page.get_by_role("button", name="I have installed it").click()
            expect(reader.page.locator("main")).to_contain_text("Installed")
            _sees_who_has_it(manager, address, name)


def _asks_everybody(manager: Visitor, address: str) -> None:
    page = manager.page
    page.goto(address)
    page.get_by_label("To be installed by").fill("2026-11-30")
    page.get_by_role("button", name="Ask everybody").click()
    expect(page.get_by_text("They are asked to install it.")).to_be_visible()
    manager.look("update-asked")


def _sees_who_has_it(manager: Visitor, address: str, name: str) -> None:
    page = manager.page
    page.goto(f"{address}?state=have")
    expect(page.locator("main tr", has_text=name)).to_contain_text("Installed")
    page.get_by_label("State").select_option("missing")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main tr", has_text=name)).to_have_count(0)
    page.goto(f"{address}?q=nobodywiththisname")
    manager.look("update-nobody")
    manager.look_narrow_and_dark({"update-people": address})


def test_a_trial_is_begun_counted_and_bought(release_house: House, chromium: Browser) -> None:
    asked(release_house, SPEAK, "en")
    with visiting(chromium, release_house) as reader:
        page = reader.page
        page.goto(LINKS["end_user"])
        name = _name_of(reader)
        page.goto(f"/c/{CUSTOMER}/downloads/SCLT/")
        page.get_by_role("link", name="Try it for 30 days").click()
        page.get_by_role("button", name="Begin now").click()
        page.goto(f"{page.url}?platform=windows")
        expect(page.locator("main")).to_contain_text("Your trial ends on 21 December 2026.")
        with page.expect_download() as caught:
            page.locator(".header-actions a").click()
        assert caught.value.path().stat().st_size > 0
        page.goto(f"/c/{CUSTOMER}/trials/SCLT/")
        reader.look("trial")
    with visiting(chromium, release_house) as manager:
        page = manager.page
        page.goto(LINKS["contract_manager"])
        page.goto(f"/c/{CUSTOMER}/trials/")
        row = page.locator("main tr", has_text=name)
        expect(row).to_contain_text("30 days left")
        expect(row.locator("td").last).to_have_text("1")
        _buys(page, "SCLT")
        manager.until(f"/c/{CUSTOMER}/trials/", "Bought")


def test_a_previous_version_is_asked_for_given_and_ended_and_the_desk_allows_an_older_one(
    release_house: House, chromium: Browser
) -> None:
    asked(release_house, SPEAK, "en")
    [(old_id, name, _email)] = asked(release_house, SEATED, CUSTOMER)
    with visiting(chromium, release_house) as reader:
        reader.sign_in(old_id, CUSTOMER)
        _asks_for_the_version(reader, "2026")
        with visiting(chromium, release_house) as manager:
            page = manager.page
            page.goto(LINKS["contract_manager"])
            page.goto(f"/c/{CUSTOMER}/requests/")
            page.get_by_role("link", name="Sculpt, previous version 2026").click()
            expect(page.locator("main")).to_contain_text("It costs nothing more.")
            page.get_by_role("button", name="Approve", exact=True).click()
            page.wait_for_url("**/requests/")
            seats = asked(release_house, IN_USE, CUSTOMER)
            page.goto(f"/c/{CUSTOMER}/home-use/")
            row = page.locator("tr", has_text="2026").filter(has_text=name)
            expect(row).to_contain_text("In use")
            row.get_by_role("button", name="End it").click()
            expect(page.locator("tr", has_text="2026").filter(has_text=name)).to_contain_text("Ended")
            assert asked(release_house, IN_USE, CUSTOMER) == seats  # beside the seat, never one more
        with visiting(chromium, release_house) as ada:
            ada.page.goto(LINKS["administrator"])
            _allows_an_older_version(ada.page)
        reader.page.goto(f"/c/{CUSTOMER}/downloads/SCPT/")
        expect(reader.page.locator("main summary", has_text="Sculpt 2021")).to_be_visible()
        expect(reader.page.locator("main p", has_text="Sculpt 2022")).not_to_contain_text("Sculpt 2021")


IN_USE = """
SELECT s.number, count(*) FILTER (WHERE NOT a.waiting) FROM entitlements_assignment a
JOIN subscriptions_subscription s ON s.id = a.subscription_id JOIN organisations_organisation o ON o.id = a.organisation_id
WHERE o.number = %s AND a.ended_on IS NULL GROUP BY 1 ORDER BY 1
"""


def _asks_for_the_version(reader: Visitor, version: str) -> None:
    page = reader.page
    page.goto(f"/c/{CUSTOMER}/downloads/SCPT/")
    page.get_by_role("link", name="Home use and previous versions").click()
    page.locator("tr", has_text="Sculpt").get_by_role("link", name="Ask for a previous version").click()
    page.get_by_label("Version").select_option(version)
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("link", name="Asked; nobody has answered yet")).to_be_visible()


def _allows_an_older_version(page: Page) -> None:
    page.goto(f"/desk/customers/{CUSTOMER}/")
    if page.locator("#id_reason").count():  # the desk says why it looks at a customer
        page.locator("#id_reason").fill("They asked by phone.")
        page.locator("main form button[type=submit]").first.click()
    page.goto(f"/desk/customers/{CUSTOMER}/exceptions/")
    page.get_by_label("Version").select_option(label=page.locator("option", has_text="Sculpt 2021").first.inner_text())
    page.get_by_label("Last day").fill("2027-03-31")
    page.get_by_label("Reason").fill("An old drawing has to be opened.")
    page.get_by_role("button", name="Allow it").click()
    expect(page.get_by_text("It can be downloaded at once")).to_be_visible()
    expect(page.locator("main tr", has_text="Sculpt 2021")).to_contain_text("31 March 2027")


def _buys(page: Page, code: str) -> None:
    page.goto(f"/catalogue/{code}/")
    page.locator("#term").select_option("year")
    page.locator("button[value=add]").click()
    page.goto(f"/c/{CUSTOMER}/basket/")
    page.locator("#id_accept").check()
    page.locator("main form.columns button[type=submit]").click()
    page.wait_for_url("**/orders/**")


def _name_of(visitor: Visitor) -> str:
    return visitor.page.locator(".me strong").first.inner_text()


def _email_of_manager(house: House) -> str:
    person = LINKS["contract_manager"].partition("/sandbox/sign-in/")[2].partition(":")[0]
    number = base64.urlsafe_b64decode(person + "=" * (-len(person) % 4)).decode()
    return str(asked(house, "SELECT email FROM identity_person WHERE id = %s", int(number))[0][0])


def _wait(until: Callable[[], bool]) -> None:
    """Until a worker has done it."""
    deadline = time.monotonic() + browser.PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _script_of_a_new_address(page: Page) -> str:
    page.goto(LINKS["contract_manager"])
    page.goto(f"/c/{CUSTOMER}/machines/")
    page.locator("main input[name=name]").fill("Machine room")
    page.get_by_role("button", name="Make the address").click()
    address = page.locator("#machine-address").input_value()
    return some_of(page.context.request.get(f"{address}fetch.sh").text())


def _takes_nothing_for_whole(script: str, wanted: list[tuple[str, str]], to: Path) -> None:
    """A list that says another digest, and a part that is longer than its file."""
    (first, digest), (second, whole) = wanted[:2]
    other, wrong = script.replace(digest, "0" * 64), to.parent / "wrong"
    damaged = fetched(other, wrong)
    assert (damaged.returncode, damaged.stderr.count("DAMAGED")) == (1, other.count("0" * 64))
    assert not (wrong / first).exists()
    assert list(wrong.rglob("*.part")) == []
    part = to / f"{second}.part"
    (to / second).rename(part)
    with part.open("ab") as file:
        file.write(b"more")
    assert fetched(script, to).returncode == 0
    assert digest_of(to / second) == whole


def digest_of(path: Path) -> str:
    """What a file is."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def some_of(script: str) -> str:
    """The script with its first files alone: the others are fetched the same way."""
    lines = script.splitlines(keepends=True)
    files = [line for line in lines if line.startswith("  fetch '")]
    return "".join(line for line in lines if line not in files[SOME:])


def fetched(script: str, to: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of an administrator as they would."""
    return subprocess.run(["sh", "-s", "--", str(to)], input=script, text=True, capture_output=True, timeout=120)
