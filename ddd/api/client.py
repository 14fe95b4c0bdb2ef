"""DdD's routes, one function each. Errors are those of `http`; what they read is in `wire`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

from core.causes import StoredCause, as_it_is
from ddd.api.bodies import OrderBody, SaleBody, TransferBody, UpdateBody
from ddd.api.http import Rejected, Unavailable, Uncertain, Wire
from ddd.api.lists import listed
from ddd.api.wire import (
    Fields,
    Unreadable,
    WireArticle,
    WireMember,
    WireOrder,
    WirePayment,
    WireSaleItem,
    WireTransactions,
    WireTransfer,
    name_of_order,
    read_article,
    read_member,
    read_order,
    read_payment,
    read_sale_items,
    read_transactions,
    read_transfer,
)
from ddd.words import causes
from ddd.words.tables import is_same_word

MONEY = frozenset(
    {
        "SalesPrice",
        "EffectiveSalesPrice",
        "DiscountAmount",
        "GrossLineAmount",
        "PriceAlterationAmount",
        "LineAmount",
    }
)
Read = TypeVar("Read")
_DIGITS = re.compile(r"\s*[0-9]{1,18}\s*")
SHOPS_TRIED = 3


def create_order(wire: Wire, body: OrderBody) -> bool:
    """POST api/weborder/clickandcollect, or the route that the body names. False is DdD's own word for "not
    made" (or: there already)."""
    route = body.get("Route", "clickandcollect")
    left_out = "VariantId" if route == "alternative" else "Ean"
    sent = {name: value for name, value in body.items() if name != "Route"}
    sent["WebOrderLines"] = [
        {name: value for name, value in line.items() if name != left_out} for line in body["WebOrderLines"]
    ]
    return _yes_or_no(wire.post(f"api/weborder/{route}", _with_numbers(sent)))


def update_order(wire: Wire, body: UpdateBody) -> bool:
    """PUT api/weborder. False is DdD's own word for "not changed"."""
    return _yes_or_no(wire.put("api/weborder", _with_numbers(body)))


def post_sale(wire: Wire, body: SaleBody) -> bool:
    """POST api/sale; true, or an exception."""
    return _yes_or_no(wire.post("api/sale", _with_numbers(body)))


def initiate_transfer(wire: Wire, body: TransferBody) -> int:
    """POST api/stockadjustment/item/transfer/initiate; the invoice id of the draft, also as text."""
    answer = wire.post("api/stockadjustment/item/transfer/initiate", body)
    found = int(answer) if isinstance(answer, str) and _DIGITS.fullmatch(answer) else answer
    # 0 is .NET's number for none.
    if isinstance(found, bool) or not isinstance(found, int) or found <= 0:
        raise Uncertain(causes.NO_INVOICE_ID(said=f"{answer!r:.80}"))
    return found


def find_order(wire: Wire, order_no: str, since: datetime) -> WireOrder | None:
    """The order with this OrderNo, or None. `since` is before it can have been made.

    GET api/weborder/fetch/{orderNo}. A number of digits only would be taken as an Id there, so such an
    order is looked for in the list of what is new (GET api/weborder/status/All/since).
    """
    if order_no.isdigit():
        batch = orders_since(wire, since)
        for order in batch.orders:
            if order.order_no.strip() == order_no:
                return order
        if batch.unreadable:  # it may be one of them
            raise Unavailable(batch.unreadable[0][1])
        return None
    try:
        answer = wire.get(f"api/weborder/fetch/{quote(order_no, safe='')}")
    except Rejected as refused:
        if refused.status == 404:
            return None
        raise Unavailable(refused.cause) from refused
    if answer is None:
        return None
    order = _readable(read_order, answer)
    return order if is_same_word(order.order_no, order_no) else None


