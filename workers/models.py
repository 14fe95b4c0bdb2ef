"""What the portal's own workers are at, and when each part of them was last heard."""

from typing import ClassVar, Final

from django.db import models

from accounts.models import Group
from core.leases import Leased


class Turn(Leased):
    """A task of a Group: one worker at a time has it."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    task = models.CharField(max_length=100)
    # Another call came while a worker had it.
    is_wanted_again = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "task"], name="one_turn_for_each_group_and_task"),
        ]

    def __str__(self) -> str:
        return f"{self.task} of Group {self.group_id}"


class Heartbeat(Leased):
    """When a part of the portal that works on its own was last heard. Of several beats one has the row."""

    BEAT: Final = "beat"

    part = models.CharField(max_length=10, unique=True)
    heard_at = models.DateTimeField(null=True, blank=True)  # by the database's clock

    def __str__(self) -> str:
        return self.part
