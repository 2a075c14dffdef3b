"""The customer's wall as the live database has it. `docs/invariants.md` tells every name and reason that stands here."""

import re

import pytest
from django.apps import apps

from comptoir.kernel.logins import login_of
from tests import tables
from tests.database import SERVER
from tests.sources import CHECKOUT

pytestmark = pytest.mark.django_db

STANDARD = ("(organisation_id = ANY (app_read()))", "(organisation_id = app_write())")
INVARIANTS = CHECKOUT / "docs" / "invariants.md"

# tables without a wall -> why no customer's row is in them, or why their library needs them open
OPEN_TABLES = {
    "account_emailaddress": "of the sign-in library; a person's address, no customer's row",
    "account_emailconfirmation": "of the sign-in library; unused, since addresses come from managers and the import",
    "auth_group": "of Django; empty, permissions stand in one table of code",
    "auth_group_permissions": "of Django; empty, permissions stand in one table of code",
    "auth_permission": "of Django; the names of its own permissions, which nobody holds",
    "billing_bankstatement": "of the vendor's bank account: which files were read",
    "billing_finding": "of the vendor's books with a provider; read at the desk, names what no customer may be known for",
    "billing_providerevent": "a provider's notes, kept by id before their customer is known; nothing of what they say",
    "billing_reconciliation": "of the vendor's books with a provider: counts of a day",
    "billing_sandboxcall": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxcharge": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxdispute": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxmethod": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxnote": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxprovider": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxrefund": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_sandboxsetup": "the sandbox's own provider, which is outside of us; empty in production",
    "billing_series": "the last number of each series, of all customers together",
    "billing_statementline": "of the vendor's bank account: read at the desk, before a customer is known",
    "billing_taxrate": "public: rates of countries",
    "catalogue_price": "public: the price book",
    "catalogue_product": "public: the catalogue",
    "catalogue_productplatform": "public: where products run",
    "catalogue_producttext": "public: what the catalogue says",
    "catalogue_promotion": "public: offers of the vendor, also those with a code",
    "catalogue_terms": "public: versions of the terms of sale",
    "catalogue_termstext": "public: the terms of sale",
    "cutover_importrun": "of the operator: the reports of imports, counts and file names",
    "directory_application": "of the vendor: programs of its products; public but for the hash of a secret",
    "directory_devicegrant": "of OpenID: found by a code's digest before the person is known, and gone within the day",
    "directory_grant": "of OpenID: found by a code's digest before the person is known, and gone within two days",
    "django_cache": "limits and codes, read by a key that says nothing",
    "django_content_type": "of Django; the names of the tables",
    "django_migrations": "of Django; which migrations ran",
    "django_session": "read by a secret before the person is known",
    "downloads_publicfeed": "public: the products whose releases anybody may have",
    "downloads_release": "public: what the vendor has published",
    "downloads_releasefile": "public: the files of releases; their bytes are handed out elsewhere, to those entitled",
    "entitlements_filenumber": "the numbers of signed licence files of all customers together: when each ends, not whose it is",
    "entitlements_signingkey": "the vendor's keys of licence files; their private halves are sealed",
    "kernel_nightrun": "the vendor's nights: days, and counts of all customers together",
    "kernel_roster": "the bare ids of all customers, for work that goes from one to the next",
    "kernel_house": "one row about the installation",
    "oauth2_provider_accesstoken": "of the library of OpenID: found by a token's digest before the person is known",
    "oauth2_provider_idtoken": "of the library of OpenID: the numbers of ID tokens",
    "oauth2_provider_refreshtoken": "of the library of OpenID: found by a token's digest before the person is known",
    "organisations_reseller": "public: who sells for the vendor",
    "procrastinate_events": "of the job queue, which serves all customers",
    "procrastinate_jobs": "of the job queue; a job carries ids, never a customer's data",
    "procrastinate_periodic_defers": "of the job queue",
    "procrastinate_workers": "of the job queue",
    "usersessions_usersession": "of the sign-in library; read by the person, found before the person is known",
}
# walled tables whose policy differs from the standard -> why
NARROW_POLICIES = {
    "directory_subject": "a person's: under which name products know them",
    "downloads_newschoice": "a person's, seen by themselves and, to write to them, inside their customers",
    "downloads_secretaddress": "found by its digest before the customer is known",
    "downloads_trial": "a person sees their own trials with every customer: each product is tried once",
    "entitlements_device": "found by the digest of its secret before the customer is known",
    "entitlements_licencekey": "found by its digest before the customer is known",
    "identity_merge": "a person's, seen by themselves and while signing in: the closed account leads to the kept one",
    "identity_oldsignin": "a person's, searched while signing in",
    "identity_person": "a person's, seen by themselves, by fellow members and while signing in",
    "identity_staffrole": "whose role it is sees it, and colleagues at the desk; an administrator or the operator writes it",
    "kernel_chain": "the head of a customer's chain, of a person's own or of the house's",
    "kernel_event": "a line of a customer's log, of a person's own or of the house's",
    "kernel_message": "a mail about a customer's affairs or about a person's own",
    "kernel_requestkey": "a request inside a customer, of a person about themselves or at the desk about the house",
    "organisations_accesstoken": "found by its digest before the customer is known",
    "organisations_emaildomain": "a person sees who lists the domain of their own address, to ask to join",
    "organisations_joinrequest": "whoever asks to join sees their own wish, inside no customer yet",
    "organisations_membership": "a person sees their own memberships, to choose a customer",
    "organisations_organisation": "is the customer: its own id; a person sees the names of theirs",
    "subscriptions_calendarfeed": "found by its digest before the customer is known",
    "organisations_rolegrant": "a person sees their own roles, with which they enter a customer",
}
# constraints over all customers -> why they tell nobody anything
OVER_ALL_CUSTOMERS = {
    "billing_invoicebalance_invoice_id_key": "of one invoice, whose foreign key carries the customer",
    "billing_payment_attempt_id_key": "of one attempt, whose foreign key carries the customer",
    "downloads_secretaddress_digest_key": "a digest of 256 random bits",
    "one_trial_each": "each person tries a product once, with whatever customer; it tells them alone",
    "entitlements_device_digest_key": "a digest of 256 random bits",
    "entitlements_licencekey_digest_key": "a digest of 125 random bits",
    "entitlements_licencefile_number_id_key": "of one file, whose number is 128 random bits",
    "event_chain_has_no_fork": "the chain's name starts with the customer's id",
    "invoice_number_once": "the law wants one series of the vendor's; nobody types an invoice number",
    "kernel_chain_pkey": "the chain's name starts with the customer's id",
    "kernel_message_once_key": "named by code from ids, never by people; it is the mail's identity outside",
    "organisations_accesstoken_digest_key": "a digest of 256 random bits",
    "periods_never_overlap": "of one subscription, whose foreign key carries the customer",
    "subscriptions_calendarfeed_digest_key": "a digest of 256 random bits",
    "request_once": "the owner's name starts with the customer's id",
}
# ids of rows that lie above their table or may be gone -> why no foreign key
WITHOUT_FOREIGN_KEY = {
    "billing_invoicebalance.contract_id": "copied by a trigger from its invoice, which has the key",
    "kernel_askedverb.asked_by_id": "a membership, which lies above the kernel; rows of members stay for ever",
    "kernel_askedverb.contract_id": "a contract, which lies above the kernel",
    "kernel_askedverb.decided_by_id": "a membership, which lies above the kernel; rows of members stay for ever",
    "kernel_askedverb.organisation_id": "customers lie above the kernel",
    "kernel_chain.organisation_id": "customers lie above the kernel; the log outlives what it tells of",
    "kernel_chain.person_id": "people lie above the kernel; the log outlives them",
    "kernel_event.by_membership_id": "the log outlives what it tells of",
    "kernel_event.contract_id": "the log outlives what it tells of",
    "kernel_event.organisation_id": "the log outlives what it tells of",
    "kernel_event.person_id": "the log outlives what it tells of",
    "kernel_message.organisation_id": "customers lie above the kernel",
    "kernel_message.person_id": "people lie above the kernel",
    "kernel_nightofcustomer.organisation_id": "customers lie above the kernel",
    "kernel_secondlook.asked_by_id": "a person of the staff, who lies above the kernel",
    "kernel_secondlook.decided_by_id": "a person of the staff, who lies above the kernel",
    "kernel_secondlook.organisation_id": "customers lie above the kernel",
    "kernel_requestkey.organisation_id": "customers lie above the kernel",
    "kernel_requestkey.person_id": "people lie above the kernel",
}
LISTED = (OPEN_TABLES, NARROW_POLICIES, OVER_ALL_CUSTOMERS, WITHOUT_FOREIGN_KEY)


