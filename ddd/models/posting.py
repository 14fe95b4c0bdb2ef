"""The outbox: what DdD must be told, and each call about it."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User, WebShop
from core.cause_field import CauseField
from core.causes import words_of
from core.leases import Leased

HELD_UP_LONG: Final = timedelta(hours=1)  # then a person is told


class Posting(Leased):
    """A row of the outbox: one thing to send to DdD, complete in itself, and its state."""

    class Kind(models.TextChoices):
        ORDER = "order", _("Web order")
        SALE = "sale", _("Sale")
        RETURN = "return", _("Return")
        TRANSFER = "transfer", _("Item transfer")
        CHANGE = "change", _("Change of the web order")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        IN_FLIGHT = "in flight", _("Being sent")
        SENT = "sent", _("Sent")
        REJECTED = "rejected", _("Rejected")
        UNCERTAIN = "uncertain", _("Uncertain")
        GIVEN_UP = "given up", _("Given up")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REHEARSED = "rehearsed", _("Rehearsed")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=10, choices=Kind)
    action_key = models.CharField(max_length=120)
    order_no = models.CharField(max_length=255, db_index=True)
    web_shop = models.ForeignKey(WebShop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payload = models.JSONField()
    lane = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    needs_attention = models.BooleanField(default=False)
    reason = CauseField()
    # The findings of reading back, by the code of a cause or by DdD's own field name.
    evidence = models.JSONField(default=dict)
    baseline = models.JSONField(default=dict)
    answer = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    # Since when DdD could not be used for it; it is tried again all the time.
    held_up_since = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "action_key"], name="each_action_is_posted_once"),
            # Two equal transfers on the way at once could not be told apart when DdD is read back.
            models.UniqueConstraint(
                fields=["group", "lane"],
                condition=~Q(lane="") & Q(state__in=["in flight", "uncertain"]),
                name="one_undecided_posting_in_a_lane",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["group", "not_before"],
                condition=Q(state__in=["waiting", "in flight", "uncertain"], needs_attention=False),
                name="posting_due",
            ),
            models.Index(
                fields=["group", "made_at"],
                condition=Q(needs_attention=True),
                name="posting_needs_attention",
            ),
            models.Index(
                fields=["group", "held_up_since"],
                condition=Q(held_up_since__isnull=False),
                name="posting_held_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_no}: {self.get_state_display()}"

    @property
    def reason_words(self) -> str:
        """Why it is in this state, in the reader's language."""
        return words_of(self.reason)

    @property
    def is_held_up(self) -> bool:
        """Whether it could not be sent or read back for so long that a person may decide."""
        is_open = self.state in (self.State.WAITING, self.State.IN_FLIGHT, self.State.UNCERTAIN)
        if self.held_up_since is None or self.needs_attention or not is_open:
            return False
        return timezone.now() - self.held_up_since >= HELD_UP_LONG

    @property
    def evidence_words(self) -> list[tuple[str, str]]:
        """What reading back found, in the reader's language."""
        return [
            (words_of({"code": name, "data": {}}), _shown(value)) for name, value in self.evidence.items()
        ]

    @property
    def token(self) -> str:
        """The web shop's own token to DdD; empty for the Group's."""
        return self.web_shop.ddd_token if self.web_shop else ""


def _shown(found: object) -> str:
    if isinstance(found, list):
        return ", ".join(str(part) for part in found) or "–"
    return str(found)


class Attempt(models.Model):
    """One attempt at a posting: its calls to DdD, how long it took (ms) and its outcome."""

    class Purpose(models.TextChoices):
        SEND = "send", _("sent to DdD")
        READ_BACK = "read back", _("read back")
        DECISION = "decision", _("decided by a person")

    class Outcome(models.TextChoices):
        SENT = "sent", _("DdD has it")
        WAITING = "waiting", _("DdD does not have it: it is sent again")
        UNAVAILABLE = "unavailable", _("DdD could not be used")
        REJECTED = "rejected", _("DdD refused it")
        UNCERTAIN = "uncertain", _("No usable answer")
        SEND_AGAIN = "send again", _("Send again")
        IT_ARRIVED = "it did arrive", _("It did arrive")
        GIVE_UP = "give up", _("Given up")
        RIGHT = "right", _("Right in DdD")
        WRONG = "wrong", _("Wrong in DdD")

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="attempts")
    purpose = models.CharField(max_length=10, choices=Purpose)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    detail = CauseField()
    # Each request with its answer, as `ddd/api/http.py Call` has it.
    calls = models.JSONField(default=list)
    # Who decided; calls are made by workers.
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.outcome}"

    @property
    def detail_words(self) -> str:
        """What was answered, in the reader's language where it is the portal's own."""
        return words_of(self.detail)
