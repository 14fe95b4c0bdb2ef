"""What the portal sends to DdD, as its contract names it.

Money is text with two decimals: a JSON number cannot hold it exactly, so `client` makes numbers of it at the
last moment. Each body is also the payload of a posting, complete in itself.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict, TypeVar, cast

AnyBody = TypeVar("AnyBody", bound=Mapping[str, object])


class OrderLine(TypedDict):
    """A piece of a web order: by VariantId, which is unique where an Ean is not. The Ean is for the route
    that takes nothing else."""

    VariantId: int
    Ean: NotRequired[str]
    SalesPrice: str
    EffectiveSalesPrice: str
    DiscountAmount: str
    DeliveryNo: NotRequired[str]
    Notes: NotRequired[str]


class OrderBody(TypedDict):
    """HeaderCreateModel (POST api/weborder/clickandcollect); OrderedOn is UTC.

    `Route` is another one than that: `orderinstore`, whose model has no IsPaid, or `alternative`, the older
    one with MemberId in place of CustomerNumber.
    """

    Route: NotRequired[str]

    OrderNo: str
    ShopId: int
    IsPaid: NotRequired[bool]
    CustomerNumber: NotRequired[int]
    MemberId: NotRequired[int]
    LoyaltyMemberId: NotRequired[str]
    OrderReference: NotRequired[str]
    OrderedOn: NotRequired[str]
    ReceiveAddress: NotRequired[str]
    ReturnAddress: NotRequired[str]
    WebOrderLines: list[OrderLine]


class Addresses(TypedDict, total=False):
    """Those of an order's addresses that are to change."""

    ReceiveAddress: str
    ReturnAddress: str


class LineFields(TypedDict, total=False):
    """Those fields of an order's line that can change."""

    SalesPrice: str
    EffectiveSalesPrice: str
    DiscountAmount: str
    DeliveryNo: str
    Notes: str


class ChangedLine(LineFields):
    """What changes of a piece of this variant."""

    VariantId: int


class ChangeBody(Addresses):
    """What changes of an order. `Since` (ISO) is before DdD can have got it: from there it is looked for."""

    OrderNo: str
    Since: str
    WebOrderLines: list[ChangedLine]


class UpdatedLine(LineFields):
    """What changes of the line that DdD knows by this Id."""

    Id: int


class UpdateBody(Addresses):
    """HeaderUpdateModel (PUT api/weborder): a change, brought together with the order as DdD has it."""

    OrderNo: str
    WebOrderLines: list[UpdatedLine]


class ItemLine(TypedDict):
    """ItemLineSaleDto: one piece that is sold or comes back, marked with the OrderNo."""

    Type: str
    VariantId: int
    Quantity: int
    GrossLineAmount: str
    WebOrderOrderNo: str
    ItemGroupId: NotRequired[int]
    PriceAlteration: NotRequired[str]
    PriceAlterationAmount: NotRequired[str]
    ReturnCode: NotRequired[int]


class PaymentLine(TypedDict):
    """How money came in or went out; the direction is a word of the Group's, the amount is positive."""

    Direction: str
    TransactionType: int
    LineAmount: str


class SaleBody(TypedDict):
    """SalePostDto (POST api/sale), of sales and returns; its ReceiptId comes with the first send."""

    ShopId: int
    TerminalId: int
    ClerkId: int
    ItemLines: list[ItemLine]
    PaymentLines: list[PaymentLine]
    CustomerNumber: NotRequired[int]
    ReceiptId: NotRequired[int]


class Item(TypedDict):
    """ItemDto: how many of a variant move."""

    VariantId: int
    Quantity: int


class TransferBody(TypedDict):
    """Pieces that go from one shop to another (POST api/stockadjustment/item/transfer/initiate)."""

    ShopIdSender: int
    ShopIdRecipient: int
    Items: list[Item]


def without_empty(body: AnyBody) -> AnyBody:
    """Texts that say nothing are left out; all of them are such that DdD does not ask for."""
    return cast(AnyBody, {name: value for name, value in body.items() if value != ""})
