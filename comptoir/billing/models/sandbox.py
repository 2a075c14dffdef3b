"""The books of the sandbox's own provider: what it was asked and what it did. We read them through the port alone."""

from django.db import models


class SandboxProvider(models.Model):
    """How the provider behaves: one row of switches, each a number of calls that it still holds for, or -1 for all."""

    single = models.BooleanField(primary_key=True, default=True)
    down = models.IntegerField(default=0)  # refuses the connection, does nothing
    loses_answers = models.IntegerField(default=0)  # does it, then the line breaks
    answers_late = models.IntegerField(default=0)  # does it, and says "pending" until asked again
    tells_twice = models.IntegerField(default=0)  # sends its notes twice
    tells_nothing = models.IntegerField(default=0)  # sends no notes
    declines = models.IntegerField(default=0)
    challenges = models.IntegerField(default=0)  # asks for 3-D Secure

    class Meta:
        constraints = [models.CheckConstraint(name="sandbox_provider_is_one_row", condition=models.Q(single=True))]


class SandboxMethod(models.Model):
    """A card or mandate that somebody typed into the sandbox's payment page."""

    token = models.TextField(unique=True)
    customer_ref = models.TextField()
    kind = models.TextField()
    brand = models.TextField()
    last4 = models.CharField(max_length=4)
    expires_on = models.DateField(null=True)
    behaviour = models.TextField()  # what charging it does: good, challenge, or a decline code
    detached = models.BooleanField(default=False)


class SandboxSetup(models.Model):
    """One visit to the sandbox's payment page."""

    ref = models.TextField(unique=True)
    key = models.TextField(unique=True)
    kind = models.TextField()
    customer_ref = models.TextField()
    return_url = models.TextField()
    language = models.TextField()
    method = models.ForeignKey(SandboxMethod, on_delete=models.PROTECT, null=True)
    cancelled = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict)


class SandboxCharge(models.Model):
    """One charge. Its key makes it one, however often it is asked for."""

    ref = models.TextField(unique=True)
    key = models.TextField(unique=True)
    method = models.ForeignKey(SandboxMethod, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField()
    decline_code = models.TextField(blank=True)
    return_url = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    day = models.DateField(db_index=True)
    refunded_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sandbox_refunds_within_charge", condition=models.Q(refunded_minor__lte=models.F("amount_minor"))
            )
        ]


class SandboxRefund(models.Model):
    """One refund of a charge."""

    ref = models.TextField(unique=True)
    key = models.TextField(unique=True)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    metadata = models.JSONField(default=dict)
    day = models.DateField(db_index=True)


class SandboxDispute(models.Model):
    """A charge that the sandbox's bank takes back."""

    ref = models.TextField(unique=True)
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    reason = models.TextField()
    state = models.TextField()  # open, won, lost
    day = models.DateField(null=True, db_index=True)  # null only in books of an earlier release


class SandboxNote(models.Model):
    """A note to our own webhook, on its way."""

    ref = models.TextField()
    kind = models.TextField()
    about = models.TextField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="sandbox_note_waiting", condition=models.Q(delivered_at=None))]


class SandboxCall(models.Model):
    """What the provider was asked, one line a call, in the order of its books."""

    verb = models.TextField()
    key = models.TextField()
    answer = models.TextField()  # what it said, also where the line broke before it was heard
    at = models.DateTimeField(auto_now_add=True)
