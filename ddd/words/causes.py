"""Causes: why a call to DdD failed, or a posting is not there; each sentence once. Knows no database.

All in one module that the models import, so that a process that reads a row has its sentence.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.causes import WORKER_STOPPED as WORKER_STOPPED
from core.causes import Cause

# Outcomes of a call.
REFUSED: Final = Cause("ddd-refused", _("DdD refused it with %(status)s: %(said)s"))
REFUSED_IN_CONFIDENCE: Final = Cause("ddd-refused-in-confidence", _("DdD refused it with %(status)s."))
TURNED_AWAY: Final = Cause("ddd-turned-away", _("DdD turned us away with %(status)s: %(said)s"))
ANSWERED: Final = Cause("ddd-answered", _("DdD answered %(status)s: %(said)s"))
ANSWERED_FALSE: Final = Cause("ddd-answered-false", _("DdD answered false and does not have it."))
NO_ANSWER: Final = Cause("ddd-no-answer", _("Sent, but no answer came: %(said)s"))
NO_USABLE_ANSWER: Final = Cause("ddd-no-usable-answer", _("DdD gave no usable answer."))
LEADS_ELSEWHERE: Final = Cause("ddd-leads-elsewhere", _("DdD's address leads elsewhere: %(said)s"))
ADDRESS_UNUSABLE: Final = Cause("ddd-address-unusable", _("DdD's address or token cannot be used: %(said)s"))
# Why an address is not called.
ADDRESS_UNREADABLE: Final = Cause("ddd-address-unreadable", _("That is no address. It begins with https://."))
ADDRESS_WITHOUT_TLS: Final = Cause(
    "ddd-address-without-tls",
    _("An address begins with https://: without it, tokens and customers' addresses can be read on the way."),
)
ADDRESS_WITH_MORE: Final = Cause(
    "ddd-address-with-more",
    _("An address has no user name, no password, no question mark and no #. The token has its own field."),
)
ADDRESS_PRIVATE: Final = Cause(
    "ddd-address-private",
    _("%(host)s is in a private network, where the portal does not call DdD. Whoever runs it can allow it."),
)
NOT_CALLED: Final = (ADDRESS_UNREADABLE, ADDRESS_WITHOUT_TLS, ADDRESS_WITH_MORE, ADDRESS_PRIVATE)
# Why an address and a token that somebody has typed are not kept.
TRY_NO_ANSWER: Final = Cause(
    "try-no-answer", _("Nothing answers at this address. Is it typed as DdD has told you? (%(said)s)")
)
TRY_TOKEN_REFUSED: Final = Cause(
    "try-token-refused",
    _("DdD is there, but refuses the token (%(status)s). Type it again, or ask DdD for a new one."),
)
TRY_NO_ROUTES: Final = Cause(
    "try-no-routes",
    _("Something answers at this address, but DdD's web orders are not there (404). Is the path right?"),
)
TRY_NOT_DDD: Final = Cause(
    "try-not-ddd",
    _("What answers at this address is not DdD's Public API, or sits in front of it: %(said)s"),
)
TRY_TROUBLE: Final = Cause(
    "try-trouble", _("DdD is there, but cannot answer now. Try again in a few minutes. %(said)s")
)
NO_SHOP: Final = Cause("ddd-no-shop", _("There is no shop that could be named to DdD."))
BOOKS_EMPTY: Final = Cause("ddd-books-empty", _("DdD's books are empty, though much was sent."))

# An answer that is not what DdD's contract says.
NOT_JSON: Final = Cause("ddd-not-json", _("DdD's answer is not JSON: %(said)s"))
UNREADABLE: Final = Cause("ddd-unreadable", _("DdD's answer cannot be read: %(said)s"))
NO_INVOICE_ID: Final = Cause("ddd-no-invoice-id", _("DdD's answer is no invoice id: %(said)s"))
NEITHER_TRUE_NOR_FALSE: Final = Cause(
    "ddd-neither-true-nor-false", _("DdD's answer is neither true nor false: %(said)s")
)
# Answers to a booking that are neither DdD's yes nor its no.
ODD_ANSWERS: Final = (UNREADABLE, NO_INVOICE_ID, NEITHER_TRUE_NOR_FALSE)
NO_LIST_OF_MEMBERS: Final = Cause("ddd-no-list-of-members", _("DdD's answer is no list of members."))
NO_OBJECT: Final = Cause("ddd-no-object", _("%(what)s is not an object: %(said)s"))
NO_LIST: Final = Cause("ddd-no-list", _("%(what)s is not a list: %(said)s"))
WRONG_FIELD: Final = Cause("ddd-wrong-field", _("%(field)s of %(what)s is %(said)s"))
NO_ORDER_NO: Final = Cause("ddd-no-order-no", _("an order has no OrderNo"))
MEMBER_UNREADABLE: Final = Cause("ddd-member-unreadable", _("a member cannot be read"))

PART_OF_A_LIST: Final = Cause(
    "ddd-part-of-a-list",
    _("%(what)s has %(count)s rows, and DdD says that there are more (%(said)s): nothing of it is used."),
)

# What such an answer should have been.
AN_ORDER: Final = Cause("ddd-an-order", _("an order"))
AN_ORDER_LINE: Final = Cause("ddd-an-order-line", _("an order line"))
A_SALE_PAYMENT: Final = Cause("ddd-a-sale-payment", _("a sale payment"))
A_SALE_ITEM: Final = Cause("ddd-a-sale-item", _("a sale item"))
A_TRANSFER: Final = Cause("ddd-a-transfer", _("a transfer"))
AN_ARTICLE: Final = Cause("ddd-an-article", _("an article"))
A_STOCK: Final = Cause("ddd-a-stock", _("a stock"))
A_MEMBER: Final = Cause("ddd-a-member", _("a member"))
TRANSACTIONS_OF_A_SHOP: Final = Cause("ddd-transactions-of-a-shop", _("the transactions of a shop"))
SALES_OF_A_SHOP: Final = Cause("ddd-sales-of-a-shop", _("the sales of a shop"))
LIST_OF_ORDERS: Final = Cause("ddd-list-of-orders", _("the list of orders"))

# Orders of DdD's that a person has to look at.
MANY_UNREADABLE: Final = Cause(
    "ddd-many-unreadable", _("%(count)s orders, all alike. The first: %(first)s. They are: %(names)s")
)
SAYS_OF_IT: Final = Cause("ddd-says-of-it", _("DdD says of it: %(said)s"))

# Why a posting is in its state.
SENT_IN_VAIN: Final = Cause(
    "posting-sent-in-vain",
    _("Sent %(count)s times, and DdD does not have it. The last time: %(last)s"),
)
NOT_THERE: Final = Cause("posting-not-there", _("DdD was read back: it is not there. It is sent again."))
NOT_LISTED_YET: Final = Cause(
    "posting-not-listed-yet",
    _("DdD does not list it yet. It is looked for again; nothing is sent meanwhile."),
)
NOT_LISTED: Final = Cause("posting-not-listed", _("After %(hours)s hours DdD still does not list it."))
RESTORED: Final = Cause(
    "posting-restored",
    _("The database was restored from a backup of %(at)s. It may have been sent since then: look in DdD."),
)
TAKEN_OVER: Final = Cause("posting-taken-over", _("Another worker has taken it over; nothing was sent."))
ANOTHER_ORDER: Final = Cause("posting-another-order", _("DdD has another order with this OrderNo."))
NO_ORDER_YET: Final = Cause("posting-no-order-yet", _("DdD does not have the order yet."))
NO_ORDER: Final = Cause("posting-no-order", _("DdD does not have the order."))
NO_SUCH_LINES: Final = Cause("posting-no-such-lines", _("DdD's order does not have these lines."))
OTHER_PAYMENTS: Final = Cause(
    "posting-other-payments",
    _("DdD has %(count)s payments of together %(seen)s under this receipt number; ours is %(paid)s."),
)
RECEIPT_OF_ANOTHER: Final = Cause(
    "posting-receipt-of-another",
    _("DdD has a sale under this receipt number, but of the order %(orders)s."),
)
PERHAPS_ANOTHER_TRANSFER: Final = Cause(
    "posting-perhaps-another-transfer",
    _("DdD has a new transfer of these pieces, but it may be one that a person has decided about."),
)
SEVERAL_TRANSFERS: Final = Cause(
    "posting-several-transfers",
    _("DdD has several new transfers of these pieces between the two shops."),
)
TRANSFER_OTHERWISE: Final = Cause(
    "posting-transfer-otherwise",
    _("DdD lists some of these pieces between the two shops, but not as one new transfer of just these."),
)
DRAFTS_NOT_CONFIRMED: Final = Cause(
    "posting-drafts-not-confirmed",
    _("DdD lists no such transfer, but it is not confirmed that it lists drafts at all."),
)
FIRST_OF_ITS_KIND: Final = Cause(
    "posting-first-of-its-kind",
    _("It waits until somebody has looked in DdD at the first one that was sent by these settings."),
)
REHEARSAL: Final = Cause("posting-rehearsal", _("A rehearsal has begun: nothing is sent before it ends."))
UNKNOWN_KIND: Final = Cause(
    "posting-unknown-kind",
    _("This version of the portal does not know how to send a posting of the kind “%(kind)s”."),
)
SOLD_ALREADY: Final = Cause(
    "posting-sold-already",
    _("DdD has a sale of this order that the portal has not booked. Nothing was sent."),
)
NOT_SEEN_AT_NIGHT: Final = Cause(
    "posting-not-seen-at-night", _("The nightly comparison did not find it at DdD.")
)

# What somebody should look at in DdD.
SEEN_ON: Final = Cause("notice-seen-on", _("Seen on the order %(order_no)s"))
SHOP_ID: Final = Cause("notice-shop-id", _("ShopId %(shop_id)s"))
WEB_SHOP_SAID: Final = Cause("notice-web-shop-said", _("WebshopId %(webshop_id)s. %(said)s"))
VARIANT_ID: Final = Cause("notice-variant-id", _("VariantId %(variant_id)s"))
TAKEN_BACK: Final = Cause(
    "notice-taken-back",
    _("Pieces: %(count)s. How the customer got her money is not known here: look in DdD."),
)
SENT_LATE: Final = Cause("notice-sent-late", _("Posting %(posting)s, begun at %(began)s"))
OTHER_PIECES: Final = Cause(
    "notice-other-pieces",
    _("DdD's order with this OrderNo has other pieces than the one here: it is not followed."),
)
DIFFERS_IN: Final = Cause("notice-differs-in", _("It differs in: %(fields)s"))
READ_ALIKE: Final = Cause("notice-read-alike", _("The other one is %(order_no)s"))
ORDER_HAS: Final = Cause("notice-order-has", _("The order has %(wrong)s."))
AGE_UNKNOWN: Final = Cause(
    "notice-age-unknown",
    _(
        "It may have ended at DdD before the portal was in use: it has neither CreatedOn nor OrderedOn. "
        "Nothing of it is booked here."
    ),
)
ORDER_NOT_TAKEN: Final = Cause("notice-order-not-taken", _("The portal cannot take it over: %(said)s"))
NO_LINES: Final = Cause("order-no-lines", _("no lines"))
NO_IS_PAID: Final = Cause("order-no-is-paid", _("no IsPaid: whether it is paid is not known"))
LONG_ORDER_NO: Final = Cause("order-long-order-no", _("an OrderNo of %(count)s characters"))
NOT_ONE_PIECE: Final = Cause("order-not-one-piece", _("a line of more or less than one piece"))
NO_PRICE: Final = Cause("order-no-price", _("a line without EffectiveSalesPrice: its price is not known"))
IMPOSSIBLE_VARIANT: Final = Cause("order-impossible-variant", _("a line with an impossible VariantId"))
IMPOSSIBLE_PRICE: Final = Cause("order-impossible-price", _("a price that no sale can carry"))
IMPOSSIBLE_NUMBER: Final = Cause("order-impossible-number", _("an impossible CustomerNumber or Id"))

# Names of the findings of reading back.
PAYMENTS: Final = Cause("found-payments", _("payments"))
AMOUNT: Final = Cause("found-amount", _("amount"))
RECEIPTS: Final = Cause("found-receipts", _("found in shop, under receipt"))
NEW_TRANSFERS: Final = Cause("found-new-transfers", _("new between the two shops"))
EQUAL_TRANSFERS: Final = Cause("found-equal-transfers", _("with the same pieces"))

# A setting: whether orders are read from DdD.
IS_LIVE: Final = Cause("setting-is-live", _("DdD is connected and live"))

# What a person has said of an odd answer.
A_YES: Final = Cause("setting-answer-yes", _("means yes"))
A_NO: Final = Cause("setting-answer-no", _("means no"))


def meaning_of_answer(is_yes: bool) -> Cause:
    """What a person has said that DdD's odd answer means."""
    return A_YES if is_yes else A_NO
