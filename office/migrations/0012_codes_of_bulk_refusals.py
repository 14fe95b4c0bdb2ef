"""What stood in the way of one of many orders becomes a code with data; old ones stay in their maker's words."""

from django.db import migrations

from core.old_sentences import coded, from_text_to_cause


class Migration(migrations.Migration):
    dependencies = [("office", "0011_leases")]

    operations = [
        *from_text_to_cause("office.BulkOrder", "why", lambda text: coded(text, ())),
        migrations.RemoveField("BulkDeed", "language"),
    ]
