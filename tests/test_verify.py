"""`comptoir verify` finds nothing after a full story, and every one of its checks finds what it is for."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from comptoir.billing.models import Invoice
from comptoir.entitlements.models import Assignment
from comptoir.kernel.asking import approve, ask, decline, withdraw
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.mail import Recipient, write_rendered
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.ports import Ports
from comptoir.kernel.verifying import CHECKS, Verdict, verify
from comptoir.organisations.models import Membership
from comptoir.organisations.tests.merging import merged
from comptoir.permissions import Role
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Subscription
from tests import licensed, released
from tests.cast import TODAY, Cast, member, raise_curtain, seat
from tests.invoiced import credited, within
from tests.owner import DEMO, logged_in, own_database
from tests.paid import pay_by_card, spend_credit


def acting(member: Membership) -> Any:
    visit = Ports.grants.visit(member.person_id, member.organisation.number)
    assert visit is not None
    return visit.actor


def asked_of(cast: Cast, add: int) -> AskedVerb:
    return ask(acting(cast.emil), cast.subscription, verb="subscriptions.add_seats", arguments={"add": add}, on=TODAY)


def tell_the_story() -> Cast:
    """Two customers buy, one asks: approved, declined, withdrawn, open; people sit; a mail waits."""
    cast = raise_curtain()
    buyer = acting(cast.camille).with_key("a key")
    add_seats(buyer, cast.subscription, add=3, on=TODAY)
    add_seats(buyer, cast.subscription, add=3, on=TODAY)
    add_seats(acting(cast.oskar), cast.foreign_subscription, add=3, on=TODAY)
    bought = within(cast.est.pk, lambda: Invoice.objects.get(organisation=cast.est))
    credited(bought, 1)
    credited(bought, 1)
    pay_by_card(cast)
    approve(acting(cast.camille), asked_of(cast, 2), on=TODAY)
    decline(acting(cast.camille), asked_of(cast, 50), answer="No")
    withdraw(acting(cast.emil), asked_of(cast, 5))
    asked_of(cast, 7)
    spend_credit(cast, acting(cast.camille))
    for each in (cast.emil, cast.sofia):
        Assignment.objects.create(organisation=cast.nord, subscription=cast.subscription, membership=each, given_on=TODAY)
    emma = member(cast.nord, "Emma", "Larsen", (Role.PAYER, None))
    seat(cast.subscription, emma)
    merged(cast.emil, emma)
    merged(cast.emil, member(cast.est, "Erna", "Larsen"))
    to = Recipient(cast.emil.person_id, cast.emil.email, cast.emil.name, "en")
    released.tried_downloaded_asked(cast, TODAY)
    licensed.ran_offline_and_floated(cast, acting(cast.camille), TODAY)
    write_rendered(to, "Hello", "Hello", once="a mail", language="en", organisation_id=cast.nord.pk)
    return cast


@pytest.fixture(scope="module")
def story(django_db_blocker: Any) -> Iterator[Cast]:
    with django_db_blocker.unblock(), own_database("verified"):
        yield tell_the_story()


def wrong(verdicts: list[Verdict]) -> dict[str, tuple[str, ...]]:
    return {verdict.name: verdict.examples for verdict in verdicts if verdict.violations}


def test_after_the_story_nothing_is_wrong(story: Cast) -> None:
    assert Subscription.objects.get(pk=story.subscription.pk).seats_now == 4 + 3 + 2
    assert wrong(verify()) == {}
    assert len(CHECKS) > 25


def test_after_the_import_of_the_demo_nothing_is_wrong(django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), own_database("imported"):
        call_command("import_legacy", str(DEMO), json=True, stdout=StringIO())
        assert wrong(verify()) == {}


def test_a_login_that_sees_nothing_is_refused_instead_of_content(story: Cast) -> None:
    from tests.database import SERVER, named

    with logged_in(named(SERVER.app, connection.settings_dict["NAME"])), pytest.raises(HouseRule, match="past the walls"):
        verify()


def off(table: str) -> str:
    return f"ALTER TABLE {table} DISABLE TRIGGER USER"


def without(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


NORD = "(SELECT id FROM organisations_organisation WHERE number = '5200001')"
EST = "(SELECT id FROM organisations_organisation WHERE number = '5200002')"
SUBSCRIPTION = "(SELECT id FROM subscriptions_subscription WHERE number = '560000001')"
LINE = "UPDATE billing_invoiceline SET {} WHERE invoice_id = (SELECT min(id) FROM billing_invoice)"
CREDIT_LINE = (
    "UPDATE billing_invoiceline SET {} WHERE id = (SELECT max(id) FROM billing_invoiceline WHERE credits_id IS NOT NULL)"
)
INVOICE = "UPDATE billing_invoice SET {} WHERE id = (SELECT min(id) FROM billing_invoice)"
ORDER_LINE = "UPDATE subscriptions_orderline SET {} WHERE id = (SELECT min(id) FROM subscriptions_orderline)"
ORDER = "UPDATE subscriptions_order SET {} WHERE id = (SELECT min(id) FROM subscriptions_order)"
LEDGER = f"UPDATE subscriptions_seatentry SET {{}} WHERE subscription_id = {SUBSCRIPTION} AND seq = 2"
EVENT = f"UPDATE kernel_event SET {{}} WHERE organisation_id = {NORD} AND seq = 2"
BALANCE_OFF = off("billing_invoicebalance")
LEDGER_OFF, EVENT_OFF = off("subscriptions_seatentry"), off("kernel_event")
INVOICE_OFF, LINE_OFF, ORDER_LINE_OFF = off("billing_invoice"), off("billing_invoiceline"), off("subscriptions_orderline")
MORE_PERIOD = (
    'INSERT INTO subscriptions_period (organisation_id, subscription_id, start, "end", days, term, kind, currency, price_kind) '
    f"VALUES ({NORD}, {SUBSCRIPTION}, {{}}, 'year', 'renewal', 'EUR', 'renewal')"
)

# check -> ways to break it; each is a list of statements, run by the owner with the guards off
BREAKS: dict[str, list[list[str]]] = {
    "log_chain_unbroken": [
        [EVENT_OFF, EVENT.format("detail = detail || '{\"add\": 4}'")],
        [EVENT_OFF, EVENT.format("hash = 'x'")],
        [EVENT_OFF, EVENT.format("at = at + interval '1 microsecond'")],
        [EVENT_OFF, f"DELETE FROM kernel_event WHERE organisation_id = {NORD} AND seq = 2"],
        [
            EVENT_OFF,
            f"DELETE FROM kernel_event e WHERE organisation_id = {NORD} AND seq = (SELECT max(seq) FROM kernel_event m "
            "WHERE m.chain = e.chain)",
        ],
        [EVENT_OFF, f"DELETE FROM kernel_event WHERE organisation_id = {NORD}"],
        [f"DELETE FROM kernel_chain WHERE organisation_id = {NORD}"],
    ],
    "log_line_in_its_chain": [[EVENT_OFF, EVENT.format(f"organisation_id = {EST}")]],
    "walls_stand": [
        ["ALTER TABLE subscriptions_period DISABLE ROW LEVEL SECURITY"],
        ["ALTER TABLE identity_person NO FORCE ROW LEVEL SECURITY"],
        ["DROP POLICY wall ON organisations_organisation"],
        ["CREATE TABLE a_new_table (id bigint, organisation_id bigint)"],
    ],
    "guards_are_on": [
        [EVENT_OFF],
        ["DROP TRIGGER subscriptions_seatentry_rows_stay ON subscriptions_seatentry"],
        ["ALTER TABLE kernel_house ADD CONSTRAINT unproven CHECK (paused_because = 'x') NOT VALID"],
    ],
    "rows_within_customer": [
        [f"UPDATE entitlements_assignment SET organisation_id = {EST}"],
        ["UPDATE subscriptions_period SET subscription_id = subscription_id + 999999"],
        [without("organisations_rolegrant", "organisations_rolegrant_membership_id_wall")],
    ],
    "request_results_exist": [
        ["UPDATE kernel_requestkey SET result = '\"subscriptions.order:999999\"'"],
    ],
    "requests_decided_once": [
        ["UPDATE kernel_askedverb SET state = 'approved' WHERE state = 'declined'"],
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'request.withdrawn'"],
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'request.asked'"],
        ["UPDATE kernel_askedverb SET decided_by_id = asked_by_id WHERE state = 'open'"],
        ["UPDATE kernel_askedverb SET result = '\"x:1\"' WHERE state = 'declined'"],
    ],
    "mail_noted": [
        ["UPDATE kernel_message SET handed_over_at = now() WHERE once = 'a mail'"],
        ["UPDATE kernel_message SET state = 'kept' WHERE once = 'a mail'"],
        [off("procrastinate_jobs"), "UPDATE procrastinate_jobs SET status = 'failed'"],
    ],
    "member_mirrors_person": [
        ["UPDATE organisations_membership SET email = 'somebody@else.example'"],
        ["UPDATE identity_person SET last_name = 'Else'"],
    ],
    "nobody_stays_with_a_closed_account": [
        [
            "UPDATE organisations_membership SET person_id = (SELECT max(closed_id) FROM identity_merge) "
            f"WHERE organisation_id = {EST} AND person_id IN (SELECT kept_id FROM identity_merge)"
        ],
        [
            "INSERT INTO organisations_joinrequest (organisation_id, person_id, name, email, message, asked_on, state) "
            f"SELECT {EST}, closed_id, 'x', 'x', '', '2026-01-01', 'open' FROM identity_merge LIMIT 1"
        ],
        ["UPDATE identity_person SET is_active = true"],
    ],
    "requests_by_members": [
        [
            "UPDATE kernel_askedverb SET asked_by_id = "
            f"(SELECT min(id) FROM organisations_membership WHERE organisation_id = {EST})"
        ],
        ["UPDATE kernel_askedverb SET decided_by_id = 999999 WHERE state = 'declined'"],
        [
            "UPDATE kernel_askedverb SET decided_by_id = "
            "(SELECT decided_by_id FROM kernel_askedverb WHERE state = 'approved') WHERE state = 'withdrawn'"
        ],
    ],
    "contract_within_customer": [
        [INVOICE_OFF, INVOICE.format(f"contract_id = (SELECT id FROM contracts_contract WHERE organisation_id = {EST})")],
        [EVENT_OFF, "UPDATE kernel_event SET contract_id = 999999 WHERE kind = 'seats.added'"],
    ],
    "balance_recomputed": [
        [BALANCE_OFF, "UPDATE billing_invoicebalance SET open_minor = open_minor + 1"],
        [BALANCE_OFF, "UPDATE billing_invoicebalance SET due_on = due_on + 1"],
        [BALANCE_OFF, "DELETE FROM billing_invoicebalance"],
        [off("billing_allocation"), "UPDATE billing_allocation SET amount_minor = amount_minor - 1"],
    ],
    "tally_of_subscriptions": [
        ["UPDATE subscriptions_tally SET seats = seats + 1 WHERE id = (SELECT min(id) FROM subscriptions_tally)"],
        [off("subscriptions_subscription"), "UPDATE subscriptions_subscription SET automatic_renewal = NOT automatic_renewal"],
        ["UPDATE subscriptions_occupancy SET in_line = in_line + 1"],
    ],
    "occupancy_of_subscriptions": [
        [off("entitlements_assignment"), "UPDATE entitlements_assignment SET waiting = NOT waiting"],
        ["UPDATE subscriptions_occupancy SET crowded = NOT crowded"],
    ],
    "nothing_owed_back": [[BALANCE_OFF, "UPDATE billing_invoicebalance SET open_minor = -1"]],
    "success_is_one_payment": [
        [off("billing_attempt"), "UPDATE billing_attempt SET state = 'declined'"],
        [off("billing_payment"), "UPDATE billing_payment SET amount_minor = amount_minor + 1 WHERE kind = 'charge'"],
        [
            off("billing_payment"),
            off("billing_allocation"),
            "DELETE FROM billing_allocation",
            "DELETE FROM billing_payment WHERE kind = 'charge'",
        ],
    ],
    "one_live_attempt": [
        [
            "DROP INDEX one_live_attempt_per_invoice",
            "INSERT INTO billing_attempt (organisation_id, invoice_id, method_id, amount_minor, currency, nth, state, reference, "
            "provider_ref, decline_code, action_url, by_hand, made_on) SELECT organisation_id, invoice_id, method_id, 1, "
            "currency, 9, 'created', 'other', '', '', '', false, made_on FROM billing_attempt",
        ]
    ],
    "payment_is_used_up": [
        [off("billing_allocation"), "UPDATE billing_allocation SET amount_minor = amount_minor - 1"],
        [off("billing_allocation"), "UPDATE billing_allocation SET amount_minor = amount_minor + 1"],
    ],
    "credit_in_the_log": [
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'payment.from_credit'"],
        [off("billing_allocation"), "UPDATE billing_allocation SET from_credit = false"],
        [off("billing_allocation"), "UPDATE billing_allocation SET from_credit = true"],
    ],
    "refunds_within_payments": [[off("billing_refund"), "UPDATE billing_refund SET amount_minor = 101"]],
    "payment_in_the_log": [[EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'payment.succeeded'"]],
    "line_is_one_payment": [
        ["UPDATE billing_statementline SET state = 'matched'"],
        ["UPDATE billing_statementline SET digest = 'line'"],
    ],
    "invoice_line_recomputed": [
        [LINE_OFF, LINE.format("net_minor = net_minor + 1")],
        [LINE_OFF, LINE.format("days = days - 1")],
        [LINE_OFF, CREDIT_LINE.format("net_minor = net_minor - 1")],
    ],
    "credits_never_exceed": [
        [LINE_OFF, CREDIT_LINE.format("quantity = 3")],
        [LINE_OFF, CREDIT_LINE.format("unit_minor = unit_minor + 1")],
        [LINE_OFF, CREDIT_LINE.format("credits_id = NULL")],
        [LINE_OFF, CREDIT_LINE.format("credits_id = (SELECT min(id) FROM billing_invoiceline)")],
    ],
    "invoice_sums_its_lines": [
        [LINE_OFF, LINE.format("net_minor = net_minor + 1")],
        [LINE_OFF, "DELETE FROM billing_invoiceline"],
    ],
    "invoice_tax_recomputed": [
        [INVOICE_OFF, INVOICE.format("tax_minor = tax_minor + 1, total_minor = total_minor + 1")],
        [LINE_OFF, LINE.format("tax_basis_points = 550")],
        [INVOICE_OFF, "UPDATE billing_invoice SET tax_minor = tax_minor + 1, total_minor = total_minor + 1 WHERE kind = 'A'"],
    ],
    "invoice_has_a_number": [
        [INVOICE_OFF, INVOICE.format("number = NULL, issued_on = NULL")],
        [INVOICE_OFF, INVOICE.format("number = 'F-26-1'")],
        [INVOICE_OFF, INVOICE.format("due_on = issued_on - 1")],
    ],
    "invoice_numbers_without_gaps": [
        [INVOICE_OFF, INVOICE.format("number = 'F-2026-000009'")],
        ["UPDATE billing_series SET last = last + 1"],
        ["UPDATE billing_series SET last = last - 1"],
        ["DELETE FROM billing_series"],
    ],
    "invoice_days_never_go_back": [
        [INVOICE_OFF, INVOICE.format("issued_on = issued_on + 1")],
        ["UPDATE billing_series SET last_day = last_day - 1"],
    ],
    "invoice_in_the_log": [
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'invoice.issued'"],
        [EVENT_OFF, "UPDATE kernel_event SET subject = 'billing.invoice:999999' WHERE kind = 'invoice.issued'"],
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'invoice.credited'"],
    ],
    "invoice_in_the_customers_currency": [
        [INVOICE_OFF, INVOICE.format("currency = 'USD'")],
        [LINE_OFF, LINE.format("currency = 'USD'")],
    ],
    "periods_touch": [[MORE_PERIOD.format("'2027-04-11', '2028-04-11', 366")]],
    "period_denominators": [["UPDATE subscriptions_period SET days = days + 1"]],
    "subscription_mirrors_periods": [
        [MORE_PERIOD.format("'2027-04-10', '2028-04-10', 366")],
        ["UPDATE subscriptions_subscription SET term = 'month'"],
        ["UPDATE subscriptions_subscription SET starts_on = starts_on - 1"],
        ["DELETE FROM subscriptions_period"],
    ],
    "seat_ledger_adds_up": [
        [LEDGER_OFF, LEDGER.format("seats_now = seats_now + 1")],
        [LEDGER_OFF, LEDGER.format("change_at_renewal = change_at_renewal + 1")],
        [LEDGER_OFF, LEDGER.format("seq = 7")],
        [LEDGER_OFF, LEDGER.format("\"on\" = '2020-01-01'")],
    ],
    "subscription_mirrors_ledger": [
        ["UPDATE subscriptions_subscription SET seats_now = seats_now + 1"],
        ["UPDATE subscriptions_subscription SET seats_at_renewal = seats_at_renewal + 1"],
        [LEDGER_OFF, "DELETE FROM subscriptions_seatentry"],
    ],
    "order_line_recomputed": [
        [ORDER_LINE_OFF, ORDER_LINE.format("net_minor = net_minor - 1")],
        [ORDER_LINE_OFF, ORDER_LINE.format("quantity = quantity + 1")],
    ],
    "order_sums_its_lines": [
        [ORDER.format("net_minor = net_minor + 1, total_minor = total_minor + 1")],
        [ORDER.format("total_minor = total_minor + 1")],
        [ORDER_LINE_OFF, "DELETE FROM subscriptions_orderline"],
    ],
    "invoice_bills_its_orders": [[ORDER.format("tax_minor = tax_minor + 1, total_minor = total_minor + 1")]],
    "invoice_lines_are_order_lines": [
        [LINE_OFF, LINE.format("start = start + 1")],
        [ORDER_LINE_OFF, ORDER_LINE.format("unit_minor = unit_minor + 1")],
        [ORDER_LINE_OFF, "DELETE FROM subscriptions_orderline"],
    ],
    "order_counts_once": [
        [LEDGER_OFF, "DELETE FROM subscriptions_seatentry WHERE kind = 'addition'"],
        [LEDGER_OFF, LEDGER.format("change_now = change_now + 1")],
        [EVENT_OFF, "DELETE FROM kernel_event WHERE kind = 'seats.added'"],
        [ORDER.format("seats = seats + 1")],
        [ORDER.format("state = 'placed'")],
        ["DELETE FROM subscriptions_orderinvoice"],
    ],
    "undone_sales_are_credited": [['UPDATE subscriptions_sale SET undone_on = "on"']],
    "ended_by_return": [
        ["UPDATE subscriptions_subscription SET ended_on = starts_on"],
        ["UPDATE subscriptions_period SET undone_on = start"],
    ],
    "money_in_the_customers_currency": [
        ["UPDATE subscriptions_period SET currency = 'USD'"],
        [ORDER.format("currency = 'USD'")],
        [ORDER_LINE_OFF, ORDER_LINE.format("currency = 'USD'")],
    ],
    "clock_within_the_last_period": [
        ["UPDATE subscriptions_subscription SET lapses_on = renews_on + 1"],
        ["UPDATE subscriptions_subscription SET lapses_on = renews_on - 1"],
    ],
    "open_renewals_run_the_clock": [
        [
            MORE_PERIOD.format("'2027-04-10', '2028-04-10', 366"),
            "UPDATE subscriptions_subscription SET renews_on = '2028-04-10', lapses_on = '2028-04-10'",
            "UPDATE subscriptions_sale SET kind = 'renewal', period_id = (SELECT max(id) FROM subscriptions_period)",
        ]
    ],
    "renewal_sold_once": [
        ["UPDATE subscriptions_sale SET kind = 'renewal', period_id = NULL"],
        [f"UPDATE subscriptions_sale SET period_id = (SELECT max(id) FROM subscriptions_period) WHERE organisation_id = {NORD}"],
    ],
    "plan_mirrors_the_ledger": [["UPDATE subscriptions_subscription SET seats_at_renewal = seats_at_renewal + 1"]],
    **released.BREAKS,
    **licensed.BREAKS,
}


@pytest.mark.parametrize(("name", "statements"), [(name, ways) for name, all_ways in BREAKS.items() for ways in all_ways])
def test_a_broken_row_is_found(story: Cast, name: str, statements: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        found = wrong(verify())
        transaction.set_rollback(True)
    assert name in found
    assert found[name][0]


def test_every_check_was_seen_to_fail(story: Cast) -> None:
    verify()
    assert set(BREAKS) == set(CHECKS)


def test_the_command_prints_one_document_and_fails_on_a_violation(story: Cast) -> None:
    out = StringIO()
    call_command("verify", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert told["violations"] == 0
    assert {frozenset(check) for check in told["checks"]} == {frozenset({"name", "violations", "examples"})}
    out = StringIO()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_subscription SET seats_now = seats_now + 1")
        with pytest.raises(CommandError) as failure:
            call_command("verify", stdout=out)
        transaction.set_rollback(True)
    assert failure.value.returncode == 1
    assert "subscription 560000001" in out.getvalue()
