"""What a Group's DdD has shown of its last 30 days, before the Group is live."""

from __future__ import annotations

from django.db import models

from accounts.models import Group
from core.cause_field import CauseField
from core.causes import words_of
from core.leases import Leased


class FirstLook(Leased):
    """The last reading for the page on which a connection is set up. `wanted_at` is set until a worker has
    done it; `found` is what the page shows, by `ddd/lookup/first_look.py`; `trouble` is why the last reading
    failed."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="first_look")
    wanted_at = models.DateTimeField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = CauseField()
    found = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.group}: {self.read_at or '–'}"

    @property
    def trouble_words(self) -> str:
        """Why it could not be read, in the reader's language."""
        return words_of(self.trouble)
