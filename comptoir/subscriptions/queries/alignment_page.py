"""What the alignment page shows: what was picked, who matches, each missing step, every date, and the chosen one (rules 5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comptoir.billing.queries.payments import chargeable
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum
from comptoir.ui.templatetags.ui import day as in_words

from ..models import AlignmentWish, WishedAlignment
from ..rules import DateOption, Extension, Likeness, Reason
from ..rules.picture import Picture, draw
from .alignment import AlignmentPreview, Member, matched, members_of, options_of, preview_alignment
from .plans import lengths_in_words, told_of
from .states import method_words

MOST_SHOWN = 200  # in a table
MOST_SUMMED = 50  # lines of what it costs


@dataclass(frozen=True, slots=True)
class Step:
    """What keeps a subscription out, and the one click that makes it match: `does` names it, `value` goes with it."""

    sentence: str
    does: str = ""  # method, term, withdraw, open; empty: there is no such click
    value: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One subscription to pick, with every step that it lacks."""

    member: Member
    number: str
    product: str
    contract: str
    renews_on: date
    seats: int
    term_word: str
    method_word: str
    picked: bool
    steps: tuple[Step, ...]
    matches: bool  # it can be aligned as it is

    def __getitem__(self, name: str) -> Any:
        """A part by its name: templates ask so first, and a miss costs them more than the answer."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish that waits, or whose subscriptions match now."""

    pk: int
    ready: bool
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlignmentPage:
    """All that the page shows. `problem`: why the picked ones that match can't be aligned."""

    lines: Sequence[Line]
    likeness: Likeness | None
    options: Sequence[DateOption]
    preview: AlignmentPreview | None
    picture: Picture | None
    problem: Told | None
    wishes: Sequence[Wish]

    @property
    def shown(self) -> Sequence[Line]:
        """Those that stand in the table: the first by renewal date."""
        return self.lines[:MOST_SHOWN]

    @property
    def unseen(self) -> list[Line]:
        """Those that are picked and found no room in the table: they stay picked."""
        return [line for line in self.lines[MOST_SHOWN:] if line.picked]

    @property
    def picked(self) -> list[Line]:
        """Those that were picked and match."""
        return [line for line in self.lines if line.picked and line.matches]

    @property
    def unmatched(self) -> list[Line]:
        """Those that were picked and don't match."""
        return [line for line in self.lines if line.picked and not line.matches]

    @property
    def sums(self) -> Sequence[Sum]:
        """What it costs, line by line as far as a page is read; the others in one line."""
        return self.preview.first_sums(MOST_SUMMED) if self.preview else ()

    @property
    def extensions(self) -> Sequence[Extension]:
        """Before and after, for as many as the table holds."""
        return self.preview.plan.extensions[:MOST_SHOWN] if self.preview else ()

    @property
    def days(self) -> int:
        """On how many days all that can be picked renew."""
        return len({line.renews_on for line in self.lines})

    @property
    def dates(self) -> int:
        """On how many days the picked ones renew."""
        return len({line.renews_on for line in self.picked})


def alignment_page(actor: Actor, on: date, *, numbers: Sequence[str], around: str = "", day: date | None = None) -> AlignmentPage:
    """What to show for what was picked: nothing picked means all that match `around`, or what most of them share."""
    found = members_of(actor, on)
    like = _likeness(found, numbers, around)
    steps = {one.candidate.key: one.steps for one in matched(found, like).unmatched}
    everything = {member.subscription.number for member in found}
    match = everything - set(steps)
    # where next to nothing matches, all are shown with the steps that they lack
    chosen = set(numbers) or (match | {around} if len(match) > 1 else everything)
    methods = chargeable(actor.customer_id, on)
    words = {str(pk): method.label for pk, method in methods.items()}
    terms = lengths_in_words()
    lines = [_line(member, steps.get(member.subscription.number, ()), chosen, like, words, terms) for member in found]
    aligned = [line.member for line in lines if line.picked and line.matches]
    preview, problem = _preview(aligned, on, day)
    return AlignmentPage(
        lines=lines,
        likeness=like,
        options=options_of(aligned, on) if preview else (),
        preview=preview,
        picture=draw(preview.plan, on) if preview else None,
        problem=problem,
        wishes=wishes_of(actor),
    )


