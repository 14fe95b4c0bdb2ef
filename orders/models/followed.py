"""Rows that web shops follow through the Public API: each change has the time at which it could be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from accounts.models import Group

AnyFollowed = TypeVar("AnyFollowed", bound="Followed")


class FollowedQuerySet(models.QuerySet[AnyFollowed]):
    """Base of the query sets of what is followed."""

    def update(self, **values: Any) -> int:
        """As Django's. Whatever sets `modified_at` makes a new `stored_at` due."""
        if "modified_at" in values:
            values.setdefault("stored_at_is_due", True)
        return super().update(**values)


class Followed(models.Model):
    """A row of a Group whose changes web shops follow."""

    group: models.ForeignKey[Group, Group]

    modified_at = models.DateTimeField()
    # When everybody could read its last change: `orders/stored_at.py`. Null before the first time.
    stored_at = models.DateTimeField(null=True, blank=True)
    stored_at_is_due = models.BooleanField(default=True, db_default=True)

    class Meta:
        abstract = True

    @property
    def changed_on(self) -> datetime:
        """The time of its last change, as web shops see it."""
        return self.modified_at if self.stored_at is None or self.stored_at_is_due else self.stored_at
