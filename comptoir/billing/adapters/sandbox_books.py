"""What the sandbox's provider writes into its books, and what its payment page and its bank do to them."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction
from django.db.models import F

from comptoir.kernel.calendar import add_days
from comptoir.kernel.clock import now
from comptoir.kernel.jobs import enqueue

from ..models import SandboxCall, SandboxCharge, SandboxDispute, SandboxMethod, SandboxNote, SandboxProvider, SandboxSetup
from ..ports import Charge, FoundMethod, Outcome, Page
from ..queries.sandbox_cards import known

BANK_DAYS = 2  # that a direct debit takes
SWITCHES = ("down", "loses_answers", "answers_late", "tells_twice", "tells_nothing", "declines", "challenges")


def switch(**settings_of: int) -> None:
    """Set switches: for how many calls each holds, -1 for all, 0 for none."""
    with transaction.atomic():
        SandboxProvider.objects.update_or_create(single=True, defaults=settings_of)


def flips(name: str) -> bool:
    """Whether a switch is on for this call, which it counts."""
    left = SandboxProvider.objects.values_list(name, flat=True).first() or 0
    if left <= 0:
        return left < 0
    return SandboxProvider.objects.filter(**{f"{name}__gt": 0}).update(**{name: F(name) - 1}) == 1


def charges_plainly() -> bool:
    """Whether no switch decides about charges: then a batch need not ask for each."""
    on = SandboxProvider.objects.values_list("declines", "challenges").first()
    return on is None or not any(on)


def called(verb: str, key: str, answer: str) -> None:
    """One line of the log of calls."""
    SandboxCall.objects.create(verb=verb, key=key, answer=answer)


def tell(news: Sequence[tuple[str, str]]) -> None:
    """Have notes sent to our webhook: (kind, the provider's name of what it is about)."""
    if not news or flips("tells_nothing"):
        return
    copies = 2 if flips("tells_twice") else 1
    notes = [SandboxNote(ref=f"evt_{secrets.token_hex(12)}", kind=kind, about=about) for kind, about in news]
    SandboxNote.objects.bulk_create([SandboxNote(ref=n.ref, kind=n.kind, about=n.about) for n in notes for _ in range(copies)])
    enqueue("billing.sandbox_notes")


def deliver(post: Callable[[bytes, str], None]) -> None:
    """Send the notes that wait, oldest first; `post` takes a body and its signature, and raises where it did not arrive."""
    for note in SandboxNote.objects.filter(delivered_at=None).order_by("pk"):
        body = json.dumps({"event": note.ref, "kind": note.kind, "about": note.about}).encode()
        post(body, signature(body))
        SandboxNote.objects.filter(pk=note.pk).update(delivered_at=now())


def post_to_us(body: bytes, signed: str) -> None:
    """Send one note over HTTP to the address of our webhook."""
    url = f"{settings.BASE_URL}/webhooks/sandbox/"
    headers = {"Content-Type": "application/json", "Sandbox-Signature": signed}
    with urlopen(Request(url, data=body, headers=headers), timeout=10) as answer:
        answer.read()


def signature(body: bytes) -> str:
    """How the provider signs its notes."""
    return hmac.new(f"sandbox-provider:{settings.SECRET_KEY}".encode(), body, hashlib.sha256).hexdigest()


def decided(wanted: Charge, method: SandboxMethod, *, faults: bool) -> SandboxCharge:
    """The charge as the books will have it; `faults` where a switch is on."""
    state, code = _decide(wanted, method, faults)
    return SandboxCharge(
        ref=f"ch_{secrets.token_hex(12)}",
        key=wanted.reference,
        method=method,
        amount_minor=wanted.amount.minor,
        currency=wanted.amount.currency,
        state=state,
        decline_code=code,
        return_url=wanted.return_url,
        metadata={"customer": wanted.customer_id, "reference": wanted.reference},
        day=wanted.day,
    )


def _decide(wanted: Charge, method: SandboxMethod, faults: bool) -> tuple[str, str]:
    if method.detached or method.behaviour not in {"good", "challenge", "disputed", "bank_refused"}:
        return "declined", "card_declined" if method.detached else method.behaviour
    if faults and flips("declines"):
        return "declined", "card_declined"
    if method.kind == "sepa":
        return "pending", ""
    if method.behaviour == "challenge" or (faults and flips("challenges")):
        return ("needs_action", "") if wanted.by_hand else ("declined", "authentication_required")
    return "succeeded", ""


def let_the_bank_decide(row: SandboxCharge, day: date) -> None:
    """A direct debit is paid or refused after some days."""
    if row.state == "pending" and day >= add_days(row.day, BANK_DAYS):
        refused = row.method.behaviour == "bank_refused"
        row.state, row.decline_code = ("declined", "bank_refused") if refused else ("succeeded", "")
        row.save(update_fields=["state", "decline_code"])
        tell([("charge", row.ref)])


def outcome_of(row: SandboxCharge) -> Outcome:
    """What the provider says of a charge."""
    url = f"{settings.BASE_URL}/sandbox/provider/confirmation/{row.ref}/" if row.state == "needs_action" else ""
    return Outcome(row.state, row.ref, row.decline_code, url)


def page_of(row: SandboxSetup) -> Page:
    """What the provider says of a visit to its page."""
    method = row.method
    if method is None:
        return Page(row.ref, f"{settings.BASE_URL}/sandbox/provider/{row.ref}/", failed=row.cancelled)
    label = f"{method.brand} •••• {method.last4}"
    return Page(row.ref, "", FoundMethod(method.customer_ref, method.token, label, method.expires_on))


def setup_of(ref: str) -> SandboxSetup | None:
    """A visit to the page, by the name in its address."""
    return SandboxSetup.objects.filter(ref=ref).first()


def charge_of(ref: str) -> SandboxCharge | None:
    """A charge with its method, by the name in the address of the bank's page."""
    return SandboxCharge.objects.select_related("method").filter(ref=ref).first()


def give_method(setup: SandboxSetup, number: str, expires_on: date | None) -> SandboxSetup:
    """Somebody typed a test number into the page; the first one counts."""
    found = known(setup.kind, number)
    if found is None:
        raise ValueError(f"{number!r} is no test number")
    with transaction.atomic():
        row = SandboxSetup.objects.select_for_update().get(pk=setup.pk)
        if row.method_id is None and not row.cancelled:
            row.method = SandboxMethod.objects.create(
                token=f"pm_{secrets.token_hex(12)}",
                customer_ref=row.customer_ref,
                kind=row.kind,
                brand=found.brand,
                last4="".join(found.number.split())[-4:],
                expires_on=expires_on,
                behaviour=found.behaviour,
            )
            row.save(update_fields=["method"])
            tell([("setup", row.ref)])
    return row


def leave(setup: SandboxSetup) -> None:
    """Somebody went back without giving anything."""
    with transaction.atomic():
        if SandboxSetup.objects.filter(pk=setup.pk, method=None).update(cancelled=True):
            tell([("setup", setup.ref)])


def confirm(ref: str, *, yes: bool) -> SandboxCharge:
    """The holder confirmed or refused a charge on the bank's page; the first answer counts."""
    with transaction.atomic():
        row = SandboxCharge.objects.select_for_update().get(ref=ref)
        if row.state == "needs_action":
            row.state, row.decline_code = ("succeeded", "") if yes else ("declined", "authentication_failed")
            row.save(update_fields=["state", "decline_code"])
            tell([("charge", row.ref)])
    return row


def disputes_of(charge: SandboxCharge) -> Sequence[SandboxDispute]:
    """The disputes of a charge, oldest first."""
    return list(SandboxDispute.objects.filter(charge=charge).order_by("pk"))


def dispute_once(ref: str, *, on: date) -> None:
    """The holder asks for the money of a charge that was paid and never disputed; the first click counts."""
    with transaction.atomic():
        row = SandboxCharge.objects.select_for_update().filter(ref=ref, state="succeeded").first()
        if row is not None and not disputes_of(row):
            dispute([row], on)


def dispute(rows: Sequence[SandboxCharge], on: date | None = None) -> None:
    """The bank takes charges back, on the day on which they were made or later."""
    made = [
        SandboxDispute(
            ref=f"dp_{secrets.token_hex(12)}",
            charge=row,
            amount_minor=row.amount_minor,
            reason="fraudulent",
            state="open",
            day=on or row.day,
        )
        for row in rows
    ]
    SandboxDispute.objects.bulk_create(made)
    tell([("dispute", row.ref) for row in made])


def close_dispute(ref: str, *, won: bool) -> None:
    """The bank decides."""
    with transaction.atomic():
        if SandboxDispute.objects.filter(ref=ref, state="open").update(state="won" if won else "lost"):
            tell([("dispute", ref)])
