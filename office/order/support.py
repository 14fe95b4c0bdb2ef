"""All that is known of one order as one text for support: without tokens, codes, signatures, addresses and
the name of the person who collected. The customer's number stays: it shows why they got no mail."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils import translation

from accounts.models import User
from core.cause_field import CauseField
from core.causes import words_of
from ddd.api.http import ADDRESSES
from ddd.models import Connection, Posting
from office.order.timeline import postings_of
from orders.models import Mail, WebOrder

Fields = dict[str, Any]

# What gives access or is private; every field that is not listed is included.
EXCLUDED_FIELDS: Final = frozenset({"pickup_code", "signature", "content"})
# Replaced by a mark that there is a value, in the portal's fields and in what was sent to DdD.
HIDDEN_FIELDS: Final = frozenset({"receive_address", "return_address", "collected_by", *ADDRESSES})
HIDDEN: Final = "…"


def support_text(order: WebOrder, now: datetime) -> str:
    """JSON that people can read, in English, with the times of the Group; 8 queries."""
    with translation.override("en"):
        data = {
            "OrderNo": order.order_no,
            "group": f"{order.group.name} ({order.group.ddd_group_id})",
            "made at": now,
            "order": {**_fields_of(order), "phase": order.phase.label},
            "lines": [{**_fields_of(line), "variant": _variant(line)} for line in _lines_of(order)],
            "events": [_fields_of(event) for event in order.events.select_related("actor", "shop")],
            "returns": [
                {**_fields_of(one), "pieces": [_fields_of(piece) for piece in one.pieces.all()]}
                for one in order.returns.select_related("shop", "taken_by").prefetch_related("pieces")
            ],
            "told to DdD": [_posting(posting) for posting in postings_of(order)],
            # The address is kept by DdD alone.
            "mails": [
                {**_fields_of(mail), "to": bool(mail.to), "why": mail.why} for mail in _mails_of(order)
            ],
        }
        zone = ZoneInfo(order.group.time_zone)
        text = json.dumps(
            _hidden(data), indent=2, ensure_ascii=False, default=lambda value: _in_words(value, zone)
        )
    return _without(_secrets_of(order), text)


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in HIDDEN_FIELDS and one else _hidden(one) for name, one in value.items()
        }
    return [_hidden(one) for one in value] if isinstance(value, list) else value


def _lines_of(order: WebOrder) -> Iterable[Any]:
    return order.lines.select_related("variant", "picked_by", "put_back_by", "put_back_shop")


def _mails_of(order: WebOrder) -> Iterable[Mail]:
    return order.mails.select_related("decided_by").order_by("pk")


def _variant(line: Any) -> str:
    return f"{line.variant.variant_id} {line.variant}"


def _posting(posting: Posting) -> Fields:
    booked: Fields = {}
    for name in ("sale", "item_transfer"):
        if row := getattr(posting, name, None):
            booked[name] = _fields_of(row)
    attempts = [_fields_of(attempt) for attempt in posting.attempts.all()]
    return {**_fields_of(posting), **booked, "attempts": attempts}


def _fields_of(row: Model) -> Fields:
    """Every field with a value, by its name; loaded people and shops by their names."""
    data: Fields = {}
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        if field.name in EXCLUDED_FIELDS or value in (None, "", [], {}):
            continue
        if isinstance(field, CauseField):
            value = words_of(value)
        if field.is_relation and field.name in row._state.fields_cache:
            other = getattr(row, field.name)
            value = other.name if isinstance(other, User) else str(other)
        data[field.name] = value
    return data


def _in_words(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="milliseconds")
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


def _secrets_of(order: WebOrder) -> list[str]:
    """What an answer of DdD might have repeated."""
    tokens = Connection.objects.filter(group=order.group).values_list("token", flat=True)
    own = [order.web_shop.ddd_token] if order.web_shop else []
    return [secret for secret in (*tokens, *own) if secret]


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
