"""Why a posting stands where it stands, what came of each try and what was found become codes with data."""

from typing import Any

from django.db import migrations

from core.old_sentences import from_text_to_cause
from ddd.migrations._old_sentences import coded_sentence

CODES = {
    "payments": "found-payments",
    "amount": "found-amount",
    "new between the two shops": "found-new-transfers",
    "with the same pieces": "found-equal-transfers",
}
NAMES = {code: name for name, code in CODES.items()}
AT_ONCE = 500


def name_evidence_by(names: dict[str, str]) -> Any:
    def rename(apps: Any, editor: Any) -> None:
        postings = apps.get_model("ddd", "Posting")._base_manager.using(editor.connection.alias)
        batch = []
        for posting in postings.exclude(evidence={}).only("evidence").order_by("pk").iterator(AT_ONCE):
            posting.evidence = {names.get(name, name): found for name, found in posting.evidence.items()}
            batch.append(posting)
            if len(batch) == AT_ONCE:
                postings.bulk_update(batch, ["evidence"])
                batch = []
        postings.bulk_update(batch, ["evidence"])

    return rename


class Migration(migrations.Migration):
    dependencies = [("ddd", "0009_limits_of_transaction_types")]

    operations = [
        *from_text_to_cause("ddd.Posting", "reason", coded_sentence),
        *from_text_to_cause("ddd.Attempt", "detail", coded_sentence),
        migrations.RunPython(name_evidence_by(CODES), name_evidence_by(NAMES)),
    ]
