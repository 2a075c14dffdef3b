"""Groups in a browser: seats all or nothing, a line, a swap, any day; benefits by keyboard; products together; who gives one."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import House, Visitor, asked, everybody_reads, mailed, visiting

pytestmark = pytest.mark.browser
WITHOUT = """
SELECT m.email, m.name, i.old_id FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
JOIN identity_oldsignin i ON i.person_id = m.person_id WHERE o.number = %s AND m.left_on IS NULL AND m.active
AND m.id NOT IN (SELECT membership_id FROM organisations_rolegrant WHERE role = 'contract_manager') AND m.id NOT IN (
SELECT membership_id FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
WHERE s.number = %s AND a.ended_on IS NULL) AND m.email LIKE '%%@client%%'
ORDER BY m.id NOT IN (SELECT membership_id FROM organisations_rolegrant), m.id
"""
SITS = """
SELECT m.email, a.waiting FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
JOIN organisations_membership m ON m.id = a.membership_id WHERE s.number = %s AND a.ended_on IS NULL
"""
TODAY = date(2026, 11, 21)
CHOSEN = """
SELECT c.benefit, c.given FROM entitlements_benefitchoice c JOIN organisations_group g ON g.id = c.group_id
JOIN organisations_organisation o ON o.id = g.organisation_id WHERE o.number = %s AND g.name = %s
"""


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one customer of the demo."""

    language: str
    customer: str
    manager: str
    full: str  # a subscription of which one seat fewer is free than people of the customer are without
    free: int
    other: str  # a subscription of the same contract that nobody uses
    group: str
    short: str
    give_group: str
    has_it: str
    line: str
    yours: str
    take: str
    changed_hands: str
    kept: str
    show: str
    so: str
    changed: str
    who_gives: str
    ask: str
    send: str
    approve: str


ENGLISH = Words(
    language="en",
    customer="5100008",
    manager="SC00008005",
    full="560002050",
    free=8,
    other="560002046",
    group="Studio Nord",
    short="There are not enough seats: 1 more needed, 8 of 10 free.",
    give_group="Give a seat to everybody in it",
    has_it="The group Studio Nord has it now.",
    line="Waiting list",
    yours="The next seat that becomes free is yours.",
    take="Take back from those ticked",
    changed_hands="The seat has changed hands.",
    kept="1 benefit changed.",
    show="Show what would happen",
    so="Change it so",
    changed="Changed: Studio Nord kit.",
    who_gives="Who can give you access:",
    ask="Ask for a seat",
    send="Send the request",
    approve="Approve",
)
FRENCH = Words(
    language="fr",
    customer="5100039",
    manager="SC00039002",
    full="560009100",
    free=4,
    other="560009248",
    group="Studio Nord",
    short="Il n’y a pas assez de postes\u202f: il en manque 1, libres\u202f: 4 sur 5.",
    give_group="Attribuer un poste à tous ses membres",
    has_it="Le groupe Studio Nord l’a désormais.",
    line="Liste d’attente",
    yours="Le prochain poste qui se libère est à vous.",
    take="Reprendre aux personnes cochées",
    changed_hands="Le poste a changé de mains.",
    kept="1 avantage modifié.",
    show="Voir ce qui se passerait",
    so="Appliquer",
    changed="Modifié\u202f: Studio Nord kit.",
    who_gives="Qui peut vous donner accès",
    ask="Demander un poste",
    send="Envoyer la demande",
    approve="Approuver",
)


def sits(house: House, number: str) -> dict[str, bool]:
    """Who has a seat of it, or (True) waits for one, by address."""
    return {str(email): bool(waiting) for email, waiting in asked(house, SITS, number)}


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_group_gets_seats_all_or_nothing_and_whoever_comes_later_waits_and_moves_up(
    words: Words, house: House, chromium: Browser
) -> None:
    everybody_reads(house, words.customer, words.language)
    people = asked(house, WITHOUT, words.customer, words.full)[: words.free + 1]
    assert len(people) == words.free + 1
    (late, _name, late_id), before = people[-1], sits(house, words.full)
    seats = f"/c/{words.customer}/subscriptions/{words.full}/people/"
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.manager, words.customer)
        group = _made(visitor, words, [email for email, _name, _id in people])
        page.goto(seats)
        page.locator("#give-group").select_option(label=words.group)
        page.get_by_role("button", name=words.give_group).press("Enter")
        expect(page.locator("main")).to_contain_text(words.short)
        assert sits(house, words.full) == before
        visitor.look("seats-short")
        visitor.complaints.clear()  # what is refused is told with its status, and the browser notes that
        page.goto(group)
        page.locator("main tr", has_text=late).get_by_role("button").press("Enter")
        expect(page.locator("main tbody tr")).to_have_count(words.free)
        page.goto(seats)
        page.locator("#give-group").select_option(label=words.group)
        page.get_by_role("button", name=words.give_group).press("Enter")
        expect(page.locator("body")).to_contain_text(words.has_it)
        now = sits(house, words.full)
        assert now == before | {email: False for email, _name, _id in people[:-1]}
        page.goto(group)
        page.locator("main textarea").fill(late)
        page.locator("form:has(textarea) button[type=submit]").press("Enter")
        expect(page.locator("main tbody tr")).to_have_count(words.free + 1)
        assert sits(house, words.full) == now | {late: True}
        expect(page.locator("main .status-warn")).to_have_count(1)
        visitor.look("group-with-a-line")
        page.goto(seats)
        expect(page.get_by_role("heading", name=words.line)).to_be_visible()
        visitor.look("seats-with-a-line")
        visitor.look_narrow_and_dark({"group-with-a-line": group, "seats-with-a-line": seats})
        _waits_and_moves_up(visitor, words, house, chromium, late, late_id, before)


