"""What is always true because the database refuses anything else. `docs/invariants.md` lists each constraint with this test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from comptoir.catalogue.models import ProductPlatform, ProductText, Promotion, Terms, TermsText
from comptoir.cutover.models import BroughtRole, HeldPerson
from comptoir.downloads.models import Release
from comptoir.entitlements.models import Assignment, SerialNumber
from comptoir.home.models import Notice
from comptoir.identity.models import Merge, OldSignIn
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.models import AskedVerb, Message, SecondLook
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import (
    AcceptedTerms,
    AccessToken,
    Appointment,
    EmailDomain,
    Group,
    GroupMember,
    JoinRequest,
    Organisation,
    PeopleImport,
    Reseller,
    RoleCheck,
    SpendingLimit,
)
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.support.models import Case
from comptoir.usage.models import CreditUse
from tests import activated, lent, offline, released, seated, signed, sold, tables
from tests.cast import Cast, raise_curtain, staff_member
from tests.database import RUN, SERVER, named
from tests.paid import one_row_each
from tests.staying import ALL_STAY, STAYS, Copy, copy

DAY = date(2026, 1, 1)


AT_THE_HOUSE = (
    "SELECT set_config('app.desk', 'yes', true), set_config('app.house', 'yes', true), set_config('app.person', '', true)"
)
SIGNING_IN = "SELECT set_config('app.signing_in', 'yes', true)"
DRAFT = {"number": "NULL", "issued_on": "NULL", "due_on": "NULL"}
A_DRAFT = copy("billing_invoice", **DRAFT)
ITS_LINE = copy("billing_invoiceline", invoice_id="(SELECT max(id) FROM billing_invoice)")
OF_ORDER = {"invoice_id": "NULL", "order_id": "(SELECT max(id) FROM subscriptions_order)"}

AN_ARCHIVE = (
    "INSERT INTO billing_invoicearchive (organisation_id, asked_by_id, year, asked_at, file) "
    "SELECT organisation_id, id, 2026, now(), '{}' FROM organisations_membership WHERE organisation_id = app_write() LIMIT 1"
)

EVERYBODY_ELSE = (
    "INSERT INTO entitlements_assignment (organisation_id, subscription_id, membership_id, given_on, waiting) SELECT "
    "a.organisation_id, a.subscription_id, m.id, a.given_on, {} FROM entitlements_assignment a, organisations_membership m "
    "WHERE m.organisation_id = a.organisation_id AND m.id <> a.membership_id"
)

# constraint -> statements, of which the last one breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    **lent.BREAKS,
    **signed.BREAKS,
    **offline.BREAKS,
    **activated.BREAKS,
    "allocation_pays_something": [copy("billing_allocation", amount_minor="0")],
    "allocation_within_payment_and_invoice": [copy("billing_allocation")],
    "credit_pays_by_itself": [
        copy("billing_allocation", from_credit="true", dispute_id="(SELECT id FROM billing_dispute)", amount_minor="-1")
    ],
    "anchor_is_a_day_of_month": ["UPDATE subscriptions_subscription SET anchor_day = 32"],
    "asked_verb_decided_by_someone": ["UPDATE kernel_askedverb SET state = 'approved'"],
    "at_least_one_price": ["UPDATE catalogue_price SET new_minor = NULL, renewal_minor = NULL WHERE term = 'year'"],
    "at_least_one_seat": ["UPDATE subscriptions_subscription SET seats_at_renewal = 0"],
    "archive_finished_with_a_file": [AN_ARCHIVE.format("a.zip")],
    "attempt_charges_something": [copy("billing_attempt", amount_minor="0")],
    "attempt_ends_on_a_day": [copy("billing_attempt", state="'created'")],
    "attempt_for_invoice_or_order": [copy("billing_attempt", invoice_id="NULL")],
    "attempt_of_invoice_counted_once": [copy("billing_attempt", state="'declined'", reference="'other'")],
    "attempt_of_order_counted_once": [
        copy("billing_attempt", **OF_ORDER, state="'declined'", reference="'other'"),
        copy("billing_attempt", **OF_ORDER, state="'declined'", reference="'another'"),
    ],
    "attempt_reference_once": [copy("billing_attempt", state="'declined'", nth="99")],
    "billing_payment_attempt_id_key": [copy("billing_payment", reference="'other'")],
    "billing_sandboxcharge_key_key": [copy("billing_sandboxcharge", ref="'other'")],
    "billing_sandboxcharge_ref_key": [copy("billing_sandboxcharge", key="'other'")],
    "billing_sandboxdispute_ref_key": [copy("billing_sandboxdispute")],
    "billing_sandboxmethod_token_key": [copy("billing_sandboxmethod")],
    "billing_sandboxrefund_key_key": [copy("billing_sandboxrefund", ref="'other'")],
    "billing_sandboxrefund_ref_key": [copy("billing_sandboxrefund", key="'other'")],
    "billing_sandboxsetup_key_key": [copy("billing_sandboxsetup", ref="'other'")],
    "billing_sandboxsetup_ref_key": [copy("billing_sandboxsetup", key="'other'")],
    "case_number_once": [copy("support_case")],
    "catalogue_product_code_key": [copy("catalogue_product")],
    "catalogue_terms_valid_from_key": [copy("catalogue_terms", version="'2'")],
    "catalogue_terms_version_key": [copy("catalogue_terms", valid_from="valid_from + 1")],
    "charge_has_its_attempt": [copy("billing_payment", kind="'transfer'")],
    "charged_with_what_it_says": ["UPDATE subscriptions_subscription SET paid_with_id = 1"],
    "contract_number_once": [copy("contracts_contract")],
    "credit_note_corrects_an_invoice": [copy("billing_invoice", **DRAFT, kind="'A'")],
    "credit_use_imported_once": [copy("usage_credituse")],
    "credits_used_not_negative": ["UPDATE usage_credituse SET credits = -1"],
    "credits_within_line": [
        copy("billing_invoice", **DRAFT, kind="'A'", corrects_id="id"),
        copy(
            "billing_invoiceline", invoice_id="(SELECT max(id) FROM billing_invoice)", credits_id="id", net_minor="net_minor + 1"
        ),
    ],
    "domain_listed_once": [copy("organisations_emaildomain")],
    "one_open_wish_to_join_each": [copy("organisations_joinrequest")],
    "wish_to_join_decided_by_someone": ["UPDATE organisations_joinrequest SET state = 'approved'"],
    "role_check_once_each": [copy("organisations_rolecheck")],
    "appointment_was_checked": [copy("organisations_appointment", checked="''")],
    "people_import_done_on_a_day": ["UPDATE organisations_peopleimport SET state = 'done'"],
    "people_import_invites_whom_it_added": ["UPDATE organisations_peopleimport SET to_invite = 1"],
    "dispute_closed_on_a_day": ["UPDATE billing_dispute SET closed_on = NULL"],
    "dispute_once": [copy("billing_dispute")],
    "dispute_takes_something": [copy("billing_dispute", amount_minor="0")],
    "event_chain_has_no_fork": [copy("kernel_event")],
    "finding_once": [copy("billing_finding")],
    "group_ends_after_it_was_made": ["UPDATE organisations_group SET ended_on = made_on - 1"],
    "group_left_after_joining": ["UPDATE organisations_groupmember SET left_on = joined_on - 1"],
    "group_name_once": [copy("organisations_group", name="upper(name)")],
    "held_person_once": [copy("cutover_heldperson")],
    "house_is_one_row": ["INSERT INTO kernel_house (single, paused_because) VALUES (false, '')"],
    "invoice_adds_up": [copy("billing_invoice", **DRAFT, total_minor="total_minor + 1")],
    "invoice_issued_with_number": [copy("billing_invoice", number="NULL")],
    "invoice_line_position_once": [A_DRAFT, ITS_LINE, ITS_LINE],
    "invoice_number_once": [copy("billing_invoice")],
    "invoice_settles_one_order": [copy("subscriptions_orderinvoice")],
    "kernel_message_once_key": [copy("kernel_message")],
    "line_promotion_with_list_price": [A_DRAFT, ITS_LINE._replace(changed={**ITS_LINE.changed, "promotion": "'SPRING'"})],
    "member_word_once": [copy("organisations_memberword")],
    "membership_left_after_joining": ["UPDATE organisations_membership SET left_on = '1999-12-31'"],
    "identity_merge_closed_id_key": [SIGNING_IN, copy("identity_merge")],
    "merge_done_when_nothing_waits": [SIGNING_IN, "UPDATE identity_merge SET customers = '{1}'"],
    "merge_at_desk_was_checked": [SIGNING_IN, "UPDATE identity_merge SET checked = 'called back'"],
    "merge_of_two": [SIGNING_IN, "UPDATE identity_merge SET kept_id = closed_id"],
    "monthly_term_has_no_advantage": ["UPDATE catalogue_price SET renewal_minor = new_minor - 1 WHERE term = 'month'"],
    "night_counts_its_customers": ["INSERT INTO kernel_nightrun VALUES ('2026-01-01', now(), NULL, NULL, 0, false, 1, 1, 1)"],
    "occupancy_once": [copy("subscriptions_occupancy")],
    "old_id_once": ["INSERT INTO identity_oldsignin (person_id, old_id) VALUES (app_person(), 'CMOREL')"],
    "benefit_ends_after_it_began": ["UPDATE entitlements_benefitchoice SET ended_on = since - 1"],
    "benefit_of_a_person_or_a_group": ["UPDATE entitlements_benefitchoice SET group_id = NULL"],
    "bundle_name_once": [copy("entitlements_bundle", name="upper(name)")],
    "given_to_a_group_once": [copy("entitlements_groupseat")],
    "group_seat_ends_after_it_was_given": ["UPDATE entitlements_groupseat SET ended_on = given_on - 1"],
    "once_in_a_bundle": [copy("entitlements_bundleitem")],
    "one_choice_of_a_benefit": [copy("entitlements_benefitchoice")],
    "people_within_seats_given": [EVERYBODY_ELSE.format("false")],
    "people_within_seats_moved": [EVERYBODY_ELSE.format("true"), "UPDATE entitlements_assignment SET waiting = false"],
    "once_in_a_group": [copy("organisations_groupmember")],
    "one_archive_of_a_year_at_a_time": [AN_ARCHIVE.format(""), AN_ARCHIVE.format("")],
    "one_live_attempt_per_invoice": [copy("billing_attempt", reference="'other'", nth="99")],
    "one_live_attempt_per_order": [
        copy("billing_attempt", **OF_ORDER, reference="'other'"),
        copy("billing_attempt", **OF_ORDER, reference="'another'", nth="99"),
    ],
    "one_membership_each": [copy("organisations_membership")],
    "one_open_request_each": [copy("kernel_askedverb")],
    "one_calendar_each": [copy("subscriptions_calendarfeed", digest="digest || 'x'")],
    "subscriptions_calendarfeed_digest_key": [copy("subscriptions_calendarfeed", revoked_on="made_on")],
    "one_pending_per_field": [copy("subscriptions_plannedchange")],
    "one_person_per_email": [SIGNING_IN, copy("identity_person", email="upper(email)")],
    "one_price_per_day": [copy("catalogue_price")],
    "one_rate_per_day": [copy("billing_taxrate")],
    "one_reconciliation_per_day": [copy("billing_reconciliation")],
    "one_release_per_version": [copy("downloads_release")],
    "one_run_a_day": [copy("subscriptions_renewalrun")],
    "one_seat_each": [copy("entitlements_assignment")],
    "one_series_per_year": [copy("billing_series")],
    "one_spending_limit_each": [copy("organisations_spendinglimit")],
    "one_terms_text_per_language": [copy("catalogue_termstext")],
    "one_text_per_language": [copy("catalogue_producttext")],
    "one_open_second_look_each": [copy("kernel_secondlook")],
    "order_counts_once": [copy("subscriptions_seatentry", seq="seq + 100", order_id="(SELECT max(id) FROM subscriptions_order)")],
    "order_line_position_once": [copy("subscriptions_orderline")],
    "order_number_once": [copy("subscriptions_order")],
    "order_of_one_price_quote": [copy("subscriptions_pricequote", number="number || 'x'")],
    "organisations_accesstoken_digest_key": [copy("organisations_accesstoken")],
    "organisations_organisation_number_key": [
        "SELECT set_config('app.write', '1000000', true)",
        copy("organisations_organisation", id="app_write()"),
    ],
    "organisations_reseller_number_key": [copy("organisations_reseller")],
    "parked_is_about_something": ["UPDATE subscriptions_parked SET subscription_id = NULL"],
    "parked_once": [copy("subscriptions_parked")],
    "payment_brings_something": [copy("billing_payment", amount_minor="0")],
    "payment_method_has_a_token": ["UPDATE billing_paymentmethod SET token_ref = ''"],
    "payment_method_once": [copy("billing_paymentmethod")],
    "payment_method_removed_on_a_day": ["UPDATE billing_paymentmethod SET state = 'removed'"],
    "payment_reference_once": [copy("billing_payment", kind="'transfer'", attempt_id="NULL")],
    "period_ends_after_start": ['UPDATE subscriptions_period SET "end" = start'],
    "period_has_days": ["UPDATE subscriptions_period SET days = 0"],
    "periods_never_overlap": [copy("subscriptions_period", start='"end" - 1', end='"end" + 1')],
    "planned_change_ended_with_outcome": ["UPDATE subscriptions_plannedchange SET outcome = 'done'"],
    "planned_change_says_what": ["UPDATE subscriptions_plannedchange SET term = 'year'"],
    "platform_named_once": [copy("catalogue_productplatform")],
    "price_quote_holds_a_day": ["UPDATE subscriptions_pricequote SET expires_on = made_on - 1"],
    "price_quote_number_once": [copy("subscriptions_pricequote", order_id="NULL")],
    "price_quote_position_once": [copy("subscriptions_pricequoteline")],
    "prices_not_negative": ["UPDATE catalogue_price SET new_minor = -1 WHERE term = 'year'"],
    "promotion_code_once": [copy("catalogue_promotion", code="lower(code)")],
    "promotion_ends_after_start": ["UPDATE catalogue_promotion SET valid_to = valid_from - 1"],
    "promotion_is_percent_or_amount": ["UPDATE catalogue_promotion SET amount_minor = 1"],
    "promotion_takes_something_off": ["UPDATE catalogue_promotion SET percent_basis_points = 0"],
    "provider_event_once": [copy("billing_providerevent")],
    "refund_ends_on_a_day": [copy("billing_refund", amount_minor="1", state="'succeeded'")],
    "refund_gives_something": [copy("billing_refund", amount_minor="0")],
    "refund_reference_once": [copy("billing_refund", amount_minor="1")],
    "refund_within_payment": [copy("billing_refund", amount_minor="51")],
    "request_once": [copy("kernel_requestkey")],
    "reseller_contract_names_reseller": ["UPDATE contracts_contract SET channel = 'reseller'"],
    "role_brought_once": [copy("cutover_broughtrole")],
    "role_on_contract_or_group": [
        "UPDATE organisations_rolegrant SET group_id = (SELECT max(id) FROM organisations_group), contract_id = "
        "(SELECT max(id) FROM contracts_contract)"
    ],
    "role_given_once": [copy("organisations_rolegrant")],
    "sandbox_provider_is_one_row": [copy("billing_sandboxprovider", single="false")],
    "sandbox_refunds_within_charge": ["UPDATE billing_sandboxcharge SET refunded_minor = amount_minor + 1"],
    "seat_ledger_has_no_fork": [copy("subscriptions_seatentry", order_id="NULL")],
    "second_look_by_another": ["UPDATE kernel_secondlook SET state = 'approved', decided_by_id = asked_by_id"],
    "serial_number_once": [copy("entitlements_serialnumber")],
    "setup_done_with_a_method": ["UPDATE billing_methodsetup SET state = 'done'"],
    "setup_reference_once": [copy("billing_methodsetup")],
    "severity_one_to_three": ["UPDATE support_case SET severity = 4"],
    "sold_once_by_an_invoice": [copy("subscriptions_sale")],
    "spending_limit_not_negative": ["UPDATE organisations_spendinglimit SET amount_minor = -1"],
    "spending_limit_of_member_or_role": ["UPDATE organisations_spendinglimit SET role = 'payer'"],
    "statement_line_once": [copy("billing_statementline")],
    "staff_role_ends_after_it_began": [
        AT_THE_HOUSE,
        "INSERT INTO identity_staffrole (person_id, name, role, given_on, ended_on) "
        "SELECT person_id, 'x', 'finance', '2026-01-02', '2026-01-01' FROM identity_staffrole LIMIT 1",
    ],
    "staff_role_given_once": [AT_THE_HOUSE, copy("identity_staffrole")],
    "subscription_number_once": [copy("subscriptions_subscription")],
    "terms_accepted_once": [copy("organisations_acceptedterms")],
    "wished_once": [copy("subscriptions_wishedalignment")],
    "download_sent_not_negative": ["UPDATE downloads_download SET sent = -1"],
    "downloads_secretaddress_digest_key": [copy("downloads_secretaddress")],
    "file_name_once_in_release": [copy("downloads_releasefile")],
    "installed_marked_by_somebody": ["UPDATE downloads_installed SET how = 'mark'"],
    "installed_once_each_way": [copy("downloads_installed")],
    "news_once_each": [copy("downloads_news")],
    "notice_once_each": [copy("home_notice")],
    "one_download_per_link": [copy("downloads_download")],
    "one_trial_each": [copy("downloads_trial")],
    "release_file_digest_is_hex": ["UPDATE downloads_releasefile SET sha256 = 'x'"],
    "release_file_has_bytes": ["UPDATE downloads_releasefile SET size = 0"],
    "release_withdrawn_with_a_reason": ["UPDATE downloads_release SET state = 'withdrawn'"],
    "secret_address_ends_after_it_began": ["UPDATE downloads_secretaddress SET revoked_on = made_on - 1"],
    "trial_bought_after_it_began": ["UPDATE downloads_trial SET bought_on = started_on - 1"],
    "trial_lasts_a_day": ["UPDATE downloads_trial SET ends_on = started_on"],
    "update_assigned_once": [copy("downloads_assignedupdate")],
    "update_due_after_assigned": ["UPDATE downloads_assignedupdate SET deadline = assigned_on - 1"],
    "update_for_member_or_group": ["UPDATE downloads_assignedupdate SET membership_id = assigned_by_id"],
}

# what keeps a copy: seen in `comptoir/billing/tests/test_models.py`, and in `comptoir/home/tests/test_search.py`
MIRRORS = {"balance_follows_new_document", "balance_follows_number", "billing_invoicebalance_invoice_id_key"}
# and in `comptoir/entitlements/tests/test_seats_tallied.py`
MIRRORS |= {"subscriptions_subscription_tallied", "subscriptions_subscription_moved"}
MIRRORS |= {"people_tallied", "people_tallied_anew"}
MIRRORS |= {"organisations_membership_words", "organisations_membership_renamed", "identity_person_tokens_end"}


@pytest.fixture(scope="module")
def staged(django_db_blocker: Any) -> Iterator[Cast]:
    """The cast with a row in every table that has a constraint; the wall of Atelier Nord is open, and Camille's own.

    In one transaction of a database of its own, which is never committed; every test goes back to what stands here.
    """
    name, before = f"{RUN}_constraints", connection.settings_dict["NAME"]
    SERVER.clone(name)
    with django_db_blocker.unblock():
        connections.close_all()
        connection.settings_dict["NAME"] = name
        try:
            with transaction.atomic():
                with _a_row_in_each(raise_curtain()) as cast:
                    yield cast
                transaction.set_rollback(True)
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = before
            SERVER.drop(name)


@pytest.fixture
def cast(staged: Cast) -> Iterator[Cast]:
    """The same for one test, whatever another one did."""
    with transaction.atomic():
        yield staged
        transaction.set_rollback(True)


@contextmanager
def _a_row_in_each(cast: Cast) -> Iterator[Cast]:
    staff_member("Fiona", "Lenoir", "finance")
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
        signed.one_row_each(cast)
        Merge.objects.create(kept_id=cast.camille.person_id, closed_id=cast.gaston.person_id, on=DAY, done_on=DAY)
        Release.objects.create(product=cast.sculpt, version="1", kind="release", released_on=DAY, title="One")
        Reseller.objects.create(number="R1", name="Revendeur")
        ProductText.objects.create(product=cast.sculpt, language="en", summary="s")
        ProductPlatform.objects.create(product=cast.sculpt, platform="web")
        days = {"valid_from": DAY, "valid_to": DAY}
        Promotion.objects.create(code="CODE", percent_basis_points=1_000, label_en="l", label_fr="l", **days)
        TermsText.objects.create(terms=Terms.objects.create(version="1", valid_from=DAY), language="en", text="t")
        _people_and_groups(cast, **nord)
        asked = {"verb": "v", "target": "t:1", "target_number": "1", "arguments": {}, "asked_on": DAY}
        AskedVerb.objects.create(organisation_id=cast.nord.pk, asked_by_id=cast.emil.pk, **asked)
        looked = {"verb": "v", "target": "t:1", "arguments": {}, "amount_minor": 1, "currency": "EUR", "asked_on": DAY}
        SecondLook.objects.create(organisation_id=cast.nord.pk, asked_by_id=1, **looked)
        Message.objects.create(organisation_id=cast.nord.pk, once="o", to="x", language="en", subject="s", text="t")
        one_row_each(cast, DAY)
        sold.one_row_each(cast, DAY)
        released.one_row_each(cast, DAY)
        yield cast


def _people_and_groups(cast: Cast, **nord: Organisation) -> None:
    EmailDomain.objects.create(**nord, domain="nord.example", listed_on=DAY)
    JoinRequest.objects.create(**nord, person_id=cast.camille.person_id, name="n", email="e", asked_on=DAY)
    PeopleImport.objects.create(**nord, by=cast.camille, name="n", heads=[], rows=[])
    group = Group.objects.create(**nord, name="Drawing", made_on=DAY)
    seated.one_row_each(cast, DAY)
    GroupMember.objects.create(**nord, group=group, membership=cast.emil, joined_on=DAY)
    SpendingLimit.objects.create(**nord, membership=cast.emil, amount_minor=1)
    AcceptedTerms.objects.create(**nord, membership=cast.emil, version="1", on=DAY)
    RoleCheck.objects.create(**nord, membership=cast.emil, item="managers", checked_on=DAY)
    Notice.objects.create(**nord, membership=cast.emil, seq=1, on=DAY)
    Appointment.objects.create(**nord, membership=cast.emil, checked="called", by_id=cast.camille.person_id, on=DAY)


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
def test_not_even_the_owner_empties_it(table: str) -> None:
    # what is raised, or that nothing was, takes it back
    with psycopg.connect(named(SERVER.owner, RUN)) as owner, pytest.raises(psycopg.Error, match="is append-only"):
        owner.execute(f"TRUNCATE {table} CASCADE".encode())


def test_no_constraint_is_without_a_statement_that_breaks_it(cast: Cast) -> None:
    assert set(tables.names_of_rules()) == {*BREAKS, *STAYS, *MIRRORS, *(f"{table}_all_stays" for table in ALL_STAY)}


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
