"""The first posting of its kind: it is sent alone, until a person has looked at it in DdD."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from ddd.models.posting import Posting


class FirstPosting(models.Model):
    """What a person has said of the first posting of a kind that went out by these settings.

    Its row is what makes it the first: one of a kind is asked about at a time, and one by the same settings.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("The first sale")
        RETURN = "return", _("The first return")
        PAY_OUT = "pay-out", _("The first pay-out")
        TRANSFER = "transfer", _("The first item transfer")
        CHANGE = "change", _("The first change of a web order")

    class State(models.TextChoices):
        ASKED = "asked", _("Nobody has looked at it in DdD yet")
        RIGHT = "right", _("Right in DdD")
        WRONG = "wrong", _("Wrong in DdD")
        OVER = "over", _("Other settings are used now")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    # Of the settings below: the constraint needs one column.
    fingerprint = models.CharField(max_length=64)
    settings = models.JSONField(default=dict)
    # None when nobody had to look, or other settings were used before somebody did.
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, null=True, blank=True, related_name="first"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    made_at = models.DateTimeField()
    # When DdD was last asked whether it lists it, and when it was first seen there.
    looked_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "kind", "fingerprint"], name="one_first_posting_by_the_same_settings"
            ),
            models.UniqueConstraint(
                fields=["group", "kind"], condition=Q(state="asked"), name="one_first_posting_is_asked_about"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"

    @property
    def seconds_until_listed(self) -> int | None:
        """How long DdD took at most from its answer until it listed it; None when it was not seen there."""
        settled_at = self.posting.settled_at if self.posting else None
        if self.listed_at is None or settled_at is None:
            return None
        return max(round((self.listed_at - settled_at).total_seconds()), 0)
