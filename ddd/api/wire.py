"""Parses DdD's answers: field names in any case, and every type checked."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.causes import Cause, CauseError
from core.dotnet import is_unset, read_boolean, read_json_time, read_money
from ddd.words import causes

_WHOLE = re.compile(r"\s*-?[0-9]{1,18}\s*")
_FIRST_YEAR = 2000  # an earlier one is a moment that nobody has set: .NET's first is in year 1


class Unreadable(CauseError):
    """An answer is not what DdD's contract says; the cause names the field."""


class Fields:
    """One JSON object, names in any case: live answers may be camelCase where the pages show PascalCase."""

    def __init__(self, raw: Any, what: Cause) -> None:
        if not isinstance(raw, Mapping):
            raise Unreadable(causes.NO_OBJECT(what=what(), said=f"{raw!r:.80}"))
        self._what = what
        # Null is absent: .NET writes it for whatever has no value.
        self._values = {str(name).lower(): value for name, value in raw.items() if value is not None}

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number; also as text, which DdD uses for some."""
        value = self._values.get(name.lower(), default)
        if isinstance(value, str) and not value.strip():
            value = default
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, value)
        return value

    def number_or_zero(self, name: str) -> int:
        """The same where nothing is lost without it."""
        try:
            return self.integer(name, 0)
        except Unreadable:
            return 0

    def text(self, name: str) -> str:
        """Text that every database can store; absent is empty."""
        value = self._values.get(name.lower(), "")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise self._wrong(name, value)
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")

    def order_no(self, name: str) -> str:
        """An OrderNo: columns of a fixed width fill it up with spaces. Empty where there is none."""
        return self.text(name).strip()

    def reference(self, name: str) -> str:
        """The OrderNo that a booking names; 0 is .NET's number for none."""
        return "" if self.order_no(name) == "0" else self.order_no(name)

    def money_or_zero(self, name: str) -> Decimal:
        """The same as `money` where nothing is lost without it."""
        try:
            return self.money(name)
        except Unreadable:
            return Decimal(0)

    def money(self, name: str) -> Decimal:
        """An amount with two decimals; absent is zero."""
        value = self._values.get(name.lower(), 0)
        amount = read_money(value)
        if amount is None:
            raise self._wrong(name, value)
        return amount

    def boolean(self, name: str, default: bool) -> bool:
        """True or false, also as text or number; absent is the default."""
        found = self.boolean_or_none(name)
        return default if found is None else found

    def boolean_or_none(self, name: str) -> bool | None:
        """The same; None when it is absent."""
        value = self._values.get(name.lower())
        if value is None:
            return None
        found = read_boolean(value)
        if found is None:
            raise self._wrong(name, value)
        return found

    def time(self, name: str) -> datetime | None:
        """A time; without an offset it is UTC, as the guides say. None when nobody has set it."""
        value = self._values.get(name.lower())
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._wrong(name, value)
        if is_unset(value):
            return None
        try:
            found = read_json_time(value)
        except (ValueError, OverflowError) as error:
            raise self._wrong(name, value) from error
        return found if found.year >= _FIRST_YEAR else None

    def time_if_readable(self, name: str) -> datetime | None:
        """The same where nothing is lost without it."""
        try:
            return self.time(name)
        except Unreadable:
            return None

    def array(self, name: str) -> list[Any]:
        """A list; absent is empty."""
        value = self._values.get(name.lower(), [])
        if not isinstance(value, list):
            raise self._wrong(name, value)
        return value

    def raw_value(self, name: str) -> Any:
        """The unparsed value, or None."""
        return self._values.get(name.lower())

    def _wrong(self, name: str, value: Any) -> Unreadable:
        return Unreadable(causes.WRONG_FIELD(field=name, what=self._what(), said=f"{value!r:.80}"))


@dataclass(frozen=True)
class WireLine:
    """A line of DdD's WebOrderLine."""

    line_id: int
    variant_id: int
    status: str
    sales_price: Decimal
    effective_sales_price: Decimal
    discount_amount: Decimal
    delivery_no: str
    notes: str
    has_price: bool = True
    quantity: int = 1  # a line is one piece, by the contract


