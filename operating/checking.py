"""All that `manage.py portal_check` looks at."""

from collections.abc import Iterator

from django.db import Error

from operating.address_check import address
from operating.findings import Check, Finding
from operating.host_check import clock, disk
from operating.parts_check import all_parts
from operating.settings_check import settings_are_real


def all_checks(mail_to: str = "", wait: float = 0) -> dict[str, Check]:
    """By the name that stands before each line."""
    return {
        "settings": settings_are_real,
        "disk": disk,
        **all_parts(mail_to, wait),
        "clock": clock,
        "address": address,
    }


def findings_of(name: str, check: Check) -> Iterator[Finding]:
    """What the check finds; a database that does not answer is a finding as well."""
    try:
        yield from check()
    except Error as error:
        said = " ".join(str(error).split()) or type(error).__name__
        if name == "database":
            yield Finding.failed(
                f"it does not answer: {said}", "Start PostgreSQL, or set DATABASE_URL right."
            )
        else:
            yield Finding.failed(
                f"not known: {said}", "First do what is said of the database and of migrations."
            )