def test_every_table_is_walled_or_says_why_not() -> None:
    assert sorted(set(tables.tables()) - set(tables.walled_tables())) == sorted(OPEN_TABLES)


def test_every_table_that_names_a_customer_is_walled() -> None:
    assert sorted(set(tables.tables_of_customers()) - set(tables.walled_tables())) == []


def test_every_wall_is_the_standard_one_or_says_why_not() -> None:
    different = {table for table, policy in tables.policies().items() if policy != STANDARD}
    assert sorted(different) == sorted(NARROW_POLICIES)


@pytest.mark.parametrize("table", NARROW_POLICIES)
def test_no_wall_lets_everybody_through(table: str) -> None:
    seen, written = tables.policies()[table]
    assert "app_" in seen
    assert "app_" in written
    assert "true" not in f"{seen} {written}".lower().split()


def test_every_model_of_a_customer_has_the_customer() -> None:
    walled = set(tables.walled_tables())
    ours = [model for model in apps.get_models() if model.__module__.startswith("comptoir.") and model._meta.db_table in walled]
    without = [model._meta.label for model in ours if "organisation_id" not in {field.attname for field in model._meta.fields}]
    assert sorted(without) == [
        "directory.Subject",
        "downloads.NewsChoice",
        "identity.Merge",
        "identity.OldSignIn",
        "identity.Person",
        "identity.StaffRole",
        "organisations.Organisation",
    ]


