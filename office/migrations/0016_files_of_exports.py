"""Files of exports that lie on this host go into the database."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

PART_LENGTH = 1024 * 1024


def take_in(apps, _schema_editor):
    export_part = apps.get_model("office", "ExportPart")
    for export in apps.get_model("office", "Export").objects.filter(state="ready"):
        file = Path(settings.DATA_DIR) / "exports" / f"{export.pk}-{export.turn}.{export.kind}"
        if not file.is_file() or export_part.objects.filter(export=export).exists():
            continue
        content = file.read_bytes()
        for number, start in enumerate(range(0, len(content), PART_LENGTH)):
            part = content[start : start + PART_LENGTH]
            export_part.objects.create(export=export, number=number, content=part)


class Migration(migrations.Migration):

    dependencies = [("office", "0015_parts_of_exports")]

    operations = [migrations.RunPython(take_in, migrations.RunPython.noop, elidable=True)]
