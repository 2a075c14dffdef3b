"""Buying: a basket, the sum with tax before the click, one order however often it is sent, asking, limits (P8, P13)."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from comptoir.billing.models import Attempt, Invoice, PaymentMethod
from comptoir.billing.tests.paying import give
from comptoir.catalogue.models import Price, Product, Promotion, Terms
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import AskedVerb, Event, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AcceptedTerms, RoleGrant, SpendingLimit
from comptoir.subscriptions.models import Order, Period, Sale, SeatEntry, Subscription
from tests.cast import TODAY, Cast, product, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
HERE = "/c/5200001/basket/"


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=date(2026, 1, 1))
    product("PLAN", "Plan", {"year": (49500, 44550)})
    return cast


def with_basket(who: Client, *wishes: tuple[str, str, int]) -> Client:
    for code, term, seats in wishes or (("SCLT", "year", 4),):
        who.post("/basket/", {"action": "add", "product": code, "term": term, "seats": seats})
    return who


def order_of(who: Client, **told: Any) -> Any:
    """Look at the sum, and confirm what was seen."""
    page = who.get(HERE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    return who.post(HERE, {"quote": quote, "pay": "invoice", "contract": "new", "accept": "on", "request_key": "k", **told})


def plain(answer: Any) -> str:
    return words_of(answer).replace("\xa0", " ")


def bought(cast: Cast) -> list[Subscription]:
    with wall_opened(read=[cast.nord.pk]):
        found = Subscription.objects.exclude(pk=cast.subscription.pk).select_related("contract", "product")
        return list(found.filter(organisation=cast.nord).order_by("number"))


def test_a_visitor_sees_the_sum_without_tax(cast: Cast) -> None:
    visitor = with_basket(Client(), ("SCLT", "year", 4), ("PLAN", "year", 2))
    page = plain(visitor.get("/basket/"))
    assert "4 seats × 280.00 EUR" in page
    assert "2,110.00 EUR" in page
    assert "Register your company and continue" in page


def test_lines_are_changed_and_removed_and_a_nonsense_number_changes_nothing(cast: Cast) -> None:
    visitor = with_basket(Client(), ("SCLT", "year", 4), ("PLAN", "year", 2))
    rows = {"product": ["SCLT", "PLAN"], "term": ["3years", "year"], "seats": ["1", "2"]}
    visitor.post("/basket/", {"action": "update", **rows})
    assert "1 seat × 755.00 EUR" in plain(visitor.get("/basket/"))
    visitor.post("/basket/", {"action": "update", **rows, "seats": ["0", "2"]})
    assert "1 seat × 755.00 EUR" in plain(visitor.get("/basket/"))
    visitor.post("/basket/", {"action": "update", **rows, "remove": "0"})
    page = plain(visitor.get("/basket/"))
    assert "990.00 EUR" in page
    assert "755.00 EUR" not in page


def test_a_code_is_taken_off_and_one_that_holds_for_nothing_is_told(cast: Cast) -> None:
    days = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
    Promotion.objects.create(code="TEN", percent_basis_points=1000, label_en="Ten off", label_fr="Dix", **days)
    visitor = with_basket(Client())
    visitor.post("/basket/", {"action": "code", "code": "ten"})
    page = plain(visitor.get("/basket/"))
    assert "4 seats × 252.00 EUR" in page
    assert "280.00 EUR before the promotion Ten off" in page
    visitor.post("/basket/", {"action": "code", "code": "NOPE"})
    page = plain(visitor.get("/basket/"))
    assert "The code NOPE holds for nothing here today." in page
    assert "4 seats × 280.00 EUR" in page


def test_the_sum_with_tax_stands_before_the_click_and_nothing_is_ordered(cast: Cast) -> None:
    page = plain(with_basket(signed_in(cast.camille)).get(HERE))
    for part in ("4 seats × 280.00 EUR", "1,120.00 EUR", "VAT 20%", "224.00 EUR", "1,344.00 EUR", "4 seats × 250.00 EUR"):
        assert part in page
    assert "Order for 1,344.00 EUR" in page
    assert bought(cast) == []


def test_one_click_makes_contract_subscription_period_ledger_and_invoice(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille), ("SCLT", "year", 4), ("PLAN", "year", 2))
    answer = order_of(camille, po_number="PO 77")
    plan, sculpt = sorted(bought(cast), key=lambda each: each.product.code)
    with wall_opened(read=[cast.nord.pk]):
        order = Order.objects.get(verb="buy")
        assert answer.headers["Location"] == f"/c/5200001/orders/{order.number}/"
        assert sculpt.contract == plan.contract
        assert (sculpt.contract.channel, sculpt.contract.plan, sculpt.contract.started_on) == ("direct", "subscription", TODAY)
        assert (sculpt.seats_now, sculpt.seats_at_renewal, sculpt.term) == (4, 4, "year")
        assert (sculpt.starts_on, sculpt.renews_on, sculpt.anchor_day) == (TODAY, date(2027, 11, 21), 21)
        period = Period.objects.get(subscription=sculpt)
        assert (period.start, period.end, period.days, period.price_minor) == (TODAY, date(2027, 11, 21), 365, 28000)
        assert list(SeatEntry.objects.filter(subscription=sculpt).values_list("seq", "kind", "seats_now")) == [(1, "purchase", 4)]
        invoice = Invoice.objects.get()
        assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (211000, 42200, 253200)
        assert (invoice.po_number, invoice.contract_id) == ("PO 77", sculpt.contract_id)
        assert Sale.objects.filter(kind="purchase", invoice=invoice).count() == 2
        assert (order.state, order.terms_version, order.po_number) == ("settled", "7", "PO 77")
        assert AcceptedTerms.objects.filter(membership=cast.camille, version="7").exists()
        assert Event.objects.filter(kind="subscription.bought").count() == 2
    assert camille.get(answer.headers["Location"]).status_code == 200
    assert "Your basket is empty" in plain(camille.get("/basket/"))


def test_a_second_click_the_back_button_and_another_tab_order_once(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille))
    page = camille.get(HERE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    told = {"quote": quote, "pay": "invoice", "contract": "new", "accept": "on", "request_key": "k"}
    first = camille.post(HERE, told)
    with_basket(camille)  # the other tab still holds what was in the basket
    second = camille.post(HERE, told)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(bought(cast)) == 1


def test_a_price_that_moved_since_it_was_seen_orders_nothing(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille))
    page = camille.get(HERE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    Price.objects.filter(product=cast.sculpt, term="year").update(new_minor=30000)
    answer = camille.post(HERE, {"quote": quote, "pay": "invoice", "contract": "new", "accept": "on"})
    assert answer.status_code == 409
    assert "1,440.00 EUR" in plain(answer)  # the new sum stands there
    assert bought(cast) == []


def test_without_the_terms_accepted_nothing_is_ordered(cast: Cast) -> None:
    answer = order_of(with_basket(signed_in(cast.camille)), accept="")
    assert answer.status_code == 422
    assert "The terms of sale have to be accepted first." in plain(answer)
    assert bought(cast) == []


def test_it_can_stand_under_a_contract_that_is_there(cast: Cast) -> None:
    order_of(with_basket(signed_in(cast.camille)), contract=cast.contract.number)
    assert [each.contract_id for each in bought(cast)] == [cast.contract.pk]
    assert bought(cast)[0].number == f"{cast.contract.number}-1"


def test_who_manages_one_contract_buys_under_that_one_alone(cast: Cast) -> None:
    anton = with_basket(signed_in(cast.anton))
    page = anton.get(HERE).content.decode()
    assert cast.second_contract.number in page
    assert cast.contract.number not in page
    assert "A new contract" not in page
    assert order_of(anton, contract=cast.contract.number).status_code == 422
    assert order_of(anton, contract="new").status_code == 422
    order_of(anton, contract=cast.second_contract.number)
    assert [each.contract_id for each in bought(cast)] == [cast.second_contract.pk]


def test_a_contract_of_a_reseller_or_a_maintenance_plan_is_not_offered(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Contract.objects.filter(pk=cast.contract.pk).update(plan="maintenance")
    camille = with_basket(signed_in(cast.camille))
    assert f'value="{cast.contract.number}"' not in camille.get(HERE).content.decode()
    assert order_of(camille, contract=cast.contract.number).status_code == 422
    assert bought(cast) == []


@pytest.mark.parametrize("why", ["retired", "no price", "not served"])
def test_what_cannot_be_bought_says_why(cast: Cast, why: str, settings: Any) -> None:
    camille = with_basket(signed_in(cast.camille))
    sentence = "Sculpt LT is no longer sold."
    if why == "retired":
        Product.objects.update(status="retired")
    elif why == "no price":
        Price.objects.all().delete()
        sentence = "Sculpt LT has no price in your currency."
    else:
        settings.COUNTRIES_NOT_SERVED = frozenset({"FR"})
        sentence = "Self-service is not available in your country."
    assert sentence in plain(camille.get(HERE))
    camille.post(HERE, {"pay": "invoice", "contract": "new", "accept": "on"})
    assert bought(cast) == []


def test_who_may_only_ask_sees_no_amounts_and_a_manager_approves_with_one_click(cast: Cast) -> None:
    sofia = with_basket(signed_in(cast.sofia))
    page = plain(sofia.get(HERE))
    assert "4 seats of Sculpt LT" in page
    assert "280.00" not in page
    asked = sofia.post(HERE, {"action": "ask", "contract": "new", "reason": "new colleagues"})
    assert asked.headers["Location"] == "/c/5200001/requests/"
    assert "Buy 4 seats of Sculpt LT" in plain(sofia.get("/c/5200001/requests/"))
    with wall_opened(read=[cast.nord.pk]):
        pk = AskedVerb.objects.get().pk
    camille = signed_in(cast.camille)
    shown = camille.get(f"/c/5200001/requests/{pk}/")
    assert "1,344.00 EUR" in plain(shown)
    assert "By approving you accept the terms of sale" in plain(shown)
    quote = shown.content.decode().split('name="quote" value="')[1].split('"')[0]
    for _ in range(2):  # two clicks
        camille.post(f"/c/5200001/requests/{pk}/approval/", {"quote": quote, "request_key": "k"})
    assert [each.seats_now for each in bought(cast)] == [4]
    with wall_opened(read=[cast.nord.pk]):
        assert Order.objects.get(verb="buy").ordered_by_id == cast.camille.pk
        assert AskedVerb.objects.get().state == "approved"


def asked_for(cast: Cast, contract: str = "new") -> int:
    """Sofia asks for four seats; the request."""
    sofia = with_basket(signed_in(cast.sofia))
    assert sofia.post(HERE, {"action": "ask", "contract": contract, "reason": ""}).status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        return AskedVerb.objects.latest("pk").pk


def chosen_way(answer: Any) -> str:
    """The way to pay that is ticked."""
    return str(re.findall(r'name="pay" value="(\w+)"[^>]*checked', answer.content.decode())[0])


def paid_by(cast: Cast, card: PaymentMethod) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="card", paid_with=card)


def test_whoever_approves_chooses_how_it_is_paid_and_the_usual_way_is_one_click(cast: Cast) -> None:
    card = give(cast)
    pk = asked_for(cast)
    here = f"/c/5200001/requests/{pk}/"
    camille = signed_in(cast.camille)
    assert chosen_way(camille.get(here)) == "invoice"  # as its one subscription is paid
    paid_by(cast, card)
    assert chosen_way(camille.get(here)) == str(card.pk)
    assert camille.post(f"{here}approval/", {"pay": "999", "request_key": "a"}).status_code == 422
    camille.post(f"{here}approval/", {"request_key": "b"})  # nothing chosen: the usual way
    with wall_opened(read=[cast.nord.pk]):
        order = Order.objects.get(verb="buy")
        assert (order.paid_with_id, order.state, Attempt.objects.get().method_id) == (card.pk, "placed", card.pk)
    assert bought(cast) == []  # nothing before it is paid


def test_what_is_approved_can_go_on_invoice_though_the_contract_is_paid_by_card(cast: Cast) -> None:
    paid_by(cast, give(cast))
    pk = asked_for(cast)
    signed_in(cast.camille).post(f"/c/5200001/requests/{pk}/approval/", {"pay": "invoice"})
    with wall_opened(read=[cast.nord.pk]):
        assert not Attempt.objects.exists()
        assert (Order.objects.get(verb="buy").state, Invoice.objects.count()) == ("settled", 1)


def test_a_card_that_expired_is_no_usual_way(cast: Cast) -> None:
    card = give(cast)
    paid_by(cast, card)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        PaymentMethod.objects.update(expires_on=TODAY)
    assert chosen_way(with_basket(signed_in(cast.camille)).get(HERE)) == "invoice"


def test_the_contract_that_has_the_product_already_comes_first(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille))
    assert f'value="{cast.contract.number}" selected' in camille.get(HERE).content.decode()
    other = with_basket(signed_in(cast.camille), ("PLAN", "year", 1))
    assert 'value="new" selected' in other.get(HERE).content.decode()


def test_those_who_approve_hear_what_is_asked_for_in_their_language(cast: Cast) -> None:
    sofia = with_basket(signed_in(cast.sofia))
    sofia.post(HERE, {"action": "ask", "contract": "new", "reason": ""})
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JOBS["subscriptions.tell_asked"][0](Actor.job("j", cast.nord.pk), asked_id=AskedVerb.objects.get().pk)
        mail = Message.objects.get(to=cast.camille.email)
        assert "Buy 4 seats of Sculpt LT" in mail.text
        assert "280" not in mail.text


def limit(cast: Cast, minor: int, **who: Any) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        SpendingLimit.objects.create(organisation=cast.nord, amount_minor=minor, **who)


def test_above_a_spending_limit_an_order_becomes_a_request_to_another_manager(cast: Cast) -> None:
    limit(cast, 100000, membership=cast.anton)
    anton = with_basket(signed_in(cast.anton))
    page = anton.get(HERE)
    assert "This is above your spending limit of 1000.00 EUR, without tax. Ask Camille Morel to approve it." in plain(page)
    assert "Order for" not in plain(page)
    refused = anton.post(HERE, {"pay": "invoice", "contract": cast.second_contract.number, "accept": "on"})
    assert refused.status_code == 403
    assert bought(cast) == []
    asked = anton.post(HERE, {"action": "ask", "contract": cast.second_contract.number, "reason": ""})
    assert asked.status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        pk = AskedVerb.objects.get().pk
    own = anton.get(f"/c/5200001/requests/{pk}/")
    assert "Approve for" not in plain(own)  # nobody approves what was beyond them
    assert anton.post(f"/c/5200001/requests/{pk}/approval/").status_code == 409  # it is his own
    assert bought(cast) == []
    signed_in(cast.camille).post(f"/c/5200001/requests/{pk}/approval/")
    assert [each.contract_id for each in bought(cast)] == [cast.second_contract.pk]


def test_a_sum_that_is_just_the_limit_needs_nobody(cast: Cast) -> None:
    limit(cast, 112000, role="contract_manager")
    order_of(with_basket(signed_in(cast.camille)))
    assert len(bought(cast)) == 1


def test_who_needs_no_approval_does_not_ask(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille))
    assert camille.post(HERE, {"action": "ask", "contract": "new", "reason": ""}).status_code == 409


def test_a_payer_and_a_report_viewer_find_no_counter(cast: Cast) -> None:
    for who in (cast.pierre, cast.rita):
        assert signed_in(who).get(HERE).status_code in {200, 404}
    assert bought(cast) == []


def test_json_is_no_way_round_the_numbers(cast: Cast) -> None:
    visitor = Client()
    for seats in ("0", "-1", "1.5", "100001", "many", ""):
        visitor.post("/basket/", {"action": "add", "product": "SCLT", "term": "year", "seats": seats})
    assert "Your basket is empty" in plain(visitor.get("/basket/"))
    assert json.dumps(dict(visitor.session)).count("SCLT") == 0


def test_a_request_goes_to_a_contract_that_somebody_manages_where_nobody_may_open_a_new_one(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        RoleGrant.objects.filter(membership=cast.camille).delete()  # Anton is left, with the second contract
    emil = with_basket(signed_in(cast.emil))
    page = emil.get(HERE).content.decode()
    assert cast.second_contract.number not in page  # an end user sees no contracts
    assert emil.post(HERE, {"action": "ask", "contract": "new", "reason": ""}).status_code == 302
    assert cast.second_contract.number not in emil.get("/c/5200001/requests/").content.decode()
    with wall_opened(read=[cast.nord.pk]):
        asked = AskedVerb.objects.get()
        assert asked.contract_id == cast.second_contract.pk
    signed_in(cast.anton).post(f"/c/5200001/requests/{asked.pk}/approval/")
    assert [each.contract_id for each in bought(cast)] == [cast.second_contract.pk]


def test_the_page_of_the_order_leads_to_what_was_bought(cast: Cast) -> None:
    camille = with_basket(signed_in(cast.camille), ("SCLT", "year", 4), ("SCLT", "month", 1))
    page = camille.get(order_of(camille).headers["Location"]).content.decode()
    for each in bought(cast):
        assert f"/subscriptions/{each.number}/" in page
