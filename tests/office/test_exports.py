"""The list as a file: exactly what it shows, at once or by a worker, whole or not at all."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from core import leases
from office.listing import exporting
from office.listing import table as order_table
from office.listing.columns import COLUMNS
from office.models import Export
from office.models.export import folder
from office.spreadsheet import Kind
from tests.core.pages import DANISH, Page, browser
from tests.factories import JUMPER, NOW, Cast, delivered, new_order, picked, received, taken
from tests.passing_time import after_each_write, let_another_take_over, let_leases_age

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATER = NOW + timedelta(hours=2)
EVERY_COLUMN = urlencode([("col", key) for key in COLUMNS])
State, Trouble = Export.State, Export.Trouble


@pytest.fixture(autouse=True)
def place(settings: Settings, tmp_path: Path) -> Path:
    """Where the files lie."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "exports"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Tuesday, 12:00 in Copenhagen."""
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


def file_of(answer: Any) -> bytes:
    """All that is sent, as the portal's own server reads it."""
    assert isinstance(answer, StreamingHttpResponse), answer

    async def all_of_it() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(all_of_it)()


def rows_of(file: bytes, delimiter: str = ",") -> list[list[str]]:
    text = file.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def exported(client: Client, query: str = "", kind: str = "csv") -> Any:
    return client.post("/orders/export/", {"kind": kind, "query": query})


def wanted(cast: Cast, query: str = "", who: str = "office", kind: Kind = Kind.CSV) -> Export:
    return exporting.request_export(cast.person(who), kind, query, "All orders", "en", LATER)


