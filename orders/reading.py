"""Reads what a web shop sent into a `NewOrder`, and names everything that is wrong with it at once.

The rules are those of DdD's HeaderCreateModel and HeaderCreateModelAlternative (contract 2.1 and 2.2), with
case-insensitive names. As DdD's framework does, it reads numbers and booleans from text, and an Ean from a
number; other text must be text, because a number has lost its leading zeros. Two rules of the portal make
sure that the order can be booked later: an OrderNo has at most 50 characters and no price is negative, since
DdD's sale line takes nothing else. Knows no database.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from core.dotnet import is_unset, read_boolean
from core.errors import Fault, step_of
from orders.order_no import unseen_in

UNKNOWN_FIELD: Final = "unknown-field"
INT32_MAX: Final = 2**31 - 1
INT64_MAX: Final = 2**63 - 1
LONGEST_ORDER_NO: Final = 50
MOST_LINES: Final = 200
LONGEST_NUMBER: Final = 10**50
HIGHEST_PRICE: Final = Decimal("9999999.99")
MONEY: Final = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,2})?")
WHOLE: Final = re.compile(r"\s*([+-]?[0-9]{1,20})\s*")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# The year 1 and the last day of 9999 overflow in other time zones than UTC.
FIRST_YEAR, LAST_YEAR = 1900, 2999
HEADER_NAMES: Final = (
    "OrderNo",
    "ShopId",
    "OrderReference",
    "OrderedOn",
    "IsPaid",
    "CustomerNumber",
    "ReceiveAddress",
    "ReturnAddress",
    "WebOrderLines",
)
# DdD's older model has a member of somebody else's instead of a CustomerNumber.
OLDER_NAMES: Final = ("MemberId", "LoyaltyMemberId")
LINE_NAMES: Final = ("SalesPrice", "EffectiveSalesPrice", "DiscountAmount", "DeliveryNo", "Notes")
# Fields of DdD's older models and of its answers: a web shop may go on sending them.
IGNORED: Final = frozenset(
    {"id", "ordertype", "pickedupon", "createdon", "modifiedon", "status", "webshopid"}
    | {"loyaltymemberid", "memberid"}
)
# Fields of a line in other systems, and in DdD's sales, that would make several pieces of it: they are never
# passed over.
HOW_MANY: Final = frozenset({"quantity", "qty", "antal"})
ONE_OR_NONE: Final = frozenset({"1", "1.0", "1.00", "None", ""})


class Model(StrEnum):
    """The models of DdD's create routes (contract 2.1); of each but the last there is one for VariantId and
    one for Ean."""

    COLLECT = "clickandcollect"
    IN_STORE = "orderinstore"  # a clerk has ordered for a customer, who has paid at DdD's till: no IsPaid
    OLDER = "alternative"  # to be collected as well; only by Ean


# Fields that an order had not always: as they were before, they are no part of its content.
LATER_FIELDS: Final = {"model": Model.COLLECT, "member_id": 0, "loyalty_member_id": ""}


@dataclass(frozen=True)
class NewLine:
    """One piece, named by its VariantId (else 0) or by its Ean (else ""); prices with VAT."""

    variant_id: int
    ean: str
    sales_price: Decimal
    effective_sales_price: Decimal
    discount_amount: Decimal
    delivery_no: str = ""
    notes: str = ""


@dataclass(frozen=True)
class NewOrder:
    """A web order as it was sent."""

    order_no: str
    shop_id: int
    is_paid: bool
    customer_number: int
    lines: tuple[NewLine, ...]
    order_reference: str = ""
    ordered_on: datetime | None = None
    receive_address: str = ""
    return_address: str = ""
    model: Model = Model.COLLECT
    member_id: int = 0
    loyalty_member_id: str = ""

    def content(self) -> str:
        """A hash of all that was sent: the same order again has the same."""
        sent = asdict(self)
        for name, usual in LATER_FIELDS.items():
            if sent[name] == usual:
                del sent[name]
        text = json.dumps(sent, default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_new_order(raw: Any, by_ean: bool, model: Model = Model.COLLECT) -> tuple[NewOrder, list[Fault]]:
    """The order, with empty values where something is wrong, and all faults."""
    faults: list[Fault] = []
    fields = Fields(raw, "", _header_names(model), faults)
    rows = fields.raw("WebOrderLines")
    lines = []
    if not isinstance(rows, list) or not rows:
        fields.fault("WebOrderLines", _("Send a list with a line for every piece."), "required")
    elif len(rows) > MOST_LINES:
        most = _("An order has at most %(count)d lines.") % {"count": MOST_LINES}
        fields.fault("WebOrderLines", most, "too-many")
    else:
        lines = [_read_line(row, number, by_ean, faults) for number, row in enumerate(rows)]
    order = NewOrder(
        order_no=fields.order_no(),
        shop_id=fields.integer("ShopId", 1, INT32_MAX),
        is_paid=True if model == Model.IN_STORE else fields.boolean("IsPaid"),
        customer_number=_customer_number(fields, by_ean, model),
        lines=tuple(lines),
        order_reference=fields.text("OrderReference", 255),
        ordered_on=fields.time("OrderedOn"),
        receive_address=fields.text("ReceiveAddress", 255, line_break="#"),
        return_address=fields.text("ReturnAddress", 2000, line_break="#"),
        model=model,
        member_id=fields.integer("MemberId", 0, INT32_MAX) if model == Model.OLDER else 0,
        loyalty_member_id=fields.text("LoyaltyMemberId", 255),
    )
    return order, faults


def _header_names(model: Model) -> tuple[str, ...]:
    if model == Model.IN_STORE:
        return tuple(name for name in HEADER_NAMES if name != "IsPaid")
    if model == Model.OLDER:
        return (*(name for name in HEADER_NAMES if name != "CustomerNumber"), *OLDER_NAMES)
    return HEADER_NAMES


def _customer_number(fields: "Fields", by_ean: bool, model: Model) -> int:
    if model == Model.OLDER:
        return 0
    return fields.integer("CustomerNumber", 0, INT32_MAX if by_ean else INT64_MAX)


def without_unknown_fields(faults: Iterable[Fault]) -> tuple[list[Fault], list[str]]:
    """The other faults, and where the fields stand that the portal does not know."""
    known, passed_over = [], []
    for fault in faults:
        if fault.code == UNKNOWN_FIELD:
            passed_over.append(fault.pointer)
        else:
            known.append(fault)
    return known, passed_over


def contradicting_discounts(lines: Iterable[NewLine]) -> list[str]:
    """Where the lines stand whose DiscountAmount is not the difference of their two prices."""
    return [
        f"/WebOrderLines/{number}/DiscountAmount"
        for number, line in enumerate(lines)
        if line.discount_amount != line.sales_price - line.effective_sales_price
    ]


def as_number(value: Any) -> Any:
    """Text of a whole number as that number; everything else as it is."""
    whole = WHOLE.fullmatch(value) if isinstance(value, str) else None
    return int(whole[1]) if whole else value


def as_boolean(value: Any) -> Any:
    """A boolean as text or as 1 and 0; everything else as it is."""
    found = read_boolean(value)
    return value if found is None else found


def can_be_shown(moment: datetime) -> bool:
    """Whether this moment is plausible and exists in every time zone."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def _read_line(raw: Any, number: int, by_ean: bool, faults: list[Fault]) -> NewLine:
    name = "Ean" if by_ean else "VariantId"
    fields = Fields(raw, f"/WebOrderLines/{number}", (name, *LINE_NAMES), faults)
    return NewLine(
        variant_id=0 if by_ean else fields.integer("VariantId", 1, INT32_MAX),
        ean=fields.text("Ean", 50, required=True, or_number=True).strip() if by_ean else "",
        sales_price=fields.price("SalesPrice"),
        effective_sales_price=fields.price("EffectiveSalesPrice"),
        discount_amount=fields.price("DiscountAmount"),
        delivery_no=fields.text("DeliveryNo", 50),
        notes=fields.text("Notes", 250, line_break=" "),
    )


