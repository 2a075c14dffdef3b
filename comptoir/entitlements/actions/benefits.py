"""Benefits: given, withheld, or left to the default, for many people and groups in one action (rules 9)."""

from collections.abc import Sequence
from datetime import date

from django.db.models.functions import Greatest

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.organisations.models import Group, Organisation
from comptoir.permissions import Can

from ..models import BenefitChoice
from ..queries.benefits import refuse_benefits_out_of_reach
from ..queries.giving import members_among
from ..queries.groups import inside
from ..rules import Benefit, Wish, listed
from .groups import bring_benefits

MOST_AT_ONCE = 20_000


@action(Can.ASSIGN_SEATS, anywhere=True)
def choose_benefits(
    actor: Actor,
    organisation: Organisation,
    *,
    people: Sequence[Sequence[object]] = (),
    groups: Sequence[Sequence[object]] = (),
    on: date,
) -> Organisation:
    """Give or withhold benefits: rows of (member or group, benefit, "given" | "withheld" | "default"), all or none.

    Raises Refused `benefits_unchanged`, `benefit_unknown`, `member_unknown`, `not_allowed`.
    """
    wishes = [*(_wish(row, "membership_id") for row in people), *(_wish(row, "group_id") for row in groups)]
    if len(wishes) > MOST_AT_ONCE:
        raise Refused("too_many_named", params={"most": MOST_AT_ONCE}, status=422)
    named = {wish.whose for wish in wishes if wish.of == "membership_id"}
    refuse_benefits_out_of_reach(actor, wishes)
    if members_among(actor, named) != named:
        raise Refused("member_unknown", field="people", status=422)
    changed = _change(actor, wishes, on)
    if not changed:
        raise Refused("benefits_unchanged")
    whose = sorted({wish.whose for wish in changed if wish.of == "membership_id"})
    record(Events.BENEFITS_CHANGED, organisation, on=on, changes=len(changed), count=len(whose), members=listed(whose))
    given: dict[int, list[Benefit]] = {}
    for wish in changed:
        if wish.of == "group_id" and wish.given:
            given.setdefault(wish.whose, []).append(wish.benefit)
    for group in Group.objects.filter(organisation_id=actor.customer_id, pk__in=given).order_by("pk"):
        bring_benefits(group, given[group.pk], inside(group), on)
    return organisation


def _wish(row: Sequence[object], of: str) -> Wish:
    try:
        whose, benefit, given = row
        return Wish(of, int(str(whose)), Benefit(str(benefit)), {"given": True, "withheld": False, "default": None}[str(given)])
    except (ValueError, KeyError):
        raise Refused("benefit_unknown", status=422) from None


def _change(actor: Actor, wishes: Sequence[Wish], on: date) -> list[Wish]:
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    own = {(wish.of, wish.whose) for wish in wishes}
    members, groups = ([pk for of, pk in own if of == kind] for kind in ("membership_id", "group_id"))
    held = {("membership_id", row.membership_id, row.benefit): row for row in rows.filter(membership_id__in=members)}
    held |= {("group_id", row.group_id, row.benefit): row for row in rows.filter(group_id__in=groups)}
    last = {(wish.of, wish.whose, wish.benefit): wish for wish in wishes}
    changed = [wish for at, wish in last.items() if wish.given != (held[at].given if at in held else None)]
    ended = [held[at].pk for at in ((wish.of, wish.whose, wish.benefit) for wish in changed) if at in held]
    BenefitChoice.objects.filter(pk__in=ended).update(ended_on=Greatest("since", on))
    BenefitChoice.objects.bulk_create(
        BenefitChoice(
            organisation_id=actor.customer_id, benefit=wish.benefit.value, given=wish.given, since=on, **{wish.of: wish.whose}
        )
        for wish in changed
        if wish.given is not None
    )
    return changed
