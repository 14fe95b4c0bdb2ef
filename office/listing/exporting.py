"""The list of orders as a file: requested, made by a worker, and deleted after a week.

Any number of workers may run at once. A worker claims an export with a lease; one that has lost its lease,
because the export was cancelled or claimed by another, writes nothing more. The file is kept in the database,
in parts of a mebibyte, and nobody gets it before all of it is there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from accounts.access import sees_the_whole_group
from accounts.models import User
from accounts.viewer import Viewer
from core import leases
from core.leases import LeaseLost
from core.wakeups import call_worker
from office.listing.filter_form import listing_of
from office.listing.table import AT_ONCE, keys_of, table_of
from office.models import Export, ExportPart
from office.spreadsheet import Cell, Kind, Reader, Table, as_csv, write_xlsx

log = logging.getLogger(__name__)
State, Trouble = Export.State, Export.Trouble
Clock = Callable[[], datetime]

KEPT: Final = timedelta(days=7)
# Longer than 500 orders, or the one question for all keys, can take.
LEASE_LENGTH: Final = timedelta(minutes=3)
MOST_TURNS: Final = 3
PART_LENGTH: Final = 1024 * 1024  # bytes


def request_export(
    user: User, kind: Kind, query: str, description: str, language: str, now: datetime
) -> Export:
    """A worker makes it soon. While it is under way, the same once more is the same one."""
    with transaction.atomic():
        export, made = Export.objects.under_way().get_or_create(
            maker=user,
            kind=kind,
            query=query,
            defaults={"group": user.group, "said": description[:300], "language": language, "made_at": now},
        )
        if made:
            transaction.on_commit(partial(call_worker, "office.tasks.make_export", export.pk))
    return export


def cancel(export: Export, now: datetime) -> None:
    """Nobody waits for it any more; one that has ended stays as it is."""
    leases.revoke(Export.objects.filter(pk=export.pk).under_way(), state=State.CANCELLED, ended_at=now)
    ExportPart.objects.filter(export=export, export__state=State.CANCELLED).delete()


def due() -> list[int]:
    """Keys of those that no worker has."""
    waiting = Export.objects.under_way().filter(leases.free())
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def make(export_id: int, clock: Clock = timezone.now) -> None:
    """Writes the whole file, or stores why it failed."""
    export = _claim(export_id, clock())
    if export is None:
        return
    try:
        with translation.override(export.language):
            _make(export, clock)
    except LeaseLost as lost:
        log.info("export %s is not waited for any more: %s", export_id, lost)
    except OSError:
        log.exception("export %s cannot be written", export_id)
        _fail(export, Trouble.NO_ROOM, clock())
    except Exception:
        log.exception("export %s failed", export_id)
        _fail(export, Trouble.BROKEN, clock())


def content_of(export: Export) -> Iterator[bytes]:
    """The whole file, part by part; 1 query for each."""
    parts = ExportPart.objects.filter(export=export).values_list("content", flat=True)
    number = 0
    while (content := parts.filter(number=number).first()) is not None:
        yield bytes(content)
        number += 1


def delete_old(now: datetime) -> int:
    """Those of last week with their files, and parts of files that were never whole; returns how many."""
    _rows, forgotten = Export.objects.filter(made_at__lt=now - KEPT).delete()
    ExportPart.objects.filter(export__state__in=[State.FAILED, State.CANCELLED]).delete()
    # Until version 0.2.0 they were files of the worker's host.
    for file in (Path(settings.DATA_DIR) / "exports").glob("*-*.*"):
        if file.stat().st_mtime < (now - KEPT).timestamp():
            file.unlink(missing_ok=True)
    return forgotten.get(Export._meta.label, 0)


def _claim(export_id: int, now: datetime) -> Export | None:
    """Claims the export for this worker, as long as it renews the lease; None when there is nothing to do."""
    under_way = Export.objects.filter(pk=export_id).under_way()
    stopped: dict[str, Any] = {"state": State.FAILED, "trouble": Trouble.STOPPED, "ended_at": now}
    if leases.expire(under_way.filter(turn__gte=MOST_TURNS), **stopped):
        return None
    export = under_way.first()
    begun = {"state": State.AT_WORK, "turn": F("turn") + 1, "orders": None, "written": 0}
    if export is None or not leases.take(export, LEASE_LENGTH, Q(state=export.state), **begun):
        return None
    return export


def _make(export: Export, clock: Clock) -> None:
    maker = Viewer.of(export.maker)
    may_see = maker.user.is_active and sees_the_whole_group(maker)
    if not may_see or maker.group_id != export.group_id:
        _fail(export, Trouble.NOT_YOURS, clock())
        return
    shown = listing_of(maker, export.query, export.made_at)
    keys = keys_of(shown.orders)
    leases.renew(export, LEASE_LENGTH, orders=len(keys))
    table = table_of(shown.orders, keys, shown.columns)
    table = replace(table, rows=_renewing_the_lease(export, table.rows))
    with TemporaryFile() as file:
        _write(export, table, file)
        size = file.tell()
        file.seek(0)
        _store(export, file)
    leases.release(export, state=State.READY, size=size, written=len(keys), ended_at=clock())


def _store(export: Export, file: IO[bytes]) -> None:
    """Instead of what a worker has left that died here. Raises LeaseLost."""
    with transaction.atomic():
        leases.renew(export, LEASE_LENGTH)
        ExportPart.objects.filter(export=export).delete()
    for number, content in enumerate(iter(partial(file.read, PART_LENGTH), b"")):
        with transaction.atomic():
            leases.renew(export, LEASE_LENGTH)
            ExportPart.objects.create(export=export, number=number, content=content)


def _write(export: Export, table: Table, file: IO[bytes]) -> None:
    reader = Reader(ZoneInfo(export.group.time_zone), export.language)
    if export.kind == Kind.XLSX:
        write_xlsx(table, reader, file)
    else:
        file.writelines(as_csv(table, reader))


def _renewing_the_lease(export: Export, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % AT_ONCE == 0:
            leases.renew(export, LEASE_LENGTH, written=number)


def _fail(export: Export, trouble: Export.Trouble, now: datetime) -> None:
    try:
        leases.release(export, state=State.FAILED, trouble=trouble, ended_at=now)
    except LeaseLost as lost:
        log.info("export %s is not waited for any more: %s", export.pk, lost)
