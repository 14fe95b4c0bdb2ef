"""How a Group reaches DdD."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, SoldBy, User
from core.cause_field import CauseField
from core.causes import StoredCause, words_of
from core.limits import between
from ddd.models.breaker import Breaker
from ddd.words.tables import meaning_of

TYPES = between(100, 999)  # as DdD numbers its transaction types


def default_status_words() -> dict[str, str]:
    """DdD's word for a line's status -> the portal's. Only `Reserved` was ever seen; the rest are assumed."""
    return {word: word for word in ("Reserved", "Picked", "Delivered", "Returned", "Cancelled", "Missing")}


class OrderType(models.TextChoices):
    """What a type of DdD's web orders means for the portal."""

    COLLECT = "collect", _("collected in a shop")
    IN_STORE = "in store", _("order in store")
    OTHER = "other", _("not for the shops")


# Those that come to the shops' tablets.
FOR_SHOPS = (OrderType.COLLECT, OrderType.IN_STORE)


class CashBooking(models.TextChoices):
    """What DdD is told of cash that was rounded."""

    EXACT = "exact", _("the exact amount")
    CHANGED_HANDS = "changed hands", _("what changed hands")
    BOTH = "both", _("what changed hands, and the rounding with a transaction type of its own")


def default_order_types() -> dict[str, str]:
    """DdD's word for an order's type -> an OrderType. Only this one was ever seen."""
    return {"ClickAndCollect": OrderType.COLLECT.value}


def default_article_slots() -> dict[str, str]:
    """Which parameter of an article has which field; each Group uses its slots differently."""
    return {"description": "StyleParameter1", "colour": "VariantParameter1", "size": "VariantParameter2"}


def confirmation(
    of: str, confirmed: bool, changed: bool, user: User, now: datetime
) -> dict[str, datetime | User | None]:
    """The columns that say who has confirmed that its words (`of`: "words" or "return_words") work in DdD.

    Words that are changed and not confirmed at once are unconfirmed again; {} when nothing changes.
    """
    if not confirmed and not changed:
        return {}
    at, by = (now, user) if confirmed else (None, None)
    return {f"{of}_confirmed_at": at, f"{of}_confirmed_by": by}


