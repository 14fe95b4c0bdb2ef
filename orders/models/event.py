"""The timeline of a web order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Shop, User
from orders.models.order import WebOrder


class Document(models.TextChoices):
    """What is printed for an order."""

    PICK_LIST = "pick list", _("Pick list")
    ADDRESS_LABEL = "address label", _("Address label")
    BAG_SLIP = "bag slip", _("Bag slip")
    RETURN_SLIP = "return slip", _("Return slip")


class OrderEvent(models.Model):
    """Something that happened to an order: the timeline, and the feed that wakes the shop's tablets."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Web order created")
        IMPORTED = "imported", _("Web order came from DdD")
        CHANGED = "changed", _("Web order changed by the web shop")
        CHANGED_AT_DDD = "changed at ddd", _("Web order changed at DdD")
        ACCEPTED = "accepted", _("Taken")
        PIECE_PICKED = "piece picked", _("Piece picked")
        PIECE_MISSING = "piece missing", _("Piece reported missing")
        PICKED = "picked", _("Order picked")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        PRINTED = "printed", _("Printed")
        REFUND_DUE = "refund due", _("The web shop refunds pieces that the customer does not get")
        REFUND_WITHDRAWN = "refund withdrawn", _("The web shop does not owe this refund any more")
        REMINDED = "reminded", _("The shop was reminded: nobody has taken it")
        MANAGER_TOLD = "manager told", _("The shop manager was told: nobody has taken it")
        HEAD_OFFICE_TOLD = "head office told", _("Head office was told: nobody has taken it")
        PICK_UNDONE = "pick undone", _("Pick undone")
        MOVED = "moved", _("Moved to another shop")
        DELIVERY_UNDONE = "delivery undone", _("Delivery undone")
        COLLECT_REMINDED = "collect reminded", _("The customer was reminded to collect")
        NOT_COLLECTED = "not collected", _("Not collected in time")
        PUT_BACK = "put back", _("Piece put back on the shelf")
        MAIL_SENT = "mail sent", _("Mail sent")
        MAIL_AGAIN = "mail again", _("Mail is sent once more")
        MAIL_SEEN_TO = "mail seen to", _("Somebody has seen to a mail that may not have come")
        BOOKED_LATE = "booked late", _("The sale was booked by head office")
        SOLD_ELSEWHERE = "sold elsewhere", _("Head office has said that the sale is booked elsewhere")
        TAKEN_BACK = "taken back", _("Pieces taken back")
        RETURN_CANCELLED = "return cancelled", _("Return cancelled")
        RETURN_REVERSED = "return reversed", _("Return reversed")
        REFUNDED = "refunded", _("Refunded")
        RECLAIMED = "reclaimed", _("Refund claimed back")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_ddd = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.order}: {self.kind}"