def _made(visitor: Visitor, words: Words, emails: list[str]) -> str:
    page = visitor.page
    page.goto(f"/c/{words.customer}/groups/")
    page.locator("#id_name").fill(words.group)
    page.locator("#id_name").press("Enter")
    page.wait_for_url("**/groups/*/")
    page.locator("main textarea").fill("\n".join(emails))
    page.locator("form:has(textarea) button[type=submit]").press("Enter")
    expect(page.locator("main tbody tr")).to_have_count(len(emails))
    return page.url


def _waits_and_moves_up(
    visitor: Visitor, words: Words, house: House, chromium: Browser, late: str, late_id: str, before: dict[str, bool]
) -> None:
    seats, goes = f"/c/{words.customer}/subscriptions/{words.full}/people/", min(before)
    with visiting(chromium, house, words.language) as other:
        other.sign_in(late_id, words.customer)
        other.page.goto(seats)
        expect(other.page.locator("main")).to_contain_text(words.yours)
        other.look("seat-waited-for")
        page = visitor.page
        page.goto(f"{seats}?q={goes}")
        page.locator("main tbody input[name=members]").first.press("Space")
        page.get_by_role("button", name=words.take).press("Enter")
        page.wait_for_url(f"**{seats}")
        expect(page.get_by_role("heading", name=words.line)).to_have_count(0)
        now = sits(house, words.full)
        assert (now[late], goes in now, len(now)) == (False, False, words.free + len(before))
        other.page.goto(seats)
        expect(other.page.locator("main")).not_to_contain_text(words.yours)
        expect(other.page.locator("main .notice-good, main .alert-success, main [class*=good]").first).to_be_visible()


# customers with two subscriptions of one contract that have room
ROOMY = [
    replace(ENGLISH, customer="5100034", manager="SC00034000", full="560007520", other="560007561"),
    replace(FRENCH, customer="5100023", manager="SC00023003", full="560005260", other="560005162"),
]


@pytest.mark.parametrize("words", ROOMY, ids=["english", "french"])
def test_a_seat_changes_hands_benefits_are_given_by_keyboard_and_products_are_put_together(
    words: Words, house: House, chromium: Browser
) -> None:
    everybody_reads(house, words.customer, words.language)
    (giver, giver_name, _id), (taker, taker_name, _old_id) = asked(house, WITHOUT, words.customer, words.other)[:2]
    with visiting(chromium, house, words.language) as visitor:
        visitor.sign_in(words.manager, words.customer)
        _swap(visitor, words, house, giver, taker)
        _any_day(visitor, words, giver_name, taker_name)
        _benefits(visitor, words, house)
        _products_together(visitor, words, house, taker)


def _swap(visitor: Visitor, words: Words, house: House, giver: str, taker: str) -> None:
    page, seats = visitor.page, f"/c/{words.customer}/subscriptions/{words.other}/people/"
    page.goto(f"{seats}?q={giver}")
    before = sits(house, words.other)
    page.locator("main tbody input[name=members]").first.press("Space")
    page.locator("main .after-table .btn-primary").press("Enter")
    page.wait_for_url(f"**{seats}")
    assert sits(house, words.other) == before | {giver: False}
    page.locator("main tr", has_text=giver).locator("a[href*='giver=']").press("Enter")
    page.locator("#swap-q").fill(taker)
    page.locator("#swap-q").press("Enter")
    page.locator("main input[name=taker]").press("Space")
    visitor.look("seat-swapped")
    page.locator("form:has(input[name=taker]) button[type=submit]").press("Enter")
    expect(page.locator("body")).to_contain_text(words.changed_hands)
    assert sits(house, words.other) == before | {taker: False}


def _any_day(visitor: Visitor, words: Words, giver: str, taker: str) -> None:
    """Who had what: neither yesterday; since today who has it now, for the giver had it not even a day."""
    page = visitor.page
    here = f"/c/{words.customer}/subscriptions/{words.other}/people/on/"
    page.goto(f"{here}?on={TODAY - timedelta(days=1)}")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody")).not_to_contain_text(taker)
    page.goto(f"{here}?on={TODAY}")
    expect(page.locator("main tbody tr")).to_have_count(2)
    expect(page.locator("main tbody")).to_contain_text(taker)
    expect(page.locator("main tbody")).not_to_contain_text(giver)
    visitor.look("seats-of-a-day")
    visitor.look_narrow_and_dark({"seats-of-a-day": page.url})


