from dataclasses import replace
from datetime import date

import pytest

from comptoir.permissions import Reach
from comptoir.subscriptions.rules import (
    Alignable,
    Channel,
    Facts,
    Plan,
    ProductStatus,
    Reason,
    Returnable,
    SoldBy,
    State,
    Verb,
    reasons,
)

TODAY = date(2026, 11, 21)
RESELLER = SoldBy(name="CAO Nord", email="contact@caonord.example", phone="+33 3 20 00 02 00")
STORE = SoldBy(name="Silver Creek", link="https://store.example/orders/77", order_number="77")

FINE = Facts(
    product="Sculpt LT",
    country="FR",
    country_served=True,
    channel=Channel.DIRECT,
    plan=Plan.SUBSCRIPTION,
    product_status=ProductStatus.ACTIVE,
    self_service=True,
    new_price_known=True,
    renewal_price_known=True,
    reach=dict.fromkeys(Verb, Reach.ALL),
    who_may=dict.fromkeys(Verb, ("Priya Novák",)),
    state=State.ACTIVE,
    automatic_renewal=True,
    renews_on=date(2027, 2, 7),
    renewable_from=date(2026, 11, 9),
    already_renewed=False,
    invoice_overdue=False,
    payment_running=False,
    seats=4,
    seats_left=1,
    alignable=Alignable(matching=("Plan & Coupe",)),
    returnable=Returnable(until=TODAY),
)

# Rules 8, word for word: the reason, what it blocks, and facts in which it applies alone.
ADD, PLAN, TERM = {"add_seats"}, {"plan_seats", "plan_term"}, {"plan_term"}
ALIGN, RENEW, ON, BUY, RETURN = {"align"}, {"renew"}, {"automatic_on"}, {"buy"}, {"return"}
ALL = {
    "buy", "add_seats", "plan_seats", "plan_term", "automatic_on", "automatic_off", "align", "renew", "pay",
    "change_method", "return", "assign",
}  # fmt: skip
TABLE = [
    ("country_not_served", ADD | PLAN | ALIGN | RENEW | ON | BUY, replace(FINE, country_served=False)),
    ("third_party_store", ADD | PLAN | ALIGN | RENEW | ON, replace(FINE, channel=Channel.STORE, sold_by=STORE)),
    ("reseller_purchase", ADD | PLAN | ALIGN | RENEW | ON, replace(FINE, channel=Channel.RESELLER, sold_by=RESELLER)),
    ("product_without_self_service", ADD | PLAN | ALIGN | RENEW | ON, replace(FINE, self_service=False)),
    ("maintenance_plan", ADD | TERM | ALIGN, replace(FINE, plan=Plan.MAINTENANCE)),
    ("product_retired", BUY | ADD | TERM | ALIGN, replace(FINE, product_status=ProductStatus.RETIRED)),
    (
        "price_missing",
        BUY | ADD | PLAN | ALIGN | RENEW,
        replace(FINE, new_price_known=False, renewal_price_known=False),
    ),
    ("not_allowed", ALL, replace(FINE, reach={})),
    ("automatic_renewal_off", TERM, replace(FINE, automatic_renewal=False)),
    ("term_differs", ALIGN, replace(FINE, alignable=Alignable(term_differs=("Bâti",)))),
    ("payment_method_differs", ALIGN, replace(FINE, alignable=Alignable(method_differs=("Bâti",)))),
    ("nothing_to_align", ALIGN, replace(FINE, alignable=Alignable())),
    ("term_change_pending", ALIGN, replace(FINE, alignable=Alignable(("Plan & Coupe",), term_change_pending=True))),
    ("last_seat", {"plan_seats"}, replace(FINE, planned_seats=0)),
    ("too_early", RENEW, replace(FINE, renewable_from=date(2026, 11, 22))),
    ("already_renewed", RENEW | PLAN, replace(FINE, already_renewed=True)),
    ("in_grace", ADD | ALIGN | PLAN, replace(FINE, state=State.GRACE)),
    ("suspended", ADD | ALIGN | PLAN, replace(FINE, state=State.SUSPENDED)),
    ("cancelled", ALL - BUY, replace(FINE, state=State.CANCELLED)),
    ("trial", ALL - BUY, replace(FINE, state=State.TRIAL)),
    ("invoice_overdue", ADD | ALIGN | PLAN, replace(FINE, invoice_overdue=True)),
    ("payment_running", ALL - BUY, replace(FINE, payment_running=True)),
    ("no_seat_left", {"assign"}, replace(FINE, seats_left=0)),
    ("return_window_over", RETURN, replace(FINE, returnable=Returnable(until=date(2026, 11, 20)))),
    ("return_newer_first", RETURN, replace(FINE, returnable=Returnable(TODAY, newer=("F-2026-000007",)))),
    ("seats_in_use", RETURN, replace(FINE, returnable=Returnable(TODAY, seats_in_use_by=("Olivier Petit",)))),
]
ORDER = [code for code, _, _ in TABLE]


