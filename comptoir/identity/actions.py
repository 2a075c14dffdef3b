"""The only code that writes people."""

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from .models import Person


@action(Can.CONFIRM_LANGUAGE)
def confirm_language(actor: Actor, person: Person, *, language: str) -> Person:
    """Confirm or change the language that pages, mail and support use (F1.6).

    Raises Refused `language_unknown` for a language that has no texts.
    """
    if language not in dict(settings.LANGUAGES):
        offered = ", ".join(code for code, _name in settings.LANGUAGES)
        raise Refused("language_unknown", params={"language": language, "offered": offered}, field="language", status=422)
    person.language, person.language_confirmed_at = language, now()
    person.save(update_fields=["language", "language_confirmed_at"])
    record(Events.LANGUAGE_CONFIRMED, person, language=language)
    return person
