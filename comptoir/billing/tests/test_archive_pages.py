"""All invoices of a year in one file: asked for once, made by a worker that may die, for those who see all of them."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.billing.jobs.archives import make_archive, tell_archive
from comptoir.billing.models import InvoiceArchive
from comptoir.billing.queries.archives import workshop
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.models import Message
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, customer, make_contract, raise_curtain, signed_in, words_of
from tests.invoiced import credited, invoiced, line, within

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/invoice-archives/"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """A home of the test's own: files are written for real."""
    settings.COMPTOIR_HOME = tmp_path
    stored = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": stored}
    return tmp_path


@pytest.fixture
def cast() -> Cast:
    """Atelier Nord has two invoices and a credit note of 2026, and one invoice of 2025; somebody else has one too."""
    cast = raise_curtain()
    invoiced(cast.contract, line(1, "100.00"), on=date(2025, 12, 31))
    credited(invoiced(cast.contract, line(3, "280.00", item="=HYPERLINK(1)")), 1)
    invoiced(cast.second_contract, line(2, "35.00"))
    invoiced(make_contract(customer("5200009", "Other", "FR"), "110000009"), line(1, "1.00"))
    return cast


def asked(cast: Cast, year: int = 2026) -> int:
    """Pierre asks for a year; the id of the archive."""
    assert signed_in(cast.pierre).post(PAGE, {"year": year}).status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        return int(InvoiceArchive.objects.latest("id").pk)


def made(cast: Cast, archive: int) -> None:
    make_archive(Actor.job("test", cast.nord.pk), archive_id=archive)


def downloaded(cast: Cast, archive: int) -> zipfile.ZipFile:
    answer = signed_in(cast.pierre).get(f"{PAGE}{archive}/")
    assert answer["Content-Disposition"] == 'attachment; filename="5200001-2026.zip"'
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_file_of_a_year_holds_its_documents_and_two_tables(cast: Cast) -> None:
    archive = asked(cast)
    made(cast, archive)
    file = downloaded(cast, archive)
    documents = ["A-2026-000001", "F-2026-000001", "F-2026-000002"]
    expected = [f"{name}.{kind}" for name in documents for kind in ("pdf", "xml")]
    assert sorted(file.namelist()) == sorted([*expected, "invoices.csv", "invoice_lines.csv"])
    assert file.read("F-2026-000001.pdf").startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(file.read("invoices.csv").decode())))
    assert [(row["customer"], row["number"], row["total"], row["corrects"]) for row in rows] == [
        ("5200001", "F-2026-000001", "1008.00", ""),
        ("5200001", "A-2026-000001", "336.00", "F-2026-000001"),
        ("5200001", "F-2026-000002", "84.00", ""),
    ]
    lines = list(csv.DictReader(io.StringIO(file.read("invoice_lines.csv").decode())))
    assert [row["item"] for row in lines] == ["'=HYPERLINK(1)", "'=HYPERLINK(1)", "Sculpt LT"]


def test_asking_enqueues_one_job_and_asking_again_meanwhile_is_refused(cast: Cast) -> None:
    archive = asked(cast)
    answer = signed_in(cast.camille).post(PAGE, {"year": 2026})
    assert answer.status_code == 409
    assert "This file is being made already." in words_of(answer)
    names = [row["name"] for row in ProcrastinateJob.objects.values_list("args", flat=True)]
    assert names == ["billing.make_archive"]
    with wall_opened(read=[cast.nord.pk]):
        assert [row.pk for row in InvoiceArchive.objects.all()] == [archive]


def test_the_page_counts_while_the_file_is_made_and_offers_it_then(cast: Cast) -> None:
    archive = asked(cast)
    place = workshop(archive)
    place.mkdir(parents=True)
    (place / "F-2026-000001.pdf").write_bytes(b"%PDF")
    client = signed_in(cast.pierre)
    assert "Being made 1 of 3" in words_of(client.get(PAGE))
    part = client.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'hx-trigger="every 2s"' in part.content.decode()
    made(cast, archive)
    told = client.get(PAGE)
    assert f'href="{PAGE}{archive}/"' in told.content.decode()
    assert "hx-trigger" not in client.get(PAGE, headers={"HX-Request": "true"}).content.decode()


def test_a_worker_that_dies_before_the_end_leaves_no_half_file_and_the_next_one_finishes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    archive = asked(cast)
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "archive.packed:raise")
    with pytest.raises(FailpointRaised):
        made(cast, archive)
    assert signed_in(cast.pierre).get(f"{PAGE}{archive}/").status_code == 404
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    made(cast, archive)
    made(cast, archive)
    assert len(downloaded(cast, archive).namelist()) == 8
    assert not workshop(archive).exists()