def _likeness(found: Sequence[Member], numbers: Sequence[str], around: str) -> Likeness | None:
    """What the picked ones are to share: as the one that the page was opened for, else as most of those picked."""
    named = [member for member in found if member.subscription.number == around]
    if named:
        candidate = named[0].candidate
        return Likeness(candidate.term, candidate.method, candidate.book.currency)
    picked = [member for member in found if member.subscription.number in set(numbers)]
    return matched(picked or found).likeness


def _preview(aligned: Sequence[Member], on: date, day: date | None) -> tuple[AlignmentPreview | None, Told | None]:
    if not aligned:
        return None, None
    try:
        return preview_alignment(aligned, on, day), None
    except Refused as refusal:
        if refusal.code == "date_not_common":  # the one that had this date is not picked any more
            return _preview(aligned, on, None)
        return None, tell(refusal)


def _line(
    member: Member,
    reasons: Sequence[Reason],
    chosen: Collection[str],
    like: Likeness | None,
    labels: Mapping[str, str],
    terms: Mapping[str, str],
) -> Line:
    row = member.subscription
    return Line(
        member=member,
        number=row.number,
        product=row.product.name,
        contract=row.contract.number,
        renews_on=row.renews_on,
        seats=member.candidate.seats,
        term_word=terms[row.term],
        method_word=_method_word(member.candidate.method, labels),
        picked=row.number in chosen,
        steps=tuple(_step(member, reason, like, labels) for reason in reasons),
        matches=not reasons,
    )


def _method_word(method: str, labels: Mapping[str, str]) -> str:
    kind, _colon, pk = method.partition(":")
    return labels.get(pk) or method_words()[kind]


def _step(member: Member, reason: Reason, like: Likeness | None, labels: Mapping[str, str]) -> Step:
    told = told_of(reason)
    match reason.code:
        case "term_differs" if like is not None:
            words = {"theirs": lengths_in_words()[member.candidate.term], "term": lengths_in_words()[like.term]}
            said = _("It is paid for %(theirs)s at a time, the others for %(term)s.") % words
            if member.candidate.planned_term == like.term:
                return Step(
                    _("%(said)s That is planned to change on %(on)s.") % {"said": said, "on": in_words(member.candidate.ends_on)}
                )
            return Step(said, "term", like.term, _("Plan %(term)s, and align then") % words)
        case "payment_method_differs" if like is not None:
            theirs, others = _method_word(member.candidate.method, labels), _method_word(like.method, labels)
            said = _("It is paid like this: %(theirs)s; the others like this: %(others)s.") % {"theirs": theirs, "others": others}
            kind, _colon, pk = like.method.partition(":")
            value = pk or ("invoice" if kind == "invoice" else "")
            return Step(said, "method" if value else "", value, _("Pay it like the others"))
        case "term_change_pending":
            if like is not None and member.candidate.planned_term == like.term:
                return Step(_("It waits for that day."))
            return Step(told.sentence, "withdraw", "term", _("Keep the term of today"))
        case "invoice_overdue" | "in_grace" | "suspended":
            return Step(told.sentence, "open", "", told.next_step or "")
    return Step(told.words)


def wishes_of(actor: Actor) -> list[Wish]:
    """The wishes that wait for their subscriptions to match, or to be confirmed, as far as the actor may align them all."""
    waiting = [AlignmentWish.Outcome.WAITING, AlignmentWish.Outcome.READY]
    rows = WishedAlignment.objects.filter(organisation_id=actor.customer_id, wish__outcome__in=waiting)
    found: dict[int, list[tuple[str, str, int]]] = {}
    fields = ("wish_id", "wish__outcome", "subscription__number", "subscription__contract_id")
    for wish, outcome, number, contract in rows.order_by("wish_id", "subscription__number").values_list(*fields):
        found.setdefault(wish, []).append((outcome, number, contract))
    return [
        Wish(pk, members[0][0] == AlignmentWish.Outcome.READY, tuple(number for _outcome, number, _contract in members))
        for pk, members in found.items()
        if all(actor.may(Can.ALIGN, contract) for _outcome, _number, contract in members)
    ]


def wish_of(actor: Actor, pk: int) -> AlignmentWish:
    """One wish, also one that has ended, all of which the actor may align. Raises AlignmentWish.DoesNotExist."""
    wish = AlignmentWish.objects.get(organisation_id=actor.customer_id, pk=pk)
    contracts = wish.members.values_list("subscription__contract_id", flat=True)
    if not all(actor.may(Can.ALIGN, contract) for contract in contracts):
        raise AlignmentWish.DoesNotExist(pk)
    return wish
