"""What workers do: how often beat calls each task, in which queue, and which task it starts for each Group.

`urgent` is what a customer, a shop or DdD waits for; it is done in seconds. `long` may take minutes. Each
queue has workers of its own, so that no long task holds up an urgent one. A task that stands in no row here
is in no queue (tests/core/test_timetable.py).
"""

from dataclasses import dataclass
from typing import Any, Final

from celery.schedules import crontab
from django.conf import settings

URGENT: Final = "urgent"
LONG: Final = "long"
QUEUES: Final = (URGENT, LONG)
HOUR: Final = 3600.0
# A call that nobody took up in so many seconds is dropped: beat calls again. Celery compares the clock of the
# worker with the caller's, so it is longer than clocks differ.
SHORTEST_LIFE: Final = 600.0


@dataclass(frozen=True)
class Entry:
    """How often beat calls a task, in seconds, and which one that starts for each Group or export."""

    queue: str
    every: float
    starts: str = ""
    at_night: crontab | None = None

    @property
    def schedule(self) -> float | crontab:
        """As beat takes it."""
        return self.at_night or self.every


TIMETABLE: Final = {
    "ddd.tasks.sweep": Entry(URGENT, settings.OUTBOX_SWEEP_SECONDS, "ddd.tasks.drain"),
    "ddd.tasks.look_for_first_postings": Entry(URGENT, 10.0, "ddd.tasks.look_for_first_postings_of_group"),
    "ddd.tasks.look_up_wanted_members": Entry(URGENT, 10.0, "ddd.tasks.look_up_members"),
    "ddd.tasks.ask_for_stock_everywhere": Entry(URGENT, 10.0, "ddd.tasks.ask_for_stock"),
    "orders.tasks.send_mails": Entry(URGENT, settings.MAIL_SECONDS, "orders.tasks.send_mails_of_group"),
    "orders.tasks.escalate": Entry(URGENT, 15.0),
    "orders.tasks.store_times": Entry(URGENT, 5.0),
    "orders.tasks.remind_and_cancel_uncollected": Entry(URGENT, 60.0),
    "accounts.tasks.send_account_mails": Entry(
        URGENT, settings.MAIL_SECONDS, "accounts.tasks.send_account_mails_of_group"
    ),
    "workers.tasks.be_heard_in_urgent": Entry(URGENT, 15.0),
    "workers.tasks.be_heard_in_long": Entry(LONG, 15.0),
    "orders.tasks.poll_every_group": Entry(LONG, settings.POLL_SECONDS, "orders.tasks.poll_group"),
    "orders.tasks.reconcile_where_due": Entry(LONG, 60.0, "orders.tasks.reconcile_group"),
    "orders.tasks.forget_taps": Entry(LONG, HOUR),
    "ddd.tasks.read_catalogues": Entry(LONG, settings.CATALOGUE_SECONDS, "ddd.tasks.read_catalogue"),
    "ddd.tasks.take_first_looks": Entry(LONG, 10.0, "ddd.tasks.take_a_first_look"),
    "ddd.tasks.forget_members": Entry(LONG, HOUR),
    "office.tasks.make_exports": Entry(LONG, 10.0, "office.tasks.make_export"),
    "office.tasks.forget_exports": Entry(LONG, HOUR),
    "office.tasks.count_figures": Entry(
        LONG, settings.FIGURES_SECONDS, "office.tasks.count_figures_of_group"
    ),
    "office.tasks.try_policies": Entry(LONG, 20.0, "office.tasks.try_policy"),
    "office.tasks.look_for_sold_pieces": Entry(LONG, HOUR / 4, "office.tasks.look_for_sold_pieces_of_group"),
    "office.tasks.carry_out_bulk_actions": Entry(LONG, 30.0, "office.tasks.carry_out_bulk_actions_of_group"),
    "office.tasks.forget_personal_data": Entry(
        *(LONG, HOUR / 4, "office.tasks.forget_personal_data_of_group"),
        at_night=crontab(hour="1-4", minute="20"),
    ),
    "accounts.tasks.forget_log_ins": Entry(LONG, HOUR),
    "accounts.tasks.forget_tablets": Entry(LONG, 6 * HOUR),
}

QUEUE_OF: Final = {
    task: entry.queue for name, entry in TIMETABLE.items() for task in (name, entry.starts) if task
}
# After how many seconds a call is dropped, whoever has made it.
EXPIRES: Final = {
    task: max(2 * entry.every, SHORTEST_LIFE)
    for name, entry in TIMETABLE.items()
    for task in (name, entry.starts)
    if task
}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """As Celery takes it."""
    return {name: {"task": name, "schedule": entry.schedule} for name, entry in TIMETABLE.items()}
