"""The web shop changes an order that is still in the shop: addresses, prices, DeliveryNo and notes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from django.utils.translation import gettext as _

from accounts.models import ApiKey
from core.errors import Conflict, Fault, Invalid, NotFound
from ddd.api.bodies import Addresses, ChangeBody, ChangedLine
from ddd.booking import outbox
from orders.delivery import DDD_LOOK_BACK
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.reading_changes import PRICES, Change, LineChange
from orders.receivers import replace_words
from orders.states import Status

# Under DdD's names of the fields.
COLUMNS: Final = {
    "ReceiveAddress": "receive_address",
    "ReturnAddress": "return_address",
    "SalesPrice": "sales_price",
    "EffectiveSalesPrice": "effective_sales_price",
    "DiscountAmount": "discount_amount",
    "DeliveryNo": "delivery_no",
    "Notes": "notes",
}
NewValues = Mapping[str, Decimal | str]


def change_order(key: ApiKey, change: Change, faults: Sequence[Fault], now: datetime) -> None:
    """Updates order and lines and writes the outbox row and the event, all or nothing. Values that do not
    differ are ignored, so the same change may be sent again.

    `faults` are those found while reading it; Invalid lists all. NotFound when there is no such order,
    Conflict when it belongs to another web shop or has left the shop.
    """
    order = (
        WebOrder.objects.for_key(key).filter(order_no=change.order_no).first() if change.order_no else None
    )
    if order is None and not faults:
        raise NotFound(_("There is no order %(key)s.") % {"key": change.order_no})
    if order is None:
        raise _wrong(faults)
    with locked(order) as current:
        _must_be_of(key, current)
        lines = {line.pk: line for line in current.lines.select_related("variant")}
        wrong = [*faults, *_refused_changes(current, change, lines)]
        if wrong:
            raise _wrong(wrong)
        header = _differing(current, change.new_values)
        changed = _changed(change.lines, lines)
        if header or changed:
            _must_be_in_the_shop(current)
            _save(current, header, changed, now)
            _record_and_post(key, current, list(lines.values()), header, changed, now)


def _must_be_of(key: ApiKey, order: WebOrder) -> None:
    if order.web_shop_id != key.web_shop_id:
        raise Conflict(
            _("The order %(order_no)s is another web shop's, which alone can change it.")
            % {"order_no": order.order_no},
            code="of-another-web-shop",
        )


def _must_be_in_the_shop(order: WebOrder) -> None:
    if order.status not in (Status.RESERVED, Status.PICKED):
        raise Conflict(
            _("The order is %(status)s: nothing of it can be changed any more.")
            % {"status": str(Status(order.status).label).lower()},
            code="too-late-to-change",
            Status=order.status,
        )


def _refused_changes(order: WebOrder, change: Change, lines: Mapping[int, Line]) -> Iterator[Fault]:
    """Fields that cannot be changed but were sent with another value, and lines that the order does not
    have."""
    as_it_is = {
        "ShopId": order.shop.shop_id,
        "IsPaid": order.is_paid,
        "CustomerNumber": order.customer_number,
        "OrderReference": order.order_reference,
    }
    yield from _fixed("", change.fixed, as_it_is)
    for number, line_change in enumerate(change.lines):
        pointer, line = f"/WebOrderLines/{number}", lines.get(line_change.line_id)
        if line is None:
            detail = _("This order has no line with this Id; fetch the order to see its lines.")
            yield Fault(f"{pointer}/Id", detail, "unknown-line")
            continue
        yield from _fixed(
            pointer, line_change.fixed, {"VariantId": line.variant.variant_id, "Status": line.status}
        )
        prices = [name for name in _differing(line, line_change.new_values) if name in PRICES]
        if prices and not line.is_wanted:
            detail = _("This piece is %(status)s and is not sold: its price stays as it is.")
            yield Fault(
                f"{pointer}/{prices[0]}",
                detail % {"status": str(Status(line.status).label).lower()},
                "not-sold",
            )


def _fixed(pointer: str, sent: Mapping[str, Any], as_it_is: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in sent.items():
        if value != as_it_is[name]:
            detail = _("%(name)s cannot be changed: leave it out, or send it as it is (%(value)s).")
            yield Fault(
                f"{pointer}/{name}", detail % {"name": name, "value": as_it_is[name]}, "cannot-change"
            )


def _differing(row: WebOrder | Line, new_values: NewValues) -> dict[str, Decimal | str]:
    """The values that differ from the row's, under DdD's names."""
    return {name: value for name, value in new_values.items() if getattr(row, COLUMNS[name]) != value}


def _changed(
    line_changes: Sequence[LineChange], lines: Mapping[int, Line]
) -> dict[int, dict[str, Decimal | str]]:
    changes = {c.line_id: _differing(lines[c.line_id], c.new_values) for c in line_changes}
    return {pk: new_values for pk, new_values in changes.items() if new_values}


def _save(order: WebOrder, header: NewValues, changed: Mapping[int, NewValues], now: datetime) -> None:
    for pk, new_values in changed.items():
        Line.objects.filter(pk=pk).update(modified_at=now, **_columns(new_values))
    receiver = order.receiver
    for column, value in _columns(header).items():
        setattr(order, column, value)
    order.modified_at, order.stored_at_is_due, order.follows_ddd = now, True, False
    order.save(update_fields=["modified_at", "stored_at_is_due", "follows_ddd", *_columns(header)])
    if order.receiver != receiver:
        replace_words(order)


def _columns(new_values: NewValues) -> dict[str, Decimal | str]:
    return {COLUMNS[name]: value for name, value in new_values.items()}


def _record_and_post(
    key: ApiKey,
    order: WebOrder,
    lines: Sequence[Line],
    header: NewValues,
    changed: Mapping[int, NewValues],
    now: datetime,
) -> None:
    """The timeline, which never holds an address, tells the shop; the outbox tells DdD."""
    names = dict.fromkeys([*header, *(name for new_values in changed.values() for name in new_values)])
    event = record(
        order,
        OrderEvent.Kind.CHANGED,
        now,
        web_shop=key.web_shop.name,
        fields=list(names),
        pieces=[str(line.variant) for line in lines if line.pk in changed],
    )
    body: ChangeBody = {
        "OrderNo": order.order_no,
        "Since": (order.created_at - DDD_LOOK_BACK).isoformat(),
        # All lines with all their values: with two equal pieces nobody can tell which one DdD would change.
        "WebOrderLines": [_line_for_ddd(line, changed.get(line.pk, {})) for line in lines],
        # Nothing else of the order itself can change.
        **cast(Addresses, header),
    }
    action_key = f"order:{order.pk}:{event.pk}"
    outbox.post_change(order.group, key.web_shop, action_key, order.order_no, body, now)


def _line_for_ddd(line: Line, new_values: NewValues) -> ChangedLine:
    line_values = {
        name: new_values.get(name, getattr(line, COLUMNS[name])) for name in (*PRICES, "DeliveryNo", "Notes")
    }
    body: ChangedLine = {
        "VariantId": line.variant.variant_id,
        "SalesPrice": f"{line_values['SalesPrice']:.2f}",
        "EffectiveSalesPrice": f"{line_values['EffectiveSalesPrice']:.2f}",
        "DiscountAmount": f"{line_values['DiscountAmount']:.2f}",
    }
    # A number that DdD's till has given stays.
    if line_values["DeliveryNo"]:
        body["DeliveryNo"] = line_values["DeliveryNo"]
    body["Notes"] = line_values["Notes"]
    return body


def _wrong(faults: Sequence[Fault]) -> Invalid:
    return Invalid(
        _("Nothing was changed: %(count)d things are wrong with it.") % {"count": len(faults)}, faults
    )
