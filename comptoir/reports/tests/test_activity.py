"""The activity log: who sees which lines, and how they read."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.events import Events, Kind, table
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import ask, withdraw
from comptoir.kernel.models import Event
from comptoir.kernel.ports import Ports
from comptoir.kernel.recording import Running, record, running, write_events
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.permissions import SCOPES, Role
from comptoir.reports.queries import kinds_of, topic_words
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast, member, raise_curtain, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
LOG = "/c/5200001/activity/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def actor_of(who: Membership) -> Actor:
    """The member acting in their customer."""
    with wall_opened(person=who.person_id):
        visit = Ports.grants.visit(who.person_id, who.organisation.number)
    assert visit is not None
    return visit.actor


def happened(who: Membership, kind: Kind, subject: Subscription, **detail: object) -> None:
    """Record that the member did something."""
    number = who.organisation_id
    with wall_opened(read=[number], write=number, person=who.person_id):
        now = Running(actor_of(who))
        token = running.set(now)
        try:
            record(kind, subject, on=TODAY, **detail)
            write_events(now.events)
        finally:
            running.reset(token)


def seats_added(who: Membership, subscription: Subscription, add: int = 3) -> None:
    """The member adds seats: one line about the seats, one about the invoice."""
    with wall_opened(read=[who.organisation_id], write=who.organisation_id, person=who.person_id):
        add_seats(actor_of(who), subscription, add=add, on=TODAY)


def asked(who: Membership, subscription: Subscription) -> None:
    with wall_opened(read=[who.organisation_id], write=who.organisation_id, person=who.person_id):
        ask(actor_of(who), subscription, verb="subscriptions.add_seats", arguments={"add": 2}, on=TODAY)


def test_the_log_reads_as_sentences_newest_first(cast: Cast) -> None:
    seats_added(cast.camille, cast.subscription)
    asked(cast.sofia, cast.subscription)
    answer = signed_in(cast.camille).get(LOG)
    page = words_of(answer)
    sentences = [
        "Sofia Costa asked: 2 more seats of Sculpt LT, 560000001",
        "Camille Morel added 3 seats to Sculpt LT 560000001: 4 before, 7 now",
        "Invoice F-2026-000001 was issued: 386.63 EUR",
    ]
    places = [page.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert "21 November 2026, today" in page
    assert 'href="/c/5200001/invoices/F-2026-000001/"' in answer.content.decode()


def test_a_request_to_buy_is_told_in_words_and_leads_to_it(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.sofia.person_id):
        wishes = {"wishes": [["SCLT", "year", 5], ["SCLT", "month", 1]]}
        made = ask(actor_of(cast.sofia), cast.contract, verb="subscriptions.buy", arguments=wishes, on=TODAY)
        withdraw(actor_of(cast.sofia), made)
    answer = signed_in(cast.camille).get(LOG)
    page = words_of(answer)
    assert "Sofia Costa asked: Buy 5 seats of Sculpt LT, 1 seat of Sculpt LT" in page
    assert "Sofia Costa withdrew the request: Buy 5 seats of Sculpt LT" in page
    assert f'href="/c/5200001/requests/{made.pk}/"' in answer.content.decode()
    assert f"/requests/{made.pk}/" not in signed_in(cast.rita).get(LOG).content.decode()  # she may not open it


def test_the_log_reads_in_french(cast: Cast) -> None:
    seats_added(cast.camille, cast.subscription)
    page = words_of(signed_in(cast.camille, "fr").get(LOG))
    assert "Camille Morel" in page
    assert "added" not in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("camille", {"seats.added", "invoice.issued", "request.asked"}),
        ("pierre", {"invoice.issued"}),  # the lines about money, and his own
        ("sofia", {"seats.added", "request.asked"}),  # all but money
        ("rita", {"seats.added", "request.asked"}),
        ("emil", {"request.asked"}),  # his own
        ("anton", set()),  # those of the second contract
    ],
)
def test_each_role_sees_the_lines_that_it_may(cast: Cast, who: str, sees: set[str]) -> None:
    seats_added(cast.camille, cast.subscription)
    asked(cast.emil, cast.subscription)
    page = words_of(signed_in(getattr(cast, who)).get(LOG))
    told = {"seats.added": "added 3 seats", "invoice.issued": "was issued", "request.asked": "Emil Larsen asked"}
    assert {kind for kind, words in told.items() if words in page} == sees
    if "invoice.issued" not in sees:
        assert "EUR" not in page


@pytest.mark.parametrize(
    ("who", "without", "sees"),
    [
        ("camille", "", {"seats.added", "invoice.issued"}),
        ("camille", "prices:read", {"seats.added"}),
        ("pierre", "", {"invoice.issued"}),
        ("pierre", "prices:read", set()),
    ],
)
def test_a_token_without_the_scope_of_prices_sees_no_lines_about_money(
    cast: Cast, who: str, without: str, sees: set[str]
) -> None:
    seats_added(cast.camille, cast.subscription)
    token = token_of(getattr(cast, who), scopes=set(SCOPES) - {without})
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/customers/5200001/activity")
    assert {item["kind"] for item in json.loads(answer.content)["items"]} == sees
    assert (b"386.63" in answer.content) == ("invoice.issued" in sees)


def test_a_manager_of_one_contract_sees_its_lines(cast: Cast) -> None:
    second = subscribe(cast.second_contract, cast.sculpt, "560000050", seats=1, start=TODAY)
    seats_added(cast.camille, second)
    seats_added(cast.camille, cast.subscription)
    page = words_of(signed_in(cast.anton).get(LOG))
    assert "560000050" in page
    assert "560000001" not in page


def test_another_customers_log_does_not_show(cast: Cast) -> None:
    seats_added(cast.oskar, cast.foreign_subscription)
    assert "Nothing has happened yet" in words_of(signed_in(cast.camille).get(LOG))


def test_the_log_is_filtered_by_kind_and_person(cast: Cast) -> None:
    seats_added(cast.camille, cast.subscription)
    asked(cast.sofia, cast.subscription)
    camille = signed_in(cast.camille)
    by_kind = words_of(camille.get(LOG, {"kind": "seats.added"}))
    assert "added 3 seats" in by_kind
    assert "asked:" not in by_kind
    by_person = words_of(camille.get(LOG, {"q": "costa SOFIA"}))
    assert "asked:" in by_person
    assert "added 3 seats" not in by_person
    assert "Nothing found" in words_of(camille.get(LOG, {"q": "nobody"}))
    assert camille.get(LOG, {"kind": "coffee.made"}).status_code == 422


def test_every_kind_that_a_customer_meets_can_be_chosen() -> None:
    of_the_house = {"centre", "registration", "person", "sandbox", "clock", "staff", "price", "product", "tax_rate", "charging"}
    of_the_house |= {"language", "tour", "unconfirmed", "password", "statement", "books", "finding", "release", "news"}
    of_the_house |= {"application", "sign_in", "signing_key", "signing_keys", "accounts"}
    chosen = {kind for topic in topic_words() for kind in kinds_of(topic)}
    assert {kind.partition(".")[0] for kind in set(table()) - chosen} == of_the_house


def test_pages_of_the_log_lead_to_and_fro(cast: Cast) -> None:
    for n in range(110):
        happened(cast.camille, Events.TOKEN_CREATED, cast.subscription, name=f"t-{n:03}")
    camille = signed_in(cast.camille)
    first = camille.get(LOG).content.decode()
    assert "t-109" in first
    assert "t-060" in first
    assert "t-059" not in first
    second = camille.get(LOG + first.split('rel="next" href="')[1].split('"')[0]).content.decode()
    assert "t-059" in second
    assert "t-010" in second
    back = camille.get(LOG + second.split('rel="prev" href="')[1].split('"')[0]).content.decode()
    assert "t-060" in back
    assert "t-059" not in back


def test_who_is_gone_or_evil_is_still_named_as_text(cast: Cast) -> None:
    villain = member(cast.nord, "<b>Bob</b>", "{actor} %s")
    asked(villain, cast.subscription)
    page = signed_in(cast.camille).get(LOG).content.decode()
    assert "&lt;b&gt;Bob&lt;/b&gt; {actor} %s" in page
    assert "<b>Bob" not in page


def test_a_line_of_a_later_version_does_not_break_the_page(cast: Cast) -> None:
    seats_added(cast.camille, cast.subscription)
    happened(cast.camille, Kind("rocket.launched", "{nobody.knows}"), cast.subscription)
    happened(cast.camille, Events.TOKEN_CREATED, cast.subscription)  # without its name
    page = words_of(signed_in(cast.camille).get(LOG))
    assert "rocket.launched" in page
    assert "created the access token …" in page


def test_the_number_of_queries_does_not_grow_with_the_lines(cast: Cast) -> None:
    def queries(client: Client) -> int:
        client.get(LOG)
        with CaptureQueriesContext(connection) as made:
            assert client.get(LOG).status_code == 200
        return len(made)

    camille = signed_in(cast.camille)
    for n in range(5):
        line = subscribe(cast.contract, cast.sculpt, f"5600006{n:03}", seats=1, start=TODAY)
        seats_added(cast.camille, line)
        asked(cast.sofia, line)
    few = queries(camille)
    for n in range(5, 40):
        line = subscribe(cast.contract, cast.sculpt, f"5600006{n:03}", seats=1, start=TODAY)
        seats_added(member(cast.nord, f"M{n}", "Many", (Role.CONTRACT_MANAGER, None)), line)
        asked(cast.emil, line)
    assert queries(camille) == few
    with wall_opened(read=[cast.nord.pk]):
        assert Event.objects.count() == 120
