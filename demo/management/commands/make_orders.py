"""`manage.py make_orders 1000000`: fills a demo Group with orders, to see the portal at its full size."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Group
from core.errors import DomainError
from demo.generator.generate import make_orders
from office.figures import counting


class Command(BaseCommand):
    """Refuses every Group that is not one of the demo's."""

    help = "Makes orders with lines, events, books and returns for a demo Group."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int, help="how many orders")
        parser.add_argument("--group", type=int, default=996, help="its number at DdD (996)")
        parser.add_argument("--days", type=int, default=400, help="spread over so many days (400)")
        parser.add_argument("--seed", type=int, default=1, help="another seed makes other orders (1)")

    def handle(self, *_args: Any, **given: Any) -> None:
        group = Group.objects.filter(ddd_group_id=given["group"]).first()
        if group is None:
            raise CommandError(f"There is no Group {given['group']}: name one with --group.")
        if given["count"] < 1 or given["days"] < 1:
            raise CommandError("Orders and days are at least 1.")
        began = time.monotonic()

        def report_progress(done: int) -> None:
            self.stdout.write(f"{done} of {given['count']} orders, {time.monotonic() - began:.0f} s")

        try:
            make_orders(group, given["count"], given["days"], given["seed"], timezone.now(), report_progress)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        # They lie in the past, where no worker looks for anything new.
        if days := counting.count_all(group, timezone.now()):
            self.stdout.write(f"Figures of {days} days, {time.monotonic() - began:.0f} s")
        else:
            self.stdout.write("A worker counts figures just now: run manage.py count_figures afterwards.")
