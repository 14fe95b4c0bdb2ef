"""The columns of the list of orders: each is one row, and heading, cell, choice and file follow from it."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import mark_safe

from office.listing import columns, filter_form, orders
from office.listing.columns import COLUMNS, SORTS, USUAL, Column, by_key, text
from tests.core.pages import DANISH, Page, browser
from tests.factories import Cast, delivered, new_order, picked, received, taken

SETS = [[], list(COLUMNS), *([key] for key in COLUMNS)]


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, with an order of each phase."""
    received(cast)
    taken(cast)
    picked(cast, new=new_order(customer_number=100042), missing=(1,))
    delivered(cast)
    return browser(cast, "office")


def headings(client: Client, keys: list[str]) -> list[str]:
    """Those of the list with these columns; it is well formed, as is each of its rows."""
    page = Page(client.get("/orders/", {"col": keys}))
    assert page.faults == []
    head, *rows = page.rows[-5:]
    assert len(rows) == 4
    return head.split()


@pytest.mark.parametrize("keys", SETS, ids=lambda keys: ", ".join(keys) or "the usual ones")
def test_each_row_has_a_cell_under_each_heading(office: Client, keys: list[str]) -> None:
    shown = [COLUMNS[key] for key in keys or COLUMNS if keys or key in USUAL]
    words = " ".join(str(column.label) for column in shown)
    assert headings(office, keys) == f"Choose OrderNo {words}".split()


def test_a_column_that_draws_two_cells_or_none_is_seen(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Twice(Column[str]):
        def cell(self, *_any: Any) -> Any:
            return mark_safe(super().cell(*_any) * 2)  # noqa: S308  # a planted fault

    class Never(Column[str]):
        def cell(self, *_any: Any) -> Any:
            return ""

    for kind, fault in ((Twice, "4 cells stand under 3"), (Never, "2 cells stand under 3")):
        planted = kind("status", COLUMNS["status"].label, lambda order: order.order_no, text)
        monkeypatch.setitem(COLUMNS, "status", planted)
        assert Page(office.get("/orders/", {"col": "status"})).faults == [fault] * 4


def test_a_column_without_one_of_its_parts_cannot_be_made() -> None:
    parts: dict[str, Any] = {
        "key": "paid",
        "label": COLUMNS["amount"].label,
        "value": lambda order: order.is_paid,
        "show": text,
    }
    for forgotten in parts:
        with pytest.raises(TypeError, match=f"required positional argument: '{forgotten}'"):
            Column(**{name: part for name, part in parts.items() if name != forgotten})


def test_a_key_that_two_columns_or_two_ways_to_sort_have_is_refused() -> None:
    status, came_in = COLUMNS["status"], COLUMNS["came in"]
    with pytest.raises(ImproperlyConfigured, match="key 'status'"):
        by_key([status, came_in, status])
    with pytest.raises(ImproperlyConfigured, match="key 'sort=newest'"):
        by_key([came_in, replace(came_in, key="came in again")])


def test_what_stands_in_saved_views_and_addresses_stays() -> None:
    kept = {
        *("status", "shop", "web shop", "pieces", "amount", "customer", "number", "reference", "came in"),
        *("promised", "taken by", "ready", "collect by", "delivered", "changed"),
    }
    assert kept - COLUMNS.keys() == set()
    usual = {"status", "shop", "web shop", "pieces", "customer", "came in", "promised"}
    assert usual == USUAL  # an address without columns means these
    sorts = {"newest", "oldest", "due first", "due last", "changed last", "changed first"}
    assert sorts - SORTS.keys() == set()


def test_a_new_column_is_offered_headed_and_in_the_file_by_its_row_alone(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = Column("paid", COLUMNS["amount"].label, lambda order: "yes" if order.is_paid else "no", text)
    monkeypatch.setitem(COLUMNS, "paid", paid)
    choices = [(column.key, column.label) for column in COLUMNS.values()]
    col: Any = filter_form.FilterForm.base_fields["col"]
    monkeypatch.setattr(col, "choices", choices)
    page = Page(office.get("/orders/", {"col": "paid"}))
    assert page.faults == []
    assert page.rows[-1].endswith(" yes")


def test_every_column_asks_the_same_for_one_order_and_for_many(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(cast, "office", DANISH)

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/orders/", {"col": list(COLUMNS)})
        return len(asked)

    taken(cast)
    questions()
    first = questions()
    for _number in range(3):
        taken(cast, "odense", new=new_order(shop_id=996002))
    assert questions() == first
    monkeypatch.setattr(orders, "RELATED", [name for name in columns.RELATED if name != "taken_by"])
    assert questions() == first + 4
