"""`manage.py portal_check`: whether all of this installation works, and what to do where it does not."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operating.checking import all_checks, findings_of
from operating.findings import Finding, State


class Command(BaseCommand):
    """Exit code 1 when something failed."""

    help = "Checks settings, database, broker, workers, mail, clock, proxies, disk and each Group's DdD."
    requires_system_checks: Any = []  # it says itself what is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail-to", default="", metavar="ADDRESS", help="sends a test mail there")
        parser.add_argument(
            "--wait", type=float, default=0, metavar="SECONDS", help="for workers that have just started"
        )
        parser.add_argument("--only", action="append", choices=list(all_checks()), help="may be repeated")
        parser.add_argument("--json", action="store_true", help="a list of objects instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Each line is printed as soon as it is known: some checks take seconds."""
        rows: list[dict[str, str]] = []
        for name, check in all_checks(options["mail_to"], options["wait"]).items():
            if options["only"] and name not in options["only"]:
                continue
            for finding in findings_of(name, check):
                rows.append(
                    {"check": name, "state": finding.state, "what": finding.what, "do": finding.to_do}
                )
                if not options["json"]:
                    self._print(name, finding)
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=1))
        if any(row["state"] == State.FAILED for row in rows):
            sys.exit(1)

    def _print(self, name: str, finding: Finding) -> None:
        self.stdout.write(f"{finding.state:<8} {name}: {finding.what}")
        if finding.to_do:
            self.stdout.write(f"         {finding.to_do}")
        self.stdout.flush()
