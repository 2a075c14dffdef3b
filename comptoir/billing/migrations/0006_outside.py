"""What comes from outside before its customer is known, and the books of the sandbox's own provider."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_payments"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("event_ref", models.TextField()),
                ("kind", models.TextField()),
                ("about", models.TextField()),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                ("handled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("handled_at", None)), fields=["received_at"], name="provider_event_waiting")
                ],
                "constraints": [models.UniqueConstraint(fields=("provider", "event_ref"), name="provider_event_once")],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("day", models.DateField()),
                ("run_at", models.DateTimeField()),
                ("charges", models.PositiveIntegerField()),
                ("findings", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "day"), name="one_reconciliation_per_day")],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.TextField()),
                ("day", models.DateField()),
                ("kind", models.TextField(choices=[("lost", "Lost"), ("unknown", "Unknown"), ("altered", "Altered")])),
                ("reference", models.TextField(blank=True)),
                ("provider_ref", models.TextField(blank=True)),
                ("customer", models.TextField(blank=True)),
                ("currency", models.CharField(max_length=3)),
                ("ours_minor", models.BigIntegerField(null=True)),
                ("theirs_minor", models.BigIntegerField(null=True)),
                ("ours_state", models.TextField(blank=True)),
                ("theirs_state", models.TextField(blank=True)),
                ("found_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("settled_at", None)), fields=["id"], name="finding_open")],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "kind", "reference", "provider_ref"), name="finding_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="BankStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("format", models.TextField()),
                ("lines", models.PositiveIntegerField()),
                ("imported_on", models.DateField()),
                ("imported_by", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("statement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="billing.bankstatement")),
                ("digest", models.TextField()),
                ("booked_on", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("payer", models.TextField(blank=True)),
                ("told", models.TextField(blank=True)),
                ("bank_ref", models.TextField(blank=True)),
                (
                    "state",
                    models.TextField(
                        choices=[("unmatched", "Unmatched"), ("matched", "Matched"), ("ignored", "Ignored")], default="unmatched"
                    ),
                ),
                ("numbers", models.TextField(blank=True)),
                ("why", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "unmatched")), fields=["id"], name="statement_line_unmatched")
                ],
                "constraints": [models.UniqueConstraint(fields=("digest",), name="statement_line_once")],
            },
        ),
        migrations.CreateModel(
            name="SandboxProvider",
            fields=[
                ("single", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("down", models.IntegerField(default=0)),
                ("loses_answers", models.IntegerField(default=0)),
                ("answers_late", models.IntegerField(default=0)),
                ("tells_twice", models.IntegerField(default=0)),
                ("tells_nothing", models.IntegerField(default=0)),
                ("declines", models.IntegerField(default=0)),
                ("challenges", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("single", True)), name="sandbox_provider_is_one_row")],
            },
        ),
        migrations.CreateModel(
            name="SandboxMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.TextField(unique=True)),
                ("customer_ref", models.TextField()),
                ("kind", models.TextField()),
                ("brand", models.TextField()),
                ("last4", models.CharField(max_length=4)),
                ("expires_on", models.DateField(null=True)),
                ("behaviour", models.TextField()),
                ("detached", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="SandboxSetup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.TextField(unique=True)),
                ("key", models.TextField(unique=True)),
                ("kind", models.TextField()),
                ("customer_ref", models.TextField()),
                ("return_url", models.TextField()),
                ("language", models.TextField()),
                ("method", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.sandboxmethod")),
                ("cancelled", models.BooleanField(default=False)),
                ("metadata", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="SandboxCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.TextField(unique=True)),
                ("key", models.TextField(unique=True)),
                ("method", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="billing.sandboxmethod")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("state", models.TextField()),
                ("decline_code", models.TextField(blank=True)),
                ("return_url", models.TextField(blank=True)),
                ("metadata", models.JSONField(default=dict)),
                ("day", models.DateField(db_index=True)),
                ("refunded_minor", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("refunded_minor__lte", models.F("amount_minor"))),
                        name="sandbox_refunds_within_charge",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxRefund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.TextField(unique=True)),
                ("key", models.TextField(unique=True)),
                ("charge", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="billing.sandboxcharge")),
                ("amount_minor", models.BigIntegerField()),
                ("metadata", models.JSONField(default=dict)),
                ("day", models.DateField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="SandboxDispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.TextField(unique=True)),
                ("charge", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="billing.sandboxcharge")),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("state", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="SandboxNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.TextField()),
                ("kind", models.TextField()),
                ("about", models.TextField()),
                ("delivered_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("delivered_at", None)), fields=["id"], name="sandbox_note_waiting")],
            },
        ),
        migrations.CreateModel(
            name="SandboxCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.TextField()),
                ("key", models.TextField()),
                ("answer", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
