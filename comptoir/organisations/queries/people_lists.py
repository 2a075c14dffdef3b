"""Lists of people: what is known of their columns, and what would become of each row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from comptoir.kernel.actor import Actor
from comptoir.kernel.addresses import is_address
from comptoir.kernel.calendar import add_days
from comptoir.kernel.clock import now
from comptoir.permissions import Can

from ..models import Membership, PeopleImport
from ..rules import FIELDS, Known, ListRow, guess_fields, guess_without_heads, judge
from .groups import group_choices
from .merged import led_addresses
from .people import everybodys_roles, role_words, roles_of_groups

RESULT = ("line", "email", "first_name", "last_name", "result", "detail")


def list_of(actor: Actor, pk: int) -> PeopleImport:
    """One list: anybody's for whom no groups bind, else one's own. Raises PeopleImport.DoesNotExist."""
    rows = PeopleImport.objects.filter(organisation_id=actor.customer_id)
    return (rows if actor.groups(Can.ADD_PEOPLE) is None else rows.filter(by_id=actor.membership_id)).get(pk=pk)


def lists_of(actor: Actor) -> list[PeopleImport]:
    """The actor's newest lists, without their rows."""
    rows = PeopleImport.objects.filter(organisation_id=actor.customer_id, by_id=actor.membership_id)
    return list(rows.defer("rows", "heads").order_by("-pk")[:10])


def fields_of(found: PeopleImport) -> dict[int, str]:
    """The field of each column, as far as its head or its content tells."""
    guessed = guess_fields(found.heads)
    return guessed if any(found.heads) or not found.rows else guess_without_heads(found.rows[0])


def lists_to_forget(customers: Collection[int], days: int, on: date) -> QuerySet[PeopleImport]:
    """The lists of these customers whose rows were needed last `days` days before `on`: added then, or read and left.

    A list whose invitations are still being written keeps its rows, for as long again.
    """
    rows = PeopleImport.objects.filter(organisation_id__in=customers, erased_on=None)
    done = Q(done_on__lte=add_days(on, -days), invited=F("to_invite")) | Q(done_on__lte=add_days(on, -2 * days))
    # when it was read is real time, which a sandbox's clock does not move
    return rows.filter(done | Q(state=PeopleImport.State.READ, read_at__lte=now() - timedelta(days=days)))


def judge_list(actor: Actor, rows: Sequence[Sequence[str]], fields: Mapping[int, str], *, language: str) -> list[ListRow]:
    """What would become of each row today."""
    return judge(rows, fields, known_of(actor, language))


def known_of(actor: Actor, language: str) -> Known:
    """What the actor's rows are judged by."""
    here = Membership.objects.filter(organisation_id=actor.customer_id, left_on=None).values_list("email", flat=True)
    return Known(
        here=frozenset({*(email.lower() for email in here), *led_addresses(actor)}),
        address_ok=is_address,
        languages=_languages(),
        default_language=language,
        roles=_roles(actor.may(Can.GIVE_ROLES)),
        groups={name.lower(): pk for pk, name in group_choices(actor, Can.ADD_PEOPLE)},
    )


def _languages() -> dict[str, str]:
    words = {"english": "en", "anglais": "en", "french": "fr", "français": "fr", "francais": "fr"}
    codes = {code: code for code, _name in settings.LANGUAGES}
    regions = {f"{code}-{region}": code for code in codes for region in ("us", "gb", "ie", "fr", "be", "ca", "ch", "lu")}
    return {**words, **codes, **regions}


def _roles(gives: bool) -> dict[str, str]:
    found: dict[str, str] = {str(role): str(role) for role in role_words()}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {str(word).lower(): str(role) for role, word in role_words().items()}
    # everybody is an end user: the word is understood, and gives nothing
    everybodys = {word: "" for word, role in found.items() if role in everybodys_roles()}
    others = {*roles_of_groups(), *everybodys_roles()}
    return everybodys | {word: role for word, role in found.items() if gives and role not in others}


def verdict_words() -> dict[str, str]:
    """Each verdict as people say it."""
    return {
        "will_be_added": _("will be added"),
        "added": _("added"),
        "already_here": _("is here already"),
        "address_missing": _("has no address"),
        "address_malformed": _("is no e-mail address"),
        "twice": _("stands twice in the list"),
        "role_unknown": _("role unknown, or not yours to give"),
        "group_unknown": _("group unknown"),
        "name_broken": _("has a line break in the name: is a quotation mark wrong?"),
        "name_too_long": _("has a name of more than 100 signs"),
    }


def field_words() -> dict[str, str]:
    """Each field that a column may hold, as people say it."""
    words = {
        "email": _("E-mail"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "name": _("Whole name"),
        "language": _("Language"),
        "role": _("Role"),
        "groups": _("Groups"),
    }
    return {name: words[name] for name in FIELDS}


def result_lines(found: PeopleImport) -> Iterator[Mapping[str, Any]]:
    """What became of each row of a list that is done, as its file tells it."""
    for row in found.rows:
        yield dict(zip(RESULT, row, strict=False))


def result_of(row: ListRow) -> list[Any]:
    """A judged row as it is kept and told."""
    return [row.line, row.email, row.first_name, row.last_name, row.verdict, row.told]


def next_wave(found: PeopleImport, size: int) -> list[int]:
    """The members of a list who are to be invited next, by id."""
    added = [row[6] for row in found.rows if len(row) > 6]
    rows = Membership.objects.filter(organisation_id=found.organisation_id, pk__in=added, active=False, left_on=None)
    return list(rows.filter(invited_until=None).order_by("pk").values_list("pk", flat=True)[:size])
