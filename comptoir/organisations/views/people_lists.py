"""Many people at once: a list is read, its columns are named, its rows are looked at, the good ones are added."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import number

from .. import queries
from ..actions import add_listed_people, read_people_list
from ..forms import ColumnsForm, ListForm
from ..rules import MOST_BYTES, Unreadable, read_list

SHOWN = 50  # rows of each kind on the page; the file has all
EXAMPLES = 3


@gets_and_posts
@page(Can.ADD_PEOPLE)
def lists(request: GateRequest) -> HttpResponse:
    """The newest lists, and a form for another one; a POST reads it, and adds nobody yet."""
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            name, heads, rows = _read(form)
            organisation = queries.own_organisation(request.actor)
            made = read_people_list(request.actor, organisation, name=name, heads=heads, rows=rows)
        except Refused as refusal:
            status = refusal.status
            form.add_error(None, tell(refusal).words)
        else:
            return redirect("people_list", customer=request.customer.number, pk=made.pk)
    shown = {"form": form, "lists": queries.lists_of(request.actor), "request_key": new_request_key()}
    return render(request, "organisations/people_lists.html", shown, status=status)


def _read(form: ListForm) -> tuple[str, list[str], list[list[str]]]:
    sent = form.cleaned_data["file"]
    try:
        if not sent:
            return "", *read_list(form.cleaned_data["pasted"])
        if sent.size > MOST_BYTES:
            raise Unreadable("list_too_big", most=MOST_BYTES // 2**20)
        name = "".join(sign for sign in sent.name if sign.isprintable())
        return name, *read_list(sent.read())
    except Unreadable as problem:
        raise Refused(problem.code, params=problem.params, status=422) from None


@gets_and_posts
@page(Can.ADD_PEOPLE)
def one_list(request: GateRequest, pk: int) -> HttpResponse:
    """One list: row by row what would become of it, or what did; a POST adds whoever can be added."""
    found = queries.list_of(request.actor, pk)
    if found.state == found.State.DONE or found.erased_on:
        return _show_done(request, found)
    form = _columns_form(request, found)
    status, refused = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            done = add_listed_people(request.actor, found, **form.told(), on=request.today)
        except Refused as refusal:
            refused, status = tell(refusal), refusal.status
        else:
            said = ngettext("%(n)s person was added.", "%(n)s people were added.", done.added) % {"n": number(done.added)}
            messages.success(request, said)
            return redirect("people_list", customer=request.customer.number, pk=pk)
    elif request.method == "POST":
        status = 422
    return _show_judged(request, found, form, refused=refused, status=status)


def _columns_form(request: GateRequest, found: Any) -> ColumnsForm:
    sent: Any = request.POST if request.method == "POST" else request.GET
    guessed = queries.fields_of(found)
    if not any(key in sent for key in ("language", "c0")):
        # nobody has said anything yet: what the heads tell
        told = {f"c{column}": name for column, name in guessed.items()}
        sent = told | {"language": get_language() or "", "invite": "on"}
    own = request.actor.groups(Can.ADD_PEOPLE)
    return ColumnsForm(
        sent,
        heads=found.heads,
        guessed=guessed,
        fields=list(queries.field_words().items()),
        groups=[(str(group), name) for group, name in queries.group_choices(request.actor, Can.ADD_PEOPLE)],
        needs_group=own is not None,
    )


def _show_judged(request: GateRequest, found: Any, form: ColumnsForm, *, refused: Any, status: int) -> HttpResponse:
    rows: Sequence[Any] = ()
    if form.is_valid():
        told = form.told()
        fields = {int(column): name for column, name in told["fields"].items()}
        rows = queries.judge_list(request.actor, found.rows, fields, language=told["language"])
        if wants_file(request):
            lines = (dict(zip(queries.RESULT, queries.result_of(row), strict=False)) for row in rows)
            return list_as_file(request, "people-list", queries.RESULT, lines)
    good = [row for row in rows if row.verdict == "will_be_added"]
    bad = [row for row in rows if row.verdict != "will_be_added"]
    words = queries.verdict_words()
    columns = [
        {"field": form[f"c{column}"], "examples": [row[column] for row in found.rows[:EXAMPLES] if row[column]]}
        for column in range(len(found.heads))
    ]
    shown = {
        "found": found,
        "form": form,
        "columns": columns,
        "refused": refused,
        "rows": len(found.rows),
        "good": good[:SHOWN],
        "how_many": len(good),
        "bad": [{"row": row, "word": words[row.verdict]} for row in bad[:SHOWN]],
        "how_many_bad": len(bad),
        "counts": [(words[verdict], count) for verdict, count in Counter(row.verdict for row in bad).most_common()],
        "hidden": form.data,
        "request_key": new_request_key(),
    }
    return render(request, "organisations/people_list.html", shown, status=status)


def _show_done(request: GateRequest, found: Any) -> HttpResponse:
    if wants_file(request):
        return list_as_file(request, "people-list", queries.RESULT, queries.result_lines(found))
    words = queries.verdict_words()
    bad = [row for row in found.rows if row[4] != "added"]
    shown = {
        "found": found,
        "bad": [{"line": row[0], "email": row[1], "word": words.get(row[4], row[4]), "told": row[5]} for row in bad[:SHOWN]],
        "how_many_bad": found.refused,
        "running": found.invited < found.to_invite,
    }
    fragment = request.headers.get("HX-Request") and request.method == "GET"
    template = "organisations/_wave.html" if fragment else "organisations/people_list_done.html"
    return render(request, template, shown)
