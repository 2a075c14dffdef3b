"""What each refusal says, in the reader's language: what is wrong and what would be right. Codes are stable."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from .errors import Refused


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words."""

    sentence: str
    next_step: str | None = None


SENTENCES: dict[str, tuple[str, str | None]] = {
    # the door
    "not_allowed": (_("Your role doesn't allow this."), _("Ask a contract manager of this customer.")),
    "step_up_needed": (_("This needs you to confirm who you are."), _("Enter your password again.")),
    "no_need_to_ask": (_("You may do this yourself; there is no need to ask."), None),
    "request_already_decided": (_("This request has already been decided."), None),
    "request_key_reused": (
        _("This request key was already used for a different request."),
        _("Send a new key with each new request."),
    ),
    "request_key_malformed": (_("The Idempotency-Key must be 1 to %(longest)s printable characters."), None),
    "cursor_malformed": (
        _("This cursor is not one of ours."),
        _("Use the `next` value of the page before, unchanged."),
    ),
    "quote_moved": (
        _("Something changed since this price was shown, so nothing was ordered."),
        _("Look at the new price and confirm again."),
    ),
    # the clock
    "clock_in_production": (_("The clock can be moved in a sandbox only."), None),
    "clock_goes_forward": (_("The clock goes forward only: it is %(today)s, you asked for %(to)s."), None),
    "clock_too_far": (_("The clock moves ten years at most: it is %(today)s, you asked for %(to)s."), None),
    # people
    "language_unknown": (_("There are no texts in %(language)s. Choose one of: %(offered)s."), None),
    # seats
    "seats_out_of_range": (_("Give a whole number of seats from 1 to %(most)s."), None),
}


def tell(refusal: Refused) -> Told:
    """The sentence and the next step of a refusal. A code without a text is a bug and shows as the code."""
    sentence, step = SENTENCES.get(refusal.code, (refusal.code, None))
    return Told(gettext(sentence) % refusal.params, gettext(step) % refusal.params if step else None)
