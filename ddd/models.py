"""What the portal keeps about DdD: each Group's connection, catalogue and books, and what is on the way."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Shop, User, WebShop
from ddd.sentences import evidence_in_words, in_words


def default_status_words() -> dict[str, str]:
    """DdD's word for a line's status -> the portal's. Only `Reserved` was ever seen; the rest are assumed."""
    return {word: word for word in ("Reserved", "Picked", "Delivered", "Returned", "Cancelled", "Missing")}


def default_article_slots() -> dict[str, str]:
    """Which parameter of an article carries which fact; each Group fills its slots as it likes."""
    return {"description": "StyleParameter1", "colour": "VariantParameter1", "size": "VariantParameter2"}


class Connection(models.Model):
    """How a Group reaches DdD, the words it uses there, how far it was read, and whether it answers."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="connection")
    base_url = models.URLField(_("address"), max_length=200)
    token = models.CharField(_("token"), max_length=200)
    terminal_id = models.PositiveIntegerField(
        _("terminal"), default=99, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    clerk_id = models.PositiveIntegerField(
        _("clerk"), default=1, validators=[MinValueValidator(1), MaxValueValidator(999_999_999)]
    )
    cash_transaction_type = models.PositiveIntegerField(_("transaction type for cash"), default=100)
    terminal_transaction_type = models.PositiveIntegerField(
        _("transaction type for the card terminal"), default=110
    )
    sale_word = models.CharField(_("word for a sold line"), max_length=40, default="Sale")
    payment_in_word = models.CharField(_("word for money in"), max_length=40, default="In")
    gross_before_discount = models.BooleanField(
        _("a sale line's gross amount is before its discount"), default=True
    )
    discount_word = models.CharField(_("word for a discount"), max_length=40, default="Discount")
    status_words = models.JSONField(_("words for a line's status"), default=default_status_words)
    article_slots = models.JSONField(_("where an article's facts stand"), default=default_article_slots)
    drafts_are_listed = models.BooleanField(
        _("DdD lists an item transfer as soon as it is initiated"),
        default=False,
        help_text=_("Until this is confirmed, an item transfer that cannot be found is put before a person."),
    )

    started_at = models.DateTimeField(
        _("in use since"),
        default=timezone.now,
        help_text=_("Orders that DdD had finished before are not taken over."),
    )
    polled_until = models.DateTimeField(null=True, blank=True)
    last_good_poll_at = models.DateTimeField(null=True, blank=True)
    catalogue_read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.group} → {self.base_url}"

    @property
    def trouble_words(self) -> str:
        """What is wrong, in the reader's language."""
        return in_words(self.trouble)

    def answers(self) -> None:
        """DdD answered as it should: whatever was wrong is over."""
        if self.trouble:
            self.trouble, self.trouble_since = "", None
            self.save(update_fields=["trouble", "trouble_since"])

    def fails(self, trouble: str, now: datetime) -> None:
        """DdD did not answer as it should: people see since when, and with which words."""
        self.trouble, self.trouble_since = trouble[:300], self.trouble_since or now
        self.save(update_fields=["trouble", "trouble_since"])


class Variant(models.Model):
    """An article in one colour and size, by its VariantId, which is unique in a Group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="variants")
    variant_id = models.PositiveIntegerField(_("VariantId"))
    description = models.CharField(_("description"), max_length=100)
    colour = models.CharField(_("colour"), max_length=30, blank=True)
    size = models.CharField(_("size"), max_length=30, blank=True)
    item_group = models.PositiveIntegerField(_("item group"), null=True, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "variant_id"], name="variant_id_once_in_a_group"),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.description, self.colour, self.size) if part)


class Barcode(models.Model):
    """An Ean of a variant. Not unique: a variant may have many, and several variants may share one."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="barcodes")
    ean = models.CharField(_("Ean"), max_length=50)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "ean"], name="ean_once_on_a_variant")
        ]
        indexes: ClassVar = [models.Index(fields=["group", "ean"], name="barcode_by_ean")]

    def __str__(self) -> str:
        return self.ean


