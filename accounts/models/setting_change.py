"""Who changed which setting when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.group import Group
from accounts.models.user import User


class SettingChange(models.Model):
    """Who changed which setting when. `about` names the screen, and with it what two people cannot change at
    once; `fields` are the values before and after, as `accounts/changes.py` stores them."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+", db_index=False)
    about = models.CharField(max_length=40)
    subject = models.JSONField(default=str)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["group", "about", "-id"], name="setting_change_newest"),
            models.Index(fields=["group", "-at", "-id"], name="setting_change_of_group"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.at:%Y-%m-%d %H:%M}"
