"""`python -m demo.prepare`: migrates, seeds, and fills the catalogue from DdD if that answers."""

import argparse
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - models can be read only once Django stands
from django.utils import timezone  # noqa: E402

from ddd.api.http import DddError  # noqa: E402
from ddd.lookup.catalogue import read_catalogue  # noqa: E402
from ddd.models import Connection  # noqa: E402
from demo.seed import Upstream, seed  # noqa: E402


def prepare(upstream: Upstream) -> None:
    """DdD being down stops nothing: the timetable reads the catalogue later."""
    call_command("migrate", interactive=False, verbosity=1)
    seed(upstream)
    for connection in Connection.objects.filter(catalogue_read_at=None).select_related("group"):
        try:
            seen = read_catalogue(connection, timezone.now())
            sys.stdout.write(f"{connection.group}: {seen} variants read from DdD\n")
        except DddError as trouble:
            sys.stdout.write(f"{connection.group}: the catalogue is read later: {trouble.sentence}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ddd-url", required=True)
    parser.add_argument("--careful", action="store_true")
    given = parser.parse_args()
    prepare(Upstream(given.ddd_url, os.environ.get("DEMO_DDD_TOKEN", ""), given.careful))