class Fields:
    """Reads one JSON object and collects its faults; a wrong value is read as an empty one."""

    def __init__(self, raw: Any, pointer: str, names: Iterable[str], faults: list[Fault]) -> None:
        self._pointer, self._faults = pointer, faults
        self._broken = not isinstance(raw, Mapping)
        self._values: dict[str, Any] = {}
        if self._broken:
            faults.append(Fault(pointer or "/", _("Send a JSON object here."), "not-an-object"))
            return
        known = {name.lower(): name for name in names}
        for name, value in raw.items():
            folded = str(name).lower()
            if folded in known and known[folded] in self._values:
                self.fault(str(name), _("This field is sent twice."), "twice")
            elif folded in known:
                self._values[known[folded]] = value
            elif pointer and folded in HOW_MANY and str(value).strip() not in ONE_OR_NONE:
                sentence = _("A line is one piece: send a line for each of them, without this field.")
                self.fault(str(name), sentence, "one-piece-a-line")
            elif folded not in IGNORED:
                self.fault(
                    str(name),
                    _("There is no such field. Known are: %(names)s.") % {"names": ", ".join(known.values())},
                    UNKNOWN_FIELD,
                )

    def fault(self, name: str, detail: str, code: str) -> None:
        self._faults.append(Fault(f"{self._pointer}/{step_of(name)}", detail, code))

    def raw(self, name: str) -> Any:
        return self._values.get(name)

    def has(self, name: str) -> bool:
        """Whether the field was sent and is not null."""
        return self._values.get(name) is not None

    def text(
        self,
        name: str,
        longest: int,
        required: bool = False,
        line_break: str = "",
        or_number: bool = False,
    ) -> str:
        value = self._values.get(name)
        if (
            or_number
            and isinstance(value, int)
            and not isinstance(value, bool)
            and abs(value) < LONGEST_NUMBER
        ):
            value = str(value)
        if value is None or (required and isinstance(value, str) and not value.strip()):
            if required:
                self._missing(name)
            return ""
        if not isinstance(value, str):
            self.fault(name, _("Send text here."), "not-text")
            return ""
        found = re.sub(r"\r\n|[\n\t]", line_break, value) if line_break else value
        if CONTROL.search(found) or not _is_unicode(found):
            self.fault(name, _("This text has characters that cannot be printed."), "control-character")
            return ""
        if len(found) > longest:
            self.fault(
                name,
                _("At most %(most)d characters; this has %(count)d.")
                % {"most": longest, "count": len(found)},
                "too-long",
            )
            return ""
        return found

    def order_no(self) -> str:
        found = self.text("OrderNo", 255, required=True)
        if len(found) > LONGEST_ORDER_NO:
            self.fault(
                "OrderNo",
                _("At most %(most)d characters, because DdD's sale line takes no more; this has %(count)d.")
                % {"most": LONGEST_ORDER_NO, "count": len(found)},
                "too-long",
            )
        elif unseen := unseen_in(found):
            self.fault(
                "OrderNo",
                _("Leave out what nobody sees, or what only looks like a space: %(characters)s.")
                % {"characters": ", ".join(unseen)},
                "unseen-character",
            )
        elif found != found.strip():
            self.fault("OrderNo", _("Leave out the space at its beginning or end."), "space-around")
        return found

    def integer(self, name: str, least: int, most: int) -> int:
        value = as_number(self._values.get(name))
        if value is None or value == "":
            self._missing(name)
        elif isinstance(value, bool) or not isinstance(value, int):
            self.fault(name, _("Send a whole number here."), "not-a-number")
        elif not least <= value <= most:
            self.fault(
                name,
                _("Send a number from %(least)d to %(most)d.") % {"least": least, "most": most},
                "out-of-range",
            )
        else:
            return value
        return 0

    def boolean(self, name: str) -> bool:
        value = as_boolean(self._values.get(name))
        if value is None or value == "":
            self._missing(name)
        elif not isinstance(value, bool):
            self.fault(name, _("Send true or false here."), "not-true-or-false")
        return value is True

    def price(self, name: str) -> Decimal:
        """A number, or text in DdD's pattern, with a comma or a point."""
        value = self._values.get(name)
        if value is None:
            self._missing(name)
            return Decimal(0)
        text = str(value).strip() if not isinstance(value, bool) else ""
        if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 12:
            text = f"{value:f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
        if not isinstance(value, (int, str, Decimal)) or not MONEY.fullmatch(text):
            self.fault(name, _("Send an amount with at most two decimals, such as 199.95."), "not-an-amount")
            return Decimal(0)
        amount = Decimal(text.replace(",", "."))
        if not 0 <= amount <= HIGHEST_PRICE:
            self.fault(
                name,
                _("Send an amount from 0 to %(most)s; DdD's sale line takes no negative one.")
                % {"most": HIGHEST_PRICE},
                "out-of-range",
            )
            return Decimal(0)
        return abs(amount.quantize(Decimal("0.01")))  # abs for minus zero

    def time(self, name: str) -> datetime | None:
        value = self._values.get(name)
        if value in (None, "") or (isinstance(value, str) and is_unset(value)):
            return None
        try:
            found = datetime.fromisoformat(value if isinstance(value, str) else "")
            moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not can_be_shown(moment):
            self.fault(
                name,
                _("Send a time such as 2026-11-24T08:30:00Z; without an offset it is UTC."),
                "not-a-time",
            )
            return None
        return moment

    def _missing(self, name: str) -> None:
        if not self._broken:
            self.fault(name, _("This field is needed."), "required")


def _is_unicode(text: str) -> bool:
    """False for lone surrogates, which JSON can contain as escapes and no database stores."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
