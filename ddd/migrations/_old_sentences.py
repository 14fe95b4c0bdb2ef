"""What was stored in English about calls to DdD before there were codes, as it was written then."""

from core.causes import StoredCause
from core.old_sentences import coded

SAID = r"(?P<said>.*)"
STATUS = r"(?P<status>\d{1,9})"
SENTENCES = (
    ("ddd-refused", rf"DdD refused it with {STATUS}: {SAID}"),
    ("ddd-refused-in-confidence", rf"DdD refused it with {STATUS}\."),
    ("ddd-turned-away", rf"DdD turned us away with {STATUS}: {SAID}"),
    ("ddd-answered", rf"DdD answered {STATUS}: {SAID}"),
    ("ddd-answered-false", r"DdD answered false and does not have it\."),
    ("ddd-no-answer", rf"Sent, but no answer came: {SAID}"),
    ("ddd-no-usable-answer", r"DdD gave no usable answer\."),
    ("ddd-leads-elsewhere", rf"DdD's address leads elsewhere: {SAID}"),
    ("ddd-address-unusable", rf"DdD's address or token cannot be used: {SAID}"),
    ("ddd-no-shop", r"There is no shop that could be named to DdD\."),
    ("ddd-books-empty", r"DdD's books are empty, though much was sent\."),
    ("ddd-not-json", rf"DdD's answer is not JSON: {SAID}"),
    ("ddd-unreadable", rf"DdD's answer cannot be read: {SAID}"),
    ("ddd-no-invoice-id", rf"DdD's answer is no invoice id: {SAID}"),
    ("ddd-neither-true-nor-false", rf"DdD's answer is neither true nor false: {SAID}"),
    ("ddd-no-list-of-members", r"DdD's answer is no list of members\."),
    (
        "posting-sent-in-vain",
        r"Sent (?P<count>\d{1,9}) times, and DdD does not have it\. The last time: (?P<last>.*)",
    ),
    ("posting-not-there", r"DdD was read back: it is not there\. It is sent again\."),
    ("worker-stopped", r"The worker stopped while it was sending\."),
    ("posting-taken-over", r"Another worker has taken it over; nothing was sent\."),
    ("posting-another-order", r"DdD has another order with this OrderNo\."),
    ("posting-no-order-yet", r"DdD does not have the order yet\."),
    ("posting-no-order", r"DdD does not have the order\."),
    ("posting-no-such-lines", r"DdD's order does not have these lines\."),
    (
        "posting-other-payments",
        r"DdD has (?P<count>\d{1,9}) payments of together (?P<seen>.*?) under this receipt number; "
        r"ours is (?P<paid>.*?)\.",
    ),
    (
        "posting-perhaps-another-transfer",
        r"DdD has a new transfer of these pieces, but it may be one that a person has decided about\.",
    ),
    (
        "posting-several-transfers",
        r"DdD has several new transfers of these pieces between the two shops\.",
    ),
    (
        "posting-drafts-not-confirmed",
        r"DdD lists no such transfer, but it is not confirmed that it lists drafts at all\.",
    ),
    ("posting-not-seen-at-night", r"The nightly comparison did not find it at DdD\."),
    ("notice-seen-on", r"Seen on the order (?P<order_no>.*)"),
    ("notice-shop-id", r"ShopId (?P<shop_id>-?\d{1,18})"),
    ("notice-variant-id", r"VariantId (?P<variant_id>\d{1,18})"),
    (
        "notice-taken-back",
        r"Pieces: (?P<count>\d{1,9})\. How the customer got her money is not known here: look in DdD\.",
    ),
    (
        "notice-other-pieces",
        r"DdD's order with this OrderNo has other pieces than the one here: it is not followed\.",
    ),
    ("order-no-lines", "no lines"),
    ("order-long-order-no", r"an OrderNo of (?P<count>\d{1,9}) characters"),
    ("order-impossible-variant", "a line with an impossible VariantId"),
    ("order-impossible-price", "a price that no sale can carry"),
    ("order-impossible-number", "an impossible CustomerNumber or Id"),
    (
        "notice-order-has",
        r"The order has (?P<wrong>no lines|an OrderNo of \d{1,9} characters|a line with an impossible VariantId"
        r"|a price that no sale can carry|an impossible CustomerNumber or Id)\.",
    ),
    ("ddd-an-order", "an order"),
    ("ddd-an-order-line", "an order line"),
    ("ddd-a-sale-payment", "a sale payment"),
    ("ddd-a-sale-item", "a sale item"),
    ("ddd-a-transfer", "a transfer"),
    ("ddd-an-article", "an article"),
    ("ddd-a-stock", "a stock"),
    ("ddd-a-member", "a member"),
    ("ddd-transactions-of-a-shop", "the transactions of a shop"),
    ("ddd-sales-of-a-shop", "the sales of a shop"),
    ("ddd-list-of-orders", "the list of orders"),
    ("ddd-no-order-no", "an order has no OrderNo"),
    ("ddd-member-unreadable", "a member cannot be read"),
    ("ddd-no-object", rf"(?P<what>(?:an?|the) [\w ]+) is not an object: {SAID}"),
    ("ddd-no-list", rf"(?P<what>api/\S+|the list of orders) is not a list: {SAID}"),
    ("ddd-wrong-field", rf"(?P<field>\w+) of (?P<what>(?:an?|the) [\w ]+?) is {SAID}"),
)


def coded_sentence(text: str) -> StoredCause:
    """The code and data of such a text; what is none of these stays as it is."""
    return coded(text, SENTENCES, nested=("last", "what", "wrong"))