def codes(verb: Verb, facts: Facts) -> list[str]:
    return [reason.code for reason in reasons(verb, facts, TODAY)]


def only(verb: Verb, facts: Facts) -> Reason:
    (reason,) = reasons(verb, facts, TODAY)
    return reason


def test_the_verbs_are_those_of_the_rules() -> None:
    assert {str(verb) for verb in Verb} == ALL


@pytest.mark.parametrize("verb", Verb)
def test_where_nothing_is_in_the_way_every_verb_is_available(verb: Verb) -> None:
    assert reasons(verb, FINE, TODAY) == ()


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize(("code", "blocked", "facts"), TABLE, ids=ORDER)
def test_a_reason_blocks_the_verbs_of_its_row_and_no_other(code: str, blocked: set[str], facts: Facts, verb: Verb) -> None:
    assert codes(verb, facts) == ([code] if verb in blocked else [])


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("channel", [Channel.STORE, Channel.RESELLER])
@pytest.mark.parametrize("state", [State.GRACE, State.SUSPENDED, State.CANCELLED, State.TRIAL])
@pytest.mark.parametrize("alignable", [Alignable((), ("a",), ("b",), True), Alignable(term_change_pending=True)])
def test_all_that_apply_are_told_in_the_order_of_the_table(
    verb: Verb, channel: Channel, state: State, alignable: Alignable
) -> None:
    worst = replace(
        FINE,
        country_served=False,
        channel=channel,
        plan=Plan.MAINTENANCE,
        product_status=ProductStatus.RETIRED,
        self_service=False,
        new_price_known=False,
        renewal_price_known=False,
        reach={},
        state=state,
        automatic_renewal=False,
        renewable_from=date(2027, 1, 1),
        already_renewed=True,
        invoice_overdue=True,
        payment_running=True,
        seats_left=0,
        planned_seats=0,
        alignable=alignable,
        returnable=Returnable(None, ("newer",), ("somebody",)),
    )
    not_at_once = {
        {Channel.STORE: "reseller_purchase", Channel.RESELLER: "third_party_store"}[channel],
        *({"in_grace", "suspended", "cancelled", "trial"} - {{State.GRACE: "in_grace"}.get(state, str(state))}),
        *(["nothing_to_align"] if alignable.term_differs else ["term_differs", "payment_method_differs"]),
    }
    # A retired product is in the way of a renewal only when it has no price left, as here.
    expected = [
        code
        for code, blocked, _ in TABLE
        if code not in not_at_once and (verb in blocked or (code == "product_retired" and verb is Verb.RENEW))
    ]
    assert codes(verb, worst) == expected


