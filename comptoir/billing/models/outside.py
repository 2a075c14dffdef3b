"""What came from outside before its customer was known: notes of providers, statements of the bank, findings."""

from django.db import models


class ProviderEvent(models.Model):
    """One note of a provider's, by its id: the second copy is dropped. What it tells is asked for anew: no more is kept."""

    provider = models.TextField()
    event_ref = models.TextField()
    kind = models.TextField()
    about = models.TextField()  # the provider's name of what it is about
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_ref"], name="provider_event_once")]
        indexes = [models.Index(fields=["received_at"], name="provider_event_waiting", condition=models.Q(handled_at=None))]


class Reconciliation(models.Model):
    """One day of a provider's, compared with ours, charge by charge."""

    provider = models.TextField()
    day = models.DateField()
    run_at = models.DateTimeField()
    charges = models.PositiveIntegerField()  # that the provider listed
    findings = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="one_reconciliation_per_day")]


class Finding(models.Model):
    """Where the provider and we don't agree about one charge or refund. For the desk, until somebody settles it."""

    class Kind(models.TextChoices):
        LOST = "lost"  # ours, and the provider does not know it
        UNKNOWN = "unknown"  # the provider's, and we do not know it
        ALTERED = "altered"  # another amount, currency or state

    provider = models.TextField()
    day = models.DateField()
    kind = models.TextField(choices=Kind.choices)
    reference = models.TextField(blank=True)
    provider_ref = models.TextField(blank=True)
    customer = models.TextField(blank=True)  # its number
    currency = models.CharField(max_length=3)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    ours_state = models.TextField(blank=True)
    theirs_state = models.TextField(blank=True)
    what = models.TextField(default="charge", db_default="charge")  # or refund
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # what the desk did about it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind", "reference", "provider_ref"], name="finding_once"),
        ]
        indexes = [models.Index(fields=["id"], name="finding_open", condition=models.Q(settled_at=None))]


class BankStatement(models.Model):
    """A file of the bank's that was read."""

    name = models.TextField()
    format = models.TextField()  # csv, camt.053
    lines = models.PositiveIntegerField()
    imported_on = models.DateField()
    imported_by = models.TextField()


class StatementLine(models.Model):
    """One line of the bank's, with what it paid. Its digest is its identity: read again, it is the same line."""

    class State(models.TextChoices):
        UNMATCHED = "unmatched"
        MATCHED = "matched"
        IGNORED = "ignored"  # the desk says: no payment of an invoice

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT)
    digest = models.TextField()
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.TextField(blank=True)
    told = models.TextField(blank=True)  # what the payer wrote
    bank_ref = models.TextField(blank=True)
    state = models.TextField(choices=State.choices, default=State.UNMATCHED)
    numbers = models.TextField(blank=True)  # of the invoices that it paid
    why = models.TextField(blank=True)  # not matched: a code
    note = models.TextField(blank=True, db_default="")  # what the desk wrote when it laid the line aside

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="statement_line_once")]
        indexes = [models.Index(fields=["id"], name="statement_line_unmatched", condition=models.Q(state="unmatched"))]
