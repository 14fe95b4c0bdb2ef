"""Celery tasks about DdD. A task may run twice at once or be lost: the next one finds the same rows."""

from celery import shared_task
from django.utils import timezone

from ddd.api.http import DddError
from ddd.lookup import catalogue, first_look, members, stock
from ddd.models import Connection
from ddd.sending import dispatch, listing
from workers.turns import one_at_a_time


@shared_task
def sweep() -> None:
    """Queues `drain` for every Group with postings that are due."""
    for group_id in dispatch.groups_with_work(timezone.now()):
        drain.delay(group_id)


@shared_task
def drain(group_id: int) -> int:
    """Sends what is due for one Group; returns how many postings were handled."""
    return dispatch.drain(group_id)


@shared_task
def look_for_first_postings() -> None:
    """Queues `look_for_first_postings_of_group` for every Group with one that DdD may list by now."""
    for group_id in listing.groups_to_look_for(timezone.now()):
        look_for_first_postings_of_group.delay(group_id)


@shared_task
@one_at_a_time
def look_for_first_postings_of_group(group_id: int) -> int:
    """Asks one Group's DdD whether it lists its first postings; returns how many it does."""
    return listing.look_for_firsts(group_id, timezone.now())


@shared_task
def read_catalogues() -> None:
    """Calls a worker for every Group's catalogue."""
    for group_id in Connection.objects.values_list("group_id", flat=True):
        read_catalogue.delay(group_id)


@shared_task
@one_at_a_time
def read_catalogue(group_id: int) -> None:
    """Reads all articles of one Group from DdD."""
    connection = Connection.objects.get(group_id=group_id)
    now = timezone.now()
    try:
        catalogue.read_catalogue(connection, now)
    except DddError as trouble:
        connection.mark_failing(trouble.cause, now)


@shared_task
def take_first_looks() -> None:
    """Calls a worker for every Group that wants to see what its DdD has."""
    for group_id in first_look.waiting():
        take_a_first_look.delay(group_id)


@shared_task
@one_at_a_time
def take_a_first_look(group_id: int) -> None:
    """Reads the last 30 days of one Group's DdD for the page on which it is set up."""
    first_look.look(group_id, timezone.now())


@shared_task
def look_up_wanted_members() -> None:
    """Calls a worker for every Group in which somebody waits for a member of the loyalty club."""
    for group_id in members.groups_that_wait(timezone.now()):
        look_up_members.delay(group_id)


@shared_task
@one_at_a_time
def look_up_members(group_id: int) -> int:
    """Asks one Group's DdD for the members whom somebody wants to see; returns how many."""
    return members.look_up_requested(group_id)


@shared_task
def forget_members() -> int:
    """Deletes what DdD said about members a day ago; returns how many."""
    return members.forget_old(timezone.now())


@shared_task
def ask_for_stock_everywhere() -> None:
    """Queues `ask_for_stock` for every Group in which somebody waits for stock levels."""
    for group_id in stock.groups_that_wait(timezone.now()):
        ask_for_stock.delay(group_id)


@shared_task
@one_at_a_time
def ask_for_stock(group_id: int) -> int:
    """Asks one Group's DdD for the stock that somebody wants to see; returns how many answers came."""
    return stock.ask_ddd(group_id)
