"""What the web shop owes its customers: for pieces that came back, and for pieces that they never got."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import sees_the_whole_group
from accounts.models import ApiKey, Group, Shop, User, WebShop
from accounts.viewer import Viewer
from orders.cancel_reasons import label_of_cancel_reason
from orders.missing_reasons import LONGEST, MISSING_REASONS
from orders.models.followed import Followed, FollowedQuerySet
from orders.models.order import Line, WebOrder


class RefundDueQuerySet(FollowedQuerySet["RefundDue"]):
    """Every query of an entry point starts here."""

    def visible_to(self, viewer: Viewer) -> RefundDueQuerySet:
        """Head office sees its Group's; other people see none."""
        if sees_the_whole_group(viewer):
            return self.filter(group_id=viewer.group_id)
        return self.none()

    def for_key(self, key: ApiKey) -> RefundDueQuerySet:
        """This web shop's refunds."""
        return self.filter(web_shop_id=key.web_shop_id)

    def open(self) -> RefundDueQuerySet:
        """Those for which somebody still has to do something."""
        return self.filter(state__in=RefundDue.OPEN)

    def done(self) -> RefundDueQuerySet:
        """Those for which nobody has to do anything any more."""
        return self.filter(state__in=RefundDue.DONE)


class RefundDue(Followed):
    """What the web shop owes its customer, or has to claim back when it turned out not to be owed. Its pieces
    are those of the return (`taken_back`), or its own `lines`."""

    class State(models.TextChoices):
        DUE = "due", _("To be refunded")
        REFUNDED = "refunded", _("Refunded")
        WITHDRAWN = "withdrawn", _("No longer due")
        RECLAIM = "reclaim", _("Refunded, to be claimed back")
        RECLAIMED = "reclaimed", _("Claimed back")

    OPEN = (State.DUE, State.RECLAIM)
    DONE = (State.REFUNDED, State.WITHDRAWN, State.RECLAIMED)

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    web_shop = models.ForeignKey(WebShop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.ForeignKey(WebOrder, on_delete=models.PROTECT, related_name="refunds")
    # The shop that took the pieces back, or could not give them.
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    made_at = models.DateTimeField()
    # What the web shop, or head office, calls the payment.
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Empty when the web shop closed it by the API.
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = RefundDueQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["web_shop", "stored_at", "id"], name="refund_stored"),
            models.Index(fields=["group", "stored_at"], name="refund_stored_in_group"),
            models.Index(
                fields=["group"], condition=Q(stored_at_is_due=True), name="refund_stored_at_is_due"
            ),
            models.Index(fields=["group", "made_at"], name="refund_made"),
            models.Index(
                fields=["group", "made_at", "id"],
                condition=Q(state__in=["due", "reclaim"]),
                name="refund_open",
            ),
            models.Index(
                fields=["group", "-modified_at", "-id"],
                condition=Q(state__in=["refunded", "withdrawn", "reclaimed"]),
                name="refund_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in self.OPEN


class RefundedLine(models.Model):
    """A piece that the customer paid for and does not get. `counts` ends when they get it after all, or have
    not paid for it."""

    class Cause(models.TextChoices):
        MISSING = "missing", _("Missing")
        CANCELLED = "cancelled", _("Cancelled")
        NOT_COLLECTED = "not collected", _("Not collected")

    refund = models.ForeignKey(RefundDue, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="refunded_lines")
    cause = models.CharField(max_length=15, choices=Cause)
    # A code of `orders/missing_reasons.py` or `orders/cancel_reasons.py`, or head office's own words.
    reason = models.CharField(max_length=LONGEST, blank=True)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    counts = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(counts=True), name="a_piece_is_refunded_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.cause}"

    @property
    def reason_words(self) -> str:
        """Why, in the reader's language; empty without a reason."""
        if self.cause == self.Cause.MISSING:
            return MISSING_REASONS.label_of(self.reason)
        return label_of_cancel_reason(self.reason)
