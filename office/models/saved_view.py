"""A view of the list of orders that somebody keeps for themselves, or for everybody at head office."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, User
from accounts.viewer import Viewer


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Every query of a door starts here."""

    def visible_to(self, viewer: Viewer) -> SavedViewQuerySet:
        """Their own, and those that others at head office share with them."""
        return self.filter(Q(maker=viewer.user) | Q(is_shared=True), group_id=viewer.group_id)

    def made_by(self, viewer: Viewer) -> SavedViewQuerySet:
        """Those that they may change."""
        return self.filter(maker=viewer.user, group_id=viewer.group_id)


class SavedView(models.Model):
    """Filters, search, sort and columns under a name; each person has each name once."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="saved_views")
    maker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    # As in the list's address.
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField(_("for everybody at head office"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["maker", "name"], name="each_view_of_a_person_has_a_name"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["group"], condition=Q(is_shared=True), name="saved_view_shared"),
        ]

    def __str__(self) -> str:
        return self.name