def again(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


def files() -> list[str]:
    return sorted(path.name for path in folder().glob("*"))


# At once


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


def test_a_danish_reader_gets_danish_words_as_her_excel_takes_them(cast: Cast) -> None:
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


# By a worker


@pytest.fixture
def five(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Five orders, of which two are many."""
    settings.EXPORT_AT_ONCE = 4
    monkeypatch.setattr(order_table, "AT_ONCE", 2)
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for number in range(5):
        received(cast, new_order(f"W-{number}"), now=NOW + number * MINUTE)
    return cast


def test_a_long_list_is_written_by_a_worker_and_waits_for_its_maker(five: Cast, office: Client) -> None:
    answer = exported(office)
    assert (answer.status_code, answer["Location"]) == (302, "/orders/exports/")
    export = Export.objects.get()
    assert (export.state, export.said, files()) == (State.WAITING, "All orders", [])
    assert "Waiting" in Page(office.get("/orders/exports/")).text
    exporting.make(export.pk, timezone.now)
    export = again(export)
    assert (export.state, export.orders, export.written, export.turn) == (State.READY, 5, 5, 1)
    page = Page(office.get("/orders/exports/"))
    assert "5 orders" in page.text
    answer = office.get(f"/orders/exports/{export.pk}/")
    file = file_of(answer)
    assert answer["Content-Length"] == str(len(file)) == str(export.size)
    assert answer["Content-Disposition"] == 'attachment; filename="orders 2026-03-03.csv"'
    danish = browser(five, "office", DANISH).get(f"/orders/exports/{export.pk}/")
    assert danish["Content-Disposition"] == 'attachment; filename="ordrer 2026-03-03.csv"'
    assert [row[0] for row in rows_of(file)[1:]] == ["W-4", "W-3", "W-2", "W-1", "W-0"]


def test_a_list_that_is_just_short_enough_is_sent_at_once(five: Cast, office: Client) -> None:
    assert len(rows_of(file_of(exported(office, "q=W-1")))) == 2
    received(five, new_order("W-5"), now=NOW + DAY)
    assert exported(office, "came_until=2026-03-03").status_code == 302
    assert len(rows_of(file_of(exported(office, "came_from=2026-03-04")))) == 2


def test_it_is_the_list_of_the_moment_in_which_it_was_asked_for(five: Cast) -> None:
    export = exporting.request_export(
        five.person("office"), Kind.CSV, "only=overdue", "Overdue", "en", NOW + 62 * MINUTE
    )
    exporting.make(export.pk, lambda: LATER + DAY)
    assert again(export).orders == 2  # those promised for 11:00 and 11:01


def test_a_second_tap_waits_for_the_same_file(five: Cast, office: Client) -> None:
    for _tap in range(2):
        exported(office)
    export = Export.objects.get()
    exported(office, kind="xlsx")
    assert Export.objects.count() == 2
    exporting.make(export.pk, timezone.now)
    exported(office)
    assert Export.objects.count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state=State.WAITING)


def test_it_says_how_far_it_is(five: Cast, office: Client) -> None:
    export, seen = wanted(five), []

    def watch() -> None:
        seen.append((again(export).state, again(export).orders, again(export).written))

    with after_each_write("office_export", watch):
        exporting.make(export.pk, timezone.now)
    assert seen == [
        ("waiting", None, 0),  # whether it is to be given up
        ("at work", None, 0),
        ("at work", 5, 0),
        ("at work", 5, 2),
        ("at work", 5, 4),
        ("ready", 5, 5),
    ]
    Export.objects.filter(pk=export.pk).update(state=State.AT_WORK, written=3)
    page = Page(office.get("/orders/exports/"))
    assert "3 of 5" in page.text
    assert ("progress", {"max": "100", "value": "60", "aria-label": "All orders"}) in page.attributes


def test_a_cancelled_one_leaves_no_file(five: Cast, office: Client) -> None:
    export = wanted(five)

    def cancel_half_way() -> None:
        if again(export).state == State.AT_WORK and again(export).written == 2:
            office.post(f"/orders/exports/{export.pk}/cancel/")

    with after_each_write("office_export", cancel_half_way):
        exporting.make(export.pk, timezone.now)
    assert (again(export).state, files()) == (State.CANCELLED, [])
    office.post(f"/orders/exports/{export.pk}/cancel/")
    exporting.make(export.pk, timezone.now)
    assert (again(export).state, files()) == (State.CANCELLED, [])
    assert office.get(f"/orders/exports/{export.pk}/").status_code == 404


def test_one_that_is_ready_is_not_cancelled_any_more(five: Cast, office: Client) -> None:
    export = wanted(five)
    exporting.make(export.pk, timezone.now)
    office.post(f"/orders/exports/{export.pk}/cancel/")
    assert again(export).state == State.READY


def test_what_a_dead_worker_left_is_taken_up_again(five: Cast) -> None:
    export = wanted(five)
    assert leases.take(export, exporting.LEASE_LENGTH, state=State.AT_WORK, turn=1)
    folder().mkdir()
    (folder() / f"{export.pk}-1.part").write_text("half a")
    let_leases_age(2 * MINUTE)
    assert exporting.due() == []
    exporting.make(export.pk, timezone.now)
    assert again(export).state == State.AT_WORK
    let_leases_age(MINUTE)
    assert exporting.due() == [export.pk]
    exporting.make(export.pk, timezone.now)
    assert (again(export).state, again(export).turn) == (State.READY, 2)
    exporting.delete_old(LATER)
    assert files() == [f"{export.pk}-2.csv"]


def test_the_third_worker_that_dies_is_the_last(five: Cast, office: Client) -> None:
    export = wanted(five)
    Export.objects.filter(pk=export.pk).update(state=State.AT_WORK, turn=3)
    exporting.make(export.pk, timezone.now)
    assert (again(export).state, again(export).trouble) == (State.FAILED, Trouble.STOPPED)
    page = Page(office.get("/orders/exports/"))
    assert "The worker stopped again and again while it made the file." in page.text
    assert "Make it again All orders" in page.buttons


def test_a_slow_worker_throws_away_what_another_one_makes(
    five: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    export = wanted(five)

    def another_takes_it_up() -> None:
        if (again(export).turn, again(export).written) == (1, 2):
            let_another_take_over(export)
            Export.objects.update(turn=2, written=0)

    with after_each_write("office_export", another_takes_it_up):
        exporting.make(export.pk, timezone.now)
    assert (again(export).state, again(export).turn, again(export).written) == (State.AT_WORK, 2, 0)
    assert files() == []
    assert f"export {export.pk} is not waited for any more: office.Export {export.pk}: " in caplog.text


def test_a_failure_is_said_in_words(five: Cast, place: Path, settings: Settings) -> None:
    full, gone, hers = wanted(five), wanted(five, "shop=1"), wanted(five, who="aarhus")
    place.write_text("no folder can be made here")
    for export in (full, gone, hers):
        exporting.make(export.pk, timezone.now)
    assert [(again(one).state, again(one).trouble) for one in (full, gone, hers)] == [
        (State.FAILED, Trouble.NO_ROOM),
        (State.FAILED, Trouble.BROKEN),
        (State.FAILED, Trouble.NOT_YOURS),
    ]


def test_a_file_is_its_makers_alone(five: Cast) -> None:
    export = wanted(five)
    exporting.make(export.pk, timezone.now)
    User.objects.create_user("two@nordlys.example", name="Two", group=five.nordlys, is_head_office=True)
    colleague = Client()
    colleague.force_login(User.objects.get(email="two@nordlys.example"))
    for stranger in (colleague, browser(five, "fjord office"), browser(five, "manager")):
        assert stranger.get(f"/orders/exports/{export.pk}/").status_code == 404
        assert stranger.post(f"/orders/exports/{export.pk}/cancel/").status_code == 404
    assert "No files yet." in Page(browser(five, "fjord office").get("/orders/exports/")).text


def test_a_week_later_file_and_row_are_gone(five: Cast, office: Client) -> None:
    old, young = wanted(five), wanted(five, kind=Kind.XLSX)
    for export in (old, young):
        exporting.make(export.pk, timezone.now)
    Export.objects.filter(pk=young.pk).update(made_at=LATER + MINUTE)
    (folder() / "999999-1.csv").write_text("of nobody")
    assert exporting.delete_old(LATER + 7 * DAY) == 0
    assert exporting.delete_old(LATER + 7 * DAY + MINUTE) == 1
    assert files() == [f"{young.pk}-1.xlsx"]
    (folder() / f"{young.pk}-1.xlsx").unlink()
    assert office.get(f"/orders/exports/{young.pk}/").status_code == 404


def test_the_page_of_files_asks_the_same_for_one_and_for_many(
    five: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 12):
        wanted(five, f"q={number}")
        if number in (1, 11):
            # session, person, Group; files; two of what waits
            with django_assert_num_queries(6):
                office.get("/orders/exports/")