def test_nothing_in_the_database_sees_with_the_owners_eyes() -> None:
    assert tables.functions_that_act_as_their_owner() == []
    assert tables.views_that_see_as_their_owner() == []
    assert tables.materialised_views() == []


def test_no_foreign_key_crosses_customers() -> None:
    assert tables.foreign_keys_that_cross() == []


def test_what_must_be_unique_is_unique_within_a_customer() -> None:
    assert tables.unique_over_all_customers() == sorted(OVER_ALL_CUSTOMERS)


def test_every_id_of_another_row_has_a_foreign_key_or_says_why_not() -> None:
    assert tables.names_without_foreign_key() == sorted(WITHOUT_FOREIGN_KEY)


def test_the_tests_themselves_run_as_the_restricted_login() -> None:
    assert tables.ask("SELECT current_user::text") == [login_of(SERVER.app)] != [login_of(SERVER.owner)]


def test_the_restricted_login_owns_nothing_and_passes_no_wall() -> None:
    assert tables.ask("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user") == []
    assert tables.ask("SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = current_user") == []
    powers = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"
    assert tables.ask(f"SELECT {powers} FROM pg_roles WHERE rolname = current_user") == [False]
    # a member of another role could take its place
    assert (
        tables.ask("SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname <> current_user")
        == []
    )


@pytest.mark.parametrize("power", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_the_restricted_login_reads_and_writes_rows_and_no_more(power: str) -> None:
    assert tables.ask("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND has_table_privilege(oid, %s)", [power]) == []


def test_the_restricted_login_makes_nothing() -> None:
    assert tables.ask("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')") == []
    # a clone forgets the rights of its database, so the template is asked
    database, login = SERVER.template, login_of(SERVER.app)
    for power in ("CREATE", "TEMP"):
        assert tables.ask("SELECT has_database_privilege(%s, %s, %s)", [login, database, power]) == [False]


def test_nothing_listed_here_is_gone() -> None:
    known = {*tables.tables(), *tables.unique_over_all_customers(), *tables.names_without_foreign_key()}
    assert [name for names in LISTED for name in names if name not in known] == []


@pytest.mark.parametrize("names", LISTED, ids=["open", "narrow", "over_all", "without_key"])
def test_every_exception_is_told_in_the_docs(names: dict[str, str]) -> None:
    told = INVARIANTS.read_text()
    assert [name for name, reason in names.items() if f"`{name}` | {reason}" not in told] == []


def test_every_named_constraint_is_told_in_the_docs() -> None:
    told = INVARIANTS.read_text()
    assert [name for name in tables.names_of_rules() if f"`{name}`" not in told] == []


def test_every_test_that_the_docs_name_is_there() -> None:
    named = re.findall(r"`((?:comptoir|tests)/[\w/]+\.py)(?:::(\w+))?`", INVARIANTS.read_text())
    assert named
    missing = [f"{path}::{name}" for path, name in named if f"def {name}" not in (CHECKOUT / path).read_text()]
    assert missing == []