class OrderBatch:
    """A batch of orders from DdD: those that can be read, and of each other its name and why it cannot."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.orders: list[WireOrder] = []
        self.unreadable: list[tuple[str, StoredCause]] = []
        self.is_cut = False  # a token that would show more is refused
        for row in rows:
            try:
                self.orders.append(read_order(row))
            except Unreadable as error:
                self.unreadable.append((name_of_order(row), error.cause))

    @property
    def is_whole(self) -> bool:
        """False when an order may be at DdD that is not among `orders`."""
        return not self.unreadable and not self.is_cut

    def add(self, other: OrderBatch) -> None:
        """Those of another list that are not in this one."""
        known = {(order.ddd_id, order.order_no) for order in self.orders}
        self.orders += [order for order in other.orders if (order.ddd_id, order.order_no) not in known]
        named = {name for name, _cause in self.unreadable}
        self.unreadable += [(name, cause) for name, cause in other.unreadable if name not in named]


def orders_since(wire: Wire, since: datetime) -> OrderBatch:
    """GET api/weborder/status/All/since?dateTime=; the time goes out as UTC without an offset."""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    answer = _read(wire, "api/weborder/status/All/since", dateTime=moment)
    try:
        return OrderBatch(listed([] if answer is None else answer, causes.LIST_OF_ORDERS()))
    except Unreadable as error:
        raise Unavailable(error.cause) from error


def sale_payments(wire: Wire, shop_id: int, since: date) -> Iterator[WirePayment]:
    """GET api/transactions/sales/payment/{shopId}/{from}; at most 31 days."""
    return _rows(wire, f"api/transactions/sales/payment/{shop_id}/{since:%Y-%m-%d}", read_payment)


def transfers(wire: Wire, shop_id: int, since: date) -> list[WireTransfer]:
    """GET api/transactions/transfers/{shopId}/{from}; at most 31 days."""
    return list(_rows(wire, f"api/transactions/transfers/{shop_id}/{since:%Y-%m-%d}", read_transfer))


def sale_items(wire: Wire, shop_id: int, since: date) -> list[WireSaleItem]:
    """What was sold of the same; whatever cannot be read of the rest does not matter. Rejected likewise."""
    return _readable(read_sale_items, wire.get(f"api/transactions/{shop_id}/{since:%Y-%m-%d}"))


def transactions(wire: Wire, shop_id: int, since: date) -> WireTransactions:
    """GET api/transactions/{shopId}/{from}: all that was booked in a shop; at most 31 days.

    Rejected when DdD answers, but does not take the shop for one of the Group's.
    """
    return _readable(read_transactions, wire.get(f"api/transactions/{shop_id}/{since:%Y-%m-%d}"))


NUMBERS_IN_SALES = {
    "clerks": ("ClerkId",),
    "terminals": ("PosNumber",),
    "transaction_types": ("TransactionType",),
    "item_groups": ("ItemGroupNumber", "ItemGroupId", "ItemGroup"),
}


def numbers_in_sales(wire: Wire, shop_id: int, since: date) -> dict[str, Counter[int]]:
    """How often which clerk, terminal, transaction type and item group stands in a shop's sales; the names
    of some fields are not known for sure, and a row without them is passed over."""
    raw = wire.get(f"api/transactions/{shop_id}/{since:%Y-%m-%d}")
    return _readable(_read_numbers, raw)


def _read_numbers(raw: Any) -> dict[str, Counter[int]]:
    sales = Fields(Fields(raw, causes.TRANSACTIONS_OF_A_SHOP).raw_value("sales"), causes.SALES_OF_A_SHOP)
    found: dict[str, Counter[int]] = {name: Counter() for name in NUMBERS_IN_SALES}
    for of in ("saleItems", "salePayment"):
        for row in sales.array(of):
            fields = Fields(row, causes.A_SALE_ITEM)
            for name, columns in NUMBERS_IN_SALES.items():
                if name == "transaction_types" and of == "saleItems":
                    continue  # there it says sold or returned, not how it was paid
                found[name].update(number for number in map(fields.number_or_zero, columns) if number > 0)
    return found


def article_page(wire: Wire, page: int, size: int) -> list[WireArticle]:
    """GET api/article/page/{page}/pagesize/{pagesize}; whether the first is 0 or 1 is unknown, and so is what
    is answered past the last. Rejected when DdD refuses the page."""
    path = f"api/article/page/{page}/pagesize/{size}"
    return list(_rows_of(wire.get(path), path, read_article))


def articles_of_ean(wire: Wire, ean: str) -> list[WireArticle]:
    """GET api/article/ean/multi/{barcode}; one object or a list is unknown, so both are taken."""
    try:
        answer = wire.get(f"api/article/ean/multi/{quote(ean, safe='')}")
    except Rejected as refused:
        if refused.status == 404:
            return []
        raise Unavailable(refused.cause) from refused
    if answer is None:
        return []
    try:
        rows = list(listed(answer, causes.AN_ARTICLE()))
    except Unreadable:
        rows = [answer]
    return [_readable(read_article, row) for row in rows]


def eans_of_variant(wire: Wire, shop_id: int, variant_id: int) -> set[str]:
    """What the variant's Ean may be: GET api/stocks/{shopId}/combined/{variantId}, the only route for it.

    Rejected when DdD refuses the shop.
    """
    try:
        answer = wire.get(f"api/stocks/{shop_id}/combined/{variant_id}")
    except Rejected as refused:
        if refused.status == 404:
            return set()
        raise
    if answer is None:
        return set()
    ean = _readable(lambda raw: Fields(raw, causes.A_STOCK).text("Ean"), answer).strip()
    # Ean is an integer here, so leading zeros were lost: an EAN-13 has them back, an EAN-8 never had them.
    return {ean, ean.zfill(13)} if ean.strip("0") else set()


def stock_of(wire: Wire, shop_id: int, variant_id: int) -> int:
    """How many pieces the shop has: StockInShop of GET api/stocks/{shopId}/combined/{variantId}.

    Whether reserved pieces are in it is unknown (contract 4.3). What DdD does not know there is none.
    Rejected when DdD refuses the shop.
    """
    try:
        answer = wire.get(f"api/stocks/{shop_id}/combined/{variant_id}")
    except Rejected as refused:
        if refused.status == 404:
            return 0
        raise
    if answer is None:
        return 0
    return _readable(lambda raw: Fields(raw, causes.A_STOCK).integer("StockInShop"), answer)


def search_members(wire: Wire, shop_id: int, term: str) -> list[WireMember]:
    """GET api/loyalty2/member/shop/{shopId}/term/{searchTerm}; whose words begin with those of the term.

    Rejected when DdD refuses the shop.
    """
    try:
        answer = wire.get_confidential(f"api/loyalty2/member/shop/{shop_id}/term/{quote(term, safe='')}")
    except Rejected as refused:
        if refused.status == 404:
            return []
        raise
    if answer is None:
        return []
    try:
        rows = list(listed(answer, causes.NO_LIST_OF_MEMBERS()))
    except Unreadable:  # which says what DdD said, and there may be a password in it
        raise Unavailable(causes.NO_LIST_OF_MEMBERS()) from None
    return [_readable(read_member, row) for row in rows]


def ask_any_shop(shop_ids: Iterable[int], ask: Callable[[int], Read]) -> Read:
    """For questions that any shop can answer: when DdD refuses one shop, the next is tried. Unavailable
    when it refuses several, and when there is none."""
    refusal = causes.NO_SHOP()
    for shop_id in islice(shop_ids, SHOPS_TRIED):
        try:
            return ask(shop_id)
        except Rejected as refused:
            refusal = refused.cause
    raise Unavailable(refusal)


def _rows(wire: Wire, path: str, read: Callable[[Any], Read]) -> Iterator[Read]:
    """Of a list that proves that something is not there: no answer at all (204, null) proves nothing."""
    answer = _read(wire, path)
    if answer is None:
        raise Unavailable(causes.NO_LIST(what=as_it_is(path), said="204"))
    return _rows_of(answer, path, read)


def _rows_of(answer: Any, path: str, read: Callable[[Any], Read]) -> Iterator[Read]:
    try:
        return iter([read(row) for row in listed([] if answer is None else answer, as_it_is(path))])
    except Unreadable as error:
        raise Unavailable(error.cause) from error


def _read(wire: Wire, path: str, **query: str) -> Any:
    try:
        return wire.get(path, **query)
    except Rejected as refused:
        raise Unavailable(refused.cause) from refused


def _readable(read: Callable[[Any], Read], raw: Any) -> Read:
    try:
        return read(raw)
    except Unreadable as error:
        raise Unavailable(error.cause) from error


def _yes_or_no(answer: Any) -> bool:
    if not isinstance(answer, bool):
        raise Uncertain(causes.NEITHER_TRUE_NOR_FALSE(said=f"{answer!r:.80}"))
    return answer


def _with_numbers(body: Any) -> Any:
    """Money as JSON numbers: two decimals of these sizes survive a float exactly."""
    if isinstance(body, Mapping):
        return {
            name: float(value) if name in MONEY and isinstance(value, str) else _with_numbers(value)
            for name, value in body.items()
        }
    if isinstance(body, list):
        return [_with_numbers(member) for member in body]
    return body
