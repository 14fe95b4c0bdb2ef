"""Gives the sentences that earlier versions stored in English their codes. For migrations only."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.db import models
from django.db.migrations import AlterField, RunPython
from django.db.migrations.operations.base import Operation

from core.causes import AS_IT_IS, StoredCause, in_english

# A code, and the sentence as a pattern whose named groups are the data.
OldSentence = tuple[str, str]
NUMBERS = frozenset({"status", "count", "shop_id", "variant_id"})
# The sentences of `core/sending.py`, common to all mails.
SENTENCES_OF_MAILS: Final[tuple[OldSentence, ...]] = (
    ("mail-server-away", r"The mail server cannot be used now: (?P<said>.*)"),
    ("mail-refused-for-now", r"The mail server refused it for now: (?P<said>.*)"),
    ("mail-refused", r"The mail server refused it: (?P<said>.*)"),
    ("mail-no-answer", r"Sent, but the mail server did not say that it has it: (?P<said>.*)"),
    ("worker-stopped", r"The worker stopped while it was sending\."),
)
AT_ONCE = 500
SHORTEST = 300  # characters: the shortest of the old columns


def coded(text: str, sentences: Iterable[OldSentence], nested: Iterable[str] = ()) -> StoredCause:
    """The stored form of an old text: the first of `sentences` that matches, else the text as it is.

    Data that `nested` names is a sentence itself.
    """
    if not text:
        return {}
    for code, pattern in sentences:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            data = {
                name: coded(value, sentences, nested)
                if name in nested
                else int(value)
                if name in NUMBERS
                else value
                for name, value in found.groupdict().items()
            }
            return {"code": code, "data": data}
    return {"code": AS_IT_IS.code, "data": {"text": text}}


def from_text_to_cause(model: str, name: str, give_code: Callable[[str], StoredCause]) -> Iterator[Operation]:
    """The operations that make a column of text one of causes. `model` is "app.Model"."""
    app_label, model_name = model.split(".")

    def give_codes(apps: Any, editor: Any) -> None:
        rows = apps.get_model(app_label, model_name)._base_manager.using(editor.connection.alias).only(name)
        # Most rows have none, and there may be millions.
        rows.filter(**{name: ""}).update(**{name: "{}"})
        batch = []
        for row in rows.exclude(**{name: "{}"}).order_by("pk").iterator(AT_ONCE):
            setattr(row, name, json.dumps(give_code(getattr(row, name))))
            batch.append(row)
            if len(batch) == AT_ONCE:
                rows.bulk_update(batch, [name])
                batch = []
        rows.bulk_update(batch, [name])

    def give_sentences(apps: Any, editor: Any) -> None:
        rows = apps.get_model(app_label, model_name)._base_manager.using(editor.connection.alias).only(name)
        for row in rows.order_by("pk").iterator(AT_ONCE):
            setattr(row, name, in_english(json.loads(getattr(row, name)))[:SHORTEST])
            row.save(update_fields=[name])
        if editor.connection.vendor == "postgresql":
            # PostgreSQL alters no table with deferred checks pending, and every row was just written.
            editor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    # Written as text first: PostgreSQL converts a column to JSON only when it contains JSON.
    yield AlterField(model_name, name, models.TextField(blank=True))
    yield RunPython(give_codes, give_sentences)
    yield AlterField(model_name, name, models.JSONField(blank=True, default=dict))
