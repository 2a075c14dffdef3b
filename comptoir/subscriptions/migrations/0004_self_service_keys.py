"""Its keys: what the tables of self-service point to, and what is always true of them."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_self_service")]

    operations = [
        migrations.AddConstraint(
            model_name="seatentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("order__isnull", False)),
                fields=("organisation", "subscription", "order"),
                name="order_counts_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_with", None), models.Q(("payment_method", "invoice"), _negated=True), _connector="OR"),
                name="charged_with_what_it_says",
            ),
        ),
        migrations.AddField(
            model_name="alignmentwish",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="orderinvoice",
            name="invoice",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="orderinvoice",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="subscriptions.order",
            ),
        ),
        migrations.AddField(
            model_name="orderinvoice",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="parked",
            name="order",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.order"
            ),
        ),
        migrations.AddField(
            model_name="parked",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="parked",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.subscription"
            ),
        ),
        migrations.AddField(
            model_name="plannedchange",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="plannedchange",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="planned",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddField(
            model_name="renewalrun",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="sale",
            name="invoice",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="order",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.order"
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="sale",
            name="period",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.period"
            ),
        ),
        migrations.AddField(
            model_name="sale",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sales",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddField(
            model_name="wishedalignment",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
        ),
        migrations.AddField(
            model_name="wishedalignment",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="subscriptions.subscription"
            ),
        ),
        migrations.AddField(
            model_name="wishedalignment",
            name="wish",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="subscriptions.alignmentwish",
            ),
        ),
        migrations.AddConstraint(
            model_name="alignmentwish",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="alignmentwish_in_customer"),
        ),
        migrations.AddIndex(
            model_name="orderinvoice",
            index=models.Index(fields=["organisation", "order"], name="invoices_of_order"),
        ),
        migrations.AddConstraint(
            model_name="orderinvoice",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="orderinvoice_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="orderinvoice",
            constraint=models.UniqueConstraint(fields=("organisation", "invoice"), name="invoice_settles_one_order"),
        ),
        migrations.AddConstraint(
            model_name="parked",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="parked_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="parked",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open"), ("subscription__isnull", False)),
                fields=("organisation", "subscription"),
                name="parked_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="parked",
            constraint=models.CheckConstraint(
                condition=models.Q(("subscription__isnull", False), ("order__isnull", False), _connector="OR"),
                name="parked_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedchange",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="plannedchange_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="plannedchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "pending")),
                fields=("organisation", "subscription", "field"),
                name="one_pending_per_field",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("field", "seats"), ("seats__isnull", False), ("term", "")),
                    models.Q(("field", "term"), ("seats", None), models.Q(("term", ""), _negated=True)),
                    _connector="OR",
                ),
                name="planned_change_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on", None), ("outcome", "pending")),
                    models.Q(models.Q(("outcome", "pending"), _negated=True), ("ended_on__isnull", False)),
                    _connector="OR",
                ),
                name="planned_change_ended_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrun",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="renewalrun_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="renewalrun",
            constraint=models.UniqueConstraint(fields=("organisation", "day"), name="one_run_a_day"),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["organisation", "invoice"], name="sales_of_invoice"),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="sale_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.UniqueConstraint(
                fields=("organisation", "subscription", "invoice"), name="sold_once_by_an_invoice"
            ),
        ),
        migrations.AddConstraint(
            model_name="wishedalignment",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="wishedalignment_in_customer"),
        ),
        migrations.AddConstraint(
            model_name="wishedalignment",
            constraint=models.UniqueConstraint(fields=("organisation", "wish", "subscription"), name="wished_once"),
        ),
    ]
