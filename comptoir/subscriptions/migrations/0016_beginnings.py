"""Subscriptions and orders are found by how their numbers begin. The indexes are made while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("subscriptions", "0015_sharing")]
    operations = [
        AddIndexConcurrently(
            "subscription",
            models.Index("organisation", Collate("number", "C"), name="subscription_beginning"),
        ),
        AddIndexConcurrently(
            "order",
            models.Index("organisation", Collate("number", "C"), name="order_beginning"),
        ),
    ]
