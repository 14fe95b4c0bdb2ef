"""What workers do for head office. Each task may run twice at once and may be lost."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Group
from office import forgetting
from office.figures import counting, missing_then_sold
from office.listing import bulk, exporting
from office.policies import dry_run
from workers.turns import one_at_a_time


@shared_task
def count_figures() -> None:
    """Calls a worker for every Group."""
    for group_id in Group.objects.values_list("pk", flat=True):
        count_figures_of_group.delay(group_id)


@shared_task
@one_at_a_time
def count_figures_of_group(group_id: int) -> None:
    """Counts what is due in one Group."""
    counting.count(group_id, timezone.now())


@shared_task
def try_policies() -> None:
    """Calls a worker for every dry run that is not done."""
    for pk in dry_run.waiting(timezone.now()):
        try_policy.delay(pk)


@shared_task
def try_policy(pk: int) -> None:
    """Looks what one policy would have done."""
    dry_run.carry_out(pk, timezone.now())


@shared_task
def make_exports() -> None:
    """Calls a worker for every export that has none."""
    for export_id in exporting.due():
        make_export.delay(export_id)


@shared_task
def make_export(export_id: int) -> None:
    """Writes one file, unless another worker does."""
    exporting.make(export_id)


@shared_task
def forget_exports() -> None:
    """Those of last week, with their files."""
    exporting.delete_old(timezone.now())


@shared_task
def carry_out_bulk_actions() -> None:
    """Calls a worker for every Group where something is left to do, and forgets what was done long ago."""
    bulk.delete_old(timezone.now())
    for group_id in bulk.groups_with_work():
        carry_out_bulk_actions_of_group.delay(group_id)


@shared_task
@one_at_a_time
def carry_out_bulk_actions_of_group(group_id: int) -> None:
    """Does what was started in one Group for many orders."""
    bulk.carry_out_in(group_id)


@shared_task
def forget_personal_data() -> None:
    """Calls a worker for every Group."""
    for group_id in Group.objects.values_list("pk", flat=True):
        forget_personal_data_of_group.delay(group_id)


@shared_task
@one_at_a_time
def forget_personal_data_of_group(group_id: int) -> int:
    """Forgets who the customers of one Group's old orders are; returns of how many orders."""
    return forgetting.forget(group_id)


@shared_task
def look_for_sold_pieces() -> None:
    """Calls a worker for every Group whose sales were not matched this night."""
    for group_id in missing_then_sold.groups_due(timezone.now()):
        look_for_sold_pieces_of_group.delay(group_id)


@shared_task
@one_at_a_time
def look_for_sold_pieces_of_group(group_id: int) -> None:
    """Looks whether what was missing was sold since."""
    missing_then_sold.match_sales(group_id, timezone.now())