@pytest.mark.parametrize("verb", [Verb.AUTOMATIC_OFF, Verb.PAY, Verb.CHANGE_METHOD, Verb.RETURN])
@pytest.mark.parametrize("channel", [Channel.STORE, Channel.RESELLER])
def test_leaving_paying_and_returning_are_never_refused_for_country_plan_or_product(verb: Verb, channel: Channel) -> None:
    facts = replace(
        FINE,
        country_served=False,
        channel=channel,
        plan=Plan.MAINTENANCE,
        product_status=ProductStatus.RETIRED,
        self_service=False,
        new_price_known=False,
        renewal_price_known=False,
        state=State.SUSPENDED,
        invoice_overdue=True,
    )
    assert reasons(verb, facts, TODAY) == ()


def test_a_retired_product_renews_while_a_renewal_price_is_valid() -> None:
    retired = replace(FINE, product_status=ProductStatus.RETIRED)
    assert codes(Verb.RENEW, retired) == []
    assert codes(Verb.RENEW, replace(retired, renewal_price_known=False)) == ["product_retired", "price_missing"]


@pytest.mark.parametrize(
    ("verb", "needs_new", "needs_renewal"),
    [
        (Verb.BUY, True, False),
        (Verb.ADD_SEATS, True, False),
        (Verb.PLAN_SEATS, False, True),
        (Verb.PLAN_TERM, False, True),
        (Verb.ALIGN, False, True),
        (Verb.RENEW, False, True),
    ],
)
def test_each_verb_needs_the_price_that_it_takes(verb: Verb, needs_new: bool, needs_renewal: bool) -> None:
    assert codes(verb, replace(FINE, new_price_known=False)) == (["price_missing"] if needs_new else [])
    assert codes(verb, replace(FINE, renewal_price_known=False)) == (["price_missing"] if needs_renewal else [])


@pytest.mark.parametrize("state", [State.GRACE, State.SUSPENDED])
def test_a_late_renewal_by_hand_needs_the_new_price(state: State) -> None:
    late = replace(FINE, state=state)
    assert codes(Verb.RENEW, replace(late, renewal_price_known=False)) == []
    assert codes(Verb.RENEW, replace(late, new_price_known=False)) == ["price_missing"]


def test_planned_seats_above_todays_need_the_new_price_too() -> None:
    without_new = replace(FINE, new_price_known=False)
    assert codes(Verb.PLAN_SEATS, replace(without_new, planned_seats=4)) == []
    assert codes(Verb.PLAN_SEATS, replace(without_new, planned_seats=5)) == ["price_missing"]
    assert codes(Verb.PLAN_SEATS, replace(FINE, planned_seats=5)) == []
    assert codes(Verb.PLAN_SEATS, replace(FINE, planned_seats=5, renewal_price_known=False)) == ["price_missing"]


@pytest.mark.parametrize("reach", Reach)
def test_not_allowed_names_who_is_and_offers_to_ask(reach: Reach) -> None:
    facts = replace(FINE, reach={Verb.ADD_SEATS: reach})
    if reach in {Reach.ASK, Reach.PROPOSE, Reach.NONE}:
        params = {"who_may": ("Priya Novák",), "may_ask": reach is Reach.ASK, "may_propose": reach is Reach.PROPOSE}
        assert only(Verb.ADD_SEATS, facts) == Reason("not_allowed", params)
    else:
        assert reasons(Verb.ADD_SEATS, facts, TODAY) == ()


def test_a_verb_that_the_facts_forget_is_not_allowed() -> None:
    facts = replace(FINE, reach={}, who_may={})
    assert only(Verb.PAY, facts).params == {"who_may": (), "may_ask": False, "may_propose": False}


def test_a_match_makes_align_available_whatever_else_differs() -> None:
    others = Alignable(matching=("Plan & Coupe",), term_differs=("Bâti",), method_differs=("Terrain Civil",))
    assert codes(Verb.ALIGN, replace(FINE, alignable=others)) == []


def test_one_seat_can_still_be_planned() -> None:
    assert codes(Verb.PLAN_SEATS, replace(FINE, planned_seats=1)) == []
    assert codes(Verb.PLAN_SEATS, replace(FINE, seats=1)) == []


