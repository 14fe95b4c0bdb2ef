"""A sale gets its receipt number at its first send, one after the other: no gap, none twice."""

import pytest
from django.db import transaction
from pytest_django import Settings

from ddd.booking.bookkeeping import book_delivery, number_sale
from ddd.models import Connection, Posting, ReceiptSeries, Sale
from ddd.sending import dispatch
from tests.ddd.rows import Clock, delivery, drain_to_the_end, sale_row
from tests.factories import NOW, Cast, delivered
from tests.sandbox_process import RunningSandbox


class Broken(Exception):
    """The transaction fails after the number was taken."""


def number(posting: Posting) -> None:
    with transaction.atomic():
        number_sale(posting)


def number_and_fail(posting: Posting) -> None:
    with transaction.atomic():
        number_sale(posting)
        raise Broken


def receipts(shop_id: int) -> list[int | None]:
    return list(
        Sale.objects.filter(shop__shop_id=shop_id).order_by("pk").values_list("receipt_id", flat=True)
    )


def test_a_sale_has_no_number_before_it_is_sent(cast: Cast) -> None:
    sale = book_delivery(delivery(cast, "W-1"), NOW)

    assert sale.receipt_id is None
    assert "ReceiptId" not in sale.posting.payload
    assert not ReceiptSeries.objects.exists()


def test_numbers_follow_each_other_for_each_shop(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    for web_shop in ("nordlys", "outlet", "nordlys", "nordlys", "outlet"):
        delivered(booked_cast, web_shop=web_shop)
    drain_to_the_end(booked_cast.nordlys.pk, Clock())

    assert receipts(996900) == [1, 2, 3]
    assert receipts(996001) == [1, 2]
    sold = [(sale["ShopId"], sale["ReceiptId"]) for sale in sandbox.ledger()["sales"]]
    assert sorted(sold) == [(996001, 1), (996001, 2), (996900, 1), (996900, 2), (996900, 3)]


def test_a_sale_that_is_sent_again_keeps_its_number(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    posting = sale_row(booked_cast, NOW)
    sandbox.fault(["lose the connection before committing", "503", "500"], on="sale", times=3)
    drain_to_the_end(booked_cast.nordlys.pk, Clock())

    posting.refresh_from_db()
    assert posting.tries == 4
    assert posting.payload["ReceiptId"] == 1
    assert [sale["ReceiptId"] for sale in sandbox.ledger()["sales"]] == [1]
    assert ReceiptSeries.objects.get().last == 1


def test_a_worker_that_was_taken_for_dead_takes_no_number(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    clock = Clock()
    posting = sale_row(booked_cast, clock())
    claimed = dispatch.claim(booked_cast.nordlys.pk, clock())
    assert claimed == posting
    clock.forward(3600)
    assert dispatch.expire_stale_claims(booked_cast.nordlys.pk, clock()) == 1
    dispatch.handle(claimed, booked_cast.connection, clock)

    assert receipts(996900) == [None]
    assert not ReceiptSeries.objects.exists()
    assert sandbox.ledger()["sales"] == []


def test_a_send_that_cannot_be_noted_takes_no_number(cast: Cast) -> None:
    first, second, third = (sale_row(cast, NOW, f"W-{one}") for one in (1, 2, 3))
    number(first)
    with pytest.raises(Broken):
        number_and_fail(second)
    number(third)

    assert receipts(996900) == [1, None, 2]
    assert ReceiptSeries.objects.get().last == 2


def test_the_first_send_of_a_shop_may_fail_too(cast: Cast) -> None:
    posting = sale_row(cast, NOW)
    with pytest.raises(Broken):
        number_and_fail(posting)

    assert not ReceiptSeries.objects.exists()
    number(Posting.objects.get(pk=posting.pk))
    assert receipts(996900) == [1]


def test_each_terminal_has_a_series_of_its_own_and_the_first_send_decides_which(cast: Cast) -> None:
    first, second = sale_row(cast, NOW, "W-1"), sale_row(cast, NOW, "W-2")
    number(second)
    Connection.objects.update(terminal_id=98)
    number(first)

    assert list(Sale.objects.order_by("pk").values_list("terminal_id", "receipt_id")) == [(98, 1), (99, 1)]
