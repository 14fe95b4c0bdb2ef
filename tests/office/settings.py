"""Head office's screens of settings, filled in as a browser would."""

from django.test import Client
from django.utils import translation

from office.models import DryRun
from office.policies import dry_run
from tests.factories import NOW, Cast


def as_shown(client: Client, url: str) -> dict[str, str]:
    """What the page would send when nobody touches it."""
    form = client.get(url).context["form"]
    with translation.override(client.defaults["HTTP_ACCEPT_LANGUAGE"]):
        values = {bound.html_name: bound.value() for bound in form}
    return {name: "on" if value is True else str(value) for name, value in values.items() if _is_sent(value)}


def _is_sent(value: object) -> bool:
    return value is not None and value is not False


def a_dry_run(cast: Cast) -> DryRun:
    """Other minutes, tried by Nordlys's head office."""
    wanted = {"remind_minutes": 1, "manager_minutes": 2, "head_office_minutes": 3}
    return dry_run.begin(DryRun.Policy.ALERT, cast.person("office"), wanted, [], {}, NOW)
