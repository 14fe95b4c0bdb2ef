"""Lists of orders as files, which a worker makes while their maker waits or does something else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import sees_the_whole_group
from accounts.models import Group, User
from accounts.viewer import Viewer
from core.leases import Leased
from office.spreadsheet import Kind


class ExportQuerySet(models.QuerySet["Export"]):
    """Every query of an entry point starts here."""

    def made_by(self, viewer: Viewer) -> ExportQuerySet:
        """A file is its maker's alone, as long as they are head office of the Group that it is about."""
        if not sees_the_whole_group(viewer):
            return self.none()
        return self.filter(maker=viewer.user, group_id=viewer.group_id)

    def under_way(self) -> ExportQuerySet:
        """Those that wait for a worker, or have one."""
        return self.filter(state__in=[Export.State.WAITING, Export.State.AT_WORK])


class Export(Leased):
    """One list as a file. `turn` counts the workers that took it up: only the last one's work counts."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        AT_WORK = "at work", gettext_lazy("Being made")
        READY = "ready", gettext_lazy("Ready")
        FAILED = "failed", gettext_lazy("Failed")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")

    class Trouble(models.TextChoices):
        """Why it failed."""

        STOPPED = "stopped", gettext_lazy("The worker stopped again and again while it made the file.")
        NO_ROOM = "no room", gettext_lazy("The file could not be written: the disk may be full.")
        BROKEN = "broken", gettext_lazy("Something went wrong. The log of the worker says what.")
        NOT_YOURS = "not yours", gettext_lazy("Its maker may not see these orders any more.")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    maker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=4, choices=Kind)
    # As in the list's address.
    query = models.CharField(max_length=2000, blank=True)
    # What that list shows, in the words that its maker chose by.
    said = models.CharField(max_length=300)
    language = models.CharField(max_length=5)
    # The list is made as it stood at this moment: what was overdue, what came in today.
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    trouble = models.CharField(max_length=10, choices=Trouble, blank=True)
    # How many orders there are, once they are known, and how many of them are written.
    orders = models.PositiveIntegerField(null=True, blank=True)
    written = models.PositiveIntegerField(default=0)
    turn = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    size = models.BigIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Asked for twice it is made once.
            models.UniqueConstraint(
                fields=["maker", "kind", "query"],
                condition=Q(state__in=["waiting", "at work"]),
                name="an_export_is_made_once_at_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["made_at"], name="export_by_age")]

    def __str__(self) -> str:
        return f"{self.maker}: {self.query} ({self.kind})"

    @property
    def percent(self) -> int | None:
        """The progress; None until the number of orders is known."""
        if self.orders is None:
            return None
        return 100 if not self.orders else self.written * 100 // self.orders

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.AT_WORK)

    @property
    def file_name(self) -> str:
        """Under which a browser keeps it."""
        return f"{_('orders')} {self.made_at:%Y-%m-%d}.{self.kind}"


class ExportPart(models.Model):
    """A piece of a file, in the database so that every web process has it, wherever the worker ran."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()  # from 0
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "number"], name="a_part_of_a_file_is_there_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"
