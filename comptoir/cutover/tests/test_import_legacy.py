"""The import of a whole old centre: counted, again, dry, killed, beside itself, and on what is no export (rules 12)."""

import json
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from comptoir.catalogue.models import Price
from comptoir.cutover.models import HeldPerson, ImportRun
from comptoir.entitlements.models import Assignment
from comptoir.identity.models import OldSignIn, Person
from comptoir.kernel.models import Event, House
from comptoir.kernel.verifying import verify
from comptoir.organisations.models import Membership, Organisation, RoleGrant
from comptoir.subscriptions.models import Period, SeatEntry, Subscription
from tests.forking import commanded
from tests.owner import DEMO, OwnDatabase, copied, logged_in, own_database, rows_of_all_tables

MANIFEST = json.loads((DEMO / "MANIFEST.json").read_text())
ADDED = {
    "products": 10,
    "prices": 168,
    "releases": 84,
    "resellers": 4,
    "customers": 40,
    "people": 411,
    "old sign-in ids": 420,
    "memberships": 411,
    "held people": 7,
    "contracts": 80,
    "roles": 164,
    "subscriptions": 189,
    "serial numbers": 440,
    "assignments": 586,
    "credits used": 789,
    "cases": 43,
}


def imported(directory: Path = DEMO, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("import_legacy", str(directory), json=True, stdout=out, **options)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = {
            "customers": "organisations_organisation",
            "people": "identity_person",
            "subscriptions": "subscriptions_subscription",
            "periods": "subscriptions_period",
            "assignments": "entitlements_assignment",
        }
        found = {}
        for name, table in tables.items():
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[name] = cursor.fetchone()[0]
    return found


@pytest.fixture(scope="module")
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def centre(unblocked: None) -> Iterator[OwnDatabase]:
    """The demo, imported once. Tests that use it only read."""
    with own_database("centre") as made:
        imported()
        yield made


@pytest.fixture
def empty(unblocked: None) -> Iterator[OwnDatabase]:
    """A house with nothing in it, for one test."""
    with own_database("empty") as made:
        yield made


def test_every_good_row_arrives_and_every_other_one_is_in_the_report(empty: OwnDatabase) -> None:
    report = imported()
    assert report["added"] == ADDED
    assert {name: report[name] for name in ("rows", "people_distinct", "problems")} == {
        name: MANIFEST[name] for name in ("rows", "people_distinct", "problems")
    }
    assert {name: len(report[name]) for name in ("rejected", "dependent", "repeated", "adjusted")} == {
        "rejected": 12,
        "dependent": 33,
        "repeated": 2,
        "adjusted": 10,
    }
    assert counted() == {"customers": 40, "people": 411, "subscriptions": 189, "periods": 189, "assignments": 586}
    assert [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations] == []


def test_the_number_of_statements_does_not_grow_with_the_rows(empty: OwnDatabase) -> None:
    with CaptureQueriesContext(connection) as captured:
        imported()
    inserted = [query["sql"] for query in captured if query["sql"].startswith("INSERT") and "kernel_" not in query["sql"]]
    assert len(inserted) <= 25


@pytest.mark.parametrize(
    ("old_id", "password", "kind"),
    [("SC00000000", "legacy-0-0", "old_sha1"), ("sc00000001", "legacy-0-1", "old_pbkdf2_sha256")],
)
def test_an_old_id_and_its_old_password_sign_in_and_are_stored_anew(
    empty: OwnDatabase, old_id: str, password: str, kind: str
) -> None:
    imported()
    person = OldSignIn.objects.get(old_id__iexact=old_id).person
    assert person.password.startswith(f"{kind}$")
    with logged_in(empty.app_url):
        assert authenticate(email=old_id, password="legacy-0-2") is None
        assert authenticate(email=old_id, password=password) == person
    person.refresh_from_db()
    assert person.password.startswith("argon2")
    with logged_in(empty.app_url):
        assert authenticate(email=old_id, password=password) == person
        assert authenticate(email=person.email.upper(), password=password) == person


def test_both_old_ids_of_a_merged_person_sign_in(empty: OwnDatabase) -> None:
    imported()
    with logged_in(empty.app_url):
        first = authenticate(email="SC00005002", password="legacy-5-2")
        second = authenticate(email="SC00005002B", password="legacy-5-2")
    assert first is not None
    assert first == second
    assert Person.objects.filter(email__iexact="jrgen.kowalski2@client5.example").count() == 1


def test_nobody_without_a_usable_address_becomes_a_person(centre: OwnDatabase) -> None:
    held = HeldPerson.objects.all()
    assert {person.reason for person in held} == {"missing_email", "bad_email"}
    assert len(held) == 7
    assert not OldSignIn.objects.filter(old_id__in=[person.old_id for person in held]).exists()
    assert all(person.row["password"].startswith("old_") for person in held)


def test_periods_are_kept_as_they_are_and_their_price_is_not_guessed(centre: OwnDatabase) -> None:
    period = Period.objects.select_related("subscription").get(subscription__number="560000095")
    assert (period.start, period.end, period.days) == (date(2024, 3, 12), date(2027, 3, 12), 1095)
    assert (period.subscription.anchor_day, period.term, period.kind) == (12, "3years", "imported")
    assert not Period.objects.exclude(price_minor=None).exists()


def test_a_seat_given_before_the_period_began_starts_the_ledger(centre: OwnDatabase) -> None:
    entry = SeatEntry.objects.get(subscription__number="560000054")
    assert entry.subscription.starts_on == date(2026, 2, 7)
    assert (entry.on, entry.seats_now) == (date(2026, 2, 4), 1)


def test_of_too_many_people_the_earliest_sit_and_the_rest_wait(centre: OwnDatabase) -> None:
    waiting = Assignment.objects.filter(waiting=True).values_list("subscription__number", "membership__email")
    assert sorted(number for number, _email in waiting) == ["560000054", "560001111"]
    assert dict(waiting)["560000054"] == "nol.ngstrm6@client0.example"  # given in May; the seat was given in February


def test_a_product_without_a_new_price_is_renewed_only(centre: OwnDatabase) -> None:
    price = Price.objects.get(product__code="VECT", term="year", currency="JPY")
    assert (price.new, str(price.renewal)) == (None, "29160")


def test_each_customer_hears_of_it_once_and_the_house_too(centre: OwnDatabase) -> None:
    events = list(Event.objects.filter(kind="customer.imported"))
    assert len({event.chain for event in events}) == len(events) == 40
    told = next(event for event in events if event.subject_number == "5100000")
    assert told.detail == {"contracts": 3, "people": 10}
    assert told.actor == "operator:command line"
    assert Event.objects.filter(kind="centre.imported", chain="h").count() == 1


def test_the_sandbox_starts_on_the_day_the_old_centre_was_left(centre: OwnDatabase) -> None:
    assert House.objects.get().business_day == date(2026, 11, 21)
    assert ImportRun.objects.get().cutover_day == date(2026, 11, 21)


def test_a_clock_that_runs_is_left_alone(empty: OwnDatabase) -> None:
    House.objects.update(business_day=date(2027, 1, 1))
    imported()
    assert House.objects.get().business_day == date(2027, 1, 1)


def test_what_is_kept_of_the_report_names_nobody(centre: OwnDatabase) -> None:
    report = json.dumps(ImportRun.objects.get().report)
    assert "@" not in report
    assert '"missing_email"' in report


def test_importing_again_changes_nothing_at_all(empty: OwnDatabase) -> None:
    imported()
    before = rows_of_all_tables()
    report = imported()
    assert set(report["added"].values()) == {0}
    assert rows_of_all_tables() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(empty: OwnDatabase) -> None:
    before = rows_of_all_tables()
    report = imported(dry_run=True)
    assert (report["added"], report["dry_run"]) == (ADDED, True)
    assert rows_of_all_tables() == before


def test_what_was_changed_here_stays_and_what_is_new_is_added(empty: OwnDatabase, tmp_path: Path) -> None:
    imported()
    Organisation.objects.filter(number="5100000").update(name="Renamed", po_number="PO-7")
    Person.objects.filter(email="la.fournier1@client0.example").update(email="lea@new.example", language="de")
    RoleGrant.objects.filter(membership__email="priya.novk4@client0.example").delete()
    Assignment.objects.filter(membership__email="olivier.petit8@client0.example").update(ended_on=date(2026, 11, 22))
    Membership.objects.filter(email="hugo.fournier3@client0.example").update(left_on=date(2026, 11, 22))
    Subscription.objects.filter(number="560000095").update(seats_now=90, version=2)
    export = copied(DEMO, tmp_path / "export")
    with (export / "users.csv").open("a", encoding="utf-8") as users:
        users.write("SC00000099,new.person@client0.example,New,Person,5100000,fr,sha1,,,01/11/2026\n")
    with (export / "roles.csv").open("a", encoding="utf-8") as roles:
        roles.write("110000893,new.person@client0.example,software_coordinator\n")

    added = imported(export)["added"]

    assert {name: count for name, count in added.items() if count} == {
        "people": 1,
        "old sign-in ids": 1,
        "memberships": 1,
        "roles": 1,
    }
    customer = Organisation.objects.get(number="5100000")
    assert (customer.name, customer.po_number) == ("Renamed", "PO-7")
    assert Person.objects.get(email="lea@new.example").language == "de"
    assert not Person.objects.filter(email="la.fournier1@client0.example").exists()
    assert not RoleGrant.objects.filter(membership__email="priya.novk4@client0.example").exists()
    assert not Assignment.objects.filter(membership__email="olivier.petit8@client0.example", ended_on=None).exists()
    assert Membership.objects.get(email="hugo.fournier3@client0.example").left_on == date(2026, 11, 22)
    assert Subscription.objects.get(number="560000095").seats_now == 90
    told = Event.objects.filter(kind="customer.imported", subject_number="5100000").latest("id")
    assert told.detail == {"contracts": 0, "people": 1}
    assert not Person.objects.get(email="new.person@client0.example").has_usable_password()


def test_a_seat_for_somebody_new_waits_where_all_are_taken_here(empty: OwnDatabase, tmp_path: Path) -> None:
    imported()
    export = copied(DEMO, tmp_path / "export")
    with (export / "assignments.csv").open("a", encoding="utf-8") as assignments:
        assignments.write("560000054,la.fournier1@client0.example,01/01/2020\n")  # earlier than all, but late to come
    imported(export)
    newcomer = Assignment.objects.get(subscription__number="560000054", membership__email="la.fournier1@client0.example")
    assert newcomer.waiting
    assert not Assignment.objects.get(subscription__number="560000054", given_on=date(2026, 2, 4)).waiting


def comptoir(database: OwnDatabase, *arguments: str, **environment: str) -> "CompletedProcess[str]":
    """The command as an operator types it."""
    return commanded(database.owner_url, database.app_url, *arguments, **environment)


@pytest.mark.parametrize("point", ["door.locked", "door.acted", "door.recorded"])
def test_killed_in_the_middle_nothing_is_there_and_the_next_import_is_whole(empty: OwnDatabase, point: str) -> None:
    before = rows_of_all_tables()
    killed = comptoir(empty, "import-legacy", str(DEMO), COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL
    assert rows_of_all_tables() == before
    done = comptoir(empty, "import-legacy", str(DEMO), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["added"] == ADDED
    assert comptoir(empty, "verify").returncode == 0


def test_two_imports_at_once_import_once(empty: OwnDatabase) -> None:
    def run(_: int) -> dict[str, int]:
        try:
            added: dict[str, int] = imported()["added"]
            return added
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(run, range(2)))
    assert sorted(sum(added.values()) for added in both) == [0, sum(ADDED.values())]
    assert counted()["people"] == 411
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize("broken", ["products.csv", "customers.csv", "users.csv", "subscriptions.csv", "cases.csv"])
def test_without_any_one_file_the_rest_comes_over(empty: OwnDatabase, tmp_path: Path, broken: str) -> None:
    export = copied(DEMO, tmp_path / "export")
    (export / broken).unlink()
    out = StringIO()
    with pytest.raises(CommandError, match=f"^{broken} in .* could not be read") as told:
        call_command("import_legacy", str(export), json=True, stdout=out)
    assert told.value.returncode == 1
    report = json.loads(out.getvalue())
    assert [row["reason"] for row in report["rejected"] if row["file"] == broken] == ["missing_file"]
    assert sum(report["added"].values()) > 100
    assert [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations] == []


def _nowhere(to: Path) -> None:
    shutil.rmtree(to)


def _a_file(to: Path) -> None:
    shutil.rmtree(to)
    to.write_text("not a directory")


def _bytes(to: Path) -> None:
    for path in to.glob("*.csv"):
        path.write_bytes(bytes(range(256)) * 40)


def _nothing(to: Path) -> None:
    for path in to.glob("*.csv"):
        path.write_bytes(b"")


@pytest.mark.parametrize("breaks", [_nowhere, _a_file, _bytes, _nothing])
def test_what_is_no_export_is_said_and_changes_nothing(empty: OwnDatabase, tmp_path: Path, breaks: Any) -> None:
    export = copied(DEMO, tmp_path / "export")
    breaks(export)
    before, out = rows_of_all_tables(), StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("import_legacy", str(export), json=True, stdout=out)
    assert refusal.value.returncode == 1
    assert "none of the 13 files" in str(refusal.value)
    assert len(json.loads(out.getvalue())["rejected"]) >= 13
    assert rows_of_all_tables() == before


def test_words_that_a_person_reads_say_what_came_and_what_did_not(empty: OwnDatabase) -> None:
    told = comptoir(empty, "import-legacy", str(DEMO))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Imported: 10 products, 168 prices")
    assert "users.csv:74  email is empty" in told.stdout
    again = comptoir(empty, "import-legacy", str(DEMO))
    assert again.stdout.startswith("Nothing new")


def test_a_directory_is_asked_for(empty: OwnDatabase) -> None:
    refused = comptoir(empty, "import-legacy")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "DIR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_odd_values_that_are_allowed_fit_into_the_tables(empty: OwnDatabase, tmp_path: Path) -> None:
    export = copied(DEMO, tmp_path / "export")
    lines = {
        "users.csv": [
            f"SC99,dollar@client0.example,D,Ollar,5100000,fr,sha1,a$b,{'0' * 40},",
            f"SC98,long@client0.example,,,5100000,tlh,pbkdf2_sha256,{'s' * 100},{'0' * 64},01/01/1990",
        ],
        "prices.csv": ["SCLT,month,SEK,31.00,28.00,2026-02-01", "SCPT,month,SEK,,28.00,2026-02-01"],
        "cloud_credit_usage.csv": ["110000893,dollar@client0.example,render,0,2026-07-15T17:12:00Z"],
        "subscriptions.csv": ["560999999,110000893,SCLT,year,1000000,1990-01-01,2099-12-31,no,card"],
    }
    for name, more in lines.items():
        with (export / name).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in more)
    imported(export)
    people = Person.objects.filter(email__in=["dollar@client0.example", "long@client0.example"])
    assert len(people) == 2
    with logged_in(empty.app_url):
        assert authenticate(email="SC99", password="") is None
        assert authenticate(email="SC98", password="x") is None
    monthly = Price.objects.get(currency="SEK", product__code="SCLT")
    assert (monthly.new_minor, monthly.renewal_minor) == (3100, 3100)  # the monthly term has no advantage (rules 2)
    renewed_only = Price.objects.get(currency="SEK", product__code="SCPT")
    assert (renewed_only.new_minor, renewed_only.renewal_minor) == (None, 2800)
    assert Subscription.objects.get(number="560999999").seats_now == 1_000_000
    assert [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations] == []


def test_labels_of_serial_numbers_are_groups_of_people_and_of_products(centre: OwnDatabase) -> None:
    with connection.cursor() as cursor:
        labels = "SELECT organisation_id, lower(trim(group_label)) FROM entitlements_serialnumber WHERE group_label <> ''"
        cursor.execute(f"{labels} EXCEPT SELECT organisation_id, lower(name) FROM entitlements_bundle")
        assert cursor.fetchall() == []
        cursor.execute(f"{labels} EXCEPT SELECT organisation_id, lower(name) FROM organisations_group")
        assert cursor.fetchall() == []
        # people are in them, and nothing is given by it: who sits is what the old centre said
        cursor.execute("SELECT (SELECT count(*) > 0 FROM organisations_groupmember), count(*) FROM entitlements_groupseat")
        assert cursor.fetchall() == [(True, 0)]
