"""One change of the renewal plan for many subscriptions at once, with a verdict for each before anything is done."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import number as in_digits

from ..actions.plans import plan_many as plan
from ..forms import PlanManyForm
from ..queries.plans_of_many import Verdict, chosen, verdicts
from ..rules import PlanChange
from ..rules.planning import change_of

MOST = 500  # subscriptions at once


@gets_and_posts
@page(Can.PLAN_RENEWAL)
def plan_many(request: GateRequest) -> HttpResponse:
    """Choose what to change, see row by row what it does, then confirm those that can be."""
    typed = request.POST if request.method == "POST" else request.GET
    form = PlanManyForm(typed)
    rows = chosen(request.actor, typed.getlist("n")[:MOST])
    if request.method == "POST" and rows and form.asks_for_something:
        return _plan(request, form, rows)
    return _show(request, form, rows, status=422 if request.method == "POST" or form.errors else 200)


def _change(form: PlanManyForm) -> PlanChange:
    return change_of(form.cleaned_data["seats"], form.cleaned_data["term"] or None, _automatic(form), ())


def _automatic(form: PlanManyForm) -> bool | None:
    return {"on": True, "off": False}.get(form.cleaned_data["automatic"])


def _plan(request: GateRequest, form: PlanManyForm, rows: list[Any]) -> HttpResponse:
    first, *others = sorted(rows, key=lambda row: row.pk)
    try:
        plan(
            request.actor,
            first,
            also=[row.pk for row in others],
            seats=form.cleaned_data["seats"],
            term=form.cleaned_data["term"] or None,
            automatic=_automatic(form),
            on=request.today,
        )
    except Refused as refusal:
        form.add_error(None, tell(refusal).words)
        return _show(request, form, rows, status=refusal.status)
    said = ngettext("The plan of %(n)s subscription was changed.", "The plan of %(n)s subscriptions was changed.", len(rows))
    messages.success(request, said % {"n": in_digits(len(rows))})
    return redirect("subscriptions", customer=request.customer.number)


def _show(request: GateRequest, form: PlanManyForm, rows: list[Any], *, status: int = 200) -> HttpResponse:
    found: list[Verdict] = []
    if rows and form.is_bound and form.asks_for_something:
        found = verdicts(request.actor, rows, _change(form), request.today)
    good = [each for each in found if each.preview is not None]
    told = {
        "form": form,
        "before": _sum_of([each.before for each in good]),
        "after": _sum_of([each.after for each in good]),
        "rows": rows,
        "verdicts": found,
        "good": good,
        "request_key": new_request_key(),
    }
    return render(request, "subscriptions/plan_many.html", told, status=status)


def _sum_of(amounts: list[Money | None]) -> Money | None:
    """All of them together; None where one is not known."""
    known = [amount for amount in amounts if amount is not None]
    return Money.sum(known, known[0].currency) if known and len(known) == len(amounts) else None
