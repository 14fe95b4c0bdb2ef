"""What may differ between the portal's books and DdD's, and what that means in a shop's words.

Knows no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import TextChoices
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Kind(TextChoices):
    """What differs."""

    SALE_MISSING = "sale missing", gettext_lazy("A sale is missing at DdD")
    SALE_TWICE = "sale twice", gettext_lazy("DdD has a sale twice")
    SALE_ELSEWHERE = "sale elsewhere", gettext_lazy("A sale stands in the wrong place")
    SALE_AMOUNT = "sale amount", gettext_lazy("A sale has another amount at DdD")
    SALE_UNKNOWN = "sale unknown", gettext_lazy("DdD has a sale of an order that was not delivered")
    SALE_OF_NOBODY = "sale of nobody", gettext_lazy("DdD has a sale of an order that nobody knows")
    RETURN_MISSING = "return missing", gettext_lazy("A return is missing at DdD")
    RETURN_TWICE = "return twice", gettext_lazy("DdD has a return twice")
    TRANSFER_MISSING = "transfer missing", gettext_lazy("An item transfer is missing at DdD")
    TRANSFER_TWICE = "transfer twice", gettext_lazy("DdD has an item transfer twice")
    TRANSFER_PIECES = "transfer pieces", gettext_lazy("An item transfer has other pieces at DdD")
    ORDER_UNKNOWN = "order unknown", gettext_lazy("DdD has a web order that is not here")
    ORDER_MISSING = "order missing", gettext_lazy("A web order is missing at DdD")
    STATUS_AHEAD = "status ahead", gettext_lazy("DdD is further with a web order")


class Mend(TextChoices):
    """What the portal can do about a difference; the labels are the buttons."""

    SEND = "send", gettext_lazy("Send what is missing")
    BOOK = "book", gettext_lazy("Book the sale now")
    TAKE_OVER = "take over", gettext_lazy("Take it over from DdD")


class EvidenceKey(TextChoices):
    """The names of the evidence of a difference; it is stored by these codes."""

    RECEIPT = "receipt", gettext_lazy("receipt")
    AMOUNT_HERE = "amount-here", gettext_lazy("amount here")
    AMOUNT_AT_DDD = "amount-at-ddd", gettext_lazy("amount at DdD")
    FOUND_IN_SHOP = "found-in-shop", gettext_lazy("found in shop")
    FOUND_UNDER_RECEIPT = "found-under-receipt", gettext_lazy("found under receipt")
    PAYMENTS = "payments", gettext_lazy("payments")
    OF_THE_ORDERS = "of-the-orders", gettext_lazy("of the orders")
    FROM_SHOP = "from-shop", gettext_lazy("from shop")
    TO_SHOP = "to-shop", gettext_lazy("to shop")
    PIECES_HERE = "pieces-here", gettext_lazy("pieces here")
    PIECES_AT_DDD = "pieces-at-ddd", gettext_lazy("pieces at DdD")
    TRANSFER_AT_DDD = "transfer-at-ddd", gettext_lazy("transfer at DdD")
    SHOP_AT_DDD = "shop-at-ddd", gettext_lazy("shop at DdD")
    STATUS_HERE = "status-here", gettext_lazy("status here")
    STATUS_AT_DDD = "status-at-ddd", gettext_lazy("status at DdD")


MEANINGS: Final[dict[Kind, Promise]] = {
    Kind.SALE_MISSING: gettext_lazy(
        "The customer has her pieces, but DdD's books do not know it: turnover and stock are wrong there. "
        "Send it once more; DdD is read before anything goes out."
    ),
    Kind.SALE_TWICE: gettext_lazy(
        "Turnover and stock count these pieces twice. Take one of the two out in DdD's back office."
    ),
    Kind.SALE_ELSEWHERE: gettext_lazy(
        "Another shop, or another receipt, has the turnover. Book it over in DdD's back office."
    ),
    Kind.SALE_AMOUNT: gettext_lazy(
        "What DdD has under this receipt is not what the customer paid, or is of another order. "
        "Compare the two, and put it right in DdD's back office."
    ),
    Kind.SALE_UNKNOWN: gettext_lazy(
        "Somebody has sold it at the portal's own till, but in the portal nobody has delivered it. "
        "Ask the shop whether the customer has her pieces."
    ),
    Kind.SALE_OF_NOBODY: gettext_lazy(
        "It stands at the portal's own till, but neither the portal nor DdD has such a web order. Find out "
        "who booked it, and take it out in DdD's back office if it is wrong. No other program may use this "
        "till."
    ),
    Kind.RETURN_MISSING: gettext_lazy(
        "The pieces are back in the shop, but in DdD's books the customer still has them. "
        "Send it once more; DdD is read before anything goes out."
    ),
    Kind.RETURN_TWICE: gettext_lazy(
        "Money and stock come back twice in the books. Take one of the two out in DdD's back office."
    ),
    Kind.TRANSFER_MISSING: gettext_lazy(
        "The pieces count in the wrong shop's stock. Somebody may have deleted the draft in DdD. "
        "Send it once more; DdD is read before anything goes out."
    ),
    Kind.TRANSFER_TWICE: gettext_lazy(
        "The pieces moved twice in the books, so the stock of both shops is wrong. Take one out in DdD."
    ),
    Kind.TRANSFER_PIECES: gettext_lazy(
        "DdD moved other pieces than those that the shop handed over or took back. Put it right in DdD."
    ),
    Kind.ORDER_UNKNOWN: gettext_lazy(
        "No shop sees it on its tablet. Take it over; what the portal cannot understand of it then stands "
        "under what nobody understood."
    ),
    Kind.ORDER_MISSING: gettext_lazy(
        "The shop works on it here, but DdD does not have it. Send it once more; DdD is read before."
    ),
    Kind.STATUS_AHEAD: gettext_lazy(
        "DdD's till has done something with the order that was not done here. Ask the shop; then take it "
        "over, or put it right in DdD."
    ),
}
# The meaning when the portal has nothing to send, or the order is no longer updated from DdD.
OTHERWISE: Final[dict[Kind, Promise]] = {
    Kind.SALE_MISSING: gettext_lazy(
        "The customer has her pieces, but neither the portal's books nor DdD's have the sale. Book it now; "
        "it is sent like every other."
    ),
    Kind.TRANSFER_MISSING: gettext_lazy(
        "DdD's till was to make this transfer itself, so the pieces count in the wrong shop's stock. Make it "
        "in DdD's back office."
    ),
    Kind.STATUS_AHEAD: gettext_lazy(
        "The order has ended otherwise at DdD than here. Ask the shop what the customer has, and put it "
        "right in DdD's back office."
    ),
}
OF_ORDERS: Final = frozenset({Kind.ORDER_UNKNOWN, Kind.ORDER_MISSING, Kind.STATUS_AHEAD})
OF_SHOPS: Final = (
    EvidenceKey.FOUND_IN_SHOP,
    EvidenceKey.FROM_SHOP,
    EvidenceKey.TO_SHOP,
    EvidenceKey.SHOP_AT_DDD,
)
AMOUNTS: Final = (EvidenceKey.AMOUNT_HERE, EvidenceKey.AMOUNT_AT_DDD)
# Kinds that the portal has sent and DdD has lost may be sent once more.
CAN_BE_SENT: Final = frozenset(
    {Kind.SALE_MISSING, Kind.RETURN_MISSING, Kind.TRANSFER_MISSING, Kind.ORDER_MISSING}
)
# Only orders in these statuses are updated by what DdD's till does.
STILL_FOLLOWS: Final = frozenset({"Reserved", "Picked"})


# By `EvidenceKey`; the database gives plain text.
Evidence = dict[str, str | int]


@dataclass(frozen=True)
class Difference:
    """One difference; `subject` identifies it, so that it is the same row the next night.

    `posting` is the portal's own row about it. `about_at` is when it was booked: DdD is read only so far
    back.
    """

    kind: Kind
    subject: str
    order_no: str
    about_at: datetime
    shop_id: int | None = None
    posting: int | None = None
    evidence: Evidence = field(default_factory=dict)


def mend_of(kind: str, posting: int | None, evidence: Evidence) -> Mend | None:
    """What the portal can do about it; None when only a person can, in DdD."""
    if posting is not None and kind in CAN_BE_SENT:
        return Mend.SEND
    if kind == Kind.SALE_MISSING:
        return Mend.BOOK
    follows = kind == Kind.STATUS_AHEAD and evidence.get(EvidenceKey.STATUS_HERE) in STILL_FOLLOWS
    return Mend.TAKE_OVER if follows or kind == Kind.ORDER_UNKNOWN else None


def meaning_of(kind: Kind, mend: Mend | None) -> Promise:
    """What it means for the shop, and what to do."""
    usual = mend in (Mend.SEND, Mend.TAKE_OVER) or kind not in OTHERWISE
    return MEANINGS[kind] if usual else OTHERWISE[kind]


def evidence_in_words(evidence: Evidence) -> list[tuple[str, str]]:
    """The evidence with its labels in the active language."""
    # A JSON column does not preserve the order of names.
    return [(str(name.label), _shown(name, evidence[name])) for name in EvidenceKey if name in evidence]


def with_shop_names(evidence: Evidence, names: Mapping[int, str]) -> Evidence:
    """ShopIds with the names that people know: "996001 Aarhus"."""
    return {
        name: f"{value} {names.get(int(value), '')}".strip() if name in OF_SHOPS else value
        for name, value in evidence.items()
    }


def _shown(name: str, value: str | int) -> str:
    if name in AMOUNTS:
        return formats.number_format(Decimal(value), 2, use_l10n=True, force_grouping=True)
    return str(value) or "–"
