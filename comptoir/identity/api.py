"""The API of a person about themselves."""

from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from comptoir.kernel.api import PROBLEMS, Text, own_operation
from comptoir.permissions import Can

from . import actions, queries

if TYPE_CHECKING:
    from .models import Person

router = Router(tags=["Profile"])


class Me(Schema):
    """The person whom the token belongs to."""

    email: str
    first_name: str
    last_name: str
    language: str
    language_confirmed: bool
    time_zone: str


class LanguageChoice(Schema):
    """The language to confirm, and the time zone of times, such as Europe/Paris; empty: as it was."""

    language: Literal["en", "fr"]
    time_zone: Text = ""


@router.get("/me", response={200: Me, **PROBLEMS}, operation_id="me")
@own_operation(Can.SEE_PROFILE)
def me(request: HttpRequest) -> Me:
    """Who I am."""
    return _me(queries.myself(request.actor.person_id))  # type: ignore[attr-defined]


@router.put("/me/language", response={200: Me, **PROBLEMS}, operation_id="confirm_language")
@own_operation(Can.CONFIRM_LANGUAGE)
def language(request: HttpRequest, choice: LanguageChoice) -> Me:
    """Confirm my language and time zone (F1.6)."""
    person = queries.myself(request.actor.person_id)  # type: ignore[attr-defined]
    told = {"language": choice.language, "time_zone": choice.time_zone}
    return _me(actions.confirm_language(request.actor, person, **told))  # type: ignore[attr-defined]


def _me(person: "Person") -> Me:
    return Me(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
        language_confirmed=person.language_confirmed_at is not None,
        time_zone=queries.shown_zone(person),
    )
