"""The nightly report, and the differences that it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Shop, User
from core.cause_field import CauseField
from core.causes import StoredCause, words_of
from core.leases import Leased
from ddd.models.posting import Posting
from ddd.words.differences import Kind, Mend, evidence_in_words, meaning_of, mend_of


@dataclass(frozen=True)
class RefusedShop:
    """A shop that DdD answers nothing for, as it was called that night, and what DdD said."""

    shop_id: int
    name: str
    said: StoredCause

    @property
    def said_words(self) -> str:
        """What DdD said, in the reader's language."""
        return words_of(self.said)


class Reconciliation(Leased):
    """The report of one night: whether all could be compared, and what differed. One per Group and day.

    `data` has how many shops, orders, sales and item transfers were compared, how many differences are new,
    how many are gone, which shops DdD answered for, and which it refused. With `trouble` nothing was
    compared at all.
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="reconciliations")
    day = models.DateField()
    wanted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_complete = models.BooleanField(default=False)
    trouble = CauseField()
    data = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "day"], name="one_reconciliation_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.day}"

    @property
    def trouble_words(self) -> str:
        """Why nothing was compared, in the reader's language."""
        return words_of(self.trouble)

    @property
    def refused(self) -> list[RefusedShop]:
        """The shops that were not compared because DdD refused them."""
        return [RefusedShop(**one) for one in self.data.get("refused", [])]


class Difference(models.Model):
    """A difference between the portal's books and DdD's; found again, it is the same row.

    `about_at` is when it was booked: DdD is read back only so far.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SEEN_TO = "seen to", _("seen to")
        SENT_AGAIN = "sent again", _("being mended")
        GONE = "gone", _("gone")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=400)
    order_no = models.CharField(max_length=255, blank=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.JSONField(default=dict)
    about_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)  # why somebody closed it
    # When it was taken over from DdD, on somebody's request; what is sent instead has a posting.
    taken_over_at = models.DateTimeField(null=True, blank=True)
    reports: models.ManyToManyField[Reconciliation, models.Model] = models.ManyToManyField(
        Reconciliation, related_name="differences"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "kind", "subject"], name="a_difference_stands_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["group", "first_seen_at"], condition=Q(state="open"), name="difference_open"
            ),
            models.Index(
                fields=["group", "closed_at"], condition=Q(state="sent again"), name="difference_being_mended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def meaning(self) -> str:
        """What it means for the shop, and what to do, in the reader's language."""
        return str(meaning_of(Kind(self.kind), self.mend_by))

    @property
    def evidence_words(self) -> list[tuple[str, str]]:
        """What was found, in the reader's language."""
        return evidence_in_words(self.evidence)

    @property
    def mend_by(self) -> Mend | None:
        """What the portal can do about it; None when only a person can."""
        return mend_of(self.kind, self.posting_id, self.evidence)
