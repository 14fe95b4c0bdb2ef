"""Problems with DdD's data that the portal cannot solve by itself."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from core.cause_field import CauseField
from core.causes import StoredCause, words_of
from ddd.words import causes
from ddd.words.meanings import OF_NOTICES


class Notice(models.Model):
    """Something from DdD that the portal could not process: on a work list until somebody closes it."""

    class Kind(models.TextChoices):
        UNKNOWN_WORD = "unknown word", _("DdD used a word that the portal does not know")
        UNKNOWN_TYPE = "unknown type", _("DdD has an order of a type that the portal does not know")
        UNREADABLE = "unreadable", _("DdD sent an order that cannot be read")
        UNKNOWN_SHOP = "unknown shop", _("DdD has an order for a shop that the portal does not know")
        CHANGED_AT_DDD = "changed at ddd", _("DdD has an order with other prices, or otherwise paid")
        MOVED_WHEN_READY = "moved when ready", _("DdD has given an order that is ready here to another shop")
        UNKNOWN_WEB_SHOP = (
            "unknown web shop",
            _("DdD has an order of a web shop that the portal does not know"),
        )
        TOKEN_REFUSED = "token refused", _("DdD refuses the token of a web shop")
        UNKNOWN_VARIANT = "unknown variant", _("DdD has an order for a variant that is not in the catalogue")
        MANY_UNREADABLE = "many unreadable", _("DdD sent many orders that cannot be read")
        SET_BACK = "set back", _("DdD shows an order as not delivered that has left the shop")
        DELIVERED_AGAIN = (
            "delivered again",
            _("DdD shows an order as delivered that was handed over here"),
        )
        ORDER_NO_ALIKE = "order no alike", _("DdD has two orders whose OrderNos are read alike")
        TAKEN_BACK = "taken back", _("DdD's till has taken pieces back, and the portal has booked nothing")
        SENT_LATE = "sent late", _("A posting that was taken for lost has reached DdD after all")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=255)
    detail = CauseField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)  # why somebody closed it, or what a word means

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "kind", "subject"], name="a_notice_stands_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["group", "-last_seen"], condition=Q(closed_at=None), name="notice_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def meaning(self) -> str:
        """What it means for shops, and what to do, in the reader's language."""
        return str(OF_NOTICES[self.kind])

    @property
    def detail_words(self) -> str:
        """More about it, in the reader's language."""
        return words_of(self.detail)

    @property
    def shop_id(self) -> int | None:
        """The ShopId that an order of an unknown shop named; None of every other notice."""
        return causes.SHOP_ID.data_of(self.detail).get("shop_id")

    @property
    def variant_id(self) -> int | None:
        """The VariantId that no article has; None of every other notice."""
        return causes.VARIANT_ID.data_of(self.detail).get("variant_id")

    @classmethod
    def put_once(
        cls, group: Group, kind: Notice.Kind, subject: str, detail: StoredCause, now: datetime
    ) -> None:
        """Creates the notice unless there is one, also one that somebody has closed."""
        if not cls.objects.filter(group=group, kind=kind, subject=subject).exists():
            cls.put(group, kind, subject, detail, now)

    @classmethod
    def put_if_other(
        cls, group: Group, kind: Notice.Kind, subject: str, detail: StoredCause, now: datetime
    ) -> None:
        """Creates the notice, or opens it again when it has something else to say than before."""
        before = cls.objects.filter(group=group, kind=kind, subject=subject[:255]).first()
        if before is None or before.detail != detail:
            cls.put(group, kind, subject, detail, now)

    @classmethod
    def put(cls, group: Group, kind: Notice.Kind, subject: str, detail: StoredCause, now: datetime) -> Self:
        """Creates the notice, or counts it once more and opens it again."""
        notice, made = cls.objects.get_or_create(
            group=group,
            kind=kind,
            subject=subject[:255],
            defaults={"detail": detail, "first_seen": now, "last_seen": now},
        )
        if not made:
            cls.objects.filter(pk=notice.pk).update(
                times=F("times") + 1,
                last_seen=now,
                detail=detail,
                closed_at=None,
                closed_by=None,
                note="",
            )
        return notice