class Connection(Breaker):
    """How a Group reaches DdD, the words it uses there, how far it was read, and whether it answers."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="connection")
    base_url = models.URLField(_("address"), max_length=200)
    token = models.CharField(_("token"), max_length=200)
    # DdD's help pages have each route under /api/. Found when the address is tried: see ddd/lookup/trying.py.
    routes_under_api = models.BooleanField(_("DdD's routes are under /api/"), default=True)
    terminal_id = models.PositiveIntegerField(_("terminal"), default=99, validators=between(1, 999))
    first_receipt = models.PositiveIntegerField(
        _("receipt numbers begin at"),
        default=1,
        validators=between(1, 99_999_999),
        help_text=_(
            "Where somebody else has booked receipts at this terminal before: a number above theirs."
        ),
    )
    clerk_id = models.PositiveIntegerField(_("clerk"), default=1, validators=between(1, 999_999_999))
    cash_transaction_type = models.PositiveIntegerField(
        _("transaction type for cash"), default=100, validators=TYPES
    )
    terminal_transaction_type = models.PositiveIntegerField(
        _("transaction type for the card terminal"), default=110, validators=TYPES
    )
    unknown_web_shop_transaction_type = models.PositiveIntegerField(
        _("transaction type for web shops that the portal does not know"), default=150, validators=TYPES
    )
    sale_word = models.CharField(_("word for a sold line"), max_length=40, default="Sale")
    payment_in_word = models.CharField(_("word for money in"), max_length=40, default="In")
    return_word = models.CharField(_("word for a returned line"), max_length=40, default="Return")
    payment_out_word = models.CharField(_("word for money out"), max_length=40, default="Out")
    cash_out_transaction_type = models.PositiveIntegerField(
        _("transaction type for paying out in cash"), default=100, validators=TYPES
    )
    terminal_out_transaction_type = models.PositiveIntegerField(
        _("transaction type for paying out at the card terminal"), default=110, validators=TYPES
    )
    cash_booking = models.CharField(
        _("cash that was rounded is booked as"),
        max_length=15,
        choices=CashBooking,
        default=CashBooking.EXACT,
        help_text=_(
            "With the exact amount, what DdD shows as cash differs from the till by the rounding. With what "
            "changed hands, the payment differs from the price of the pieces: only where DdD takes that. The "
            "third adds a payment line for the difference, so that all lines come to the price."
        ),
    )
    cash_rounding_type = models.PositiveIntegerField(
        _("transaction type for the rounding"),
        null=True,
        blank=True,
        validators=TYPES,
        help_text=_("As DdD has named it to you. Only needed for a rounding with a type of its own."),
    )
    senders = models.PositiveSmallIntegerField(
        _("bookings sent at once"),
        null=True,
        blank=True,
        validators=between(1, 20),
        help_text=_("How many DdD gets at the same time. Empty: as many as this installation sends."),
    )
    # DdD's own words for a return are unknown; until somebody confirms them, head office is warned.
    return_words_confirmed_at = models.DateTimeField(null=True, blank=True)
    return_words_confirmed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The same for the words of a sale, and of the statuses of an order.
    words_confirmed_at = models.DateTimeField(null=True, blank=True)
    words_confirmed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    gross_before_discount = models.BooleanField(
        _("a sale line's gross amount is before its discount"), default=True
    )
    discount_word = models.CharField(_("word for a discount"), max_length=40, default="Discount")
    status_words = models.JSONField(_("words for a line's status"), default=default_status_words)
    order_types = models.JSONField(_("words for an order's type"), default=default_order_types)
    article_slots = models.JSONField(_("where an article's facts stand"), default=default_article_slots)
    drafts_are_listed = models.BooleanField(
        _("DdD lists an item transfer as soon as it is initiated"),
        default=False,
        help_text=_("Until this is confirmed, an item transfer that cannot be found is put before a person."),
    )

    sales_are_listed = models.BooleanField(
        _("DdD lists a sale as soon as it is posted"),
        default=False,
        help_text=_(
            "Until this is confirmed, a sale that got no answer and is not listed is not sent again: it is "
            "looked for over some hours and then put before a person."
        ),
    )
    asks_about_first = models.BooleanField(
        _("ask about the first of its kind"),
        default=True,
        help_text=_(
            "The first sale, return, pay-out, item transfer and change goes out alone, and so does the first "
            "after a setting was changed. The others wait until somebody has looked at it in DdD."
        ),
    )
    # What DdD answers to a booking instead of true or false -> whether a person has called it a yes.
    known_answers = models.JSONField(_("what DdD's odd answers mean"), default=dict)

    # Whoever has made the order at DdD may book its sale there as well.
    ddd_orders_sold_by = models.CharField(
        _("orders that came from DdD"),
        max_length=10,
        choices=SoldBy,
        default=SoldBy.ASK,
        help_text=_(
            "Who books the sale of an order of a known web shop that was made at DdD, not through the portal."
        ),
    )
    unknown_web_shops_sold_by = models.CharField(
        _("orders of web shops that the portal does not know"),
        max_length=10,
        choices=SoldBy,
        default=SoldBy.ASK,
        help_text=_(
            "Who books the sale of an order whose WebshopId is none of the Group's web shops, or is missing."
        ),
    )

    started_at = models.DateTimeField(
        _("in use since"),
        default=timezone.now,
        help_text=_("Orders that DdD had finished before are not taken over."),
    )
    # None until head office has answered what DdD's words mean: nothing is imported before.
    live_at = models.DateTimeField(_("live since"), null=True, blank=True)
    polled_until = models.DateTimeField(null=True, blank=True)
    last_good_poll_at = models.DateTimeField(null=True, blank=True)
    catalogue_read_at = models.DateTimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)  # DdD has asked to be left alone
    # When it was last read from the creation of the oldest open order on: see orders/reading_again.py.
    read_again_at = models.DateTimeField(null=True, blank=True)
    # Digests of the web shops' own tokens with which all orders up to `polled_until` were read.
    tokens_read = models.JSONField(default=list)
    # Those that did not answer the last time -> from when each is to be read.
    tokens_behind = models.JSONField(default=dict)
    # DdD has listed an order as changed that it had made long before: nothing that changes is missed.
    lists_what_changed = models.BooleanField(default=False)
    # None until somebody has said it.
    sale_sets_delivered = models.BooleanField(
        _("DdD calls an order delivered once its sale is posted"),
        null=True,
        blank=True,
        help_text=_(
            "If it does not, an order that was handed over here and is delivered at DdD too was delivered a "
            "second time by a till, and comes under Needs attention."
        ),
    )
    trouble = CauseField()
    trouble_since = models.DateTimeField(null=True, blank=True)
    # The same of reading its orders: sales may be taken all the while.
    unread_cause = CauseField()
    unread_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(cash_booking=CashBooking.BOTH) | Q(cash_rounding_type__isnull=False),
                name="a_rounding_of_its_own_has_a_type",
                violation_error_message=_("A rounding with a type of its own needs that type."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.base_url}"

    @property
    def trouble_words(self) -> str:
        """What is wrong, in the reader's language."""
        return words_of(self.trouble)

    @property
    def unread_words(self) -> str:
        """Why its orders cannot be read, in the reader's language."""
        return words_of(self.unread_cause)

    def status_for(self, word: str) -> str | None:
        """The portal's status for DdD's word of a line; None when nobody has said what it means."""
        return meaning_of(self.status_words, word)

    def order_type_for(self, word: str) -> str | None:
        """The OrderType for DdD's word; an order without one is collected. None when nobody has said it."""
        return meaning_of(self.order_types, word) if word.strip() else OrderType.COLLECT.value

    def is_for_shops(self, order_type: str) -> bool:
        """Whether the shops' tablets show orders of this type of DdD's."""
        return self.order_type_for(order_type) in FOR_SHOPS

    def mark_answering(self) -> None:
        """DdD answered correctly: clears the trouble."""
        if self.trouble:
            self.trouble, self.trouble_since = {}, None
            self.save(update_fields=["trouble", "trouble_since"])

    def mark_failing(self, trouble: StoredCause, now: datetime, retry_after: timedelta | None = None) -> None:
        """DdD did not answer correctly: stores since when, and why. Nothing is sent or polled within
        `retry_after`, when DdD has asked for that."""
        self.trouble, self.trouble_since = trouble, self.trouble_since or now
        changed = ["trouble", "trouble_since"]
        if retry_after:
            self.quiet_until = now + retry_after
            changed.append("quiet_until")
        self.save(update_fields=changed)

    def mark_unread(self, cause: StoredCause, now: datetime) -> None:
        """Its orders could not be read: stores since when, and why."""
        self.unread_cause, self.unread_since = cause, self.unread_since or now
        self.save(update_fields=["unread_cause", "unread_since"])

    def mark_read(self) -> None:
        """Its orders were read."""
        if self.unread_since:
            self.unread_cause, self.unread_since = {}, None
            self.save(update_fields=["unread_cause", "unread_since"])

    @property
    def slots(self) -> int:
        """How many workers may send at the same time."""
        return 1 if self.is_tried("send") else self.senders or settings.SENDERS_PER_GROUP

    def is_quiet(self, now: datetime) -> bool:
        """Whether DdD has asked to be left alone until later."""
        return self.quiet_until is not None and now < self.quiet_until
