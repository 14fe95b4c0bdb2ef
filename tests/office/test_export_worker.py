"""A long list as a file: a worker writes it, whole or not at all, and only its maker gets it."""

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from core import leases
from office.listing import exporting
from office.listing import table as order_table
from office.listing.columns import COLUMNS
from office.models import Export, ExportPart
from office.spreadsheet import Kind
from tests.core.pages import DANISH, Page, browser
from tests.factories import NOW, Cast, new_order, received
from tests.office.exports import LATER, exported, file_of, files, reloaded, requested, rows_of
from tests.passing_time import after_each_write, let_another_take_over, let_leases_age

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


@pytest.fixture
def five_orders(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Five orders, of which two are many."""
    settings.EXPORT_AT_ONCE = 4
    monkeypatch.setattr(order_table, "AT_ONCE", 2)
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for number in range(5):
        received(cast, new_order(f"W-{number}"), now=NOW + number * MINUTE)
    return cast


def test_a_long_list_is_written_by_a_worker_and_waits_for_its_maker(
    five_orders: Cast, office: Client
) -> None:
    answer = exported(office)
    assert (answer.status_code, answer["Location"]) == (302, "/orders/exports/")
    export = Export.objects.get()
    assert (export.state, export.said, files()) == (State.WAITING, "All orders", [])
    assert "Waiting" in Page(office.get("/orders/exports/")).text
    exporting.make(export.pk, timezone.now)
    export = reloaded(export)
    assert (export.state, export.orders, export.written, export.turn) == (State.READY, 5, 5, 1)
    page = Page(office.get("/orders/exports/"))
    assert "5 orders" in page.text
    answer = office.get(f"/orders/exports/{export.pk}/")
    file = file_of(answer)
    assert answer["Content-Length"] == str(len(file)) == str(export.size)
    assert answer["Content-Disposition"] == 'attachment; filename="orders 2026-03-03.csv"'
    danish = browser(five_orders, "office", DANISH).get(f"/orders/exports/{export.pk}/")
    assert danish["Content-Disposition"] == 'attachment; filename="ordrer 2026-03-03.csv"'
    assert [row[0] for row in rows_of(file)[1:]] == ["W-4", "W-3", "W-2", "W-1", "W-0"]


def test_a_list_that_is_just_short_enough_is_sent_at_once(five_orders: Cast, office: Client) -> None:
    assert len(rows_of(file_of(exported(office, "q=W-1")))) == 2
    received(five_orders, new_order("W-5"), now=NOW + DAY)
    assert exported(office, "came_until=2026-03-03").status_code == 302
    assert len(rows_of(file_of(exported(office, "came_from=2026-03-04")))) == 2


def test_it_is_the_list_of_the_moment_in_which_it_was_asked_for(five_orders: Cast) -> None:
    export = exporting.request_export(
        five_orders.person("office"), Kind.CSV, "only=overdue", "Overdue", "en", NOW + 62 * MINUTE
    )
    exporting.make(export.pk, lambda: LATER + DAY)
    assert reloaded(export).orders == 2  # those promised for 11:00 and 11:01


def test_a_second_tap_waits_for_the_same_file(five_orders: Cast, office: Client) -> None:
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


def test_it_says_how_far_it_is(five_orders: Cast, office: Client) -> None:
    export, seen = requested(five_orders), []

    def watch() -> None:
        seen.append((reloaded(export).state, reloaded(export).orders, reloaded(export).written))

    with after_each_write("office_export", watch):
        exporting.make(export.pk, timezone.now)
    assert seen == [
        ("waiting", None, 0),  # whether it is to be given up
        ("at work", None, 0),
        ("at work", 5, 0),
        ("at work", 5, 2),
        ("at work", 5, 4),
        ("at work", 5, 4),  # what a dead worker left is gone
        ("at work", 5, 4),  # the one part is stored
        ("ready", 5, 5),
    ]
    Export.objects.filter(pk=export.pk).update(state=State.AT_WORK, written=3)
    page = Page(office.get("/orders/exports/"))
    assert "3 of 5" in page.text
    assert ("progress", {"max": "100", "value": "60", "aria-label": "All orders"}) in page.attributes


def test_a_cancelled_one_leaves_no_file(five_orders: Cast, office: Client) -> None:
    export = requested(five_orders)

    def cancel_half_way() -> None:
        if reloaded(export).state == State.AT_WORK and reloaded(export).written == 2:
            office.post(f"/orders/exports/{export.pk}/cancel/")

    with after_each_write("office_export", cancel_half_way):
        exporting.make(export.pk, timezone.now)
    assert (reloaded(export).state, files()) == (State.CANCELLED, [])
    office.post(f"/orders/exports/{export.pk}/cancel/")
    exporting.make(export.pk, timezone.now)
    assert (reloaded(export).state, files()) == (State.CANCELLED, [])
    assert office.get(f"/orders/exports/{export.pk}/").status_code == 404


def test_one_that_is_ready_is_not_cancelled_any_more(five_orders: Cast, office: Client) -> None:
    export = requested(five_orders)
    exporting.make(export.pk, timezone.now)
    office.post(f"/orders/exports/{export.pk}/cancel/")
    assert reloaded(export).state == State.READY


def test_what_a_dead_worker_left_is_taken_up_again(five_orders: Cast) -> None:
    export = requested(five_orders)
    assert leases.take(export, exporting.LEASE_LENGTH, state=State.AT_WORK, turn=1)
    ExportPart.objects.create(export=export, number=0, content=b"half a")
    ExportPart.objects.create(export=export, number=1, content=b" file")
    let_leases_age(2 * MINUTE)
    assert exporting.due() == []
    exporting.make(export.pk, timezone.now)
    assert reloaded(export).state == State.AT_WORK
    let_leases_age(MINUTE)
    assert exporting.due() == [export.pk]
    exporting.make(export.pk, timezone.now)
    assert (reloaded(export).state, reloaded(export).turn) == (State.READY, 2)
    assert rows_of(b"".join(exporting.content_of(export)))[1][0] == "W-4"


def test_the_third_worker_that_dies_is_the_last(five_orders: Cast, office: Client) -> None:
    export = requested(five_orders)
    Export.objects.filter(pk=export.pk).update(state=State.AT_WORK, turn=3)
    exporting.make(export.pk, timezone.now)
    assert (reloaded(export).state, reloaded(export).trouble) == (State.FAILED, Trouble.STOPPED)
    page = Page(office.get("/orders/exports/"))
    assert "The worker stopped again and again while it made the file." in page.text
    assert "Make it again All orders" in page.buttons


def test_a_slow_worker_throws_away_what_another_one_makes(
    five_orders: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    export = requested(five_orders)

    def another_takes_it_up() -> None:
        if (reloaded(export).turn, reloaded(export).written) == (1, 2):
            let_another_take_over(export)
            Export.objects.update(turn=2, written=0)

    with after_each_write("office_export", another_takes_it_up):
        exporting.make(export.pk, timezone.now)
    assert (reloaded(export).state, reloaded(export).turn, reloaded(export).written) == (State.AT_WORK, 2, 0)
    assert files() == []
    assert f"export {export.pk} is not waited for any more: office.Export {export.pk}: " in caplog.text


def test_a_failure_is_said_in_words(five_orders: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    full, broken, not_allowed = (
        requested(five_orders),
        requested(five_orders, "shop=1"),
        requested(five_orders, who="aarhus"),
    )
    for export in (broken, not_allowed):
        exporting.make(export.pk, timezone.now)
    monkeypatch.setattr(tempfile, "tempdir", "/nothing/can/be/written/here")
    exporting.make(full.pk, timezone.now)
    assert [(reloaded(one).state, reloaded(one).trouble) for one in (full, broken, not_allowed)] == [
        (State.FAILED, Trouble.NO_ROOM),
        (State.FAILED, Trouble.BROKEN),
        (State.FAILED, Trouble.NOT_YOURS),
    ]


def test_a_file_is_its_makers_alone(five_orders: Cast) -> None:
    export = requested(five_orders)
    exporting.make(export.pk, timezone.now)
    User.objects.create_user(
        "two@nordlys.example", name="Two", group=five_orders.nordlys, is_head_office=True
    )
    colleague = Client()
    colleague.force_login(User.objects.get(email="two@nordlys.example"))
    for stranger in (colleague, browser(five_orders, "fjord office"), browser(five_orders, "manager")):
        assert stranger.get(f"/orders/exports/{export.pk}/").status_code == 404
        assert stranger.post(f"/orders/exports/{export.pk}/cancel/").status_code == 404
    assert "No files yet." in Page(browser(five_orders, "fjord office").get("/orders/exports/")).text


def test_a_week_later_file_and_row_are_gone(five_orders: Cast, office: Client) -> None:
    old, young = requested(five_orders), requested(five_orders, kind=Kind.XLSX)
    failed = requested(five_orders, "shop=1")
    for export in (old, young):
        exporting.make(export.pk, timezone.now)
    Export.objects.filter(pk=failed.pk).update(state=State.FAILED)
    ExportPart.objects.create(export=failed, number=0, content=b"half a")
    Export.objects.filter(pk=young.pk).update(made_at=LATER + MINUTE)
    assert exporting.delete_old(LATER + 7 * DAY) == 0
    assert files() == [old.pk, young.pk]
    assert exporting.delete_old(LATER + 7 * DAY + MINUTE) == 2
    assert files() == [young.pk]
    ExportPart.objects.all().delete()
    assert office.get(f"/orders/exports/{young.pk}/").status_code == 404


def test_web_and_worker_share_no_disk(
    five_orders: Cast, office: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has many parts, and comes as it was written."""
    monkeypatch.setattr(exporting, "PART_LENGTH", 100)
    export, workbook = requested(five_orders), requested(five_orders, kind=Kind.XLSX)
    settings.DATA_DIR = tmp_path / "worker"
    for one in (export, workbook):
        exporting.make(one.pk, timezone.now)
    settings.DATA_DIR = tmp_path / "web"
    file = file_of(office.get(f"/orders/exports/{export.pk}/"))
    assert len(file) == reloaded(export).size > 300
    assert ExportPart.objects.filter(export=export).count() == -(-len(file) // 100)
    assert [row[0] for row in rows_of(file)[1:]] == ["W-4", "W-3", "W-2", "W-1", "W-0"]
    with ZipFile(BytesIO(file_of(office.get(f"/orders/exports/{workbook.pk}/")))) as book:
        assert book.testzip() is None
    assert list(tmp_path.rglob("*")) == []


def test_files_of_the_version_before_are_taken_in_and_deleted_after_a_week(
    five_orders: Cast, office: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    ready, elsewhere = requested(five_orders), requested(five_orders, "shop=1")
    Export.objects.update(state=State.READY, turn=2, size=7)
    folder = tmp_path / "exports"
    folder.mkdir()
    file = folder / f"{ready.pk}-2.csv"
    file.write_bytes(b"all of it")
    take_in = import_module("office.migrations.0016_files_of_exports").take_in
    for _again in range(2):
        take_in(apps, None)
    assert (files(), b"".join(exporting.content_of(ready))) == ([ready.pk], b"all of it")
    assert office.get(f"/orders/exports/{elsewhere.pk}/").status_code == 404
    os.utime(file, (LATER.timestamp(), LATER.timestamp()))
    exporting.delete_old(LATER + 7 * DAY)
    assert file.exists()
    exporting.delete_old(LATER + 7 * DAY + MINUTE)
    assert not file.exists()


def test_the_page_of_files_asks_the_same_for_one_and_for_many(
    five_orders: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 12):
        requested(five_orders, f"q={number}")
        if number in (1, 11):
            # session, person, Group; files; two of what waits
            with django_assert_num_queries(6):
                office.get("/orders/exports/")
