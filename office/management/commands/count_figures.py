"""`manage.py count_figures`: counts every day of every Group anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Group
from office.figures import counting


class Command(BaseCommand):
    """For a new kind of figure, or after opening hours were put right."""

    help = "Counts the figures of every day of every Group anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each Group."""
        for group in Group.objects.order_by("pk"):
            days = counting.count_all(group, timezone.now())
            self.stdout.write(f"{group}: {days} days")