@dataclass(frozen=True)
class WireOrder:
    """DdD's WebOrderHeader."""

    ddd_id: int
    order_type: str
    shop_id: int
    webshop_id: int
    order_no: str
    order_reference: str
    ordered_on: datetime | None
    created_on: datetime | None
    modified_on: datetime | None
    picked_up_on: datetime | None
    is_paid: bool | None  # None where DdD does not say
    customer_number: int
    receive_address: str
    return_address: str
    lines: tuple[WireLine, ...]

    @property
    def made_on(self) -> datetime | None:
        """When the order was made; None where DdD does not say it."""
        return self.created_on or self.ordered_on

    def is_older_than(self, moment: datetime) -> bool:
        """Whether DdD had the order before; False where its age is not known."""
        return self.made_on is not None and self.made_on < moment


@dataclass(frozen=True)
class WirePayment:
    """A row of DdD's SalePaymentModel, as far as it proves a sale."""

    shop_id: int
    terminal_id: int
    receipt_id: int
    transaction_number: int
    amount: Decimal
    booked_at: datetime | None = None


@dataclass(frozen=True)
class WireSaleItem:
    """A row of DdD's SaleItemModel, as far as it says what was sold, and for which web order."""

    terminal_id: int
    receipt_id: int
    variant_id: int
    order_no: str
    amount: Decimal


@dataclass(frozen=True)
class WireTransfer:
    """A row of DdD's TransferModel: one variant that left (negative quantity) or reached `shop_id`.

    `order_no` is the web order for which DdD made the transfer itself; one through the API has none.
    """

    invoice_id: str
    shop_id: int
    counterpart_shop_id: int
    transaction_number: int
    variant_id: int
    quantity: int
    order_no: str
    booked_at: datetime | None = None


@dataclass(frozen=True)
class WireTransactions:
    """All that DdD booked in one shop since a day, as far as the portal reads it."""

    items: tuple[WireSaleItem, ...]
    payments: tuple[WirePayment, ...]
    transfers: tuple[WireTransfer, ...]


@dataclass(frozen=True)
class WireArticle:
    """DdD's Article: a variant with its main Ean; `slots` are its free parameters by their names."""

    variant_id: int
    ean: str
    item_group: int
    slots: Mapping[str, str]


@dataclass(frozen=True)
class WireMember:
    """DdD's MemberSearchResult, without fields that are not needed, above all its password."""

    customer_number: int
    is_there: bool
    name: str
    address: str
    email: str
    phone: str


def read_order(raw: Any) -> WireOrder:
    """Raises Unreadable; an order without OrderNo or ShopId is none."""
    fields = Fields(raw, causes.AN_ORDER)
    order_no = fields.order_no("OrderNo")
    if not order_no:
        raise Unreadable(causes.NO_ORDER_NO())
    return WireOrder(
        ddd_id=fields.number_or_zero("Id"),
        order_type=fields.text("OrderType"),
        shop_id=fields.integer("ShopId"),
        webshop_id=fields.integer("WebshopId", 0),
        order_no=order_no,
        order_reference=fields.text("OrderReference"),
        ordered_on=fields.time_if_readable("OrderedOn"),
        created_on=fields.time("CreatedOn"),
        modified_on=fields.time_if_readable("ModifiedOn"),
        picked_up_on=fields.time_if_readable("PickedUpOn"),
        is_paid=fields.boolean_or_none("IsPaid"),
        customer_number=fields.integer("CustomerNumber", 0),
        receive_address=fields.text("ReceiveAddress"),
        return_address=fields.text("ReturnAddress"),
        lines=tuple(_read_line(line) for line in fields.array("WebOrderLines")),
    )


def name_of_order(raw: Any) -> str:
    """What to call an order that cannot be read: its OrderNo, else its Id; what is no object by itself."""
    if not isinstance(raw, Mapping):
        return f"{raw!r:.80}"
    fields = Fields(raw, causes.AN_ORDER)
    for name in ("OrderNo", "Id"):
        with suppress(Unreadable):
            if found := fields.text(name):
                return found
    return "?"


def _read_line(raw: Any) -> WireLine:
    fields = Fields(raw, causes.AN_ORDER_LINE)
    return WireLine(
        line_id=fields.number_or_zero("Id"),
        variant_id=fields.integer("VariantId"),
        status=fields.text("Status"),
        sales_price=fields.money("SalesPrice"),
        effective_sales_price=fields.money("EffectiveSalesPrice"),
        has_price=fields.raw_value("EffectiveSalesPrice") is not None,
        quantity=fields.integer("Quantity", 1),
        discount_amount=fields.money("DiscountAmount"),
        delivery_no=fields.text("DeliveryNo"),
        notes=fields.text("Notes"),
    )


