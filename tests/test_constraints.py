"""What is always true because the database refuses anything else. `docs/invariants.md` lists each constraint with this test."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.catalogue.models import ProductPlatform, ProductText, Promotion, Terms, TermsText
from comptoir.cutover.models import BroughtRole, HeldPerson
from comptoir.downloads.models import Release
from comptoir.entitlements.models import Assignment, SerialNumber
from comptoir.identity.models import OldSignIn
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.models import AskedVerb, Message
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AcceptedTerms, AccessToken, Reseller, SpendingLimit
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.support.models import Case
from comptoir.usage.models import CreditUse
from conftest import FreshDatabase
from tests import tables
from tests.cast import Cast, raise_curtain

DAY = date(2026, 1, 1)


class Copy(NamedTuple):
    """A second row like one that is there; `changed` gives SQL for a column. `id` comes from its sequence."""

    table: str
    changed: dict[str, str]


def copy(table: str, **changed: str) -> Copy:
    return Copy(table, changed)


SIGNING_IN = "SELECT set_config('app.signing_in', 'yes', true)"
DRAFT = {"number": "NULL", "issued_on": "NULL", "due_on": "NULL"}
A_DRAFT = copy("billing_invoice", **DRAFT)
ITS_LINE = copy("billing_invoiceline", invoice_id="(SELECT max(id) FROM billing_invoice)")

# constraint -> statements, of which the last one breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    "anchor_is_a_day_of_month": ["UPDATE subscriptions_subscription SET anchor_day = 32"],
    "asked_verb_decided_by_someone": ["UPDATE kernel_askedverb SET state = 'approved'"],
    "at_least_one_price": ["UPDATE catalogue_price SET new_minor = NULL, renewal_minor = NULL WHERE term = 'year'"],
    "at_least_one_seat": ["UPDATE subscriptions_subscription SET seats_at_renewal = 0"],
    "case_number_once": [copy("support_case")],
    "catalogue_product_code_key": [copy("catalogue_product")],
    "catalogue_terms_valid_from_key": [copy("catalogue_terms", version="'2'")],
    "catalogue_terms_version_key": [copy("catalogue_terms", valid_from="valid_from + 1")],
    "contract_number_once": [copy("contracts_contract")],
    "credit_use_imported_once": [copy("usage_credituse")],
    "credits_used_not_negative": ["UPDATE usage_credituse SET credits = -1"],
    "event_chain_has_no_fork": [copy("kernel_event")],
    "held_person_once": [copy("cutover_heldperson")],
    "house_is_one_row": ["INSERT INTO kernel_house (single, paused_because) VALUES (false, '')"],
    "invoice_adds_up": [copy("billing_invoice", **DRAFT, total_minor="total_minor + 1")],
    "invoice_issued_with_number": [copy("billing_invoice", number="NULL")],
    "invoice_line_position_once": [A_DRAFT, ITS_LINE, ITS_LINE],
    "invoice_number_once": [copy("billing_invoice")],
    "kernel_message_once_key": [copy("kernel_message")],
    "membership_left_after_joining": ["UPDATE organisations_membership SET left_on = '1999-12-31'"],
    "monthly_term_has_no_advantage": ["UPDATE catalogue_price SET renewal_minor = new_minor - 1 WHERE term = 'month'"],
    "old_id_once": ["INSERT INTO identity_oldsignin (person_id, old_id) VALUES (app_person(), 'CMOREL')"],
    "one_membership_each": [copy("organisations_membership")],
    "one_open_request_each": [copy("kernel_askedverb")],
    "one_person_per_email": [SIGNING_IN, copy("identity_person", email="upper(email)")],
    "one_price_per_day": [copy("catalogue_price")],
    "one_rate_per_day": [copy("billing_taxrate")],
    "one_release_per_version": [copy("downloads_release")],
    "one_seat_each": [copy("entitlements_assignment")],
    "one_series_per_year": [copy("billing_series")],
    "one_spending_limit_each": [copy("organisations_spendinglimit")],
    "one_terms_text_per_language": [copy("catalogue_termstext")],
    "one_text_per_language": [copy("catalogue_producttext")],
    "order_counts_once": [copy("subscriptions_seatentry", seq="seq + 100", order_id="(SELECT max(id) FROM subscriptions_order)")],
    "order_line_position_once": [copy("subscriptions_orderline")],
    "order_number_once": [copy("subscriptions_order")],
    "order_settled_with_invoice": ["UPDATE subscriptions_order SET invoice_id = NULL"],
    "organisations_accesstoken_digest_key": [copy("organisations_accesstoken")],
    "organisations_organisation_number_key": [
        "SELECT set_config('app.write', '1000000', true)",
        copy("organisations_organisation", id="app_write()"),
    ],
    "organisations_reseller_number_key": [copy("organisations_reseller")],
    "period_ends_after_start": ['UPDATE subscriptions_period SET "end" = start'],
    "period_has_days": ["UPDATE subscriptions_period SET days = 0"],
    "periods_never_overlap": [copy("subscriptions_period", start='"end" - 1', end='"end" + 1')],
    "platform_named_once": [copy("catalogue_productplatform")],
    "prices_not_negative": ["UPDATE catalogue_price SET new_minor = -1 WHERE term = 'year'"],
    "promotion_code_once": [copy("catalogue_promotion", code="lower(code)")],
    "promotion_ends_after_start": ["UPDATE catalogue_promotion SET valid_to = valid_from - 1"],
    "promotion_is_percent_or_amount": ["UPDATE catalogue_promotion SET amount_minor = 1"],
    "promotion_takes_something_off": ["UPDATE catalogue_promotion SET percent_basis_points = 0"],
    "request_once": [copy("kernel_requestkey")],
    "reseller_contract_names_reseller": ["UPDATE contracts_contract SET channel = 'reseller'"],
    "role_brought_once": [copy("cutover_broughtrole")],
    "role_given_once": [copy("organisations_rolegrant")],
    "seat_ledger_has_no_fork": [copy("subscriptions_seatentry", order_id="NULL")],
    "serial_number_once": [copy("entitlements_serialnumber")],
    "severity_one_to_three": ["UPDATE support_case SET severity = 4"],
    "spending_limit_not_negative": ["UPDATE organisations_spendinglimit SET amount_minor = -1"],
    "spending_limit_of_member_or_role": ["UPDATE organisations_spendinglimit SET role = 'payer'"],
    "subscription_number_once": [copy("subscriptions_subscription")],
    "terms_accepted_once": [copy("organisations_acceptedterms")],
}
# trigger -> statements that it refuses, each
STAYS: dict[str, list[str | Copy]] = {
    "billing_invoice_issued": ["UPDATE billing_invoice SET po_number = 'x'", "DELETE FROM billing_invoice"],
    "billing_invoiceline_issued": [
        "UPDATE billing_invoiceline SET net_minor = 0",
        "DELETE FROM billing_invoiceline",
        copy("billing_invoiceline", position="position + 100"),
    ],
    "kernel_event_rows_stay": ["UPDATE kernel_event SET kind = 'x'", "DELETE FROM kernel_event"],
    "organisations_acceptedterms_rows_stay": [
        "UPDATE organisations_acceptedterms SET version = 'x'",
        "DELETE FROM organisations_acceptedterms",
    ],
    "subscriptions_orderline_rows_stay": [
        "UPDATE subscriptions_orderline SET net_minor = 0",
        "DELETE FROM subscriptions_orderline",
    ],
    "subscriptions_seatentry_rows_stay": [
        "UPDATE subscriptions_seatentry SET seats_now = 1",
        "DELETE FROM subscriptions_seatentry",
    ],
}
ALL_STAY = [
    "organisations_acceptedterms",
    "billing_invoice",
    "billing_invoiceline",
    "kernel_event",
    "subscriptions_orderline",
    "subscriptions_seatentry",
]


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast with a row in every table that has a constraint; the wall of Atelier Nord is open, and Camille's own."""
    cast = raise_curtain()
    nord = {"organisation": cast.nord}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        add_seats(visit.actor.with_key("k"), cast.subscription, add=1, on=business_day())
        Assignment.objects.create(**nord, subscription=cast.subscription, membership=cast.emil, given_on=DAY)
        SerialNumber.objects.create(**nord, subscription=cast.subscription, number="S-1")
        told = {"severity": 1, "status": "open", "subject": "?", "opened_on": DAY}
        Case.objects.create(**nord, contract=cast.contract, author=cast.emil, number="1", **told)
        used = {"service": "s", "credits": 1, "used_at": now(), "imported_as": "d"}
        CreditUse.objects.create(**nord, contract=cast.contract, membership=cast.emil, **used)
        HeldPerson.objects.create(**nord, old_id="x", reason="no e-mail", row={})
        BroughtRole.objects.create(**nord, digest="d")
        AccessToken.objects.create(**nord, membership=cast.camille, name="t", digest="d", hint="h", scopes=[])
        OldSignIn.objects.create(person_id=cast.camille.person_id, old_id="cmorel")
        Release.objects.create(product=cast.sculpt, version="1", kind="release", released_on=DAY, title="One")
        Reseller.objects.create(number="R1", name="Revendeur")
        ProductText.objects.create(product=cast.sculpt, language="en", summary="s")
        ProductPlatform.objects.create(product=cast.sculpt, platform="web")
        days = {"valid_from": DAY, "valid_to": DAY}
        Promotion.objects.create(code="CODE", percent_basis_points=1_000, label_en="l", label_fr="l", **days)
        TermsText.objects.create(terms=Terms.objects.create(version="1", valid_from=DAY), language="en", text="t")
        SpendingLimit.objects.create(**nord, membership=cast.emil, amount_minor=1)
        AcceptedTerms.objects.create(**nord, membership=cast.emil, version="1", on=DAY)
        asked = {"verb": "v", "target": "t:1", "target_number": "1", "arguments": {}, "asked_on": DAY}
        AskedVerb.objects.create(organisation_id=cast.nord.pk, asked_by_id=cast.emil.pk, **asked)
        Message.objects.create(organisation_id=cast.nord.pk, once="o", to="x", language="en", subject="s", text="t")
        yield cast


