"""Backs up everything that the portal keeps, and restores it."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader

from ddd.sending.restored import leave_receipts_out, put_before_a_person
from operating import dumps
from operating.archive import Manifest, digest_of, older_than_the_newest, unpack, write
from workers import heartbeats

# Of DATA_DIR; all else there is made anew. An older version kept exports in files.
FOLDERS: Final = ("exports",)
NAME: Final = "portal-{:%Y%m%dT%H%M%SZ}.tar.gz"
NAMES: Final = "portal-*T*Z.tar.gz"


class Refused(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True)
class Restored:
    """What came back; so many postings wait for a person."""

    manifest: Manifest
    held: int


def back_up(folder: Path, now: datetime, keep: int | None = None) -> Path:
    """Writes a new backup into the folder; then only the newest `keep` are left. `now` is in UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as made:
        place = Path(made)
        dumps.dump(place / dumps.name_of_dump())
        _copy_files(place)
        files = sorted(path for path in place.rglob("*") if path.is_file())
        manifest = Manifest(
            version=settings.VERSION,
            commit=settings.COMMIT,
            made_at=now.isoformat(),
            database=connection.vendor,
            migrations=_applied(),
            files={str(path.relative_to(place)): digest_of(path) for path in files},
        )
        to = folder / NAME.format(now)
        write(to, manifest, place)
    if keep is not None:
        for old in older_than_the_newest(list(folder.glob(NAMES)), max(keep, 1)):
            old.unlink()
    return to


def restore(file: Path, *, replace: bool, receipts_left_out: int) -> Restored:
    """Puts the backup in the place of the database, brings its tables up to this version, and holds what is
    to be sent. Raises Refused, archive.Unusable, or dumps.DumpFailed."""
    with tempfile.TemporaryDirectory(prefix="portal-restore-") as unpacked:
        place = Path(unpacked)
        manifest = unpack(file, place)
        _refuse_what_does_not_fit(manifest)
        _refuse_what_is_in_use(replace)
        dumps.restore(place / dumps.name_of_dump())
        for name in FOLDERS:
            if (place / name).is_dir():
                shutil.copytree(place / name, Path(settings.DATA_DIR) / name, dirs_exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    leave_receipts_out(receipts_left_out)
    return Restored(manifest, put_before_a_person(manifest.moment))


def _copy_files(place: Path) -> None:
    for name in FOLDERS:
        source = Path(settings.DATA_DIR) / name
        if source.is_dir():
            shutil.copytree(source, place / name)


def _applied() -> dict[str, str]:
    applied = MigrationLoader(connection).applied_migrations or {}
    return {
        app: max(name for of, name in applied if of == app) for app in sorted({app for app, _ in applied})
    }


def _refuse_what_does_not_fit(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise Refused(f"It is a backup of {manifest.database}, and DATABASE_URL is {connection.vendor}.")
    known = MigrationLoader(None).disk_migrations
    newer = [f"{app}.{name}" for app, name in manifest.migrations.items() if (app, name) not in known]
    if newer:
        raise Refused(
            f"It was made by version {manifest.version}, which has migrations that this one does not have "
            f"({', '.join(newer)}). Install that version, or a newer one, first."
        )


def _refuse_what_is_in_use(replace: bool) -> None:
    if not connection.introspection.table_names():
        return
    if not replace:
        raise Refused("The database is not empty. --replace deletes everything that is in it.")
    since = heard_lately()
    if since:
        raise Refused(f"The portal is running ({since}). Stop it first: systemctl stop portal.target")


def heard_lately(within: timedelta = heartbeats.SILENT_AFTER) -> str:
    """The parts of the portal that are at work now; "" when all are silent, or nobody can tell."""
    try:
        return ", ".join(part for part in heartbeats.PARTS if part not in heartbeats.silent())
    except Error:
        return ""
