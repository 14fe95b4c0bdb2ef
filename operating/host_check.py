"""This host: its disk, and its clock beside the database's."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from operating.findings import Finding

LITTLE, TOO_LITTLE = 2**30, 200 * 2**20  # bytes that are free
LATE, TOO_LATE = timedelta(seconds=2), timedelta(seconds=30)
NTP: Final = "Let this host take its time from a time server: timedatectl set-ntp true."


def disk() -> Iterator[Finding]:
    """Where DATA_DIR is."""
    folder = settings.DATA_DIR
    if not os.access(folder, os.W_OK):
        yield Finding.failed(
            f"DATA_DIR {folder} is not there, or this user may not write in it",
            f"install -d -o portal -g portal -m 700 {folder}, and run this as the portal's user.",
        )
        return
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:.1f} GiB free for DATA_DIR {folder}"
    to_do = "Make room: old logs and backups first. A full disk stops SQLite, logs and backups."
    if free < TOO_LITTLE:
        yield Finding.failed(said, to_do)
    elif free < LITTLE:
        yield Finding.warning(said, to_do)
    else:
        yield Finding.ok(said)


def clock() -> Iterator[Finding]:
    """Leases go by the database's clock, promises and days by the host's."""
    if connection.vendor != "postgresql":
        yield Finding.ok("the database has this host's clock")
        return
    before = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [there] = cursor.fetchone()
    yield of_clocks(before, there, datetime.now(UTC))


def of_clocks(before: datetime, there: datetime, after: datetime) -> Finding:
    """The database was asked between two looks at this host's clock."""
    difference = max(before - there, there - after, timedelta())
    said = f"this host's clock and the database's differ by {difference.total_seconds():.1f} s"
    if difference > TOO_LATE:
        return Finding.failed(f"{said}: promises and collect-by times are wrong", NTP)
    if difference > LATE:
        return Finding.warning(said, NTP)
    return Finding.ok(said)
