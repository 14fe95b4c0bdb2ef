"""The labels and choices of settings that were stored in English before there were codes, as they were then.

What was renamed before stays as it is.
"""

from collections.abc import Mapping
from typing import Any

Stored = dict[str, Any]

FIELDS = {
    "work": {
        "remind the shop after (minutes)": "orders.policy.remind_minutes",
        "tell the shop manager after (minutes)": "orders.policy.manager_minutes",
        "tell head office after (minutes)": "orders.policy.head_office_minutes",
        "picking": "orders.policy.scanning",
        "proof at the hand-over": "orders.policy.proof",
        "more reasons for missing pieces": "orders.policy.missing_reasons",
        "to be collected within (days)": "orders.policy.collect_days",
        "remind the customer before that (days)": "orders.policy.collect_reminder_days",
        "promised within (minutes)": "accounts.group.promise_minutes"
    },
    "personal-data": {
        "personal data is forgotten after (days)": "orders.policy.personal_data_days"
    },
    "ddd": {
        "address": "ddd.connection.base_url",
        "token": "ddd.connection.token",
        "terminal": "ddd.connection.terminal_id",
        "clerk": "ddd.connection.clerk_id",
        "transaction type for cash": "ddd.connection.cash_transaction_type",
        "transaction type for the card terminal": "ddd.connection.terminal_transaction_type",
        "word for a sold line": "ddd.connection.sale_word",
        "word for money in": "ddd.connection.payment_in_word",
        "word for a discount": "ddd.connection.discount_word",
        "a sale line's gross amount is before its discount": "ddd.connection.gross_before_discount",
        "DdD lists an item transfer as soon as it is initiated": "ddd.connection.drafts_are_listed",
        "words for a line's status": "ddd.connection.status_words",
        "where an article's facts stand": "ddd.connection.article_slots"
    },
    "returns": {
        "the register pays the customer": "returns.returnpolicy.register_pays",
        "the register pays at most, for each return": "returns.returnpolicy.money_limit",
        "days to return": "returns.returnpolicy.days",
        "returns are taken in": "returns.returnpolicy.where",
        "chosen shops": "returns.returnpolicy.shops",
        "may overrule": "returns.returnpolicy.overruling",
        "paper of the return slip": "returns.returnpolicy.slip_paper",
        "word for a returned line": "ddd.connection.return_word",
        "word for money out": "ddd.connection.payment_out_word",
        "transaction type for paying out in cash": "ddd.connection.cash_out_transaction_type",
        "transaction type for paying out at the card terminal": "ddd.connection.terminal_out_transaction_type"
    },
    "shop": {
        "ShopId": "accounts.shop.shop_id",
        "name": "accounts.shop.name",
        "address": "accounts.shop.address",
        "takes web orders": "accounts.shop.takes_orders",
        "asks who it is": "accounts.shop.asks_who"
    },
    "web shop": {
        "name": "accounts.webshop.name",
        "WebshopId": "accounts.webshop.webshop_id",
        "shops": "accounts.webshop.shops",
        "turnover shop": "accounts.webshop.turnover_shop",
        "turnover item group": "accounts.webshop.turnover_item_group",
        "item transfers are made by": "accounts.webshop.transfers_by",
        "transaction type of its payments": "accounts.webshop.transaction_type",
        "DdD token": "accounts.webshop.ddd_token"
    }
}
CHOICES = {
    "orders.policy.scanning": {
        "Tap only": "off",
        "Scan or tap": "offered",
        "Scan only": "forced"
    },
    "orders.policy.proof": {
        "No proof": "none",
        "Pick-up code": "code",
        "Name checked": "name",
        "Signature": "signature"
    },
    "returns.returnpolicy.where": {
        "every shop": "every shop",
        "only the shop that delivered the order": "same shop",
        "the chosen shops": "chosen"
    },
    "returns.returnpolicy.overruling": {
        "nobody": "nobody",
        "the shop manager": "manager"
    },
    "returns.returnpolicy.slip_paper": {
        "A5": "a5",
        "receipt, 80 mm": "receipt"
    },
    "accounts.webshop.transfers_by": {
        "the portal": "portal",
        "DdD": "ddd"
    },
    "orders.weborder.status": {
        "Reserved": "Reserved",
        "Picked": "Picked",
        "Delivered": "Delivered",
        "Returned": "Returned",
        "Cancelled": "Cancelled",
        "Missing": "Missing"
    },
    "accounts.membership.role": {
        "shop manager": "manager",
        "staff": "staff"
    }
}
SUBJECTS = {
    "Work in the shops": "setting-work",
    "Personal data": "setting-personal-data",
    "DdD": "setting-ddd",
    "Returns": "setting-returns",
}
# Labels and values beside those of fields, by the page.
WORDS = {
    "ddd": {"DdD's words are confirmed": "setting-words-confirmed"},
    "returns": {
        "DdD's words for a return are confirmed": "setting-return-words-confirmed",
        "Why pieces come back": "setting-return-reasons",
        "Offered": "setting-return-reasons-offered",
    },
    "holidays": {
        "closed": "setting-closed",
        "shops": "setting-shops",
        "all shops": "setting-all-shops",
    },
    "web shop": {
        "key made": "setting-key-made",
        "key replaced": "setting-key-replaced",
        "good until": "setting-key-good-until",
        "key revoked": "setting-key-revoked",
    },
    "person": {
        "Name": "person-name",
        "Language": "person-language",
        "Head office": "person-head-office",
        "May log in": "person-may-log-in",
        "PIN": "person-pin",
        "PIN locked": "person-pin-locked",
        "set": "person-pin-set",
        "not set": "person-pin-not-set",
        "Logged out": "person-logged-out",
        "everywhere": "person-logged-out-everywhere",
        "Invitation": "person-invitation",
        "Mail for a new password": "person-password-mail",
        "sent": "person-mail-sent",
        "withdrawn": "person-invitation-withdrawn",
        "Second factor": "person-second-factor",
        "reset": "person-second-factor-reset",
    },
    "second-factor": {"Head office needs a second factor": "setting-second-factor-needed"},
}
SLOTS = {"description", "colour", "size"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LANGUAGES = {"English": "en", "Danish": "da"}
# Whose choices the words of a table of words are.
OF_TABLES = {"ddd": "orders.weborder.status", "person": "accounts.membership.role"}


def page_of(about: str) -> str:
    """ "shop 7" and "shops" are one page, and so are all people."""
    if about.startswith("web shop"):
        return "web shop"
    for page in ("person", "hours", "shop"):
        if about.startswith((f"{page} ", f"{page}-", f"{page}s")):
            return page
    return about


def with_codes(about: str, fields: list[Stored]) -> list[Stored]:
    """The fields of a change, or of a dry run, with codes where a label or a choice is known."""
    page = page_of(about)
    return [_field_with_codes(page, field) for field in fields]


def subject_with_code(subject: object) -> object:
    """A page has a code; the name of a shop or of a person stays."""
    word = subject.get("word") if isinstance(subject, Mapping) else None
    return subject if word is None else _code(SUBJECTS[word]) if word in SUBJECTS else word


def _field_with_codes(page: str, field: Stored) -> Stored:
    label = field["label"]
    if not isinstance(label, str):
        return field
    of = FIELDS.get(page, {}).get(label, "")
    found = {**field, "label": _label_with_code(page, label, of)}
    choices_of = of if of in CHOICES else OF_TABLES.get(page, "")
    for name in ("entry", "before", "after"):
        if name in field:
            found[name] = _value_with_code(page, field[name], choices_of)
    return found


def _label_with_code(page: str, label: str, of: str) -> object:
    if of:
        return _code("setting-field", of=of)
    if page == "hours" and label in WEEKDAYS:
        return _code("weekday", number=WEEKDAYS.index(label))
    code = WORDS.get(page, {}).get(label)
    return _code(code) if code else label


def _value_with_code(page: str, value: object, choices_of: str) -> object:
    if isinstance(value, list):
        return [_value_with_code(page, one, choices_of) for one in value]
    if not isinstance(value, Mapping) or "word" not in value:
        return value
    word = value["word"]
    chosen = CHOICES.get(choices_of, {}).get(word)
    if chosen is not None:
        return _code("setting-choice", of=choices_of, value=chosen)
    if page == "ddd" and word in SLOTS:
        return _code("setting-field", of=f"ddd.variant.{word}")
    if page == "person" and word in LANGUAGES:
        return _code("language-name", code=LANGUAGES[word])
    code = WORDS.get(page, {}).get(word)
    return _code(code) if code else word


def _code(code: str, **data: str | int) -> Stored:
    return {"code": code, "data": data}
