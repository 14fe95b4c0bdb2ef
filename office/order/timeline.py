"""Everything that happened to an order as one list: people, the system, and each call to DdD."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.tablets import NoAlert
from core.choices import Reasons, label_of
from ddd.models import Attempt, Posting
from office.order.return_timeline import return_details, return_name, rounded
from orders.cancel_reasons import CANCEL_REASONS
from orders.missing_reasons import MISSING_REASONS
from orders.models import Document, Mail, OrderEvent, WebOrder

Kind = OrderEvent.Kind
# What a web shop can change, by DdD's names.
FIELDS = (
    ("IsPaid", gettext_lazy("Paid")),
    ("ReceiveAddress", gettext_lazy("Address")),
    ("ReturnAddress", gettext_lazy("Return address")),
    ("SalesPrice", gettext_lazy("Price")),
    ("EffectiveSalesPrice", gettext_lazy("Price with discount")),
    ("DiscountAmount", gettext_lazy("Discount")),
    ("Notes", gettext_lazy("Notes")),
)
# Of which table an event's reason is; a reason of another kind is somebody's own words.
REASONS: Mapping[str, Reasons[Any]] = {Kind.PIECE_MISSING: MISSING_REASONS, Kind.CANCELLED: CANCEL_REASONS}
RETURNS = (Kind.TAKEN_BACK, Kind.RETURN_CANCELLED, Kind.RETURN_REVERSED, Kind.REFUNDED, Kind.RECLAIMED)


class Author(StrEnum):
    """Who did it; each has a shape of its own on the screen."""

    PERSON = "person"
    SYSTEM = "system"
    DDD = "ddd"


@dataclass(frozen=True)
class Entry:
    """One thing on the timeline."""

    at: datetime
    by: Author
    who: str
    title: str
    details: tuple[str, ...] = ()
    attempt: Attempt | None = None
    calls: tuple[dict[str, Any], ...] = ()
    payload: str = ""  # what was to be sent, of tries whose calls were not kept


def timeline_of(order: WebOrder, postings: list[Posting], mails: Iterable[Mail] = ()) -> list[Entry]:
    """The oldest first. `postings` are those of the order, with their attempts; 1 query for the events."""
    events = order.events.select_related("actor")
    # One that was sent has its event.
    unsent = [mail for mail in mails if mail.state not in (Mail.State.SENT, Mail.State.NOT_NEEDED)]
    entries = chain(
        (_of_event(event) for event in events),
        (_of_mail(mail) for mail in unsent),
        (_of_attempt(attempt, posting) for posting in postings for attempt in posting.attempts.all()),
    )
    return sorted(entries, key=lambda entry: entry.at)


def postings_of(order: WebOrder) -> list[Posting]:
    """The postings of the order, with every attempt; 2 queries."""
    postings = Posting.objects.filter(group_id=order.group_id, order_no=order.order_no).order_by("pk")
    booked = postings.select_related(
        "first", "sale__shop", "sale__web_shop", "item_transfer__sender", "item_transfer__recipient"
    )
    return list(booked.prefetch_related("attempts__actor"))


def _of_event(event: OrderEvent) -> Entry:
    if event.by_ddd:
        by, who = Author.DDD, _("DdD")
    elif event.actor is not None:
        by, who = Author.PERSON, event.actor.name
    else:
        by, who = Author.SYSTEM, str(event.data.get("web_shop") or _("The portal"))
    return Entry(event.at, by, who, event.get_kind_display(), tuple(_details(event)))


def _details(event: OrderEvent) -> list[str]:
    data = event.data
    if event.kind in RETURNS:
        return return_details(data)
    details = []
    if key := data.get("key"):
        details.append(_("by the key %(key)s…") % {"key": key})
    if piece := data.get("piece"):
        details.append(str(piece))
    details.extend(str(piece) for piece in data.get("pieces", []))
    details.extend(label_of(FIELDS, name) for name in data.get("fields", []))
    if reason := data.get("reason"):
        details.append(REASONS[event.kind].label_of(reason) if event.kind in REASONS else str(reason))
    if way := data.get("way"):
        details.append(label_of(WebOrder.Way.choices, way))
    if paid_by := data.get("paid_by"):
        details.append(_("Paid %(how)s") % {"how": label_of(WebOrder.PaidBy.choices, paid_by)})
    if number := data.get("delivery_no"):
        details.append(_("DeliveryNo %(number)s") % {"number": number})
    if (proof := data.get("proof")) and proof != WebOrder.Proof.NONE:
        details.append(label_of(WebOrder.Proof.choices, proof))
    if amount := data.get("amount"):
        details.append(_("Amount %(amount)s") % {"amount": amount})
    details += rounded(data)
    return details + _of_paper(data) + _of_escalation(data)


def _of_paper(data: dict[str, Any]) -> list[str]:
    details = []
    if document := data.get("document"):
        details.append(label_of(Document.choices, document))
    if number := data.get("return"):
        details.append(return_name(number))
    if number := data.get("reprint"):
        details.append(_("Reprint %(number)s") % {"number": number})
    if mail := data.get("mail"):
        details.append(label_of(Mail.Kind.choices, mail))
    return details


def _of_escalation(data: dict[str, Any]) -> list[str]:
    details = []
    if waiting := data.get("waiting_minutes"):
        details.append(_("after %(count)d open min") % {"count": waiting})
    if deaf := data.get("deaf"):
        details.append(label_of(NoAlert.choices, deaf))
    return [*details, *(str(person) for person in data.get("people", []))]


def _of_mail(mail: Mail) -> Entry:
    title = _("Mail: %(state)s") % {"state": str(mail.get_state_display()).lower()}
    details = tuple(part for part in (str(mail.get_kind_display()), mail.why) if part)
    return Entry(mail.made_at, Author.SYSTEM, _("The portal"), title, details)


def _of_attempt(attempt: Attempt, posting: Posting) -> Entry:
    decided = attempt.purpose == Attempt.Purpose.DECISION
    title = _("%(what)s: %(purpose)s") % {
        "what": posting.get_kind_display(),
        "purpose": attempt.get_purpose_display(),
    }
    by = Author.PERSON if decided else Author.DDD
    who = attempt.actor.name if attempt.actor else _("DdD")
    calls = tuple({**call, "request": _readable(call["request"])} for call in attempt.calls)
    sent = attempt.purpose == Attempt.Purpose.SEND and not calls
    payload = _readable(posting.payload) if sent else ""
    return Entry(attempt.started_at, by, who, title, (), attempt, calls, payload)


def _readable(body: Any) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) if body is not None else ""
