"""What was told before of pieces that nobody claimed not to find, and of one sold piece more than once."""

from typing import Any

from django.db import migrations


def tell_less(apps: Any, _schema_editor: Any) -> None:
    """What somebody has closed stays as it was; of the others the earliest report keeps the sold piece."""
    reports = apps.get_model("office", "MissingReport").objects
    reports.filter(closed_at=None).exclude(reason="not found").delete()
    told = set()
    for report in reports.filter(sold_at__isnull=False).order_by("reported_at", "pk"):
        how = (report.terminal_id, report.receipt_id, report.sold_with_id, report.sold_at)
        key = (report.shop_id, report.variant_id, *how)
        if key in told and report.closed_at is None:
            nothing = {"sold_at": None, "terminal_id": None, "receipt_id": None, "sold_with": None}
            reports.filter(pk=report.pk).update(**nothing)
        told.add(key)


class Migration(migrations.Migration):
    dependencies = [("office", "0007_papers_of_many_orders")]

    operations = [migrations.RunPython(tell_less, migrations.RunPython.noop)]