def test_a_word_straight_from_a_row_blocks_as_its_enum_does() -> None:
    raw = replace(FINE, channel="reseller", plan="maintenance", product_status="retired", state="suspended")  # type: ignore[arg-type]
    expected = ["reseller_purchase", "maintenance_plan", "product_retired", "suspended"]
    assert codes(Verb.ADD_SEATS, raw) == expected
    assert codes("add_seats", raw) == expected  # type: ignore[arg-type]


def test_the_days_that_open_and_close_a_window_are_inside_it() -> None:
    assert codes(Verb.RENEW, replace(FINE, renewable_from=TODAY)) == []
    assert codes(Verb.RETURN, replace(FINE, returnable=Returnable(until=TODAY))) == []


def test_what_was_never_invoiced_cannot_be_returned() -> None:
    assert only(Verb.RETURN, replace(FINE, returnable=Returnable())) == Reason("return_window_over", {"until": None})


PARAMS: dict[str, tuple[Verb, dict[str, object]]] = {
    "country_not_served": (Verb.BUY, {"country": "FR"}),
    "third_party_store": (
        Verb.RENEW,
        {
            "name": "Silver Creek",
            "link": "https://store.example/orders/77",
            "email": "",
            "phone": "",
            "order_number": "77",
        },
    ),
    "reseller_purchase": (
        Verb.ADD_SEATS,
        {
            "name": "CAO Nord",
            "link": "",
            "email": "contact@caonord.example",
            "phone": "+33 3 20 00 02 00",
            "order_number": "",
        },
    ),
    "product_without_self_service": (Verb.RENEW, {"product": "Sculpt LT"}),
    "maintenance_plan": (Verb.ALIGN, {}),
    "product_retired": (Verb.BUY, {"product": "Sculpt LT"}),
    "price_missing": (Verb.BUY, {"product": "Sculpt LT"}),
    "not_allowed": (Verb.PAY, {"who_may": ("Priya Novák",), "may_ask": False, "may_propose": False}),
    "automatic_renewal_off": (Verb.PLAN_TERM, {"on": date(2027, 2, 7)}),
    "term_differs": (Verb.ALIGN, {"names": ("Bâti",)}),
    "payment_method_differs": (Verb.ALIGN, {"names": ("Bâti",)}),
    "nothing_to_align": (Verb.ALIGN, {}),
    "term_change_pending": (Verb.ALIGN, {}),
    "last_seat": (Verb.PLAN_SEATS, {}),
    "too_early": (Verb.RENEW, {"opens_on": date(2026, 11, 22)}),
    "already_renewed": (Verb.RENEW, {"on": None}),
    "in_grace": (Verb.ALIGN, {"ended_on": date(2027, 2, 7)}),
    "suspended": (Verb.ALIGN, {"ended_on": date(2027, 2, 7)}),
    "cancelled": (Verb.PAY, {"ended_on": date(2027, 2, 7)}),
    "trial": (Verb.PAY, {"ends_on": date(2027, 2, 7)}),
    "invoice_overdue": (Verb.ALIGN, {}),
    "payment_running": (Verb.PAY, {}),
    "no_seat_left": (Verb.ASSIGN, {"seats": 4}),
    "return_window_over": (Verb.RETURN, {"until": date(2026, 11, 20)}),
    "return_newer_first": (Verb.RETURN, {"names": ("F-2026-000007",)}),
    "seats_in_use": (Verb.RETURN, {"names": ("Olivier Petit",)}),
}


@pytest.mark.parametrize(("code", "blocked", "facts"), TABLE, ids=ORDER)
def test_a_reason_carries_what_its_sentence_needs(code: str, blocked: set[str], facts: Facts) -> None:
    verb, params = PARAMS[code]
    assert verb in blocked
    assert only(verb, facts) == Reason(code, params)
