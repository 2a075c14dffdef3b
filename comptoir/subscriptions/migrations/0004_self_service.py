"""Plans, alignments, renewals, returns: what self-service needs beside seats."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0006_outside"),
        ("catalogue", "0002_prices_may_be_missing"),
        ("contracts", "0002_walls"),
        ("organisations", "0003_figures"),
        ("subscriptions", "0003_to_align"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlignmentWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_by_id", models.BigIntegerField()),
                ("made_on", models.DateField()),
                (
                    "outcome",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("done", "Done"), ("withdrawn", "Withdrawn")],
                        default="waiting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.CreateModel(
            name="Parked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("renews_on", models.DateField(null=True)),
                ("parked_on", models.DateField()),
                ("findings", models.JSONField()),
                ("net_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Open"), ("released", "Released"), ("discarded", "Discarded")], default="open"
                    ),
                ),
                ("decided_on", models.DateField(null=True)),
                ("decided_by", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="PlannedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.TextField(choices=[("seats", "Seats"), ("term", "Term")])),
                ("seats", models.IntegerField(null=True)),
                ("term", models.TextField(blank=True, choices=[("month", "month"), ("year", "year"), ("3years", "3years")])),
                ("made_on", models.DateField()),
                ("made_by_id", models.BigIntegerField(null=True)),
                (
                    "outcome",
                    models.TextField(
                        choices=[("pending", "Pending"), ("done", "Done"), ("withdrawn", "Withdrawn"), ("replaced", "Replaced")],
                        default="pending",
                    ),
                ),
                ("ended_on", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RenewalRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("renewed", models.PositiveIntegerField(default=0)),
                ("invoices", models.PositiveIntegerField(default=0)),
                ("ended", models.PositiveIntegerField(default=0)),
                ("parked", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Sale",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("addition", "Addition"),
                            ("renewal", "Renewal"),
                            ("alignment", "Alignment"),
                        ]
                    ),
                ),
                ("seats", models.PositiveIntegerField()),
                ("seats_before", models.PositiveIntegerField()),
                ("on", models.DateField()),
                ("anchor_day_before", models.PositiveSmallIntegerField(null=True)),
                ("undone_on", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WishedAlignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="order",
            name="order_settled_with_invoice",
        ),
        migrations.RemoveConstraint(
            model_name="period",
            name="periods_never_overlap",
        ),
        migrations.RemoveConstraint(
            model_name="seatentry",
            name="order_counts_once",
        ),
        # the column goes one release later: the code of before this still runs on it
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="order", name="invoice")],
        ),
        migrations.AddField(
            model_name="order",
            name="failed_because",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="order",
            name="paid_with",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.paymentmethod"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="po_number",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="order",
            name="settled_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_basis_points",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_treatment",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="order",
            name="terms_version",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="orderline",
            name="anchor_day",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="contract",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="contracts.contract"
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="list_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="price_kind",
            field=models.TextField(blank=True, choices=[("new", "new"), ("renewal", "renewal")], db_default=""),
        ),
        migrations.AddField(
            model_name="orderline",
            name="product",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="catalogue.product"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="promotion",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="orderline",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.subscription"
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="term",
            field=models.TextField(
                blank=True, choices=[("month", "month"), ("year", "year"), ("3years", "3years")], db_default=""
            ),
        ),
        migrations.AddField(
            model_name="period",
            name="undone_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="ended_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="lapses_on",
            field=models.DateField(db_default=datetime.date(9999, 12, 31)),
        ),
        migrations.AddField(
            model_name="subscription",
            name="paid_with",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.paymentmethod"
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="turns_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="order",
            name="contract",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="contracts.contract"
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="ordered_by_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="order",
            name="seats",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="order",
            name="seats_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="order",
            name="state",
            field=models.TextField(
                choices=[("placed", "Placed"), ("settled", "Settled"), ("failed", "Failed"), ("parked", "Parked")],
                default="placed",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.subscription"
            ),
        ),
        migrations.AlterField(
            model_name="seatentry",
            name="kind",
            field=models.TextField(
                choices=[
                    ("imported", "Imported"),
                    ("purchase", "Purchase"),
                    ("addition", "Addition"),
                    ("plan", "Plan"),
                    ("renewal", "Renewal"),
                    ("return", "Return"),
                ]
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state__in", ("placed", "parked"))), fields=["organisation", "id"], name="order_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["organisation", "lapses_on", "number"], name="subscription_by_lapse"),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("undone_on", None)),
                expressions=[
                    ("subscription", "="),
                    (models.Func(models.F("start"), models.F("end"), models.Value("[)"), function="daterange"), "&&"),
                ],
                name="periods_never_overlap",
            ),
        ),
    ]
