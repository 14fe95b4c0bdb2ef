"""A web order and its lines (one piece each)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import sees_the_whole_group, shops_of, work_shops_of
from accounts.models import ApiKey, Group, Shop, User, WebShop
from accounts.viewer import Viewer
from core.errors import DomainError
from ddd.models import Variant
from orders import missing_reasons
from orders.models.folded_order_no import FoldedOrderNo
from orders.models.followed import Followed, FollowedQuerySet
from orders.order_no import LONGEST_FOLDED
from orders.states import ORDER_MOVES, Phase, Status, line_may_move, order_may_move, phase_of

AT_RISK_WITHIN = timedelta(minutes=15)


class ImpossibleMove(DomainError):
    """A bug: the code tried a move that the table of moves does not have."""

    code = "impossible-move"
    status = 409


def new_pickup_code() -> str:
    """Six digits, to be read out at the counter."""
    return f"{secrets.randbelow(10**6):06d}"


class OrderQuerySet(FollowedQuerySet["WebOrder"]):
    """Every query of an entry point starts with one of the first three."""

    def visible_to(self, viewer: Viewer) -> OrderQuerySet:
        """The orders that a person may see: their shops', or their Group's for head office."""
        if sees_the_whole_group(viewer):
            return self.filter(group_id=viewer.group_id)
        return self.filter(group_id=viewer.group_id, shop__in=shops_of(viewer))

    def at_work_of(self, viewer: Viewer) -> OrderQuerySet:
        """The orders that a person may work on: those of the shops where they work."""
        return self.filter(group_id=viewer.group_id, shop__in=work_shops_of(viewer))

    def for_key(self, key: ApiKey) -> OrderQuerySet:
        """The orders that a web shop may see: its Group's, as DdD's routes show them."""
        return self.filter(group_id=key.web_shop.group_id)

    def in_phase(self, phase: Phase) -> OrderQuerySet:
        """The orders that screens show in this phase."""
        if phase in (Phase.NEW, Phase.PICKING):
            return self.filter(status=Status.RESERVED, taken_at__isnull=phase == Phase.NEW)
        return self.filter(status=next(s for s in ORDER_MOVES if phase_of(s, taken=True) == phase))

    def open(self) -> OrderQuerySet:
        """The orders for which a shop still has something to do."""
        return self.filter(status__in=[Status.RESERVED, Status.PICKED])

    def overdue(self, now: datetime) -> OrderQuerySet:
        """Those that were promised and are not ready."""
        return self.filter(is_overdue(now))

    def at_risk(self, now: datetime) -> OrderQuerySet:
        """Those that will be overdue within a quarter of an hour."""
        return self.filter(is_at_risk(now))


def is_overdue(now: datetime) -> Q:
    """The promised time has passed, and the order is not ready."""
    return Q(status=Status.RESERVED, promised_at__lt=now)


def is_at_risk(now: datetime) -> Q:
    """Not ready, and promised within the next quarter of an hour."""
    return Q(status=Status.RESERVED, promised_at__gte=now, promised_at__lt=now + AT_RISK_WITHIN)


class WebOrder(Followed):
    """What a customer bought in a web shop and collects in a shop. OrderNo is unique in a Group."""

    class Type(models.TextChoices):
        COLLECT = "collect", _("Click & collect")
        IN_STORE = "in store", _("Order in Store")

    class Source(models.TextChoices):
        API = "api", _("Public API")
        DDD = "ddd", _("DdD")

    class Way(models.TextChoices):
        HAND_OVER = "hand over", _("Handed over")
        SEND = "send", _("Sent")

    class Proof(models.TextChoices):
        """What shows that the right person got it."""

        NONE = "none", _("No proof")
        CODE = "code", _("Pick-up code")
        NAME = "name", _("Name checked")
        SIGNATURE = "signature", _("Signature")

    class PaidBy(models.TextChoices):
        WEB_SHOP = "web shop", _("in the web shop")
        CASH = "cash", _("in cash at the register")
        TERMINAL = "terminal", _("by card at the terminal")

    class SaleBy(models.TextChoices):
        """Who books the sale of a delivered order, and its returns."""

        PORTAL = "portal", _("the portal")
        ELSEWHERE = "elsewhere", _("somebody else")
        ASK = "ask", _("head office decides")

    # No index of its own where another begins with the column, or nothing looks for it.
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="orders", db_index=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders", db_index=False)
    web_shop = models.ForeignKey(
        WebShop, on_delete=models.PROTECT, related_name="orders", null=True, db_index=False
    )
    source = models.CharField(max_length=4, choices=Source)
    # An order in store was sold at DdD's till when the clerk made it: the portal books no sale of it.
    order_type = models.CharField(max_length=8, choices=Type, default=Type.COLLECT, db_default=Type.COLLECT)
    ddd_id = models.PositiveIntegerField(null=True, blank=True)
    # The ShopId that DdD named for it, when it was last read or told to DdD: moves here do not reach DdD.
    shop_at_ddd = models.PositiveIntegerField(null=True, blank=True)
    # A person wants prices, addresses and IsPaid as DdD has them, although its web shop sent the order here.
    follows_ddd = models.BooleanField(default=False)
    # DdD had it before the Group used the portal: its sale is made at DdD's till, whatever is learned later.
    older_than_portal = models.BooleanField(default=False)
    # DdD takes 255 characters in a web order but only 50 on the sale that must name it.
    order_no = models.CharField(_("OrderNo"), max_length=50)
    # How people read it (`orders/order_no.py`). Of several that are read alike one is the first.
    order_no_folded = FoldedOrderNo(max_length=LONGEST_FOLDED, default="", db_default="")
    order_no_is_first = models.BooleanField(default=False, db_default=False)
    order_reference = models.CharField(_("OrderReference"), max_length=255, blank=True)
    ordered_on = models.DateTimeField(null=True, blank=True)
    is_paid = models.BooleanField(_("paid"))
    customer_number = models.BigIntegerField(_("CustomerNumber"), default=0)
    receive_address = models.CharField(max_length=255, blank=True)
    return_address = models.TextField(blank=True)
    content = models.CharField(max_length=64)

    status = models.CharField(max_length=10, choices=Status, default=Status.RESERVED)
    promised_at = models.DateTimeField()
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    picked_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    delivered_by_ddd = models.BooleanField(default=False)
    way = models.CharField(max_length=10, choices=Way, blank=True)
    paid_by = models.CharField(max_length=10, choices=PaidBy, blank=True)
    # What its pieces cost when they were paid in the shop, and what was added because cash was rounded. Null
    # where the portal took no money; orders that were delivered before it was kept have none either.
    paid_in_shop = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    cash_rounding = models.DecimalField(
        max_digits=4, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    # Decided when it is delivered; until then it says nothing.
    sale_by = models.CharField(max_length=10, choices=SaleBy, default=SaleBy.PORTAL)

    # The customer shows it, as a number or as a QR; they get it by mail when the order is ready.
    pickup_code = models.CharField(max_length=8, default=new_pickup_code)
    proof = models.CharField(max_length=10, choices=Proof, blank=True)
    collected_by = models.CharField(_("collected by"), max_length=100, blank=True)
    signature = models.TextField(blank=True)
    collect_by = models.DateTimeField(null=True, blank=True)
    collect_reminded_at = models.DateTimeField(null=True, blank=True)
    # When the personal data was removed: name, address, notes, signature, member.
    forgotten_at = models.DateTimeField(null=True, blank=True)
    # How far a new order that nobody takes was escalated: 0 not, 1 reminded, 2 the manager, 3 head office.
    escalated = models.PositiveSmallIntegerField(default=0)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "order_no"], name="order_no_once_in_a_group"),
            models.UniqueConstraint(
                fields=["group", "order_no_folded"],
                condition=Q(order_no_is_first=True),
                name="order_no_read_alike_once",
            ),
            models.CheckConstraint(condition=~Q(status=Status.MISSING), name="only_lines_are_missing"),
            models.CheckConstraint(
                condition=~Q(status=Status.DELIVERED) | Q(delivered_at__isnull=False),
                name="delivered_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["shop", "promised_at"],
                condition=Q(status__in=["Reserved", "Picked"]),
                name="order_open_in_shop",
            ),
            models.Index(fields=["group", "-created_at", "-id"], name="order_newest"),
            models.Index(fields=["group", "status", "-created_at", "-id"], name="order_newest_of_status"),
            models.Index(fields=["shop", "-created_at", "-id"], name="order_newest_of_shop"),
            models.Index(fields=["web_shop", "-created_at", "-id"], name="order_newest_of_web_shop"),
            models.Index(fields=["group", "promised_at", "id"], name="order_promised"),
            models.Index(fields=["group", "order_reference"], name="order_of_reference"),
            models.Index(fields=["group", "modified_at", "id"], name="order_modified"),
            models.Index(fields=["group", "stored_at", "id"], name="order_stored"),
            models.Index(fields=["group"], condition=Q(stored_at_is_due=True), name="order_stored_at_is_due"),
            models.Index(fields=["shop", "delivered_at"], name="order_delivered_in_shop"),
            # The return desk searches all orders by what the customer gives.
            models.Index(
                fields=["group", "customer_number"],
                condition=Q(customer_number__gt=0),
                name="order_of_customer",
            ),
            models.Index(fields=["group", "pickup_code"], name="order_of_pickup_code"),
            models.Index(fields=["group", "order_no_folded"], name="order_of_folded_order_no"),
            models.Index(
                fields=["collect_by"], condition=Q(status="Picked"), name="order_waits_for_its_customer"
            ),
            models.Index(
                fields=["group", "delivered_at"], condition=Q(sale_by="ask"), name="order_sale_undecided"
            ),
            models.Index(
                fields=["group", "-created_at"], condition=Q(order_type="in store"), name="order_in_store"
            ),
        ]

    def __str__(self) -> str:
        return self.order_no

    @property
    def phase(self) -> Phase:
        """The phase that screens show."""
        return phase_of(self.status, self.taken_at is not None)

    @property
    def is_in_store(self) -> bool:
        """Whether a clerk has ordered it for a customer, who has paid at DdD's till."""
        return self.order_type == WebOrder.Type.IN_STORE

    @property
    def receiver(self) -> str:
        """The first line of the address, which is who collects it."""
        return self.receive_address.split("#", 1)[0].strip()

    @property
    def piece_count(self) -> int:
        """How many pieces were ordered."""
        return len(self.lines.all())

    @property
    def missing_count(self) -> int:
        """How many of them were not found."""
        return sum(line.status == Status.MISSING for line in self.lines.all())

    @property
    def address_lines(self) -> list[str]:
        """The receiver's address as it is printed: # is the line break."""
        return [part.strip() for part in self.receive_address.split("#") if part.strip()]

    @property
    def total(self) -> Decimal:
        """What the customer pays for the pieces that are not missing or cancelled."""
        return sum((line.effective_sales_price for line in self.lines.all() if line.is_wanted), Decimal(0))

    @property
    def changed_hands(self) -> Decimal:
        """What the customer gave when they paid in the shop: the total, in cash rounded."""
        return (self.total if self.paid_in_shop is None else self.paid_in_shop) + self.cash_rounding

    def touch(self, now: datetime) -> None:
        """Sets `modified_at` when the order changed without a new status."""
        WebOrder.objects.filter(pk=self.pk).update(modified_at=now)

    def move(self, new: Status, now: datetime, **changes: Any) -> bool:
        """The one place where an order's status changes. False when somebody was faster."""
        if not order_may_move(self.status, new):
            raise ImpossibleMove(f"{self.order_no}: {self.status} → {new}")
        moved = WebOrder.objects.filter(pk=self.pk, status=self.status).update(
            status=new, modified_at=now, **changes
        )
        self.refresh_from_db()
        return bool(moved)


