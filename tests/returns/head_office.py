"""Head office's page of the return policy."""

from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django.utils import translation

from ddd.models import Connection
from office.returns.forms import PolicyPage
from returns.models import ReturnPolicy, ReturnReason
from tests.core.pages import Page
from tests.factories import Cast

POLICY = "/returns/policy/"
TODAY = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
Fields = dict[str, Any]


def as_it_stands(client: Client) -> Fields:
    """The fields of the unchanged form."""
    page = client.get(POLICY).context["page"]
    with translation.override(client.defaults["HTTP_ACCEPT_LANGUAGE"]):
        return _untouched(page)


def _untouched(page: PolicyPage) -> Fields:
    fields: Fields = {}
    for form in (page.policy, *page.reasons, page.reasons.management_form, page.words or ()):
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                fields[bound.html_name] = [getattr(one, "shop_id", one) for one in value]
            elif value is not None and value is not False:
                fields[bound.html_name] = "on" if value is True else bound.field.prepare_value(value)
    return fields


def stored(cast: Cast) -> list[Any]:
    """Everything that the page can change."""
    tables = (ReturnPolicy, ReturnReason, Connection, ReturnPolicy.shops.through)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def refused(client: Client, cast: Cast, changes: Fields, *leave_out: str) -> str:
    """What the page says; nothing has changed."""
    fields = as_it_stands(client) | changes
    before = stored(cast)
    answer = client.post(POLICY, {name: value for name, value in fields.items() if name not in leave_out})
    assert answer.status_code == 422
    assert stored(cast) == before
    page = Page(answer)
    assert page.faults == []
    assert "Nothing was saved: look at the fields marked below." in page.text
    return page.text


def keep(client: Client, changes: Fields, *leave_out: str) -> Page:
    """The page after it was kept."""
    fields = as_it_stands(client) | changes
    answer = client.post(POLICY, {name: value for name, value in fields.items() if name not in leave_out})
    assert (answer.status_code, answer.get("Location")) == (302, POLICY), Page(answer).text
    page = Page(client.get(POLICY))
    assert "Saved. It counts from now on in every shop." in page.text
    assert page.faults == []
    return page


def as_posted(fields: Fields) -> Any:
    """As a browser's form arrives."""
    request = Client().post("/login/", fields).wsgi_request
    return request.POST