class ReceiptSeries(models.Model):
    """The receipt numbers that the portal gives for one shop and terminal: without gaps, never twice."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    terminal_id = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "terminal_id"], name="one_series_per_terminal"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} / {self.terminal_id}"

    @classmethod
    def take(cls, shop: Shop, terminal_id: int) -> int:
        """The next number, inside the transaction of the deed: if that fails, the number was never taken."""
        series, _made = cls.objects.get_or_create(shop=shop, terminal_id=terminal_id)
        cls.objects.filter(pk=series.pk).update(last=F("last") + 1)
        series.refresh_from_db(fields=["last"])
        return series.last


class Posting(models.Model):
    """A row of the outbox: one thing that DdD must be told, complete in itself, and how far it got."""

    class Kind(models.TextChoices):
        ORDER = "order", _("Web order")
        SALE = "sale", _("Sale")
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

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=10, choices=Kind)
    deed = models.CharField(max_length=120)
    order_no = models.CharField(max_length=255, db_index=True)
    web_shop = models.ForeignKey(WebShop, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payload = models.JSONField()
    lane = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    for_a_person = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.JSONField(default=dict)
    baseline = models.JSONField(default=dict)
    answer = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "deed"], name="each_deed_is_posted_once"),
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
                condition=Q(state__in=["waiting", "in flight", "uncertain"], for_a_person=False),
                name="posting_due",
            ),
            models.Index(
                fields=["group", "made_at"],
                condition=Q(for_a_person=True),
                name="posting_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_no}: {self.get_state_display()}"

    @property
    def reason_words(self) -> str:
        """Why it stands where it stands, in the reader's language."""
        return in_words(self.reason)

    @property
    def evidence_words(self) -> list[tuple[str, str]]:
        """What reading back found, in the reader's language."""
        return evidence_in_words(self.evidence)

    @property
    def token(self) -> str:
        """The web shop's own token to DdD; empty for the Group's."""
        return self.web_shop.ddd_token if self.web_shop else ""


class Attempt(models.Model):
    """One call about a posting: what was tried, how long it took (ms) and what came of it."""

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

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="attempts")
    purpose = models.CharField(max_length=10, choices=Purpose)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    detail = models.CharField(max_length=1000, blank=True)
    # Who decided; calls are made by workers.
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.outcome}"

    @property
    def detail_words(self) -> str:
        """What was answered, in the reader's language where it is the portal's own sentence."""
        return in_words(self.detail)


class Member(models.Model):
    """A member of the loyalty club as DdD last told it, for some minutes. Never has a password."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    customer_number = models.BigIntegerField()
    found = models.BooleanField(null=True)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    email = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=600, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "customer_number"], name="a_member_stands_once"),
        ]

    def __str__(self) -> str:
        return str(self.customer_number)


class StockLevel(models.Model):
    """How many pieces of a variant DdD said that a shop has, for some minutes."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    pieces = models.IntegerField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "variant"], name="a_stock_level_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.variant_id}: {self.pieces}"


class Sale(models.Model):
    """A sale in DdD's books, under the receipt number that the portal gave it."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    terminal_id = models.PositiveIntegerField()
    # Given when it is first sent: what is undone before that leaves no gap in the series.
    receipt_id = models.PositiveIntegerField(null=True, blank=True)
    order_no = models.CharField(max_length=50, db_index=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="sale")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shop", "terminal_id", "receipt_id"], name="a_receipt_number_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.terminal_id}/{self.receipt_id}"


class ItemTransfer(models.Model):
    """Pieces that change shop in DdD's books; never from a shop to itself."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+")
    order_no = models.CharField(max_length=50, db_index=True)
    pieces = models.PositiveIntegerField()
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="item_transfer")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(sender=F("recipient")), name="never_from_a_shop_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.recipient}"


class Notice(models.Model):
    """Something that DdD said and the portal could not take: on a person's list until it is put right."""

    class Kind(models.TextChoices):
        UNKNOWN_WORD = "unknown word", _("DdD used a word that the portal does not know")
        UNREADABLE = "unreadable", _("DdD sent an order that cannot be read")
        UNKNOWN_SHOP = "unknown shop", _("DdD has an order for a shop that the portal does not know")
        UNKNOWN_VARIANT = "unknown variant", _("DdD has an order for a variant that is not in the catalogue")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=255)
    detail = models.CharField(max_length=500, blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "kind", "subject"], name="a_notice_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def detail_words(self) -> str:
        """More about it, in the reader's language."""
        return in_words(self.detail)

    @classmethod
    def put(cls, group: Group, kind: Notice.Kind, subject: str, detail: str, now: datetime) -> Self:
        """Writes it down, or counts it once more and opens it again."""
        notice, made = cls.objects.get_or_create(
            group=group,
            kind=kind,
            subject=subject[:255],
            defaults={"detail": detail[:500], "first_seen": now, "last_seen": now},
        )
        if not made:
            cls.objects.filter(pk=notice.pk).update(
                times=F("times") + 1, last_seen=now, detail=detail[:500], closed_at=None, closed_by=None
            )
        return notice
