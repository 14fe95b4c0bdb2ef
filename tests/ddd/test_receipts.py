"""Receipt numbers come one after the other for each shop and terminal: no gap, none twice."""

import pytest
from django.db import transaction

from ddd.bookkeeping import book_delivery
from ddd.models import Connection, ReceiptSeries, Sale
from tests.ddd.rows import delivery
from tests.factories import NOW, Cast, delivered


class Broken(Exception):
    """The deed fails after its number was taken."""


def book_and_fail(cast: Cast, order_no: str) -> None:
    with transaction.atomic():
        book_delivery(delivery(cast, order_no), NOW)
        raise Broken


def receipts(shop_id: int) -> list[int | None]:
    return list(
        Sale.objects.filter(shop__shop_id=shop_id).order_by("pk").values_list("receipt_id", flat=True)
    )


def test_numbers_follow_each_other_for_each_shop(cast: Cast) -> None:
    for web_shop in ("nordlys", "outlet", "nordlys", "nordlys", "outlet"):
        delivered(cast, web_shop=web_shop)

    assert receipts(996900) == [1, 2, 3]
    assert receipts(996001) == [1, 2]


def test_a_deed_that_fails_takes_no_number(cast: Cast) -> None:
    book_delivery(delivery(cast, "W-1"), NOW)
    with pytest.raises(Broken):
        book_and_fail(cast, "W-2")
    book_delivery(delivery(cast, "W-3"), NOW)

    assert receipts(996900) == [1, 2]
    assert ReceiptSeries.objects.get().last == 2


def test_the_first_deed_of_a_shop_may_fail_too(cast: Cast) -> None:
    with pytest.raises(Broken):
        book_and_fail(cast, "W-1")

    assert not ReceiptSeries.objects.exists()
    book_delivery(delivery(cast, "W-2"), NOW)
    assert receipts(996900) == [1]


def test_another_terminal_has_a_series_of_its_own(cast: Cast) -> None:
    book_delivery(delivery(cast, "W-1"), NOW)
    Connection.objects.update(terminal_id=98)
    book_delivery(delivery(cast, "W-2"), NOW)

    assert list(Sale.objects.order_by("pk").values_list("terminal_id", "receipt_id")) == [(99, 1), (98, 1)]
