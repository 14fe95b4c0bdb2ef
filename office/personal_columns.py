"""Every column that can hold a text, and what becomes of what it says about a customer; knows no database.

A test names a column that is missing here, and one that is said to go with its order and does not. The
token of a lease is random.
"""

from typing import Final

WITH_ORDER: Final = "blanked, or its row deleted, when the order is forgotten"
AGE: Final = "its row goes by its age, after hours or days"
NUMBERS: Final = "numbers and codes of orders and books, which stay"
CODES: Final = "codes, measures and names of the portal's own"
SETTING: Final = "a setting of head office, about its Group and not about a customer"
STAFF: Final = "about people who work with the portal"
CATALOGUE: Final = "about articles"
FOUND: Final = "what was found in books: amounts, numbers, shops, VariantIds"
REFERENCE: Final = "the number of a payment, which the books of the web shop need"
SEARCH: Final = "a view that searched for a customer is deleted when it finds no order any more"

# By model, then by column.
COLUMNS: Final[dict[str, dict[str, str]]] = {
    "account.EmailAddress": dict.fromkeys(["email"], STAFF),
    "account.EmailConfirmation": dict.fromkeys(["key"], STAFF),
    "accounts.AccountMail": {"language": CODES, "reason": STAFF, "device": STAFF},
    "accounts.ApiKey": dict.fromkeys(["name", "digest", "hint"], SETTING),
    "accounts.CacheEntry": dict.fromkeys(["cache_key", "value"], AGE),
    "accounts.ClosedDay": {"name": SETTING},
    "accounts.Group": dict.fromkeys(["name", "currency", "language", "time_zone"], SETTING),
    "accounts.LogIn": dict.fromkeys(["session_key", "session_data", "device"], STAFF),
    "accounts.SettingChange": dict.fromkeys(["about", "subject", "fields"], SETTING),
    "accounts.Shop": dict.fromkeys(["name", "address"], SETTING),
    "accounts.User": dict.fromkeys(["password", "email", "name", "language", "pin"], STAFF),
    "accounts.WebShop": dict.fromkeys(["name", "ddd_token"], SETTING),
    "admin.LogEntry": dict.fromkeys(["object_id", "object_repr", "change_message"], STAFF),
    "auth.Group": {"name": CODES},
    "auth.Permission": dict.fromkeys(["name", "codename"], CODES),
    "contenttypes.ContentType": dict.fromkeys(["app_label", "model"], CODES),
    "ddd.Attempt": dict.fromkeys(["detail", "calls"], WITH_ORDER),
    "ddd.Barcode": {"ean": CATALOGUE},
    "ddd.Connection": dict.fromkeys(
        [
            *("base_url", "token", "sale_word", "payment_in_word", "return_word", "payment_out_word"),
            *("discount_word", "status_words", "order_types", "article_slots", "known_answers"),
            *("tokens_read", "tokens_behind", "trouble", "unread_cause"),
        ],
        SETTING,
    ),
    "ddd.Difference": {"subject": NUMBERS, "order_no": NUMBERS, "evidence": FOUND, "note": WITH_ORDER},
    "ddd.FirstLook": {"trouble": FOUND, "found": FOUND},
    "ddd.FirstPosting": dict.fromkeys(["fingerprint", "settings"], SETTING),
    "ddd.ItemTransfer": {"order_no": NUMBERS},
    "ddd.Member": dict.fromkeys(["name", "phone", "email", "address"], AGE),
    "ddd.Notice": {"subject": NUMBERS, "detail": FOUND, "note": WITH_ORDER},
    "ddd.Posting": {
        **dict.fromkeys(["lane"], CODES),
        **dict.fromkeys(["action_key", "order_no"], NUMBERS),
        # Of item transfers `baseline` and `answer` are numbers by which DdD is read back, and stay.
        **dict.fromkeys(["payload", "reason", "evidence", "baseline", "answer"], WITH_ORDER),
    },
    "ddd.Reconciliation": {"trouble": FOUND, "data": FOUND},
    "ddd.Sale": dict.fromkeys(["order_no", "currency", "paid_at"], NUMBERS),
    "ddd.SharedEan": dict.fromkeys(["ean", "note"], CATALOGUE),
    "ddd.Variant": dict.fromkeys(["description", "colour", "size"], CATALOGUE),
    "mfa.Authenticator": {"data": STAFF},
    "office.BulkAction": {"reason": CODES},
    "office.BulkOrder": {"why": CODES},
    "office.DailyFigure": {"counts": CODES},
    "office.DryRun": dict.fromkeys(["wanted", "fields", "typed", "result"], AGE),
    "office.Export": dict.fromkeys(["query", "said", "language"], AGE),
    "office.ExportPart": {"content": AGE},
    "office.MissingReport": {"reason": CODES, "closed_why": WITH_ORDER},
    "office.SavedView": dict.fromkeys(["name", "query"], SEARCH),
    "office.WeeklyFigure": {"counts": CODES},
    "orders.Line": {
        **dict.fromkeys(["delivery_no", "notes"], WITH_ORDER),
        "ean": CATALOGUE,
        "missing_reason": CODES,
    },
    "orders.Mail": {
        **dict.fromkeys(["to", "reason"], WITH_ORDER),
        **dict.fromkeys(["language", "action_key"], CODES),
    },
    "orders.OrderEvent": {"data": WITH_ORDER},
    "orders.Policy": {"missing_reasons": SETTING},
    "orders.ReceiverWord": {"word": WITH_ORDER},
    "orders.RefundDue": {"currency": CODES, "reference": REFERENCE},
    "orders.RefundedLine": {"reason": CODES},
    "orders.WebOrder": {
        **dict.fromkeys(["order_no", "order_no_folded", "pickup_code"], NUMBERS),
        **dict.fromkeys(["order_reference", "receive_address", "return_address"], WITH_ORDER),
        # Of `content` a keyed hash stays, by which the order is known when it comes again.
        **dict.fromkeys(["content", "collected_by", "signature"], WITH_ORDER),
    },
    "returns.Return": {
        **dict.fromkeys(["currency", "why"], CODES),
        **dict.fromkeys(["overrule_reason", "ended_why"], WITH_ORDER),
    },
    "returns.ReturnReason": {"words": SETTING},
    "returns.ReturnedPiece": {"reason": CODES},
    "workers.Heartbeat": dict.fromkeys(["part"], CODES),
    "workers.Turn": dict.fromkeys(["task"], CODES),
}
