"""`manage.py backup FOLDER` (bin/backup): one file with everything that the portal keeps."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operating.backing_up import back_up
from operating.dumps import DumpFailed


class Command(BaseCommand):
    """The portal goes on meanwhile."""

    help = "Backs up database and files into FOLDER. The file holds customers' names and DdD's tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", type=int, help="deletes older backups there: so many are left")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the name of the file."""
        try:
            made = back_up(options["folder"], datetime.now(UTC), options["keep"])
        except (DumpFailed, OSError) as error:
            raise CommandError(f"Nothing was backed up: {error}") from error
        self.stdout.write(str(made))
