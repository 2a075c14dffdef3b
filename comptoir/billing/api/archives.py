"""The invoices of a year as one file, and its two tables alone."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja import Path as InPath
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.tables import Form, table_as_file
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.archives import ask_for_archive
from ..queries import archives as queries

router = Router(tags=["Invoices"])
AYear = Annotated[int, InPath(ge=1900, le=9999)]
ZIP: dict[str, Any] = {
    "responses": {
        200: {"description": "The file", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
    }
}
TABLE: dict[str, Any] = {
    "responses": {200: {"description": "The table", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}
}


class YearOut(Schema):
    """A year of invoices and its file. `state`: none (ask for it), running (`done` of `documents`), ready.

    `stale`: invoices came after the file was made.
    """

    year: int
    documents: int
    state: Literal["none", "running", "ready"]
    done: int
    size: int
    made_at: datetime | None
    stale: bool


class ArchiveBody(Schema):
    """The year whose invoices are wanted."""

    model_config = ConfigDict(extra="forbid")
    year: Annotated[int, Field(ge=1900, le=9999, strict=True)]


@router.get("/customers/{customer}/invoice-archives", response={200: list[YearOut], **PROBLEMS}, operation_id="invoice_archives")
@operation(Can.SEE_INVOICES)
def archives(request: GateRequest, customer: str) -> list[YearOut]:
    """The years that have invoices, newest first; none for who sees the invoices of some contracts only."""
    return [_year(year) for year in queries.years(request.actor)]


@router.post(
    "/customers/{customer}/invoice-archives", response={201: YearOut, **PROBLEMS}, operation_id="ask_for_invoice_archive"
)
@operation(Can.SEE_INVOICES)
def ask(request: GateRequest, customer: str, body: ArchiveBody) -> Status[YearOut]:
    """Have the file of a year made: every invoice and credit note as PDF and as data, with two tables. Look until it is ready."""
    ask_for_archive(request.actor, own_organisation(request.actor), year=body.year)
    return Status(201, _year(_wanted(request, body.year)))


@router.get(
    "/customers/{customer}/invoice-archives/{year}/zip",
    response={200: None, **PROBLEMS},
    operation_id="invoice_archive_file",
    openapi_extra=ZIP,
)
@operation(Can.SEE_INVOICES)
def file(request: GateRequest, customer: str, year: AYear) -> FileResponse:
    """The file. 409 `archive_not_ready` while there is none."""
    found = _wanted(request, year)
    if not found.ready or found.archive is None:
        raise Refused("archive_not_ready", params={"year": year})
    archive = queries.archive_of(request.actor, found.archive)
    return FileResponse(default_storage.open(archive.file), content_type="application/zip")


@router.get(
    "/customers/{customer}/invoice-archives/{year}/{table}",
    response={200: None, **PROBLEMS},
    operation_id="invoice_table",
    openapi_extra=TABLE,
)
@operation(Can.SEE_INVOICES)
def table(
    request: GateRequest,
    customer: str,
    year: AYear,
    table: Literal["invoices", "invoice_lines"],
    form: Annotated[Form, Query()] = "csv",
) -> HttpResponse:
    """One of its tables alone, as it is now: the documents, or their lines."""
    _wanted(request, year)
    return table_as_file(queries.table_of(request.actor, table, year), form)


def _wanted(request: GateRequest, year: int) -> queries.Year:
    found = next((each for each in queries.years(request.actor) if each.year == year), None)
    if found is None:
        raise ObjectDoesNotExist(str(year))
    return found


def _year(year: queries.Year) -> YearOut:
    return YearOut(
        year=year.year,
        documents=year.documents,
        state="ready" if year.ready else "running" if year.archive else "none",
        done=year.done,
        size=year.size,
        made_at=year.made_at,
        stale=year.stale,
    )
