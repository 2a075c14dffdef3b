"""One person's two accounts become one in a browser: both proved, what moves shown, both old ids sign in afterwards."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import SIGN_IN, House, Visitor, asked, everybody_reads, mailed, visiting

pytestmark = pytest.mark.browser
WHO = """
SELECT p.id, p.email, p.is_active FROM identity_person p JOIN identity_oldsignin i ON i.person_id = p.id
WHERE lower(i.old_id) = lower(%s)
"""
BELONGS = """
SELECT o.number FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
WHERE m.person_id = %s AND m.left_on IS NULL ORDER BY o.number
"""
HOLDS = """
SELECT s.number FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
JOIN organisations_membership m ON m.id = a.membership_id WHERE m.person_id = %s AND a.ended_on IS NULL ORDER BY s.number
"""
CHECKED = "Called back at the number of the register."
STAFF = """
UPDATE identity_person p SET language = %s, language_confirmed_at = now() FROM identity_staffrole s
WHERE s.person_id = p.id AND s.role = 'administrator' RETURNING p.email
"""
DONE = "SELECT count(*) FROM identity_merge WHERE kept_id = %s AND closed_id = %s AND done_on IS NOT NULL AND customers = '{}'"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about somebody with two customers of the demo."""

    language: str
    kept: str
    customer: str
    closed: str
    other: str
    name: str
    known: str
    unknown: str
    also: str


ENGLISH = Words(
    language="en",
    kept="SC00021003",
    customer="5100021",
    closed="SC00027001",
    other="5100027",
    name="Renée Dupont",
    known="Cabinet Kowalski",
    unknown="No account has this e-mail or user ID with this password.",
    also="Signs in too",
)
FRENCH = Words(
    language="fr",
    kept="SC00017008",
    customer="5100017",
    closed="SC00025007",
    other="5100025",
    name="María Petit",
    known="Atelier Weber",
    unknown="Aucun compte ne correspond à cet e-mail ou identifiant avec ce mot de passe.",
    also="Ouvre aussi ce compte",
)


def password_of(old_id: str) -> str:
    """What somebody of the old centre signs in with."""
    return f"legacy-{int(old_id[2:7])}-{int(old_id[7:])}"


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_two_accounts_are_proved_become_one_and_both_old_ids_sign_in(words: Words, house: House, chromium: Browser) -> None:
    for customer in (words.customer, words.other):
        everybody_reads(house, customer, words.language)
    ((kept, kept_email, _active),) = asked(house, WHO, words.kept)
    ((closed, closed_email, _active),) = asked(house, WHO, words.closed)
    held = {number for (number,) in [*asked(house, HOLDS, kept), *asked(house, HOLDS, closed)]}
    with visiting(chromium, house, words.language) as visitor, visiting(chromium, house, words.language) as elsewhere:
        elsewhere.sign_in(words.closed, words.other)
        page = visitor.page
        visitor.sign_in(words.kept, words.customer)
        _prove(visitor, words)
        for told in (words.known, words.name, closed_email, words.closed):
            expect(page.locator("main")).to_contain_text(told)
        visitor.look("account-merge")
        visitor.look_narrow_and_dark({"account-merge": page.url, "other-account": "/profile/other-account/"})
        assert asked(house, WHO, words.closed) == [(closed, closed_email, True)]
        page.locator("main form:has(input[name=other]) button[type=submit]").dblclick()
        page.wait_for_url("**/profile/")
        visitor.until("/profile/", words.also, where="main dt")
        expect(page.locator("main")).to_contain_text(closed_email)
        visitor.look("profile-of-two")
        elsewhere.page.goto(f"/c/{words.other}/")  # its sessions have ended
        elsewhere.page.wait_for_url("**/sign-in/**")
    for email in (kept_email, closed_email):
        assert kept_email in mailed(house, email, rf"^.*{kept_email}.*$")
    for name in (words.closed, words.kept, closed_email):
        _sees_both(words, house, chromium, name)
    assert asked(house, DONE, kept, closed) == [(1,)]
    assert asked(house, BELONGS, kept) == [(number,) for number in sorted([words.customer, words.other])]
    assert asked(house, BELONGS, closed) == []
    assert {number for (number,) in asked(house, HOLDS, kept)} == held
    assert asked(house, WHO, words.closed) == [(closed, closed_email, False)]


def test_who_can_not_prove_both_has_them_merged_at_the_desk_once_it_is_checked(house: House, chromium: Browser) -> None:
    for words in (ENGLISH, FRENCH):
        ((staff,),) = asked(house, STAFF, words.language)
        with visiting(chromium, house, words.language) as desk:
            if words is ENGLISH:
                desk.sign_in_by_code(house, staff)
                desk.page.wait_for_url("**/desk/")
                kept_in = desk.page.context.storage_state()
            else:
                desk.page.context.add_cookies(kept_in["cookies"])  # type: ignore[arg-type]
            _merged_at_desk(desk, words, house)


def _merged_at_desk(desk: Visitor, words: Words, house: House) -> None:
    """Two others of the same companies: the fifth person of each."""
    page, names = desk.page, [f"{old_id[:-1]}4" for old_id in (words.kept, words.closed)]
    (kept, kept_email, _active), (closed, closed_email, _now) = (asked(house, WHO, name)[0] for name in names)
    page.goto("/desk/merging/")
    page.locator("#id_kept").fill(kept_email)
    page.locator("#id_closed").fill(names[1])
    page.locator("#id_checked").fill(CHECKED)
    desk.look("desk-merging")
    page.locator("main form button[type=submit]").press("Enter")
    expect(page.locator("main")).to_contain_text(closed_email)
    expect(page.locator("main")).to_contain_text(words.known)
    desk.look("desk-merging-sure")
    assert asked(house, "SELECT count(*) FROM identity_merge WHERE closed_id = %s", closed) == [(0,)]
    page.locator("main form:has(input[name=sure]) button[type=submit]").dblclick()
    expect(page.locator("main tbody tr", has_text=closed_email)).to_have_count(1)
    desk.look_narrow_and_dark({"desk-merging": "/desk/merging/"})
    for email in (kept_email, closed_email):
        mailed(house, email, rf"^.*{closed_email}.*$")
    assert asked(house, WHO, names[1]) == [(closed, closed_email, False)]
    told = asked(house, "SELECT kept_id, checked FROM identity_merge WHERE closed_id = %s", closed)
    assert told == [(kept, CHECKED)]


def _prove(visitor: Visitor, words: Words) -> None:
    """From the profile to what would move: a wrong password first, then the right one."""
    page = visitor.page
    page.goto("/profile/")
    page.locator("main a[href*='other-account']").press("Enter")
    page.locator("#id_name").fill(words.closed)
    page.locator("#id_password").fill("a guess")
    page.locator("#id_password").press("Enter")
    expect(page.locator("main")).to_contain_text(words.unknown)
    visitor.complaints.clear()  # what is refused is told with its status, and the browser notes that
    page.locator("#id_password").fill(password_of(words.closed))
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/merge/")


def _sees_both(words: Words, house: House, chromium: Browser, name: str) -> None:
    """By any of their names somebody signs in, with the password of the account that stays, and finds both companies."""
    with visiting(chromium, house, words.language) as again:
        page = again.page
        page.goto("/")
        page.get_by_role("textbox").first.fill(name)
        page.locator("input[type=password]").fill(password_of(words.kept))
        page.get_by_role("button", name=SIGN_IN[words.language], exact=True).press("Enter")
        expect(page.locator(f"main a[href*='/c/{words.customer}/']").first).to_be_visible()
        again.until("/", words.known, where="main a")
