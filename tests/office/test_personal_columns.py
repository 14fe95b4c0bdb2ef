"""Every column that can hold a text says what becomes of a customer's data in it."""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from core.leases import Leased
from office.personal_columns import COLUMNS

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
LEASE = {column.name for column in Leased._meta.local_fields}


def text_columns(tables: Iterable[type[models.Model]]) -> set[str]:
    """All that may hold what somebody typed or sent; a column with choices holds one of them."""
    return {
        f"{table._meta.label}.{column.name}"
        for table in tables
        for column in table._meta.concrete_fields
        if isinstance(column, TEXTS) and not column.choices
        if not (issubclass(table, Leased) and column.name in LEASE)
    }


NAMED = {f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns}


def test_each_is_named_and_there_is_no_other() -> None:
    there = text_columns(apps.get_models(include_auto_created=True))
    assert there - NAMED == set(), "say in office/personal_columns.py how it is forgotten, or what it holds"
    assert NAMED - there == set(), "these columns are gone"


@isolate_apps("orders")
def test_a_new_column_would_be_seen() -> None:
    class Complaint(models.Model):
        words = models.TextField()
        kind = models.CharField(max_length=5, choices=[("late", "late")])
        cents = models.IntegerField()

        class Meta:
            app_label = "orders"

        def __str__(self) -> str:
            return self.words

    assert text_columns([Complaint]) - NAMED == {"orders.Complaint.words"}
