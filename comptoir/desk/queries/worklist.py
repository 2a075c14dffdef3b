"""What waits for the vendor's people, over all customers, as far as the role reaches."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.billing.models import Attempt, Dispute, Finding, Refund, StatementLine
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import NightRun, SecondLook
from comptoir.permissions import Can
from comptoir.subscriptions.models import Parked
from comptoir.ui.templatetags.ui import number

from .unmanaged import MOST_COUNTED, how_many_unmanaged

GRAVE = {"parked", "findings"}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits, the gravest kind first: danger, warn, info."""

    kind: str
    sentence: str
    label: str
    url: str


def waiting(actor: Actor, on: date) -> list[Task]:
    """What waits, the gravest first."""
    tasks = _of_money() if actor.may(Can.SEE_SALES) else []
    if actor.may(Can.SEE_RUNS) and (failed := NightRun.objects.filter(failed__gt=0).count()):
        said = ngettext(
            "%(n)s night has customers that are tried again.", "%(n)s nights have customers that are tried again.", failed
        )
        tasks.append(Task("warn", said % {"n": number(failed)}, _("See the nights"), reverse("desk_runs")))
    if actor.may(Can.APPOINT_MANAGER) and (bare := how_many_unmanaged()):
        said = ngettext("%(n)s customer has nobody who manages it.", "%(n)s customers have nobody who manages them.", bare)
        told = _("%(n)s or more") % {"n": number(bare)} if bare == MOST_COUNTED else number(bare)
        tasks.append(Task("warn", said % {"n": told}, _("Appoint a manager"), reverse("desk_unmanaged")))
    return tasks


def _of_money() -> list[Task]:
    runs = reverse("desk_runs")
    looks = SecondLook.objects.filter(state=SecondLook.State.OPEN).count()
    parked = Parked.objects.filter(state=Parked.State.OPEN).count()
    findings = Finding.objects.filter(settled_at=None).count()
    unknown = Attempt.objects.filter(state=Attempt.State.UNKNOWN).count()
    owed = Refund.objects.filter(Q(state=Refund.State.BY_HAND) | Q(state=Refund.State.FAILED)).count()
    taken = Dispute.objects.filter(state=Dispute.State.OPEN).count()
    lines = StatementLine.objects.filter(state=StatementLine.State.UNMATCHED).count()
    said = {
        "looks": ngettext("%(n)s thing waits for a second pair of eyes.", "%(n)s things wait for a second pair of eyes.", looks),
        "parked": ngettext("%(n)s charge is held by a safety bound.", "%(n)s charges are held by a safety bound.", parked),
        "findings": ngettext(
            "%(n)s charge differs between the provider and us.", "%(n)s charges differ between the provider and us.", findings
        ),
        "unknown": ngettext("%(n)s charge has no answer yet.", "%(n)s charges have no answer yet.", unknown),
        "disputes": ngettext("%(n)s payment was taken back by a bank.", "%(n)s payments were taken back by banks.", taken),
        "refunds": ngettext("%(n)s refund is to be paid out by hand.", "%(n)s refunds are to be paid out by hand.", owed),
        "bank": ngettext("%(n)s line of the bank fits no invoice.", "%(n)s lines of the bank fit no invoice.", lines),
    }
    counted = {"looks": looks, "parked": parked, "findings": findings, "unknown": unknown, "disputes": taken}
    counted |= {"refunds": owed, "bank": lines}
    return [
        Task(
            "danger" if part in GRAVE else "warn",
            said[part] % {"n": number(n)},
            _("Look at it"),
            reverse("desk_statements") if part == "bank" else f"{runs}#{part}",
        )
        for part, n in counted.items()
        if n
    ]
