"""What the house itself refuses: at the door, of the clock and of tokens, at the desk."""

from django.utils.translation import gettext_noop as _

ASK_DESK = _("Write to %(vendor_email)s.")

HOUSE: dict[str, tuple[str, str | None]] = {
    # the door
    "not_allowed": (_("Your role doesn't allow this."), _("Ask %(who)s.")),
    "step_up_needed": (_("This needs you to confirm who you are."), _("Enter your password again.")),
    "scope_missing": (_("This token has not been given the scope %(scope)s."), _("Use a token that has it.")),
    "nobody_approves": (_("Nobody here could approve this."), ASK_DESK),
    "no_need_to_ask": (_("You may do this yourself; there is no need to ask."), None),
    "request_already_open": (
        _("You have already asked for this, and nobody has answered yet."),
        _("Withdraw that request first, or wait for its answer."),
    ),
    "order_not_waiting": (_("This order no longer waits for its payment."), _("Look at the order to see what came of it.")),
    "request_of_own": (_("You asked for this yourself: somebody else answers it."), None),
    "request_already_decided": (_("This request has already been decided."), None),
    "request_not_shown": (_("This request can’t be shown or answered here."), ASK_DESK),
    "request_key_reused": (
        _("This request key was already used for a different request."),
        _("Send a new key with each new request."),
    ),
    "request_key_malformed": (_("The Idempotency-Key must be 1 to %(longest)s printable characters."), None),
    "cursor_malformed": (_("This cursor is not one of ours."), _("Use the `next` value of the page before, unchanged.")),
    "on_in_sandbox_only": (_("A day can be given in a sandbox only."), _("Leave `on` out: today counts.")),
    "on_too_far": (
        _("A day lies ten years from today at most: it is %(today)s, you asked for %(on)s."),
        _("Choose a nearer day."),
    ),
    "day_not_come": (_("That day has not come yet: it is %(today)s."), _("Choose today or a day before.")),
    # the clock
    "clock_in_production": (_("The clock can be moved in a sandbox only."), None),
    "clock_goes_forward": (_("The clock goes forward only: it is %(today)s, you asked for %(to)s."), None),
    "clock_too_far": (_("The clock moves ten years at most: it is %(today)s, you asked for %(to)s."), None),
    # tokens
    "token_scope_unknown": (_("There is no scope %(scope)s."), _("Choose from: %(offered)s.")),
    "token_days_out_of_range": (_("A token lasts from 1 to %(most)s days."), None),
    "token_name_missing": (_("The token needs a name."), _("Name the program that will use it.")),
    "member_has_left": (_("%(name)s has left this customer."), None),
    # the desk
    "price_needs_an_amount": (_("Give at least one of the two prices."), None),
    "price_of_month_differs": (_("By the month, renewing costs what a new month costs: both prices are the same."), None),
    "price_in_the_past": (_("A price counts from today or later: it is %(today)s."), None),
    "price_day_taken": (_("The book has a price from %(day)s already."), _("Choose another day.")),
    "renewal_price_needs_lead": (
        _("A renewal price rises with %(days)s days’ lead, so that no notice is ever wrong: from %(earliest)s at the earliest."),
        _("Choose that day or a later one, or leave the renewal price as it is."),
    ),
    "tax_rate_out_of_range": (_("A rate lies between 0 and 100 percent."), None),
    "tax_rate_in_the_past": (_("A rate counts from today or later: it is %(today)s."), None),
    "tax_rate_day_taken": (_("This country has a rate from %(day)s already."), _("Choose another day.")),
    "second_pair_needed": (
        _("From %(limit)s on a colleague looks at it too."),
        _("It was stored; somebody else of finance approves it."),
    ),
    "second_look_by_another": (_("You asked for this yourself: a colleague decides it."), None),
    "second_look_asked_already": (_("A colleague is asked about this already."), _("Wait for the answer.")),
    "parked_decided_already": (_("This has been decided already."), None),
    "reason_missing": (_("Say why: everybody at the desk reads it."), None),
    "charging_stopped_already": (_("Charging is stopped already."), None),
    "charging_not_stopped": (_("Charging is not stopped."), None),
}
