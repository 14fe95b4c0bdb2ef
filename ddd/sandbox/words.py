"""The sandbox's own assumptions, in one place; a `Dialect` has others.

DdD's contract names only some members of its enumerations (`contract.md`, section 0). The rest is made up
here so that the portal has something to be strict against; what DdD really says is a setting of the Group.
"""

# Seen: All, Reserved. The others, and all numbers, are assumed.
ALL = "All"
RESERVED = "Reserved"
PICKED = "Picked"
DELIVERED = "Delivered"
RETURNED = "Returned"
LINE_STATUSES: dict[str, int] = {
    ALL: 0,  # a filter, never the status of a line
    RESERVED: 1,
    PICKED: 2,
    DELIVERED: 3,
    RETURNED: 4,
    "Cancelled": 5,
    "Missing": 6,
}

# Seen: ClickAndCollect.
CLICK_AND_COLLECT = "ClickAndCollect"
ORDER_IN_STORE = "OrderInStore"

# Seen: Sale, In, Discount.
RETURN = "Return"
OUT = "Out"
ENUMS: dict[str, tuple[str, ...]] = {
    "WebOrderLineStatus": tuple(LINE_STATUSES),
    "WebOrderType": (CLICK_AND_COLLECT, ORDER_IN_STORE),
    "ItemLineType": ("Sale", RETURN),
    "PaymentFlow": ("In", OUT),
    "PriceAlterationType": ("Discount",),
}

# How a transaction says whether it is an item or a payment, and the type number of a transfer: not stored.
POS_TRANSACTION_ITEM = "Item"
POS_TRANSACTION_PAYMENT = "Payment"
TRANSFER_TRANSACTION_TYPE = 30
BACK_OFFICE_SOURCE = 0
TILL_SOURCE = 1

# Invoice numbers of transfers; only that they are integers is known.
FIRST_INVOICE = 500_001

# "At most 31 days" for reads that name only a first day.
DAYS_READ_AT_ONCE = 31

# The paging headers' names and the page size's limit are not stored.
NEXT_PAGE_HEADER = "X-Next-Page"
REMAINING_HEADER = "X-Remaining"
LARGEST_PAGE = 1000
