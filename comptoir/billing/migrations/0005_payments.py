"""How customers pay: methods, attempts to charge, money in and back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_corrections"),
        ("organisations", "0003_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                ("kind", models.TextField(choices=[("card", "Card"), ("sepa", "Sepa")])),
                ("provider", models.TextField()),
                ("customer_ref", models.TextField()),
                ("token_ref", models.TextField()),
                ("label", models.TextField()),
                ("expires_on", models.DateField(null=True)),
                ("state", models.TextField(choices=[("active", "Active"), ("removed", "Removed")], default="active")),
                ("added_on", models.DateField()),
                (
                    "added_by",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
                ("removed_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="paymentmethod_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "provider", "token_ref"), name="payment_method_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("token_ref", ""), _negated=True), models.Q(("customer_ref", ""), _negated=True)
                        ),
                        name="payment_method_has_a_token",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_on", None), ("state", "active")),
                            models.Q(("removed_on__isnull", False), ("state", "removed")),
                            _connector="OR",
                        ),
                        name="payment_method_removed_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MethodSetup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                ("kind", models.TextField(choices=[("card", "Card"), ("sepa", "Sepa")])),
                ("provider", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[("asked", "Asked"), ("open", "Open"), ("done", "Done"), ("failed", "Failed")], default="asked"
                    ),
                ),
                ("reference", models.TextField()),
                ("provider_ref", models.TextField(blank=True)),
                ("url", models.TextField(blank=True)),
                (
                    "method",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.paymentmethod"
                    ),
                ),
                ("asked_on", models.DateField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="methodsetup_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "reference"), name="setup_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("method__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("method", None)),
                            _connector="OR",
                        ),
                        name="setup_done_with_a_method",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.invoice"
                    ),
                ),
                ("order_id", models.BigIntegerField(null=True)),
                (
                    "method",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="billing.paymentmethod"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("nth", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("created", "Created"),
                            ("sent", "Sent"),
                            ("unknown", "Unknown"),
                            ("pending", "Pending"),
                            ("needs_action", "Needs Action"),
                            ("succeeded", "Succeeded"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                            ("reversed", "Reversed"),
                        ],
                        default="created",
                    ),
                ),
                ("reference", models.TextField()),
                ("provider_ref", models.TextField(blank=True)),
                ("decline_code", models.TextField(blank=True)),
                ("action_url", models.TextField(blank=True)),
                ("by_hand", models.BooleanField(default=False)),
                ("made_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["created", "sent", "unknown", "pending", "needs_action"])),
                        fields=["organisation", "id"],
                        name="attempt_under_way",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="attempt_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "reference"), name="attempt_reference_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["declined", "cancelled", "reversed"]), _negated=True),
                        fields=("organisation", "invoice"),
                        name="one_live_attempt_per_invoice",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["declined", "cancelled", "reversed"]), _negated=True),
                        fields=("organisation", "order_id"),
                        name="one_live_attempt_per_order",
                    ),
                    models.UniqueConstraint(fields=("organisation", "invoice", "nth"), name="attempt_of_invoice_counted_once"),
                    models.UniqueConstraint(fields=("organisation", "order_id", "nth"), name="attempt_of_order_counted_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invoice", None), ("order_id__isnull", False)),
                            models.Q(("invoice__isnull", False), ("order_id", None)),
                            _connector="OR",
                        ),
                        name="attempt_for_invoice_or_order",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="attempt_charges_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on__isnull", False), ("state__in", ["succeeded", "declined", "cancelled", "reversed"])
                            ),
                            models.Q(
                                ("ended_on", None), ("state__in", ["created", "sent", "unknown", "pending", "needs_action"])
                            ),
                            _connector="OR",
                        ),
                        name="attempt_ends_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                ("kind", models.TextField(choices=[("charge", "Charge"), ("transfer", "Transfer")])),
                (
                    "attempt",
                    models.OneToOneField(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.attempt"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("received_on", models.DateField()),
                ("reference", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="payment_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "reference"), name="payment_reference_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="payment_brings_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt__isnull", False), ("kind", "charge")),
                            models.Q(("attempt", None), ("kind", "transfer")),
                            _connector="OR",
                        ),
                        name="charge_has_its_attempt",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "payment",
                    models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="billing.payment"),
                ),
                ("provider_ref", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.TextField(blank=True)),
                ("state", models.TextField(choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], default="open")),
                ("opened_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="dispute_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "provider_ref"), name="dispute_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="dispute_takes_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("closed_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="dispute_closed_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="billing.payment",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="billing.invoice",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.dispute"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("on", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="allocation_in_customer"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            models.Q(("amount_minor__lt", 0), ("dispute__isnull", False)),
                            _connector="OR",
                        ),
                        name="allocation_pays_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "payment",
                    models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="billing.payment"),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.invoice"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("created", "Created"),
                            ("sent", "Sent"),
                            ("unknown", "Unknown"),
                            ("pending", "Pending"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("by_hand", "By Hand"),
                            ("paid_out", "Paid Out"),
                        ],
                        default="created",
                    ),
                ),
                ("reference", models.TextField()),
                ("provider_ref", models.TextField(blank=True)),
                ("made_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="refund_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "reference"), name="refund_reference_once"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="refund_gives_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", False), ("state__in", ["succeeded", "failed", "paid_out"])),
                            models.Q(("ended_on", None), ("state__in", ["created", "sent", "unknown", "pending", "by_hand"])),
                            _connector="OR",
                        ),
                        name="refund_ends_on_a_day",
                    ),
                ],
            },
        ),
    ]
