"""Compares the orders that DdD has with those that are here. Knows no database."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ddd.api.wire import WireOrder
from ddd.words.differences import Difference, Evidence, EvidenceKey, Kind
from ddd.words.tables import meaning_of
from orders.states import Status

# How far an order is. What came back was delivered; missing pieces say nothing of an order.
RANKS: dict[str, int] = {
    Status.RESERVED: 0,
    Status.PICKED: 1,
    Status.CANCELLED: 2,
    Status.DELIVERED: 3,
    Status.RETURNED: 3,
}


@dataclass(frozen=True)
class OurOrder:
    """An order as the portal has it."""

    order_no: str
    status: str


@dataclass(frozen=True)
class SentOrder:
    """A web order that was sent to DdD and accepted there."""

    order_no: str
    subject: str
    shop_id: int
    posting: int
    sent_at: datetime


def compare_orders(
    theirs: Iterable[WireOrder],
    ours: Mapping[str, OurOrder],
    words: Mapping[str, str],
    is_for_shops: Callable[[str], bool],
    ours_is_known: datetime,
    in_use_since: datetime,
) -> Iterator[Difference]:
    """`is_for_shops` tells by the type of an order whether it is for the portal.

    Orders that changed at DdD after `ours_is_known` are skipped: they may not have reached the portal
    yet."""
    for wire in theirs:
        changed = wire.modified_on or wire.created_on
        if changed is None or changed > ours_is_known:
            continue
        status = status_of(wire, words)
        order = ours.get(wire.order_no)
        evidence: Evidence
        if order is None:
            if is_for_shops(wire.order_type) and not _ended_before(wire, status, in_use_since):
                evidence = {EvidenceKey.SHOP_AT_DDD: wire.shop_id, EvidenceKey.STATUS_AT_DDD: _words(wire)}
                yield _about(Kind.ORDER_UNKNOWN, wire, changed, evidence)
        elif _is_ahead(status, order.status):
            evidence = {EvidenceKey.STATUS_HERE: order.status, EvidenceKey.STATUS_AT_DDD: _words(wire)}
            yield _about(Kind.STATUS_AHEAD, wire, changed, evidence)


def compare_sent(sent: Iterable[SentOrder], there: frozenset[str]) -> Iterator[Difference]:
    """Orders that DdD had accepted and does not list any more."""
    for order in sent:
        if order.order_no not in there:
            yield Difference(
                Kind.ORDER_MISSING,
                order.subject,
                order.order_no,
                order.sent_at,
                order.shop_id,
                order.posting,
            )


def status_of(wire: WireOrder, words: Mapping[str, str]) -> str | None:
    """The order's status by its lines' words; None while they differ, or one is not known."""
    statuses = {meaning_of(words, line.status) or "" for line in wire.lines if line.status}
    statuses = {Status.DELIVERED.value if status == Status.RETURNED else status for status in statuses}
    decided = statuses - {Status.MISSING.value, Status.CANCELLED.value}
    if statuses and not decided:
        return Status.CANCELLED
    (status, *others) = decided or {""}
    return None if others or status not in RANKS else status


def _is_ahead(theirs: str | None, ours: str) -> bool:
    """DdD is usually behind, because it is not told what shops do here. True as well when both ended
    differently."""
    if theirs is None:
        return False
    if ours in (Status.DELIVERED, Status.RETURNED):
        return theirs == Status.CANCELLED
    return RANKS[theirs] > RANKS[ours]


def _ended_before(wire: WireOrder, status: str | None, in_use_since: datetime) -> bool:
    """Whether it had ended before the portal was in use."""
    is_over = status in (Status.DELIVERED, Status.CANCELLED)
    return is_over and wire.is_older_than(in_use_since)


def _words(wire: WireOrder) -> str:
    return ", ".join(sorted({line.status for line in wire.lines if line.status}))


def _about(kind: Kind, wire: WireOrder, at: datetime, evidence: Evidence) -> Difference:
    return Difference(kind, wire.order_no, wire.order_no, at, wire.shop_id, evidence=evidence)
