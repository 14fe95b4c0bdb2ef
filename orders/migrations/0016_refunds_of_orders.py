"""Refunds, which were of returns only, are of orders."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
STATES = [
    ("due", "To be refunded"),
    ("refunded", "Refunded"),
    ("withdrawn", "No longer due"),
    ("reclaim", "Refunded, to be claimed back"),
    ("reclaimed", "Claimed back"),
]
OLD_REFUND = migrations.CreateModel(
    name="RefundDue",
    fields=[
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
        ("currency", models.CharField(max_length=3)),
        ("state", models.CharField(choices=STATES, default="due", max_length=10)),
        ("made_at", models.DateTimeField()),
        ("modified_at", models.DateTimeField()),
        ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference")),
        ("closed_at", models.DateTimeField(blank=True, null=True)),
        (
            "closed_by",
            models.ForeignKey(
                blank=True, null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        ("group", models.ForeignKey(on_delete=PROTECT, related_name="+", to="accounts.group")),
        (
            "web_shop",
            models.ForeignKey(
                blank=True, null=True, on_delete=PROTECT, related_name="+", to="accounts.webshop"
            ),
        ),
        (
            "taken_back",
            models.OneToOneField(on_delete=PROTECT, related_name="old_refund", to="returns.return"),
        ),
    ],
    options={
        "ordering": ["pk"],
        "db_table": "returns_refunddue",
        "indexes": [
            models.Index(fields=["web_shop", "modified_at", "id"], name="refund_modified"),
            models.Index(
                fields=["group", "made_at", "id"],
                condition=models.Q(state__in=["due", "reclaim"]),
                name="refund_open",
            ),
            models.Index(
                fields=["group", "-modified_at", "-id"],
                condition=models.Q(state__in=["refunded", "withdrawn", "reclaimed"]),
                name="refund_done",
            ),
        ],
    },
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_follows_ddd"), ("returns", "0003_refunds_are_of_orders")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[OLD_REFUND]),
        migrations.AlterModelTable("refunddue", None),
        migrations.AlterField(
            "refunddue",
            "taken_back",
            models.OneToOneField(
                null=True, on_delete=PROTECT, related_name="old_refund", to="returns.return"
            ),
        ),
        migrations.AddField("refunddue", "stored_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "refunddue", "stored_at_is_due", models.BooleanField(db_default=True, default=True)
        ),
        migrations.AddField(
            "refunddue",
            "order",
            models.ForeignKey(null=True, on_delete=PROTECT, related_name="refunds", to="orders.weborder"),
        ),
        migrations.AddField(
            "refunddue",
            "shop",
            models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="accounts.shop"),
        ),
    ]
