"""What a policy would have done to the orders of the last 90 days, tried before it is kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from core.leases import Leased


class DryRun(Leased):
    """One try. `wanted` is the policy that is tried and `fields` how it differs from the one that holds;
    `typed` is the whole form, so that it can be kept or changed from here. Forgotten after some days."""

    class Policy(models.TextChoices):
        ALERT = "alert", _("When nobody takes an order")
        RETURNS = "returns", _("Returns")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    policy = models.CharField(max_length=10, choices=Policy)
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    wanted = models.JSONField()
    fields = models.JSONField()
    typed = models.JSONField()
    percent = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["made_at"], condition=Q(done_at=None), name="dry_run_to_be_done"),
        ]

    def __str__(self) -> str:
        return f"{self.get_policy_display()} {self.made_at:%Y-%m-%d %H:%M}"
