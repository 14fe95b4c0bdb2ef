"""Rows of before there were codes: each known sentence has its code after the migration, and all others stay
as they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from core.causes import in_english

BEFORE = [
    ("accounts", "0008_notices_of_changes"),
    ("orders", "0005_sales_booked_late"),
]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old() -> Iterator[Any]:
    """The models as they were; the database is brought up to date whatever happens."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        yield executor.loader.project_state(BEFORE).apps
    finally:
        to_the_newest()


def to_the_newest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_texts_become_codes(old: Any) -> None:
    now = timezone.now()
    group = old.get_model("accounts.Group").objects.create(ddd_group_id=1, name="Nordlys")
    person = old.get_model("accounts.User").objects.create(name="Freja", email="f@x.example", group=group)
    mails = {
        text: old.get_model("accounts.AccountMail")
        .objects.create(
            person=person,
            kind="invitation",
            state="sent",
            language="da",
            reason=text,
            not_before=now,
            made_at=now,
        )
        .pk
        for text in ("", "Not needed any more.", "The mail server refused it: 550 no: such user", "Typed")
    }
    to_the_newest()
    kept = {
        text: apps.get_model("accounts.AccountMail").objects.get(pk=pk).reason for text, pk in mails.items()
    }
    assert {text: in_english(reason) for text, reason in kept.items()} == {text: text for text in mails}
    assert [reason.get("code") for reason in kept.values()] == [
        None,
        "account-mail-not-needed",
        "mail-refused",
        "as-it-is",
    ]
