"""A short list as a file: sent at once, with exactly what the list shows."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from office.listing.columns import COLUMNS
from office.models import Export
from tests.core.pages import DANISH, Page, browser
from tests.factories import JUMPER, NOW, Cast, delivered, new_order, picked, received, taken
from tests.office.exports import LATER, exported, file_of, rows_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERY_COLUMN = urlencode([("col", key) for key in COLUMNS])
State, Trouble = Export.State, Export.Trouble


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Tuesday, 12:00 in Copenhagen."""
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


def test_a_file_has_exactly_what_the_list_shows(cast: Cast, office: Client) -> None:
    delivered(cast, new=new_order("W-3", customer_number=100042), missing=(2,))
    received(cast, new_order("O-1", shop_id=996002), now=NOW + MINUTE)
    taken(cast, new=new_order("W-1"))
    received(cast, new_order("W-1", shop_id=997001), web_shop="fjord")
    answer = exported(office, EVERY_COLUMN)
    assert answer["Content-Disposition"] == 'attachment; filename="orders 2026-03-03.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    header, *rows = rows_of(file_of(answer))
    assert [row[0] for row in rows] == ["O-1", "W-1", "W-3"]
    assert dict(zip(header, rows[2], strict=True)) == {
        "OrderNo": "W-3",
        "Status": "Delivered",
        "Shop": "Aarhus",
        "ShopId": "996001",
        "Web shop": "nordlys",
        "Pieces": "2",
        "Missing": "1",
        "Type": "Click & collect",
        "In all": "199.95",
        "Customer": "Åse Ø. Sørensen",
        "CustomerNumber": "100042",
        "OrderReference": "",
        "Came in": "2026-03-03 10:00:00",
        "Promised": "2026-03-03 11:00:00",
        "Taken by": "Freja Sørensen",
        "Ready": "2026-03-03 10:05:00",
        "Collect by": "2026-03-10 23:59:59",
        "Delivered": "2026-03-03 10:30:00",
        "Changed": "2026-03-03 10:30:00",
    }
    assert Export.objects.count() == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=ready", ["READY"]),
        ("shop=996002", ["ODENSE"]),
        ("only=overdue", ["ODENSE", "NEW"]),
        ("q=REA", ["READY"]),
        ("shop=996002&status=ready", []),
        ("sort=oldest", ["NEW", "READY", "ODENSE"]),
    ],
)
def test_a_file_is_filtered_as_the_list_is(cast: Cast, office: Client, query: str, found: list[str]) -> None:
    received(cast, new_order("NEW"))
    picked(cast, new=new_order("READY"))
    received(cast, new_order("ODENSE", shop_id=996002))
    assert [row[0] for row in rows_of(file_of(exported(office, query)))[1:]] == found


def test_a_danish_reader_gets_danish_words_and_separators(cast: Cast) -> None:
    received(cast, new_order("W-1", price="1234.50"))
    answer = exported(browser(cast, "office", DANISH), "col=amount&col=status&col=web+shop")
    assert answer["Content-Disposition"] == 'attachment; filename="ordrer 2026-03-03.csv"'
    file = file_of(answer)
    assert rows_of(file, ";") == [
        ["OrderNo", "Status", "Webshop", "I alt"],
        ["W-1", "Ny", "nordlys", "2469,00"],
    ]


def test_a_file_has_the_columns_of_the_list(cast: Cast, office: Client) -> None:
    received(cast, new_order("W-1"))
    assert rows_of(file_of(exported(office, "")))[0] == [
        *("OrderNo", "Status", "Shop", "ShopId", "Web shop"),
        *("Pieces", "Missing", "Customer", "Came in", "Promised"),
    ]
    assert rows_of(file_of(exported(office, "col=customer"))) == [
        ["OrderNo", "Customer"],
        ["W-1", "Åse Ø. Sørensen"],
    ]


def test_an_xlsx_is_sent_at_once_too(cast: Cast, office: Client) -> None:
    received(cast, new_order("W-1"))
    answer = exported(office, kind="xlsx")
    with zipfile.ZipFile(io.BytesIO(file_of(answer))) as book:
        assert b"W-1" in book.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("shop=997001", "csv", "A filter has a value that does not exist: mend it first."),
        ("status=gone", "csv", "A filter has a value that does not exist: mend it first."),
        ("came_from=2026-03-09&came_until=2026-03-02", "csv", "The last day is before the first"),
        ("", "pdf", "Select a valid choice."),
        ("", "", "This field is required."),
        ("x" * 2001, "csv", "at most 2000 characters"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_words(
    cast: Cast, office: Client, query: str, kind: str, said: str
) -> None:
    answer = exported(office, query, kind)
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert Export.objects.count() == 0


def test_a_file_takes_as_many_questions_for_one_order_as_for_many(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 20):
        for _number in range(count):
            received(cast, new_order(variants=(JUMPER,)))
        # session, person, Group; shops and web shops of the filter; keys; orders, lines
        with django_assert_num_queries(7):
            assert len(rows_of(file_of(exported(office)))) > count
