"""What was found of a difference is named by codes."""

from django.db import migrations

NAMES = (
    "receipt",
    "amount here",
    "amount at DdD",
    "found in shop",
    "found under receipt",
    "payments",
    "of the orders",
    "from shop",
    "to shop",
    "pieces here",
    "pieces at DdD",
    "transfer at DdD",
    "shop at DdD",
    "status here",
    "status at DdD",
)
CODES = {name: name.lower().replace(" ", "-") for name in NAMES}
OLD_NAMES = {code: name for name, code in CODES.items()}


def name_by(names):
    def rename(apps, editor):
        rows = apps.get_model("ddd", "Difference")._base_manager.using(editor.connection.alias)
        for difference in rows.exclude(evidence={}).order_by("pk").iterator(500):
            evidence = {names.get(name, name): found for name, found in difference.evidence.items()}
            rows.filter(pk=difference.pk).update(evidence=evidence)

    return rename


class Migration(migrations.Migration):
    dependencies = [("ddd", "0010_codes_of_postings")]

    operations = [migrations.RunPython(name_by(CODES), name_by(OLD_NAMES))]
