"""Benefits: people by benefits, groups by benefits, worked with by keyboard; one person's."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.paging import Place
from comptoir.kernel.refusals import Told, tell
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.benefits import choose_benefits
from ..queries.benefits import benefit_words, benefits_of, chosen, matrix, may_choose
from ..queries.group_benefits import group_matrix
from ..rules import Benefit

Changes = list[list[object]]  # member or group, benefit, choice


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def benefits(request: GateRequest) -> HttpResponse:
    """The matrix: a tick says that somebody has a benefit; what was ticked or unticked is saved as one change."""

    def found(words: str) -> object:
        return matrix(request.actor, words, Place.of(request.GET), request.today)

    return _matrix(request, "entitlements/benefits.html", "people", _ticked, found)


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def benefits_of_groups(request: GateRequest) -> HttpResponse:
    """The matrix of groups: each benefit given, withheld, or left open; what was chosen anew is saved as one change."""

    def found(words: str) -> object:
        return group_matrix(request.actor, words, Place.of(request.GET))

    return _matrix(request, "entitlements/benefits_of_groups.html", "groups", _chosen, found)


def _matrix(
    request: GateRequest, template: str, whose: str, changed: Callable[[HttpRequest], Changes], found: Callable[[str], object]
) -> HttpResponse:
    """The page of one matrix: `whose` benefits, what `changed` in its form, and what is `found` for the words."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)  # which names who may
    problem: Told | None = None
    status = 200
    if request.method == "POST":
        changes = changed(request)
        try:
            people, groups = (changes, []) if whose == "people" else ([], changes)
            choose_benefits(request.actor, own_organisation(request.actor), people=people, groups=groups, on=request.today)
        except Refused as refusal:
            problem, status = tell(refusal), refusal.status
        else:
            told = ngettext("%(n)s benefit changed.", "%(n)s benefits changed.", len(changes)) % {"n": len(changes)}
            messages.success(request, told)
            return redirect(request.get_full_path())
    words = request.GET.get("q", "").strip()[:100]
    words = words if words.isprintable() else ""
    shown = {
        whose: found(words),
        "chosen": chosen(request.actor),
        "heads": list(benefit_words().items()),
        "words": words,
        "problem": problem,
        "request_key": new_request_key(),
    }
    return render(request, template, shown, status=status)


def _chosen(request: HttpRequest) -> Changes:
    """What differs between the choices that were shown and those that came back: group, benefit, choice."""
    changes: Changes = []
    for text in sorted(set(request.POST.getlist("choice")) - set(request.POST.getlist("was"))):
        group, benefit, choice = [*text.split("-"), "", ""][:3]
        if group.isascii() and group.isdigit() and len(group) < 18 and benefit in set(Benefit):
            changes.append([int(group), benefit, choice])
    return changes


def _ticked(request: HttpRequest) -> Changes:
    """What differs between the ticks that were shown and those that came back."""
    before, after = set(request.POST.getlist("was")), set(request.POST.getlist("has"))
    changes: Changes = []
    for text in sorted(before ^ after):
        member, _dash, benefit = text.partition("-")
        if member.isascii() and member.isdigit() and len(member) < 18 and benefit in set(Benefit):
            changes.append([int(member), benefit, "given" if text in after else "withheld"])
    return changes


@gets_and_posts
@page(Can.ASSIGN_SEATS)
def persons_benefits(request: GateRequest, member: int) -> HttpResponse:
    """One person: each benefit given, withheld, or left to the default, with the reason."""
    if not may_choose(request.actor):
        return redirect("products", customer=request.customer.number)
    found = benefits_of(request.actor, member, request.today)
    problem: Told | None = None
    status = 200
    if request.method == "POST":
        wanted = [[member, each.value, request.POST[each.value]] for each in Benefit if request.POST.get(each.value)]
        try:
            choose_benefits(request.actor, own_organisation(request.actor), people=wanted, on=request.today)
        except Refused as refusal:
            problem, status = tell(refusal), refusal.status
        else:
            messages.success(request, _("Saved."))
            return redirect("persons_benefits", customer=request.customer.number, member=member)
    has = sum(cell.standing.has for cell in found.cells)
    shown = {"person": found, "has": has, "problem": problem, "request_key": new_request_key()}
    return render(request, "entitlements/persons_benefits.html", shown, status=status)