def read_payment(raw: Any) -> WirePayment:
    """Raises Unreadable."""
    fields = Fields(raw, causes.A_SALE_PAYMENT)
    return WirePayment(
        shop_id=fields.integer("ShopId"),
        terminal_id=fields.integer("PosNumber"),
        receipt_id=fields.integer("ReceiptNumber"),
        transaction_number=fields.integer("TransactionNumber", 0),
        amount=fields.money("Amount"),
        booked_at=fields.time_if_readable("TransactionDateTime"),
    )


def read_sale_item(raw: Any) -> WireSaleItem:
    """Raises Unreadable."""
    fields = Fields(raw, causes.A_SALE_ITEM)
    return WireSaleItem(
        # Rows of other programs may name their receipts otherwise: one of them must not hold up all sales.
        terminal_id=fields.number_or_zero("PosNumber"),
        receipt_id=fields.number_or_zero("ReceiptNumber"),
        variant_id=fields.number_or_zero("UniqueItemNumber"),
        order_no=fields.reference("WebOrderReference"),
        amount=fields.money_or_zero("Amount"),
    )


def read_sale_items(raw: Any) -> list[WireSaleItem]:
    """The items of all sales of a shop. Raises Unreadable, also when there is no word of sales at all."""
    sales = Fields(Fields(raw, causes.TRANSACTIONS_OF_A_SHOP).raw_value("sales"), causes.SALES_OF_A_SHOP)
    return [read_sale_item(row) for row in sales.array("saleItems")]


def read_transactions(raw: Any) -> WireTransactions:
    """Raises Unreadable, also when there is no word of sales at all."""
    fields = Fields(raw, causes.TRANSACTIONS_OF_A_SHOP)
    sales = Fields(fields.raw_value("sales"), causes.SALES_OF_A_SHOP)
    return WireTransactions(
        items=tuple(read_sale_items(raw)),
        payments=tuple(read_payment(row) for row in sales.array("salePayment")),
        transfers=tuple(read_transfer(row) for row in fields.array("transfers")),
    )


def read_transfer(raw: Any) -> WireTransfer:
    """Raises Unreadable."""
    fields = Fields(raw, causes.A_TRANSFER)
    return WireTransfer(
        invoice_id=fields.text("InvoiceId"),
        shop_id=fields.integer("ShopId"),
        counterpart_shop_id=fields.integer("CounterpartShopId"),
        transaction_number=fields.integer("TransactionNumber"),
        variant_id=fields.integer("UniqueItemNumber"),
        quantity=fields.integer("Quantity"),
        order_no=fields.reference("WebOrderReference"),
        booked_at=fields.time_if_readable("TransactionDateTime"),
    )


def read_article(raw: Any) -> WireArticle:
    """Raises Unreadable."""
    fields = Fields(raw, causes.AN_ARTICLE)
    names = [f"{kind}Parameter{number}" for kind in ("Style", "Variant") for number in range(1, 6)]
    return WireArticle(
        variant_id=fields.integer("VariantId"),
        ean=fields.text("EAN").strip(),
        item_group=fields.integer("ItemGroup", 0),
        slots={name: fields.text(name) for name in names},
    )


def read_member(raw: Any) -> WireMember:
    """Raises Unreadable, which does not repeat what was read. A deleted or inactive one is not there."""
    try:
        fields = Fields(raw, causes.A_MEMBER)
        return WireMember(
            customer_number=fields.integer("CustomerNumber", 0),
            is_there=fields.boolean("IsActive", default=True)
            and not fields.boolean("IsDeleted", default=False),
            name=_joined(" ", fields.text("FirstName"), fields.text("LastName")),
            address=_joined(
                ", ",
                fields.text("Address"),
                _joined(" ", fields.text("PostalCode"), fields.text("City")),
                fields.text("Country"),
            ),
            email=fields.text("Email").strip(),
            phone=fields.text("Phone").strip(),
        )
    except Unreadable:
        raise Unreadable(causes.MEMBER_UNREADABLE()) from None


def _joined(between: str, *parts: str) -> str:
    return between.join(part.strip() for part in parts if part.strip())