def test_whoever_asked_hears_once_that_it_is_ready(cast: Cast) -> None:
    archive = asked(cast)
    made(cast, archive)
    for _twice in range(2):
        within(cast.nord.pk, lambda: tell_archive(Actor.job("test", cast.nord.pk), archive_id=archive))
    [written] = within(cast.nord.pk, lambda: list(Message.objects.all()))
    assert (written.to, written.subject) == (cast.pierre.email, "The invoices of 2026 of Atelier Nord are ready")
    assert "is ready: 3 documents." in written.text


def test_the_tables_alone_are_there_at_once_and_for_who_sees_all_invoices(cast: Cast) -> None:
    pierre = signed_in(cast.pierre)
    lines = list(csv.DictReader(io.StringIO(pierre.get(f"{PAGE}?year=2026&table=invoice_lines&download=csv").content.decode())))
    assert [(row["invoice"], row["item"]) for row in lines][:1] == [("F-2026-000001", "'=HYPERLINK(1)")]
    assert {row["customer"] for row in lines} == {"5200001"}
    assert pierre.get(f"{PAGE}?year=2026&table=invoices&download=xlsx").content.startswith(b"PK")
    assert pierre.get(f"{PAGE}?year=2026&table=people&download=csv").status_code == 404
    assert signed_in(cast.anton).get(f"{PAGE}?year=2026&table=invoices&download=csv").status_code == 404


def test_the_api_asks_for_a_year_looks_and_takes_it(cast: Cast) -> None:
    where = "/api/v1/customers/5200001/invoice-archives"
    client, headers = Client(), {"Authorization": f"Bearer {token_of(cast.pierre)}"}
    early = client.get(f"{where}/2026/zip", headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "archive_not_ready")
    sent = client.post(where, {"year": 2026}, content_type="application/json", headers={**headers, "Idempotency-Key": "y"})
    assert (sent.status_code, sent.json()["state"], sent.json()["documents"]) == (201, "running", 3)
    with wall_opened(read=[cast.nord.pk]):
        made(cast, int(InvoiceArchive.objects.get().pk))
    assert [(year["year"], year["state"]) for year in client.get(where, headers=headers).json()] == [
        (2026, "ready"),
        (2025, "none"),
    ]
    file = client.get(f"{where}/2026/zip", headers=headers)
    assert zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).read("invoices.csv")
    assert client.get(f"{where}/2025/invoices", headers=headers).content.count(b"\r\n") == 2
    assert client.get(f"{where}/2024/invoices", headers=headers).status_code == 404
    anton = {"Authorization": f"Bearer {token_of(cast.anton)}"}
    assert client.get(f"{where}/2026/zip", headers=anton).status_code == 404


def test_a_newer_file_takes_the_place_of_the_one_before(cast: Cast, home: Path) -> None:
    first = asked(cast)
    made(cast, first)
    invoiced(cast.contract, line(1, "10.00"))
    client = signed_in(cast.pierre)
    assert "Invoices came after it." in words_of(client.get(PAGE))
    second = asked(cast)
    made(cast, second)
    assert client.get(f"{PAGE}{first}/").status_code == 404
    assert len(downloaded(cast, second).namelist()) == 10
    assert [path.name for path in (home / "files" / "archives").iterdir()] == [f"{cast.nord.pk}-2026-{second}.zip"]


def test_who_sees_one_contract_only_gets_no_file_of_all(cast: Cast) -> None:
    archive = asked(cast)
    made(cast, archive)
    client = signed_in(cast.anton)
    assert "Only somebody who sees the invoices of all contracts" in words_of(client.get(PAGE))
    assert client.post(PAGE, {"year": 2026}).status_code == 403
    for member in (cast.anton, cast.oskar, cast.sofia, cast.gaston):
        assert signed_in(member).get(f"{PAGE}{archive}/").status_code == 404


def test_a_year_without_invoices_is_told(cast: Cast) -> None:
    answer = signed_in(cast.pierre).post(PAGE, {"year": 2019})
    assert answer.status_code == 409
    assert "There are no invoices of 2019." in words_of(answer)


def test_a_file_that_is_gone_is_made_anew(cast: Cast, home: Path) -> None:
    archive = asked(cast)
    made(cast, archive)
    for path in (home / "files" / "archives").iterdir():
        path.unlink()
    client = signed_in(cast.pierre)
    assert client.get(f"{PAGE}{archive}/").status_code == 404
    assert "Make the file" in words_of(client.get(PAGE))
    made(cast, asked(cast))
