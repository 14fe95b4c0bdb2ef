"""One action for many orders, and what became of it at each of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Group, Shop, User
from core.cause_field import CauseField
from core.causes import words_of
from orders.models import WebOrder


class BulkAction(models.Model):
    """What somebody at head office wants for the orders that they chose; nothing happens before the start.

    Papers have none: they print them part by part.
    """

    class Action(models.TextChoices):
        MOVE = "move", _("Move to another shop")
        CANCEL = "cancel", pgettext_lazy("orders", "Cancel")
        REMIND = "remind", _("Remind")
        PICK_LISTS = "pick lists", _("Pick lists")
        LABELS = "labels", _("Address labels")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="bulk_actions")
    maker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=10, blank=True)  # a code of CANCEL_REASONS
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["group", "started_at"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="bulk_action_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.made_at:%Y-%m-%d %H:%M}"


class BulkOrder(models.Model):
    """One of its orders; `shop` is where it was when it was chosen. Done once, or refused once."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")

    bulk_action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="orders")
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    why = CauseField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bulk_action", "order"], name="an_order_stands_once_in_a_bulk_action"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.outcome}"

    @property
    def why_words(self) -> str:
        """What stood in the way, in the reader's language."""
        return words_of(self.why)
