"""A list as a file: the same rows as its page, all of them, as CSV or XLSX, by `?download=csv` at the page's own address."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast, get_args

from django.http import Http404, HttpResponse

from .export import ExportTable, write_csv, write_xlsx
from .gate import GateRequest

Form = Literal["csv", "xlsx"]
WRITERS: Mapping[Form, tuple[Callable[[ExportTable, Path], int], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def wants_file(request: GateRequest) -> bool:
    """Whether the list is asked for as a file. Raises Http404 for a kind of file that there is not."""
    wanted = request.GET.get("download")
    if wanted is None:
        return False
    if wanted not in get_args(Form):
        raise Http404
    return True


def list_as_file(request: GateRequest, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """The rows as the file that was asked for. `name` and `columns` are versioned: they are never renamed."""
    form = cast(Form, request.GET["download"])
    response = table_as_file(ExportTable(name, columns, lambda: rows), form)
    file = f"{request.customer.number}-{name}-{request.today.isoformat()}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def table_as_file(table: ExportTable, form: Form) -> HttpResponse:
    """A table in that form. It is written while the wall is open, before anything of it is sent."""
    write, kind = WRITERS[form]
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{table.name}.{form}"
        write(table, path)
        return HttpResponse(path.read_bytes(), content_type=kind)
