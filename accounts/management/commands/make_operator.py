"""`manage.py make_operator MAIL`: makes an operator, or gives one a new password."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.operators import make_operator
from core.errors import DomainError


class Command(BaseCommand):
    """Asks for the password; without a terminal it is the first line of stdin."""

    help = "Makes an operator of the portal, who sees /operator/ and no Group."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints whom it has made an operator, or why not."""
        asked = sys.stdin.isatty()
        password = getpass("Password: ") if asked else sys.stdin.readline().rstrip("\n")
        try:
            user = make_operator(options["mail"], password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{user.email} is an operator and logs in at /login/.")
