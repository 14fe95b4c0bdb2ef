"""Reads all that is stored of an order's returns."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core.errors import Conflict, DomainError, Invalid, NotFound
from ddd.booking import outbox
from ddd.booking.bookkeeping import number_sale
from ddd.models import Posting
from orders.models import RefundDue, WebOrder
from returns.desk import Piece, ReturnRequest, take_back
from returns.models import Condition, Return, ReturnedPiece
from returns.reasons import offered_reasons
from tests.factories import NOW, again
from tests.orders.together import everything

BACK = NOW + timedelta(days=1)
SECOND = timedelta(seconds=1)
WRITES = ("INSERT", "UPDATE", "DELETE")


def all_of(order: WebOrder) -> dict[str, Any]:
    """To show that a refusal changed nothing."""
    return {
        **everything(order),
        "returns": list(Return.objects.order_by("pk").values()),
        "pieces": list(ReturnedPiece.objects.order_by("pk").values()),
        "refunds": list(RefundDue.objects.order_by("pk").values()),
    }


def request_for(
    order: WebOrder, *numbers: int, reason: str = "", condition: Any = Condition.SHELF, **more: Any
) -> ReturnRequest:
    """A return request for the pieces with these line numbers."""
    lines = {line.number: line.pk for line in order.lines.all()}
    words = reason or offered_reasons(order.group)[0].code
    return ReturnRequest(tuple(Piece(lines[number], words, condition) for number in numbers), **more)


def refused(
    order: WebOrder, return_request: ReturnRequest, who: User, words: str, **more: Any
) -> DomainError:
    """The refusal, which says this and changed nothing."""
    before = all_of(order)
    with pytest.raises((Conflict, Invalid, NotFound), match=words) as refusal:
        take_back(order, more.get("shop", order.shop), return_request, who, more.get("now", BACK))
    assert all_of(order) == before
    return refusal.value


def statuses(order: WebOrder) -> tuple[str, list[str]]:
    return again(order).status, [line.status for line in order.lines.all()]


def postings(taken: Return) -> list[tuple[str, str]]:
    """What DdD is to be told of the return and of its reversal, and how far that is."""
    rows = outbox.postings_of(taken.group, taken.action_key) | outbox.postings_of(
        taken.group, taken.reversal_key
    )
    return list(rows.order_by("pk").values_list("kind", "state"))


def settle(made: Return, at: datetime) -> None:
    """DdD has all of it."""
    postings_of_it = outbox.postings_of(made.group, made.action_key)
    number_sale(postings_of_it.get(kind="return"))
    postings_of_it.update(state=Posting.State.SENT, first_sent_at=at)


def die_at_every_write(order: WebOrder, action: Callable[[], object]) -> int:
    """The process dies at the first write of the action, at the second, and so on; each time nothing is left.
    Then the action is done. How often it died."""
    for place in count(1):
        before, seen = all_of(order), count(1)

        def perhaps_die(execute: Any, sql: str, *more: Any, seen: Any = seen, place: int = place) -> Any:
            if sql.startswith(WRITES) and next(seen) == place:
                raise SystemExit
            return execute(sql, *more)

        try:
            with connection.execute_wrapper(perhaps_die):
                action()
        except SystemExit:
            assert all_of(order) == before
        else:
            return place - 1
    raise AssertionError
