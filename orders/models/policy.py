"""What head office has decided about the work in its shops."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from core.choices import Reasons
from orders.missing_reasons import MissingReason, with_own
from orders.models.order import WebOrder


class Policy(models.Model):
    """One per Group. Minutes are open minutes of the shop: nobody is reminded at night."""

    class Scanning(models.TextChoices):
        OFF = "off", _("Tap only")
        OFFERED = "offered", _("Scan or tap")
        FORCED = "forced", _("Scan only")

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="policy")
    remind_minutes = models.PositiveIntegerField(_("remind the shop after (minutes)"), default=5)
    manager_minutes = models.PositiveIntegerField(_("tell the shop manager after (minutes)"), default=10)
    head_office_minutes = models.PositiveIntegerField(_("tell head office after (minutes)"), default=20)
    scanning = models.CharField(_("picking"), max_length=10, choices=Scanning, default=Scanning.OFFERED)
    proof = models.CharField(
        _("proof at the hand-over"), max_length=10, choices=WebOrder.Proof, default=WebOrder.Proof.NONE
    )
    collect_days = models.PositiveIntegerField(_("to be collected within (days)"), default=7)
    collect_reminder_days = models.PositiveIntegerField(
        _("remind the customer before that (days)"), default=2
    )
    # Reasons for a missing piece beside the usual ones, in head office's own words.
    missing_reasons = models.JSONField(_("more reasons for missing pieces"), default=list, blank=True)
    # Empty: never. Counted from what last happened to an order that is finished.
    personal_data_days = models.PositiveIntegerField(
        _("personal data is forgotten after (days)"), null=True, blank=True, default=730
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
        """What may be said of a missing piece: the usual reasons, then head office's own."""
        return with_own(self.missing_reasons)

    @classmethod
    def of(cls, group: Group) -> Policy:
        """The Group's policy; before anybody has decided anything, the usual one."""
        return cls.objects.filter(group=group).first() or cls(group=group)