class Line(models.Model):
    """One piece of a web order."""

    order = models.ForeignKey(WebOrder, on_delete=models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    ean = models.CharField(_("Ean"), max_length=50, blank=True)
    sales_price = models.DecimalField(max_digits=9, decimal_places=2)
    effective_sales_price = models.DecimalField(max_digits=9, decimal_places=2)
    discount_amount = models.DecimalField(max_digits=9, decimal_places=2)
    delivery_no = models.CharField(max_length=50, blank=True)
    notes = models.CharField(max_length=250, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RESERVED)
    # A code of `orders/missing_reasons.py`, or one of head office's own reasons in its words.
    missing_reason = models.CharField(max_length=missing_reasons.LONGEST, blank=True)
    picked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # On the put-back list: picked, but its order was cancelled or moved.
    to_put_back = models.BooleanField(default=False)
    # The shop where it is, when the order has moved away from there; else it is in the order's shop.
    put_back_shop = models.ForeignKey(Shop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    put_back_at = models.DateTimeField(null=True, blank=True)
    put_back_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    modified_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "number"], name="line_number_once_in_an_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order"], condition=Q(to_put_back=True), name="line_to_put_back"),
            models.Index(fields=["order"], condition=Q(status="Missing"), name="line_missing"),
        ]

    def __str__(self) -> str:
        return f"{self.order} #{self.number}"

    @property
    def missing_words(self) -> str:
        """Why it is missing, in the reader's language; empty without a reason."""
        return missing_reasons.MISSING_REASONS.label_of(self.missing_reason)

    @property
    def is_open(self) -> bool:
        """Nobody has picked it yet or reported it missing."""
        return self.status == Status.RESERVED

    @property
    def is_wanted(self) -> bool:
        """The customer gets it and pays for it."""
        return self.status not in (Status.MISSING, Status.CANCELLED)

    def move(self, new: Status, now: datetime, **changes: Any) -> bool:
        """The one place where a line's status changes. False when somebody was faster."""
        if not line_may_move(self.status, new):
            raise ImpossibleMove(f"{self.order_id}/{self.number}: {self.status} → {new}")
        moved = Line.objects.filter(pk=self.pk, status=self.status).update(
            status=new, modified_at=now, **changes
        )
        self.refresh_from_db()
        return bool(moved)
