"""Many people come to a company: by a list, by an invitation that ends, by asking; who manages it, with roles asked for."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import House, Visitor, asked, everybody_reads, mailed, visiting

pytestmark = pytest.mark.browser
INVITATION, REQUEST = r"/invitation/\S+/", r"/c/\d+/requests/\d+/"
NARROW = ("people-lists", "domains", "wishes-to-join")
MEMBERS = """
SELECT m.email, m.name, m.active FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
WHERE o.number = %s AND m.left_on IS NULL AND m.email LIKE %s ORDER BY m.email
"""
HOLDS = """
SELECT g.role FROM organisations_rolegrant g JOIN organisations_membership m ON m.id = g.membership_id
JOIN identity_oldsignin i ON i.person_id = m.person_id WHERE lower(i.old_id) = lower(%s) ORDER BY g.role
"""
ADDRESS = "SELECT email FROM identity_person p JOIN identity_oldsignin i ON i.person_id = p.id WHERE lower(old_id) = lower(%s)"
STAFF = """
UPDATE identity_person p SET language = %s, language_confirmed_at = now() FROM identity_staffrole s
WHERE s.person_id = p.id AND s.role = %s RETURNING p.email
"""
WEEK_LATER = "UPDATE organisations_membership SET invited_until = invited_until - interval '8 days' WHERE email = %s RETURNING id"


@dataclass(frozen=True)
class Words:
    """What the pages say in one language, about one customer of the demo."""

    language: str
    customer: str
    contract: str
    manager: str
    coordinator: str
    colleague: str  # an end user
    domain: str
    read: str
    look: str
    good: str
    verdicts: tuple[str, ...]
    add: str
    added: str
    ended: str
    again: str
    no_longer: str
    invites: str
    accept: str
    listed: str
    asks: str
    let_in: str
    inside: str
    ask_role: str
    approve: str
    payer: str
    still: str
    appointed: str


ENGLISH = Words(
    language="en",
    customer="5100001",
    contract="110002088",
    manager="SC00001008",
    coordinator="SC00001001",
    colleague="SC00001002",
    domain="client1.example",
    read="Read the list",
    look="Look again",
    good="3 of 7 can be added",
    verdicts=("is here already", "is no e-mail address", "stands twice in the list", "has no address"),
    add="Add 3 people",
    added="3 people were added.",
    ended="Invitation expired",
    again="Send the invitation again",
    no_longer="This invitation is no longer good",
    invites="Studio Ferreira (1) invites you",
    accept="Accept the invitation",
    listed="People with an address there may ask to join now.",
    asks="Nora Novak",
    let_in="Let Nora Novak in",
    inside="Nora Novak belongs to your company now.",
    ask_role="Ask for this role",
    approve="Approve",
    payer="Payer",
    still="Although somebody manages it already, and hears of this",
    appointed="Priya Le-Goff manages it from now on.",
)
FRENCH = Words(
    language="fr",
    customer="5100009",
    contract="110008596",
    manager="SC00009001",
    coordinator="SC00009005",
    colleague="SC00009007",
    domain="client9.example",
    read="Lire la liste",
    look="Actualiser",
    good="3 sur 7 peuvent être ajoutées",
    verdicts=("est déjà là", "n’est pas une adresse e-mail", "figure deux fois dans la liste", "n’a pas d’adresse"),
    add="Ajouter 3 personnes",
    added="3 personnes ont été ajoutées.",
    ended="Invitation expirée",
    again="Renvoyer l’invitation",
    no_longer="Cette invitation n’est plus valable",
    invites="Mécanique Ångström & Fils vous invite",
    accept="Accepter l’invitation",
    listed="Les personnes qui ont une adresse de ce domaine peuvent maintenant demander à vous rejoindre.",
    asks="Nora Novak",
    let_in="Accepter Nora Novak",
    inside="Nora Novak fait maintenant partie de votre entreprise.",
    ask_role="Demander ce rôle",
    approve="Approuver",
    payer="Payeur",
    still="Bien que quelqu’un le gère déjà, et en sera averti",
    appointed="Anaïs Le-Goff le gère dès maintenant.",
)
BOTH_WORDS = pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])


def members(house: House, words: Words, like: str) -> list[tuple[str, str, bool]]:
    """Address, name and whether they have come in, of those whose address is like that."""
    return [(email, name, active) for email, name, active in asked(house, MEMBERS, words.customer, like)]


def address_of(house: House, old_id: str) -> str:
    """The address of somebody of the old centre."""
    ((email,),) = asked(house, ADDRESS, old_id)
    return str(email)


def spreadsheet(words: Words, known: str) -> bytes:
    """A list with heads that nobody knows, as a spreadsheet saves it: three rows are good, and two would be formulas."""
    rows = [
        ("Wie", "Adresse bei der Arbeit", "Büro"),
        ("=2+3", f"sum@list.{words.domain}", "Köln"),
        ("Zoë Ångström", f"zoe@list.{words.domain}", "Köln"),
        ("Bo Berg", f"bo@list.{words.domain}", "Lyon"),
        ("Bo Berg", f"BO@list.{words.domain}", "Lyon"),
        ("Colleague", known.upper(), "Lyon"),
        ("@SUM(A1)", "=1+1", "Lyon"),
        ("Nobody", "", "Lyon"),
    ]
    return "\r\n".join(";".join(row) for row in rows).encode("cp1252")


@BOTH_WORDS
def test_good_rows_go_through_and_the_file_says_what_became_of_each(
    words: Words, house: House, chromium: Browser, tmp_path: Path
) -> None:
    everybody_reads(house, words.customer, words.language)
    known = address_of(house, words.colleague)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.coordinator, words.customer)
        page.goto(f"/c/{words.customer}/people/lists/")
        visitor.look("people-lists")
        content = spreadsheet(words, known)
        page.locator("input[type=file]").set_input_files({"name": "leute.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name=words.read).press("Enter")
        page.locator("#id_c0").select_option("name")
        page.locator("#id_c1").select_option("email")
        page.get_by_role("button", name=words.look).press("Enter")
        expect(page.locator("main")).to_contain_text(words.good)
        for verdict in words.verdicts:
            expect(page.locator("main td", has_text=verdict)).to_have_count(1)
        assert members(house, words, f"%@list.{words.domain}") == []
        visitor.look("people-list-judged")
        visitor.look_narrow_and_dark({"people-list-judged": page.url})
        page.get_by_role("button", name=words.add).dblclick()
        expect(page.locator("body")).to_contain_text(words.added)
        with page.expect_download() as caught:
            page.get_by_role("link", name="CSV").press("Enter")
        _is_safe_and_true(house, words, Path(caught.value.path()).read_bytes())
        here = page.url
        page.goto("/")
    mailed(house, f"zoe@list.{words.domain}", INVITATION)
    with visiting(chromium, house, words.language) as other:  # somebody without any right to it
        other.sign_in(words.colleague, words.customer)
        assert other.page.request.get(here).status == 404


def _is_safe_and_true(house: House, words: Words, content: bytes) -> None:
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    told = [(line["email"].lower(), line["result"]) for line in lines]
    assert [result for _email, result in told] == [
        "added", "added", "added", "twice", "already_here", "address_malformed", "address_missing",
    ]  # fmt: skip
    cells = [cell for line in lines for cell in line.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert "'=2+3" in cells
    here = members(house, words, f"%@list.{words.domain}")
    assert {email for email, result in told if result == "added"} == {email for email, _name, _active in here}
    assert not any(active for _email, _name, active in here)


@BOTH_WORDS
def test_an_invitation_ends_after_a_week_and_the_next_one_lets_in(words: Words, house: House, chromium: Browser) -> None:
    everybody_reads(house, words.customer, words.language)
    email = f"nina@invited.{words.domain}"
    with visiting(chromium, house, words.language) as visitor, visiting(chromium, house, words.language) as nina:
        page = visitor.page
        visitor.sign_in(words.manager, words.customer)
        page.goto(f"/c/{words.customer}/people/new/")
        page.locator("#id_email").fill(email)
        page.locator("#id_first_name").fill("Nina")
        page.locator("#id_last_name").fill("Neumann")
        page.locator("#id_last_name").press("Enter")
        page.wait_for_url("**/people/*/")
        here = page.url
        first = mailed(house, email, INVITATION)
        assert len(asked(house, WEEK_LATER, email)) == 1  # invitations last a week of real time, which no clock of ours moves
        nina.page.goto(first)
        expect(nina.page.get_by_role("heading", level=1)).to_have_text(words.no_longer)
        nina.look("invitation-ended")
        nina.complaints.clear()  # what is gone is told with its status, and the browser notes that
        page.goto(f"/c/{words.customer}/people/?state=expired")
        expect(page.locator("main tbody tr")).to_have_count(1)
        page.goto(here)
        expect(page.locator("main")).to_contain_text(words.ended)
        visitor.look("member-invitation-ended")
        page.get_by_role("button", name=words.again).press("Enter")
        expect(page.locator("main")).not_to_contain_text(words.ended)
        second = mailed(house, email, INVITATION, 2)
        nina.page.goto(second)
        expect(nina.page.get_by_role("heading", level=1)).to_have_text(words.invites)
        nina.look("invitation")
        nina.look_narrow_and_dark({"invitation": second, "invitation-ended": first})
        assert members(house, words, email) == [(email, "Nina Neumann", False)]
        nina.page.locator("form:has(input[name=email]) button[type=submit]").first.press("Enter")
        nina.type_code(house, email)
        nina.page.get_by_role("button", name=words.accept).press("Enter")
        nina.page.wait_for_url(f"**/c/{words.customer}/")
        assert members(house, words, email) == [(email, "Nina Neumann", True)]
        page.goto(here)
        expect(page.get_by_role("button", name=words.again)).to_have_count(0)


@BOTH_WORDS
def test_a_newcomer_of_a_known_domain_asks_and_is_let_in(words: Words, house: House, chromium: Browser) -> None:
    everybody_reads(house, words.customer, words.language)
    inside, outside = f"nora@{words.domain}", f"nora@elsewhere-{words.language}.example"
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.manager, words.customer)
        page.goto(f"/c/{words.customer}/domains/")
        page.locator("#id_domain").fill(words.domain)
        page.locator("#id_domain").press("Enter")
        expect(page.locator("body")).to_contain_text(words.listed)
        visitor.look("domains")
        for email in (outside, inside):
            with visiting(chromium, house, words.language) as nora:
                _asks_to_join(nora, house, email)
        visitor.until(f"/c/{words.customer}/people/newcomers/", words.asks, where="main th")
        expect(page.locator("main tbody tr")).to_have_count(1)
        visitor.look("wishes-to-join")
        visitor.look_narrow_and_dark({"wishes-to-join": page.url, "domains": f"/c/{words.customer}/domains/"})
        assert members(house, words, inside) == []
        page.get_by_role("button", name=words.let_in).press("Enter")
        expect(page.locator("body")).to_contain_text(words.inside)
        assert members(house, words, inside) == [(inside, "Nora Novak", True)]
        assert members(house, words, outside) == []
    with visiting(chromium, house, words.language) as nora:
        nora.sign_in_by_code(house, inside)
        nora.page.wait_for_url(f"**/c/{words.customer}/")


def _asks_to_join(nora: Visitor, house: House, email: str) -> None:
    page = nora.page
    page.goto("/access/newcomer/")
    page.locator("#id_email").fill(email)
    page.locator("#id_first_name").fill("Nora")
    page.locator("#id_last_name").fill("Novak")
    nora.look("newcomer")
    page.locator("#id_last_name").press("Enter")
    nora.look("newcomer-code")
    nora.type_code(house, email)
    page.wait_for_url("**/access/request/**")
    nora.look("asked-to-join")


@BOTH_WORDS
def test_a_role_is_asked_for_and_a_manager_is_appointed_where_the_only_one_has_gone(
    words: Words, house: House, chromium: Browser
) -> None:
    everybody_reads(house, words.customer, words.language)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.coordinator, words.customer)
        page.goto(f"/c/{words.customer}/people/?q={address_of(house, words.colleague)}")
        page.locator("main tbody th a").press("Enter")
        page.locator("#role-role").select_option("payer")
        visitor.look("role-asked-for")
        page.get_by_role("button", name=words.ask_role).press("Enter")
        page.wait_for_url("**/requests/")
        assert asked(house, HOLDS, words.colleague) == []
    manager = address_of(house, words.manager)
    with visiting(chromium, house, words.language) as visitor:
        page = visitor.page
        visitor.sign_in(words.manager, words.customer)
        page.goto(mailed(house, manager, REQUEST))
        expect(page.locator("main")).to_contain_text(words.payer)
        visitor.look("role-request")
        page.get_by_role("button", name=words.approve, exact=True).press("Enter")
        page.wait_for_url("**/requests/")
        assert asked(house, HOLDS, words.colleague) == [("payer",)]
    _appoint(words, house, chromium)


def _appoint(words: Words, house: House, chromium: Browser) -> None:
    """At the desk, for a customer whose only manager has gone without handing over."""
    ((staff,),) = asked(house, STAFF, words.language, "administrator")
    with visiting(chromium, house, words.language) as desk:
        page = desk.page
        desk.sign_in_by_code(house, staff)
        page.wait_for_url("**/desk/")
        page.goto(f"/desk/customers/{words.customer}/managers/")
        page.locator("#id_email").fill(address_of(house, words.coordinator))
        page.locator("#id_contract").select_option(words.contract)
        page.locator("#id_checked").fill("Called back at the number of the trade register; knew the last invoice.")
        page.locator("main form button[type=submit]").press("Enter")
        page.get_by_label(words.still).check()
        desk.look("appointing")
        assert asked(house, HOLDS, words.coordinator) == [("software_coordinator",)]
        page.locator("main form:has(input[name=sure]) button[type=submit]").press("Enter")
        expect(page.locator("body")).to_contain_text(words.appointed)
        assert asked(house, HOLDS, words.coordinator) == [("contract_manager",), ("software_coordinator",)]
        desk.look_narrow_and_dark({"appointing": page.url})
    mailed(house, address_of(house, words.coordinator), f"/c/{words.customer}/people/")
