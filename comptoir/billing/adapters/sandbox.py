"""The sandbox's own payment provider: it stands for somebody else's machine, with books, transactions and faults of its own.

Its tables are the truth of what was charged. We read them through the port alone; tests take them as their oracle.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F

from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.money import Money

from ..models import SandboxCall, SandboxCharge, SandboxDispute, SandboxMethod, SandboxRefund, SandboxSetup
from ..ports import ABSENT, About, Charge, GiveBack, Listed, NoAnswer, Note, NotSigned, Outcome, Page, Setup, TakenBack
from .sandbox_books import (
    called,
    charges_plainly,
    decided,
    dispute,
    flips,
    let_the_bank_decide,
    outcome_of,
    page_of,
    signature,
    tell,
)


class Sandbox:
    """Fills one of `billing.Providers`, in a sandbox only."""

    name = "sandbox"

    def set_up(self, wanted: Setup) -> Page:
        """The page of this visit, made once for its reference."""
        _up()
        with transaction.atomic():
            row, _ = SandboxSetup.objects.get_or_create(
                key=wanted.reference,
                defaults={
                    "ref": f"seti_{secrets.token_hex(12)}",
                    "kind": wanted.kind,
                    "customer_ref": wanted.customer_ref or f"cus_{secrets.token_hex(8)}",
                    "return_url": wanted.return_url,
                    "language": wanted.language,
                    "metadata": {"customer": wanted.customer_id, "reference": wanted.reference},
                },
            )
            called("set_up", wanted.reference, row.ref)
        _line_breaks()
        return page_of(row)

    def look_at_setup(self, provider_ref: str) -> Page:
        """Where a visit stands."""
        _up()
        return page_of(SandboxSetup.objects.select_related("method").get(ref=provider_ref))

    def remove(self, token_ref: str) -> None:
        """Forget a method."""
        _up()
        with transaction.atomic():
            SandboxMethod.objects.filter(token=token_ref).update(detached=True)
            called("remove", token_ref, "removed")

    def charge(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """Charge each once for its reference."""
        _up()
        with transaction.atomic():
            keys = [each.reference for each in wanted]
            there = set(SandboxCharge.objects.filter(key__in=keys).values_list("key", flat=True))
            methods = SandboxMethod.objects.in_bulk({each.token_ref for each in wanted}, field_name="token")
            fresh, faults = [each for each in wanted if each.reference not in there], not charges_plainly()
            new = {each.reference: decided(each, methods[each.token_ref], faults=faults) for each in fresh}
            SandboxCharge.objects.bulk_create(new.values(), ignore_conflicts=True)  # asked for twice at the same moment
            found = {row.key: row for row in SandboxCharge.objects.select_related("method").filter(key__in=keys)}
            rows = [found[key] for key in keys]
            SandboxCall.objects.bulk_create(SandboxCall(verb="charge", key=row.key, answer=row.state) for row in rows)
            mine = [row for row in rows if row.key in new and new[row.key].ref == row.ref]
            tell([("charge", row.ref) for row in mine])
            dispute([row for row in mine if row.method.behaviour == "disputed" and row.state == "succeeded"])
        failpoint("provider.charged")
        _line_breaks()
        late = flips("answers_late")
        return [Outcome("pending", row.ref) if late else outcome_of(row) for row in rows]

    def look_up(self, wanted: Sequence[Charge]) -> Sequence[Outcome]:
        """What became of each; charges nothing."""
        _up()
        with transaction.atomic():
            rows = SandboxCharge.objects.select_for_update(no_key=True, of=("self",)).select_related("method").order_by("pk")
            there = {row.key: row for row in rows.filter(key__in=[each.reference for each in wanted])}
            for each in wanted:
                if each.reference in there:
                    let_the_bank_decide(there[each.reference], each.day)
        return [outcome_of(there[each.reference]) if each.reference in there else ABSENT for each in wanted]

    def cancel(self, wanted: Charge) -> Outcome:
        """Give up a charge that waits for its holder."""
        _up()
        with transaction.atomic():
            SandboxCharge.objects.filter(key=wanted.reference, state="needs_action").update(state="cancelled")
            row = SandboxCharge.objects.get(key=wanted.reference)
            called("cancel", wanted.reference, row.state)
        _line_breaks()
        return outcome_of(row)

    def give_back(self, wanted: GiveBack) -> Outcome:
        """Give back once for its reference."""
        _up()
        with transaction.atomic():
            charge = SandboxCharge.objects.select_for_update(no_key=True).get(ref=wanted.charge_ref)
            row = SandboxRefund.objects.filter(key=wanted.reference).first()
            if row is None and charge.state == "succeeded" and charge.refunded_minor + wanted.amount.minor <= charge.amount_minor:
                row = SandboxRefund.objects.create(
                    ref=f"re_{secrets.token_hex(12)}",
                    key=wanted.reference,
                    charge=charge,
                    amount_minor=wanted.amount.minor,
                    metadata={"customer": wanted.customer_id, "reference": wanted.reference},
                    day=wanted.day,
                )
                SandboxCharge.objects.filter(pk=charge.pk).update(refunded_minor=F("refunded_minor") + wanted.amount.minor)
                tell([("refund", row.ref)])
            called("give_back", wanted.reference, row.ref if row else "failed")
        _line_breaks()
        return Outcome("failed") if row is None else Outcome("succeeded", row.ref)

    def look_up_refund(self, wanted: GiveBack) -> Outcome:
        """What became of a refund."""
        _up()
        row = SandboxRefund.objects.filter(key=wanted.reference).first()
        return ABSENT if row is None else Outcome("succeeded", row.ref)

    def disputes_of(self, charge_ref: str) -> Sequence[TakenBack]:
        """The disputes of a charge."""
        _up()
        rows = SandboxDispute.objects.filter(charge__ref=charge_ref).select_related("charge").order_by("pk")
        return [
            TakenBack(row.ref, charge_ref, Money(row.amount_minor, row.charge.currency), row.reason, row.state) for row in rows
        ]

    def disputed(self, day: date) -> Iterable[About]:
        """The charges that its bank took back on one day."""
        _up()
        for row in SandboxDispute.objects.filter(day=day).select_related("charge").order_by("pk"):
            told = row.charge.metadata
            if "customer" in told:
                yield About("dispute", int(told["customer"]), str(told["reference"]))

    def listed(self, day: date) -> Iterable[Listed]:
        """Its books of one day."""
        _up()
        for row in SandboxCharge.objects.filter(day=day).order_by("pk"):
            whose, amount = row.metadata.get("customer"), Money(row.amount_minor, row.currency)
            yield Listed("charge", row.ref, row.metadata.get("reference", ""), whose, amount, row.state)
        for back in SandboxRefund.objects.filter(day=day).select_related("charge").order_by("pk"):
            whose, amount = back.metadata.get("customer"), Money(back.amount_minor, back.charge.currency)
            yield Listed("refund", back.ref, back.metadata.get("reference", ""), whose, amount, "succeeded")

    def read_note(self, body: bytes, headers: Mapping[str, str]) -> Note:
        """A note, if it carries the provider's signature. Raises NotSigned."""
        if not hmac.compare_digest(headers.get("Sandbox-Signature", "").encode(), signature(body).encode()):
            raise NotSigned
        told = json.loads(body)
        return Note(str(told["event"]), str(told["kind"]), str(told["about"]))

    def about(self, note: Note) -> About | None:
        """What a note is about."""
        _up()
        found: Mapping[str, Iterable[SandboxCharge | SandboxRefund | SandboxSetup]] = {
            "charge": SandboxCharge.objects.filter(ref=note.provider_ref),
            "refund": SandboxRefund.objects.filter(ref=note.provider_ref),
            "setup": SandboxSetup.objects.filter(ref=note.provider_ref),
            "dispute": SandboxCharge.objects.filter(sandboxdispute__ref=note.provider_ref),
        }
        row = next(iter(found.get(note.kind, ())), None)
        if row is None or "customer" not in row.metadata:
            return None
        return About(note.kind, int(row.metadata["customer"]), str(row.metadata["reference"]))


def _up() -> None:
    if flips("down"):
        raise NoAnswer("the sandbox's provider is down")


def _line_breaks() -> None:
    if flips("loses_answers"):
        raise NoAnswer("the line to the sandbox's provider broke")
