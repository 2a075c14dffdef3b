"""Keys, devices, and whom a serial number was given to."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0004_sharing"),
        ("entitlements", "0010_beginnings"),
        ("organisations", "0012_words_of_members_here"),
        ("subscriptions", "0016_beginnings"),
    ]

    operations = [
        migrations.CreateModel(
            name="LicenceKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licence_keys",
                        to="subscriptions.subscription",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
                ("name", models.TextField(blank=True)),
                ("digest", models.TextField(unique=True)),
                ("ending", models.TextField()),
                ("made_on", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "subscription"], name="licencekey_of_subscription"),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["organisation", "membership"], name="licencekey_of_member"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "id"), name="licencekey_in_customer")],
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="entitlements.licencekey"
                    ),
                ),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalogue.product")),
                ("place", models.PositiveSmallIntegerField()),
                ("fingerprint", models.TextField()),
                ("name", models.TextField()),
                ("platform", models.TextField(blank=True)),
                ("version", models.TextField(blank=True)),
                ("digest", models.TextField(unique=True)),
                ("activated_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("in_use", models.BooleanField(db_default=False, default=False)),
                ("used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="device_in_customer"),
                    models.CheckConstraint(condition=models.Q(("place__range", (1, 3))), name="device_has_one_of_three_places"),
                    models.CheckConstraint(
                        condition=models.Q(("membership__isnull", False), ("key__isnull", False), _connector="OR"),
                        name="device_of_a_person_or_a_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("membership__isnull", False)),
                        fields=("organisation", "membership", "product", "place"),
                        name="one_device_in_a_place",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("membership", None)),
                        fields=("organisation", "key", "product", "place"),
                        name="one_device_of_a_key_in_a_place",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("membership__isnull", False)),
                        fields=("organisation", "membership", "product", "fingerprint"),
                        name="device_activated_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("membership", None)),
                        fields=("organisation", "key", "product", "fingerprint"),
                        name="device_of_a_key_activated_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("in_use", True), ("membership__isnull", False)),
                        fields=("organisation", "membership", "product"),
                        name="one_device_in_use",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("in_use", True), ("membership", None)),
                        fields=("organisation", "key", "product"),
                        name="one_device_of_a_key_in_use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_use", False), models.Q(("ended_at", None), ("used_at__isnull", False)), _connector="OR"
                        ),
                        name="device_in_use_lives",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("activated_at")), _connector="OR"),
                        name="device_ends_after_it_was_activated",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="serialnumber",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
            ),
        ),
        migrations.AddField(
            model_name="serialnumber",
            name="given_on",
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name="serialnumber",
            index=models.Index(
                condition=models.Q(("membership__isnull", False)), fields=["organisation", "membership"], name="serial_of_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="serialnumber",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_on", None), ("membership", None)),
                    models.Q(("given_on__isnull", False), ("membership__isnull", False)),
                    _connector="OR",
                ),
                name="serial_given_to_somebody_on_a_day",
            ),
        ),
    ]
