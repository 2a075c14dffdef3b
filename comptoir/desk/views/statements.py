"""Bank statements: read, and what of their lines fits no invoice."""

import base64
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.billing.actions.bank import import_statement
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import StatementForm
from ..queries import runs as queries
from ..queries.bank import settled_lines
from .showing import show


@gets_and_posts
@desk_page(Can.IMPORT_STATEMENT)
def statements(request: GateRequest) -> HttpResponse:
    """The statements that were read, and reading another one: each line is read once, whatever file it comes in."""
    form, status = StatementForm(), 200
    if request.method == "POST":
        form = StatementForm(request.POST, request.FILES)
        try:
            if form.is_valid():
                _read(request, form)
                return redirect("desk_statements")
            status = 422
        except Refused as refusal:
            form.add_error("file", tell(refusal).words)
            status = refusal.status
    told_of: dict[str, Any] = {"form": form, "statements": queries.statements(), "unmatched": queries.unmatched()}
    told_of["settled"] = settled_lines()
    return show(request, "statements", {**told_of, "request_key": new_request_key()}, status=status)


def _read(request: GateRequest, form: StatementForm) -> None:
    file = form.cleaned_data["file"]
    content = base64.b64encode(file.read()).decode()
    import_statement(request.actor, the_house(), name=file.name, content=content, on=request.today)
    messages.success(request, _("The statement was read. Lines that name their invoices pay them in a moment."))
