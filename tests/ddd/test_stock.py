"""What other shops have: asked of a real DdD by workers, remembered for five minutes, never waited for."""

from datetime import timedelta

import pytest

from accounts.models import Shop
from ddd.lookup import stock
from ddd.models import StockLevel, Variant
from ddd.sandbox.demo_data import SHOPS, opening_stock
from tests.ddd.rows import Clock
from tests.factories import JUMPER, SCARF, Cast
from tests.sandbox_process import RunningSandbox


def asked(cast: Cast, clock: Clock, *numbers: int) -> stock.Levels:
    """Odense and København, by these variants."""
    shops = list(Shop.objects.filter(shop_id__in=[996002, 996003]))
    variants = Variant.objects.filter(group=cast.nordlys, variant_id__in=numbers or (JUMPER, SCARF))
    return stock.levels(shops, variants, clock())


def pieces(levels: stock.Levels) -> list[int | None]:
    return [row.pieces for row in sorted(levels.values(), key=lambda row: row.pk)]


def test_what_is_not_known_is_asked_for_by_a_worker(booked_cast: Cast) -> None:
    clock = Clock()
    first = asked(booked_cast, clock)
    assert pieces(first) == [None] * 4
    assert all(stock.is_asked(row, clock()) for row in first.values())
    assert stock.groups_that_wait(clock()) == [booked_cast.nordlys.pk]
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 4
    known = asked(booked_cast, clock)
    expected = [
        opening_stock(SHOPS[row.shop.shop_id], row.variant.variant_id)
        for row in StockLevel.objects.select_related("shop", "variant").order_by("pk")
    ]
    assert pieces(known) == expected
    assert not any(stock.is_asked(row, clock()) for row in known.values())
    assert stock.groups_that_wait(clock()) == []


def test_an_answer_is_good_for_five_minutes_and_stays_until_there_is_a_newer_one(booked_cast: Cast) -> None:
    clock = Clock()
    asked(booked_cast, clock)
    stock.ask_ddd(booked_cast.nordlys.pk, clock)
    known = pieces(asked(booked_cast, clock))
    clock.forward(300)
    asked(booked_cast, clock)
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 0
    clock.forward(1)
    old = asked(booked_cast, clock)
    assert pieces(old) == known
    assert all(stock.is_asked(row, clock()) for row in old.values())
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 4


def test_who_looks_again_at_once_does_not_ask_again(booked_cast: Cast) -> None:
    clock = Clock()
    first = asked(booked_cast, clock)
    clock.forward(29)
    assert {row.asked_at for row in asked(booked_cast, clock).values()} == {
        row.asked_at for row in first.values()
    }
    clock.forward(2)
    assert {row.asked_at for row in asked(booked_cast, clock).values()} == {clock()}


def test_of_a_silent_ddd_nothing_is_said_and_workers_soon_give_up(cast: Cast) -> None:
    clock = Clock()
    asked(cast, clock)
    assert stock.ask_ddd(cast.nordlys.pk, clock) == 0
    assert set(StockLevel.objects.values_list("pieces", "answered_at")) == {(None, None)}
    clock.forward(31)
    # Nobody looks any more, so nobody asks.
    assert stock.groups_that_wait(clock()) == []
    assert not any(stock.is_asked(row, clock()) for row in StockLevel.objects.all())


def test_a_shop_that_ddd_does_not_know_does_not_silence_the_others(booked_cast: Cast) -> None:
    clock, group = Clock(), booked_cast.nordlys
    unknown = Shop.objects.create(group=group, shop_id=995_001, name="Vejle")
    stock.levels([unknown], Variant.objects.filter(group=group)[:4], clock())
    asked(booked_cast, clock)
    assert stock.ask_ddd(group.pk, clock) == 4
    assert None not in pieces(asked(booked_cast, clock))


def test_a_broken_answer_is_no_answer(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    asked(booked_cast, clock, JUMPER)
    sandbox.fault("503", every=1)
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 0
    sandbox.clear_faults()
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 2


def test_what_ddd_does_not_know_it_does_not_have(booked_cast: Cast) -> None:
    clock = Clock()
    Variant.objects.create(
        group=booked_cast.nordlys, variant_id=999999, description="Nothing", read_at=clock() - timedelta(1)
    )
    asked(booked_cast, clock, 999999)
    assert stock.ask_ddd(booked_cast.nordlys.pk, clock) == 2
    assert pieces(asked(booked_cast, clock, 999999)) == [0, 0]


@pytest.mark.parametrize("numbers", [(JUMPER,), (JUMPER, SCARF)])
def test_known_answers_cost_one_query_and_asking_a_few(
    booked_cast: Cast, django_assert_num_queries: object, numbers: tuple[int, ...]
) -> None:
    clock = Clock()
    shops = list(Shop.objects.filter(shop_id__in=[996002, 996003]))
    variants = list(Variant.objects.filter(group=booked_cast.nordlys, variant_id__in=numbers))
    with django_assert_num_queries(3, exact=False):  # type: ignore[operator]
        stock.levels(shops, variants, clock())
    with django_assert_num_queries(1):  # type: ignore[operator]
        stock.levels(shops, variants, clock())
