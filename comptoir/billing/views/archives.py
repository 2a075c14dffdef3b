"""All invoices of a year in one file: asked for, made by a worker, found here when it is ready."""

from typing import cast

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.organisations.queries import own_organisation, roles_with, who_may
from comptoir.permissions import Can, Role

from ..actions.archives import ask_for_archive
from ..forms.invoices import YearForm
from ..queries import archives as queries


@gets_and_posts
@page(Can.SEE_INVOICES)
def archives(request: GateRequest) -> HttpResponse:
    """The years, each with its file or how far it is; a POST asks for one."""
    if wants_file(request):
        return _table(request)
    form = YearForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["year"]
        try:
            ask_for_archive(request.actor, own_organisation(request.actor), year=year)
        except Refused as refusal:
            status = refusal.status
            form.add_error(None, tell(refusal).words)
        else:
            said = _("We put the invoices of %(year)s together. The file stands here when it is ready.")
            messages.success(request, said % {"year": year})
            return redirect("invoice_archives", customer=request.customer.number)
    years = queries.years(request.actor)
    shown = {
        "form": form,
        "years": years,
        "sees_all": (sees_all := queries.sees_all(request.actor)),
        "who": [] if sees_all else [each.name for each in who_may(request.actor, map(Role, roles_with(Can.SEE_INVOICES)), None)],
        "running": any(year.archive and not year.ready for year in years),
        "request_key": new_request_key(),
    }
    fragment = request.headers.get("HX-Request") and request.method == "GET"
    return render(request, "billing/_archives.html" if fragment else "billing/archives.html", shown, status=status)


def _table(request: GateRequest) -> HttpResponse:
    """One of the tables of a year alone."""
    asked = YearForm(request.GET)
    name = request.GET.get("table", "")
    if not asked.is_valid() or name not in queries.TABLES or not queries.sees_all(request.actor):
        raise Http404
    table = queries.table_of(request.actor, name, asked.cleaned_data["year"])
    return list_as_file(request, f"{name}-{asked.cleaned_data['year']}", table.columns, table.rows())


@gets
@page(Can.SEE_INVOICES)
def archive(request: GateRequest, pk: int) -> HttpResponse:
    """The file, for who sees all invoices now."""
    found = queries.archive_of(request.actor, pk)
    name = f"{request.customer.number}-{found.year}.zip"
    content = default_storage.open(found.file)
    return cast(HttpResponse, FileResponse(content, as_attachment=True, filename=name, content_type="application/zip"))
