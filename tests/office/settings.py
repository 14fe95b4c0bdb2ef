"""Head office's screens of settings, filled in as a browser would."""

from django.forms import BoundField, PasswordInput
from django.test import Client
from django.utils import translation

from accounts.models import Group
from ddd.models import FirstLook
from office.models import DryRun
from office.policies import dry_run
from tests.factories import NOW, Cast


def as_shown(client: Client, url: str, name: str = "form") -> dict[str, str]:
    """What the page would send when nobody touches it; `name` is that of the form in the context."""
    form = client.get(url).context[name]
    with translation.override(client.defaults["HTTP_ACCEPT_LANGUAGE"]):
        values = {bound.html_name: bound.value() for bound in form if not _is_secret(bound)}
        values |= {one.html_initial_name: one.initial for one in form if one.field.show_hidden_initial}
    return {name: "on" if value is True else str(value) for name, value in values.items() if _is_sent(value)}


def _is_secret(field: BoundField) -> bool:
    """Whether the page does not show what is kept."""
    return isinstance(field.field.widget, PasswordInput)


def _is_sent(value: object) -> bool:
    return value is not None and value is not False


def a_dry_run(cast: Cast) -> DryRun:
    """Other minutes, tried by Nordlys's head office."""
    wanted = {"remind_minutes": 1, "manager_minutes": 2, "head_office_minutes": 3}
    return dry_run.begin(DryRun.Policy.ALERT, cast.person("office"), wanted, [], {}, NOW)


def first_look_of(group: Group) -> FirstLook:
    """As a worker has stored it: something known and something unknown of each kind."""
    found = {
        "orders": 7,
        "unreadable": 1,
        "statuses": [["Reserved", 5], ["Udleveret", 2]],
        "types": [["ClickAndCollect", 6], ["Hjemmelevering", 1]],
        "shops": [[996001, 4], [996777, 3]],
        "web_shops": [[1, 4], [77, 3]],
        "refused_tokens": ["Outlet"],
        "sales": {
            "read": [996001],
            "refused": [996777],
            "clerks": [[12, 9]],
            "terminals": [[1, 7]],
            "transaction_types": [[100, 5]],
            "item_groups": [[4100, 3]],
        },
    }
    row, _new = FirstLook.objects.update_or_create(group=group, defaults={"read_at": NOW, "found": found})
    return row
