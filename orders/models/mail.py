"""Mails about orders: rows written with the action, sent by workers, never twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from core.sending import OutgoingMail
from orders.models.order import WebOrder


class Mail(OutgoingMail):
    """A mail about an order."""

    class Kind(models.TextChoices):
        READY = "ready", _("Ready to collect")
        REMINDER = "reminder", _("Reminder to collect")
        NOT_TAKEN = "not taken", _("Nobody has taken an order")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="mails")
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind)
    action_key = models.CharField(max_length=120)
    # Empty for the member's address, which the worker gets from DdD.
    to = models.EmailField(blank=True)
    # Who decided last about a mail that may not have arrived.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "action_key"], name="each_mail_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["waiting", "sending"]), name="mail_due"
            ),
            models.Index(
                fields=["group", "-made_at"],
                condition=Q(state__in=["uncertain", "not possible"]),
                name="mail_needs_attention",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"
