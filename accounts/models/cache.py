"""The table of Django's cache."""

from __future__ import annotations

from django.db import models


class CacheEntry(models.Model):
    """The table of Django's cache: it counts attempts, and has second-factor codes that were used."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_counted"

    def __str__(self) -> str:
        return self.cache_key
