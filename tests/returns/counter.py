"""The counter's page of an order: its form, what is chosen in it, and what the page offers."""

from datetime import timedelta
from typing import Any

from django.test import Client

from orders.models import WebOrder
from tests.core.pages import Answer, Page
from tests.factories import NOW

REASON = "Fortrudt"  # in the language of the Group
DAY_3 = NOW + timedelta(days=3)
Fields = dict[str, str | list[int]]


def address(order: WebOrder) -> str:
    return f"/returns/orders/{order.pk}/"


def chosen(order: WebOrder, *numbers: int, reason: str = REASON, **more: str) -> Fields:
    """The fields of a form in which these pieces are chosen."""
    keys = [line.pk for line in order.lines.order_by("number") if line.number in numbers]
    return {"piece": keys, **{f"reason-{key}": reason for key in keys if reason}, **more}


def page_of(client: Client, order: WebOrder, fields: Fields | None = None) -> Page:
    page = Page(client.get(address(order), fields or {}))
    assert page.faults == []
    return page


def take_back(client: Client, order: WebOrder, fields: Fields, **options: Any) -> Answer:
    return client.post(f"{address(order)}take-back/", fields, **options)


def fields_of(page: Page) -> dict[str, str]:
    """What the page's form sends along with what is chosen."""
    return {found["name"]: found.get("value", "") for _tag, found in page.attributes if found.get("name")}


def main_buttons(page: Page) -> list[str]:
    return [name for name in page.buttons if name.startswith("Take back")]
