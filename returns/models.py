"""Returns, and head office's return policy."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import sees_the_whole_group, shops_of
from accounts.models import Group, Shop, User
from accounts.viewer import Viewer
from core.limits import between
from orders.models import Line, RefundDue, WebOrder
from returns.policy import Outcome


class Condition(models.TextChoices):
    """What becomes of the piece."""

    SHELF = "shelf", _("Back to the shelf")
    DAMAGED = "damaged", _("Damaged")


class ReturnPolicy(models.Model):
    """One per Group: which pieces come back where, and who pays."""

    class Where(models.TextChoices):
        EVERY_SHOP = "every shop", _("every shop")
        SAME_SHOP = "same shop", _("only the shop that delivered the order")
        CHOSEN = "chosen", _("the chosen shops")

    class Overruling(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        MANAGER = "manager", _("the shop manager")

    class Paper(models.TextChoices):
        A5 = "a5", _("A5")
        RECEIPT = "receipt", _("receipt, 80 mm")

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="return_policy")
    register_pays = models.BooleanField(
        _("the register pays the customer"),
        default=False,
        help_text=_(
            "The customer gets her money at once, in cash or at the terminal; else the web shop refunds."
        ),
    )
    days = models.PositiveSmallIntegerField(
        _("days to return"),
        null=True,
        blank=True,
        default=30,
        validators=between(0, 3650),
        help_text=_("Whole days after the day of the delivery. Empty: for ever."),
    )
    # In the Group's currency.
    money_limit = models.DecimalField(
        _("the register pays at most, for each return"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("With VAT. Empty: no limit. Above it the web shop refunds what was paid online."),
    )
    where = models.CharField(
        _("returns are taken in"), max_length=10, choices=Where, default=Where.EVERY_SHOP
    )
    shops = models.ManyToManyField(Shop, blank=True, related_name="+", verbose_name=_("chosen shops"))
    overruling = models.CharField(
        _("may overrule"),
        max_length=10,
        choices=Overruling,
        default=Overruling.MANAGER,
        help_text=_(
            "She may take back what came too late, or choose who pays. Her name and reason are kept."
        ),
    )
    slip_paper = models.CharField(
        _("paper of the return slip"), max_length=10, choices=Paper, default=Paper.A5
    )

    def __str__(self) -> str:
        return f"{self.group}"

    @classmethod
    def of(cls, group: Group) -> ReturnPolicy:
        """The Group's policy, or one with the defaults when none is stored."""
        return cls.objects.filter(group=group).first() or cls(group=group)


class ReturnReason(models.Model):
    """Why a piece comes back, in head office's words, and DdD's ReturnCode for it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="return_reasons")
    words = models.CharField(_("reason"), max_length=60)
    return_code = models.PositiveSmallIntegerField(_("ReturnCode"), validators=[MaxValueValidator(99)])
    offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "words"], name="a_return_reason_stands_once"),
            models.CheckConstraint(condition=Q(return_code__lte=99), name="return_code_as_ddd_takes_it"),
        ]

    def __str__(self) -> str:
        return self.words


class ReturnQuerySet(models.QuerySet["Return"]):
    """Every query of an entry point starts here."""

    def visible_to(self, viewer: Viewer) -> ReturnQuerySet:
        """The returns that a person may see: those their shops took, or their Group's for head office."""
        if sees_the_whole_group(viewer):
            return self.filter(group_id=viewer.group_id)
        return self.filter(group_id=viewer.group_id, shop__in=shops_of(viewer))


class Return(models.Model):
    """Pieces of one order that came back together. Never deleted: cancelled, or reversed in the books."""

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CANCELLED = "cancelled", _("Cancelled")
        REVERSED = "reversed", _("Reversed")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(WebOrder, on_delete=models.PROTECT, related_name="returns")
    # Counts the returns of the order.
    number = models.PositiveSmallIntegerField()
    # The shop that took the pieces.
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    # With VAT, in the Group's currency of that day.
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    # How the register paid; empty when the web shop refunds.
    paid_by = models.CharField(max_length=10, choices=WebOrder.PaidBy, blank=True)
    # What the web shop owes for it; none when the register paid.
    refund_due = models.OneToOneField(
        RefundDue, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_back"
    )
    # What was added because the register paid in cash, which is rounded.
    cash_rounding = models.DecimalField(
        max_digits=4, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    # The reasons of the decision, as codes of `returns/policy.py`: stored, because the policy may change.
    why = models.JSONField(default=list)
    overruled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    overrule_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField(max_length=200, blank=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "number"], name="a_return_number_once_in_an_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["shop", "-made_at", "-id"], name="return_newest_of_shop"),
            models.Index(fields=["group", "-made_at", "-id"], name="return_newest"),
            models.Index(
                fields=["shop", "ended_at"], condition=Q(state="reversed"), name="return_reversed_of_shop"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} R{self.number}"

    @property
    def changed_hands(self) -> Decimal:
        """What the customer got from the register: the amount, in cash rounded."""
        return self.amount + self.cash_rounding

    @property
    def action_key(self) -> str:
        """The key of its postings in the outbox."""
        return f"return:{self.pk}"

    @property
    def reversal_key(self) -> str:
        """The key of the postings of its reversal."""
        return f"return-reversed:{self.pk}"


class ReturnedPiece(models.Model):
    """A piece that came back. `counts` ends when its return is cancelled or reversed."""

    taken_back = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="pieces")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="returned_pieces")
    # Copied from head office's list, which may change.
    reason = models.CharField(max_length=60)
    return_code = models.PositiveSmallIntegerField()
    condition = models.CharField(max_length=10, choices=Condition)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    counts = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(counts=True), name="a_piece_comes_back_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
