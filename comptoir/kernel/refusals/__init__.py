"""What each refusal says, in the reader's language: what is wrong and what would be right. Codes are stable (rules 8)."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import get_language, gettext

from ..errors import Refused
from .house import HOUSE
from .money import MONEY
from .people import PEOPLE
from .software import SOFTWARE


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words: what is in the way, and what to do about it (`url` where a page does it)."""

    sentence: str
    next_step: str | None = None
    url: str = ""

    @property
    def words(self) -> str:
        """Both in one line."""
        return f"{self.sentence} {self.next_step or ''}".strip()


SENTENCES: dict[str, tuple[str, str | None]] = {**HOUSE, **MONEY, **PEOPLE, **SOFTWARE}


def tell(refusal: Refused) -> Told:
    """The sentence and the next step of a refusal. A code without a text is a bug and shows as the code."""
    # a token without the scope is told so: its member's role may well allow it
    code = "scope_missing" if refusal.code == "not_allowed" and "scope" in refusal.params else refusal.code
    sentence, step = SENTENCES.get(code, (refusal.code, None))
    said = _Said(refusal.params)
    return Told(gettext(sentence) % said, gettext(step) % said if step else None)


class _Said(dict[str, object]):
    """The values of a sentence as text: days and lists in words, what is missing made up for."""

    def __missing__(self, key: str) -> object:
        match key:
            case "vendor_email":
                return settings.VENDOR.email
            case "who":
                names = self.get("who_may") or ()
                return _listed(names) or gettext("a contract manager of this customer")
            case "reach":
                return ", ".join(str(self[part]) for part in ("email", "phone") if self.get(part)) or settings.VENDOR.email
        return ""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        if isinstance(value, date):
            return in_words(value)
        return _listed(value) if isinstance(value, list | tuple) else value


def in_words(day: date) -> str:
    """A day as people of the active language write it; English as in Europe: 12 March 2027."""
    language = get_language() or "en"
    return format_date(day, "long", locale="en_GB" if language == "en" else language.replace("-", "_"))


def _listed(names: object) -> str:
    words = [str(name) for name in names] if isinstance(names, list | tuple) else []
    if len(words) < 2:
        return "".join(words)
    return gettext("%(names)s and %(last)s") % {"names": ", ".join(words[:-1]), "last": words[-1]}
