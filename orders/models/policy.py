"""Head office's settings for the work in its shops."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from accounts.models.group import WEEK_IN_MINUTES
from core.choices import Reasons
from core.limits import between
from orders.missing_reasons import MissingReason, with_own
from orders.models.order import WebOrder

YEAR_IN_DAYS = 365


class Policy(models.Model):
    """One per Group. Minutes are open minutes of the shop: nobody is reminded at night."""

    class Scanning(models.TextChoices):
        OFF = "off", _("Tap only")
        OFFERED = "offered", _("Scan or tap")
        FORCED = "forced", _("Scan only")

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="policy")
    remind_minutes = models.PositiveIntegerField(
        _("remind the shop after (minutes)"),
        default=5,
        validators=between(0, WEEK_IN_MINUTES),
        help_text=_("Open minutes of the shop. The tablet sounds louder."),
    )
    manager_minutes = models.PositiveIntegerField(
        _("tell the shop manager after (minutes)"),
        default=10,
        validators=between(0, WEEK_IN_MINUTES),
        help_text=_("By mail; at once when no tablet of the shop would hear."),
    )
    head_office_minutes = models.PositiveIntegerField(
        _("tell head office after (minutes)"),
        default=20,
        validators=between(0, WEEK_IN_MINUTES),
        help_text=_("By mail, and under Needs attention."),
    )
    scanning = models.CharField(
        _("picking"),
        max_length=10,
        choices=Scanning,
        default=Scanning.OFFERED,
        help_text=_("A piece that has no Ean may always be tapped."),
    )
    proof = models.CharField(
        _("proof at the hand-over"),
        max_length=10,
        choices=WebOrder.Proof,
        default=WebOrder.Proof.NONE,
        help_text=_("Asked for before an order is handed over; a parcel needs none."),
    )
    collect_days = models.PositiveIntegerField(
        _("to be collected within (days)"),
        default=7,
        validators=between(1, YEAR_IN_DAYS),
        help_text=_("After that the order is cancelled and its pieces go back on the shelf."),
    )
    collect_reminder_days = models.PositiveIntegerField(
        _("remind the customer before that (days)"),
        default=2,
        validators=between(0, YEAR_IN_DAYS),
        help_text=_("By mail, when the order came with a member's number. 0: no reminder."),
    )
    # A list of texts, in head office's own words.
    missing_reasons = models.JSONField(
        _("more reasons for missing pieces"),
        default=list,
        blank=True,
        help_text=_("One on each line, beside the usual ones."),
    )
    # At least 60 days: the nightly comparison looks 30 days back, and solving a problem takes time.
    personal_data_days = models.PositiveIntegerField(
        _("personal data is forgotten after (days)"),
        null=True,
        blank=True,
        default=730,
        validators=between(60, 10 * YEAR_IN_DAYS),
        help_text=_("Counted from what last happened to a finished order. Empty: it is never forgotten."),
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(remind_minutes__lte=models.F("manager_minutes"))
                & models.Q(manager_minutes__lte=models.F("head_office_minutes")),
                name="escalation_goes_upwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}"

    def must_scan(self, has_code: bool) -> bool:
        """Whether a tap is not enough to pick a piece; one that has nothing to scan may always be tapped."""
        return self.scanning == self.Scanning.FORCED and has_code

    @property
    def reasons_for_missing(self) -> Reasons[MissingReason]:
        """The reasons that staff can choose: the usual ones, then head office's own."""
        return with_own(self.missing_reasons)

    @classmethod
    def of(cls, group: Group) -> Policy:
        """The Group's policy, or one with the defaults when none is stored."""
        return cls.objects.filter(group=group).first() or cls(group=group)
