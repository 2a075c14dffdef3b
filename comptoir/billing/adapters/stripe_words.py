"""Stripe's words and amounts in ours. Its currencies have decimals of their own, which differ from ISO 4217's."""

from collections.abc import Mapping
from typing import Any

from comptoir.kernel.money import Money, exponent

from ..ports import Outcome

WITHOUT_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
OF_TWO_ALL_THE_SAME = frozenset({"ISK", "UGX"})  # without decimals, and written with two for the sake of old programs
DISPUTES = {"won": "won", "lost": "lost", "needs_response": "open", "under_review": "open"}
NOTES = {"payment_intent": "charge", "refund": "refund", "checkout": "setup"}


def _decimals(currency: str) -> int:
    if currency in OF_TWO_ALL_THE_SAME:
        return 2
    return 0 if currency in WITHOUT_DECIMALS else exponent(currency)


def amount_there(amount: Money) -> int:
    """An amount as Stripe counts it. ValueError for one that it can't write, such as a fraction of a Malagasy ariary."""
    there: int = amount.minor * 10 ** _decimals(amount.currency)
    whole, rest = divmod(there, int(10 ** exponent(amount.currency)))
    if rest:
        raise ValueError(f"Stripe can't charge {amount} {amount.currency}.")
    return whole


def money_here(there: int, currency: str) -> Money:
    """An amount of Stripe's as ours."""
    code = currency.upper()
    return Money(there * 10 ** exponent(code) // 10 ** _decimals(code), code)


def outcome_of(intent: Mapping[str, Any]) -> Outcome:
    """What became of a payment intent."""
    ref = str(intent["id"])
    match intent["status"]:
        case "succeeded":
            return Outcome("succeeded", ref)
        case "processing":
            return Outcome("pending", ref)
        case "requires_action":
            action = intent.get("next_action") or {}
            return Outcome("needs_action", ref, action_url=str((action.get("redirect_to_url") or {}).get("url", "")))
        case "requires_payment_method":
            return Outcome("declined", ref, decline_code=decline_of(intent.get("last_payment_error") or {}))
        case "canceled":
            return Outcome("cancelled", ref)
    return Outcome("unknown", ref)


def decline_of(error: Mapping[str, Any]) -> str:
    """Why a charge was declined, as a code: the bank's where there is one."""
    code = error.get("decline_code") or error.get("code") or "card_declined"
    return "card_declined" if code == "generic_decline" else str(code)


def refund_state(refund: Mapping[str, Any]) -> Outcome:
    """What became of a refund."""
    states = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
    return Outcome(states.get(str(refund["status"]), "pending"), str(refund["id"]))


def dispute_state(status: str) -> str | None:
    """The state of a dispute; None for an inquiry, in which no money moves."""
    return DISPUTES.get(status)


def method_label(method: Mapping[str, Any]) -> str:
    """How people know a method: its brand and its last four characters."""
    kind = method["type"]
    told = method[kind]
    brand = str(told.get("display_brand") or told.get("brand") or "card").replace("_", " ") if kind == "card" else "SEPA"
    return f"{brand.title() if brand.islower() else brand} •••• {told['last4']}"


def note_kind(event_type: str) -> str:
    """What an event is about: charge, refund, setup, dispute, or other."""
    if event_type.startswith("charge.dispute."):
        return "dispute"
    if event_type.startswith("charge.refund."):
        return "refund"
    return NOTES.get(event_type.partition(".")[0], "other")
