"""Refunds for pieces that customers paid for and never got."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT
CAUSES = [("missing", "Missing"), ("cancelled", "Cancelled"), ("not collected", "Not collected")]


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_refunds_know_their_order")]

    operations = [
        migrations.RemoveIndex("refunddue", "refund_modified"),
        migrations.RemoveField("refunddue", "taken_back"),
        migrations.AlterField(
            "refunddue",
            "order",
            models.ForeignKey(on_delete=PROTECT, related_name="refunds", to="orders.weborder"),
        ),
        migrations.AlterField(
            "refunddue", "shop", models.ForeignKey(on_delete=PROTECT, related_name="+", to="accounts.shop")
        ),
        migrations.AddIndex(
            "refunddue", models.Index(fields=["web_shop", "stored_at", "id"], name="refund_stored")
        ),
        migrations.AddIndex(
            "refunddue", models.Index(fields=["group", "stored_at"], name="refund_stored_in_group")
        ),
        migrations.AddIndex(
            "refunddue",
            models.Index(
                condition=Q(stored_at_is_due=True), fields=["group"], name="refund_stored_at_is_due"
            ),
        ),
        migrations.AddIndex("refunddue", models.Index(fields=["group", "made_at"], name="refund_made")),
        migrations.CreateModel(
            name="RefundedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cause", models.CharField(choices=CAUSES, max_length=15)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=9)),
                ("counts", models.BooleanField(default=True)),
                (
                    "line",
                    models.ForeignKey(on_delete=PROTECT, related_name="refunded_lines", to="orders.line"),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.refunddue",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(counts=True), fields=("line",), name="a_piece_is_refunded_once"
                    )
                ],
            },
        ),
    ]
