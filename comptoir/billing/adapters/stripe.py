"""Where billing meets Stripe: payment intents, saved methods, 3-D Secure, direct debit, refunds, disputes, signed notes.

Each request that moves money carries our reference as its idempotency key and in its metadata; Stripe keeps keys for a day,
the metadata for ever.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import stripe
from django.conf import settings

from comptoir.kernel.calendar import add_days, add_months
from comptoir.kernel.clock import now

from ..ports import (
    ABSENT,
    UNKNOWN,
    About,
    Charge,
    FoundMethod,
    GiveBack,
    Listed,
    NoAnswer,
    Note,
    NotSigned,
    Outcome,
    Page,
    Setup,
    TakenBack,
)
from .stripe_words import (
    amount_there,
    decline_of,
    dispute_state,
    method_label,
    money_here,
    note_kind,
    outcome_of,
    refund_state,
)

VERSION = "2026-10-28.endive"
SECONDS = 30  # that an answer may take
KINDS = {"card": "card", "sepa": "sepa_debit"}
T = TypeVar("T")


class Stripe:
    """Fills one of `billing.Providers`."""

    name = "stripe"

    def __init__(self, key: str, webhook_secret: str, url: str) -> None:
        self._secret = webhook_secret
        client = stripe.StripeClient(
            key,
            stripe_version=VERSION,
            base_addresses={"api": url},
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=SECONDS),
        )
        self._api: Any = client.v1

    def set_up(self, wanted: Setup) -> Page:
        """Stripe's own page for a card or a mandate (Checkout in setup mode), made once for its reference."""
        about = _metadata(wanted.customer_id, wanted.reference)
        customer = wanted.customer_ref
        if not customer:
            told = {"name": wanted.name, "description": wanted.customer, "email": wanted.email, "metadata": about}
            customer = _asked(self._api.customers.create, told, _once(f"{wanted.reference}-customer"))["id"]
        session = _asked(
            self._api.checkout.sessions.create,
            {
                "mode": "setup",
                "customer": customer,
                "payment_method_types": [KINDS[wanted.kind]],
                "success_url": wanted.return_url,
                "cancel_url": wanted.return_url,
                "locale": wanted.language,
                "metadata": about,
                "setup_intent_data": {"metadata": about},
            },
            _once(wanted.reference),
        )
        return Page(session["id"], session["url"] or "")

    def look_at_setup(self, provider_ref: str) -> Page:
        """Where a visit stands."""
        wanted = {"expand": ["setup_intent.payment_method"]}
        session = _asked(self._api.checkout.sessions.retrieve, provider_ref, wanted)
        method = (session.get("setup_intent") or {}).get("payment_method")
        if session["status"] == "complete" and method:
            return Page(provider_ref, "", _method(session["customer"], method))
        return Page(provider_ref, session.get("url") or "", failed=session["status"] == "expired")

    def remove(self, token_ref: str) -> None:
        """Detach a method from its customer; one that is gone already is well."""
        _asked(self._api.payment_methods.detach, token_ref, refused=lambda _error: {})

    def charge(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """Charge each once for its reference; UNKNOWN where no answer came."""
        return [_or_unknown(lambda each=each: self._charge(each)) for each in wanted]  # type: ignore[misc]

    def _charge(self, wanted: Charge) -> Outcome:
        told = {
            "amount": amount_there(wanted.amount),
            "currency": wanted.amount.currency.lower(),
            "customer": wanted.customer_ref,
            "payment_method": wanted.token_ref,
            "payment_method_types": [KINDS[wanted.kind]],
            "description": wanted.description,
            "metadata": _metadata(wanted.customer_id, wanted.reference),
            "confirm": True,
            **({"return_url": wanted.return_url} if wanted.by_hand else {"off_session": True}),
        }
        return _told(self._api.payment_intents.create, told, _once(wanted.reference), then=outcome_of, refused=_declined)

    def look_up(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """What became of each: by its name at Stripe, or among what was charged to the customer since it was asked for."""
        return [_or_unknown(lambda each=each: self._look_up(each)) for each in wanted]  # type: ignore[misc]

    def _look_up(self, wanted: Charge) -> Outcome:
        if wanted.provider_ref:
            return _told(self._api.payment_intents.retrieve, wanted.provider_ref, then=outcome_of)
        since = int((now() - timedelta(hours=wanted.hours_ago + 2)).timestamp())
        told = {"customer": wanted.customer_ref, "created": {"gte": since}, "limit": 100}
        for intent in self._all(self._api.payment_intents.list, told):
            if intent["metadata"].get("reference") == wanted.reference:
                return outcome_of(intent)
        return ABSENT

    def cancel(self, wanted: Charge) -> Outcome:
        """Give up a charge that waits for its holder; if it went through meanwhile, that is what it has become."""
        ref = wanted.provider_ref
        return _told(
            self._api.payment_intents.cancel,
            ref,
            then=outcome_of,
            refused=lambda _error: _told(self._api.payment_intents.retrieve, ref, then=outcome_of),
        )

    def give_back(self, wanted: GiveBack) -> Outcome:
        """Give back once for its reference; what Stripe refuses has failed."""
        told = {
            "payment_intent": wanted.charge_ref,
            "amount": amount_there(wanted.amount),
            "metadata": _metadata(wanted.customer_id, wanted.reference),
        }
        refused = Outcome("failed")
        return _told(self._api.refunds.create, told, _once(wanted.reference), then=refund_state, refused=lambda _error: refused)

    def look_up_refund(self, wanted: GiveBack) -> Outcome:
        """What became of a refund."""
        if wanted.provider_ref:
            return _told(self._api.refunds.retrieve, wanted.provider_ref, then=refund_state)
        for refund in self._all(self._api.refunds.list, {"payment_intent": wanted.charge_ref, "limit": 100}):
            if refund["metadata"].get("reference") == wanted.reference:
                return refund_state(refund)
        return ABSENT

    def disputes_of(self, charge_ref: str) -> Sequence[TakenBack]:
        """The disputes of a charge; inquiries, in which no money moves, are none."""
        found = []
        for dispute in self._all(self._api.disputes.list, {"payment_intent": charge_ref, "limit": 100}):
            state = dispute_state(dispute["status"])
            if state is not None:
                amount = money_here(dispute["amount"], dispute["currency"])
                found.append(TakenBack(dispute["id"], charge_ref, amount, dispute.get("reason") or "", state))
        return found

    def disputed(self, day: date) -> Iterable[About]:
        """The charges of ours that a bank took back on a day of the billing zone; inquiries are none."""
        told = {**_made_on(day), "expand": ["data.payment_intent"]}
        for dispute in self._all(self._api.disputes.list, told):
            about = (dispute.get("payment_intent") or {}).get("metadata") or {}
            whose = _whose(about)
            if whose is not None and dispute_state(dispute["status"]) is not None:
                yield About("dispute", whose, str(about["reference"]))

    def listed(self, day: date) -> Iterable[Listed]:
        """What was made on a day of the billing zone."""
        told = _made_on(day)
        for kind, listing in (("charge", self._api.payment_intents.list), ("refund", self._api.refunds.list)):
            for row in self._all(listing, told):
                outcome = outcome_of(row) if kind == "charge" else refund_state(row)
                about, amount = row["metadata"], money_here(row["amount"], row["currency"])
                yield Listed(kind, row["id"], about.get("reference", ""), _whose(about), amount, outcome.state)

    def read_note(self, body: bytes, headers: Mapping[str, str]) -> Note:
        """An event, if it carries Stripe's signature and is fresh. Raises NotSigned."""
        try:
            stripe.Webhook.construct_event(body, headers.get("Stripe-Signature", ""), self._secret)
        except stripe.SignatureVerificationError:
            raise NotSigned from None
        event = json.loads(body)
        return Note(str(event["id"]), note_kind(str(event["type"])), str(event["data"]["object"]["id"]))

    def about(self, note: Note) -> About | None:
        """What an event is about, asked for anew; None if it is nothing of ours."""
        retrieve = {
            "charge": self._api.payment_intents.retrieve,
            "refund": self._api.refunds.retrieve,
            "setup": self._api.checkout.sessions.retrieve,
            "dispute": self._api.disputes.retrieve,
        }
        if note.kind not in retrieve:
            return None
        found = _asked(retrieve[note.kind], note.provider_ref, refused=lambda _error: {})
        if note.kind == "dispute" and found.get("payment_intent"):
            found = _asked(self._api.payment_intents.retrieve, found["payment_intent"], refused=lambda _error: {})
        metadata = found.get("metadata") or {}
        whose = _whose(metadata)
        return None if whose is None else About(note.kind, whose, str(metadata.get("reference", "")))

    def _all(self, listing: Callable[..., Any], told: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Every row of a list, page after page."""
        asked = dict(told)
        while True:
            page = _asked(listing, asked)
            yield from page["data"]
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]


def _asked(
    call: Callable[..., Any],
    *told: Any,
    then: Callable[[dict[str, Any]], Any] = lambda answer: answer,
    refused: Callable[[stripe.StripeError], Any] | None = None,
) -> Any:
    """Ask Stripe. What it refuses goes to `refused`; what has no answer raises NoAnswer: it may have been carried out."""
    try:
        answer = call(*told)
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        if refused is None or isinstance(error, stripe.IdempotencyError):
            raise NoAnswer(str(error)) from error
        return refused(error)
    except stripe.StripeError as error:
        raise NoAnswer(f"Stripe: {type(error).__name__}") from error
    return then(answer.to_dict(for_json=True) if hasattr(answer, "to_dict") else answer)


def _told(
    call: Callable[..., Any],
    *told: Any,
    then: Callable[[dict[str, Any]], Outcome],
    refused: Callable[[stripe.StripeError], Outcome] | None = None,
) -> Outcome:
    """The same, where the answer is what became of something."""
    outcome: Outcome = _asked(call, *told, then=then, refused=refused)
    return outcome


def _declined(error: stripe.StripeError) -> Outcome:
    told: Any = error.json_body or {}
    problem = told.get("error", {})
    intent = problem.get("payment_intent") or {}
    return Outcome("declined", str(intent.get("id", "")), decline_code=decline_of(problem))


def _or_unknown(ask: Callable[[], Outcome]) -> Outcome:
    try:
        return ask()
    except NoAnswer:
        return UNKNOWN


def _once(reference: str) -> dict[str, str]:
    return {"idempotency_key": reference}


def _metadata(customer_id: int, reference: str) -> dict[str, str]:
    return {"customer": str(customer_id), "reference": reference}


def _whose(metadata: Mapping[str, Any]) -> int | None:
    number = str(metadata.get("customer", ""))
    return int(number) if number.isdecimal() and "reference" in metadata else None


def _made_on(day: date) -> dict[str, Any]:
    return {"created": {"gte": _start_of(day), "lt": _start_of(add_days(day, 1))}, "limit": 100}


def _start_of(day: date) -> int:
    return int(datetime.combine(day, time(), ZoneInfo(settings.BILLING_ZONE)).timestamp())


def _method(customer: str, method: Mapping[str, Any]) -> FoundMethod:
    card = method.get("card") or {}
    ends = add_months(date(card["exp_year"], card["exp_month"], 1), 1, 1) if card.get("exp_year") else None
    return FoundMethod(str(customer), str(method["id"]), method_label(method), ends)
