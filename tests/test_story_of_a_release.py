"""A release in a browser, in English and French: published at the desk, told by mail, downloaded in two parts, installed."""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
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
        LINKS.update({row["role"]: row["link"] for row in rows if row["role"] == "catalogue" or "(0)" in row["customer"]})
        yield running


def published(page: Page) -> None:
    """The catalogue's people draft a release, give it a file, and publish it."""
    page.goto("/desk/releases/SCPT/")
    page.get_by_role("link", name="Draft a release").click()
    page.get_by_label("Version", exact=True).fill("2028")
    page.get_by_label("Title in English").fill(SAID["en"]["title"])
    page.get_by_label("Title in French").fill(SAID["fr"]["title"])
    page.get_by_label("What is new, in English").fill("Twice as fast.")
    page.get_by_role("button", name="Keep the draft").click()
    upload = {"name": "sculpt-2028.exe", "mimeType": "application/octet-stream", "buffer": CONTENT}
    page.locator("input[type=file]").set_input_files([upload])
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_text("sculpt-2028.exe is in the draft.")).to_be_visible()
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
    somebody.until(f"/c/{CUSTOMER}/download-log/", "sculpt-2028.exe", where="main td")
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
