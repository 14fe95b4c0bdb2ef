"""Mails that are to be sent: rows written with the deed, sent by workers, never twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from orders.models.order import WebOrder
from orders.reasons import in_words


class Mail(models.Model):
    """One mail. Mail servers know no idempotency keys either: one that may have gone is not sent again."""

    class Kind(models.TextChoices):
        READY = "ready", _("Ready to collect")
        REMINDER = "reminder", _("Reminder to collect")
        NOT_TAKEN = "not taken", _("Nobody has taken an order")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNCERTAIN = "uncertain", _("Uncertain")
        NOT_POSSIBLE = "not possible", _("Not possible")
        NOT_NEEDED = "not needed", _("Not needed any more")
        SEEN_TO = "seen to", _("Seen to")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="mails")
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind)
    deed = models.CharField(max_length=120)
    # Empty: the member's address, which the worker asks DdD for.
    to = models.EmailField(blank=True)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Who decided last about one that may not have come.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "deed"], name="each_mail_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["waiting", "sending"]), name="mail_due"
            ),
            models.Index(
                fields=["group", "-made_at"],
                condition=Q(state__in=["uncertain", "not possible"]),
                name="mail_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"

    @property
    def why(self) -> str:
        """Why it is not sent, in the active language; empty when nothing is wrong."""
        return in_words(self.reason)
