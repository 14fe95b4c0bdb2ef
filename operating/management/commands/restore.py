"""`manage.py restore FILE` (bin/restore): puts a backup in the place of the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ddd.sending.restored import RECEIPTS_LEFT_OUT
from operating.archive import Unusable
from operating.backing_up import Refused, restore
from operating.dumps import DumpFailed


class Command(BaseCommand):
    """Into an empty database, or with --replace into any."""

    help = "Restores a backup. The portal must be stopped."
    requires_system_checks: Any = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="deletes what is in the database")

        parser.add_argument(
            "--receipts",
            type=int,
            default=RECEIPTS_LEFT_OUT,
            metavar="N",
            help="how many receipt numbers of each shop are left out: more than were given since the backup",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what is to be done next."""
        try:
            done = restore(options["file"], replace=options["replace"], receipts_left_out=options["receipts"])
        except (Refused, Unusable) as error:
            raise CommandError(f"Not restored: {error}") from error
        except DumpFailed as error:
            raise CommandError(f"The database is not whole: {error}") from error
        was = done.manifest
        self.stdout.write(
            f"Restored what version {was.version} had at {was.made_at}; all migrations are applied."
        )
        self.stdout.write(
            f"{done.held} postings were open then. They wait under Needs attention: look in DdD for each "
            "whether it was sent since."
        )
        self.stdout.write(
            f"{options['receipts']} receipt numbers of each shop are left out: DdD may have seen them since. "
            "Use the SECRET_KEY of then, or everybody logs in anew."
        )