@pytest.mark.parametrize("name", BREAKS)
def test_the_database_refuses_what_breaks_it(name: str, cast: Cast) -> None:
    *before, last = BREAKS[name]
    for statement in before:
        _run(statement)
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        _run(last)
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == name, str(refusal.value)


@pytest.mark.parametrize(("name", "statement"), [(name, each) for name, statements in STAYS.items() for each in statements])
def test_what_is_written_stays_as_it_is(name: str, statement: str | Copy, cast: Cast) -> None:
    with pytest.raises(DatabaseError, match=r"append-only|stays as it is|stay as they are"), transaction.atomic():
        _run(statement)


@pytest.mark.parametrize("table", ALL_STAY)
def test_not_even_the_owner_empties_it(table: str, fresh_database: FreshDatabase) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner, pytest.raises(psycopg.Error, match="is append-only"):
        owner.execute(f"TRUNCATE {table} CASCADE".encode())


def test_no_constraint_is_without_a_statement_that_breaks_it(db: None) -> None:
    assert set(tables.names_of_rules()) == {*BREAKS, *STAYS, *(f"{table}_all_stays" for table in ALL_STAY)}


def _run(statement: str | Copy) -> None:
    with connection.cursor() as cursor:
        if isinstance(statement, str):
            cursor.execute(statement)
            return
        table, changed = statement
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'", [table])
        columns = sorted({name for (name,) in cursor.fetchall()} | set(changed))
        names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(changed.get(name, f'"{name}"') for name in columns)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} LIMIT 1")