def _benefits(visitor: Visitor, words: Words, house: House) -> None:
    """Of a group, without a mouse: an arrow to the next benefit, down to what it shall be, enter."""
    page = visitor.page
    page.goto(f"/c/{words.customer}/groups/")
    page.locator("#id_name").fill(f"{words.group} 2")
    page.locator("#id_name").press("Enter")
    page.wait_for_url("**/groups/*/")
    page.goto(f"/c/{words.customer}/benefits/groups/?q={words.group} 2")
    choices = page.locator("[data-matrix] select")
    choices.first.focus()
    page.keyboard.press("ArrowRight")
    named = page.evaluate("document.activeElement.value").split("-")[1]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value").endswith(f"-{named}-withheld")
    visitor.look("benefits-of-groups")
    page.locator("main form[method=post] button[type=submit]").press("Enter")
    expect(page.locator("body")).to_contain_text(words.kept)
    assert asked(house, CHOSEN, words.customer, f"{words.group} 2") == [(named, False)]
    expect(choices.nth(1)).to_have_value(f"{choices.nth(1).input_value().split('-')[0]}-{named}-withheld")
    visitor.look_narrow_and_dark({"benefits-of-groups": page.url})


def _products_together(visitor: Visitor, words: Words, house: House, holder: str) -> None:
    """Two subscriptions by one name; one is taken out: whoever holds both loses it, and is named before."""
    page = visitor.page
    page.goto(f"/c/{words.customer}/bundles/")
    page.locator("#id_name").fill(f"{words.group} kit")
    page.locator(f"input[name=subscriptions][value='{words.other}']").press("Space")
    page.locator("form:has(#id_name) button[type=submit]").press("Enter")
    page.wait_for_url("**/bundles/*/")
    page.locator(".header-actions a").press("Enter")
    for number in (words.other, words.full):
        page.locator(f"input[name=subscriptions][value='{number}']").press("Space")
    page.get_by_role("button", name=words.show).press("Enter")
    expect(page.locator("main table")).to_be_visible()
    visitor.look("bundle-change")
    before = sits(house, words.other)
    assert len(before) == 2
    assert holder in before
    page.get_by_role("button", name=words.so).press("Enter")
    expect(page.locator("body")).to_contain_text(words.changed)
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert sits(house, words.other) == {}
    assert before.items() <= sits(house, words.full).items()
    visitor.look_narrow_and_dark({"bundle": page.url})


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
def test_who_has_no_seat_sees_who_gives_one_and_whoever_looks_after_the_group_gives_it_from_the_mail(
    words: Words, house: House, chromium: Browser
) -> None:
    everybody_reads(house, words.customer, words.language)
    people = asked(house, WITHOUT, words.customer, words.other)
    (carer, carer_name, carer_id), (asker, asker_name, asker_id) = people[-1], people[-2]
    seats = f"/c/{words.customer}/subscriptions/{words.other}/people/"
    with visiting(chromium, house, words.language) as visitor:
        visitor.sign_in(words.manager, words.customer)
        _given_to_look_after(visitor, words, carer, asker)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(asker_id, words.customer)
        page.goto(seats)
        expect(page.locator("main")).to_contain_text(words.who_gives)
        expect(page.locator("main")).to_contain_text(carer_name)
        visitor.look("who-gives-a-seat")
        page.get_by_role("link", name=words.ask).press("Enter")
        page.get_by_role("button", name=words.send).press("Enter")
        page.wait_for_url("**/requests/")
        assert asker not in sits(house, words.other)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(carer_id, words.customer)
        page.goto(mailed(house, carer, r"/c/\d+/requests/\d+/"))
        expect(page.locator("main")).to_contain_text(asker_name)
        visitor.look("group-request")
        page.get_by_role("button", name=words.approve, exact=True).press("Enter")
        page.wait_for_url("**/requests/")
        assert sits(house, words.other)[asker] is False
        assert carer not in sits(house, words.other)
        page.goto(f"{seats}?q={asker}")
        expect(page.locator("main tbody tr")).to_have_count(1)


def _given_to_look_after(visitor: Visitor, words: Words, carer: str, asker: str) -> None:
    """A group with one person in it, and somebody else who looks after it."""
    page = visitor.page
    page.goto(f"/c/{words.customer}/groups/")
    page.locator("#id_name").fill(f"{words.group} 3")
    page.locator("#id_name").press("Enter")
    page.wait_for_url("**/groups/*/")
    group = page.url.rstrip("/").rpartition("/")[2]
    page.locator("main textarea").fill(asker)
    page.locator("form:has(textarea) button[type=submit]").press("Enter")
    page.goto(f"/c/{words.customer}/people/?q={carer}")
    page.locator("main tbody th a").press("Enter")
    page.locator("#role-role").select_option("access_manager")
    page.locator("#role-where").select_option(f"group:{group}")
    page.locator("form:has(#role-role) button[type=submit]").press("Enter")
    expect(page.locator("main table").first).to_contain_text(f"{words.group} 3")
