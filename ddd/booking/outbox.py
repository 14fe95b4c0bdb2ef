"""Writes the rows of the outbox, in the same transaction as the action itself.

`ddd/sending/dispatch.py` sends them. Payloads are DdD's own bodies, complete in themselves; money is text
with two decimals in them, because JSON numbers cannot hold it exactly.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Group, WebShop
from core.wakeups import call_worker
from ddd.api.bodies import ChangeBody, Item, OrderBody, SaleBody, TransferBody
from ddd.models import Posting

# All but web orders: those are named by their OrderNo, which the web shop chooses.
KEYED_BY_ACTION: Final = tuple(kind for kind in Posting.Kind if kind != Posting.Kind.ORDER)
# What DdD has never heard of, and can still be undone.
UNSENT: Final = (Posting.State.WAITING, Posting.State.REHEARSED)


def post_order(web_shop: WebShop, order_no: str, body: OrderBody, now: datetime) -> Posting:
    """A web order, as the web shop that made it; once per OrderNo."""
    return post(web_shop.group, Posting.Kind.ORDER, order_no, order_no, body, now, web_shop=web_shop)


def post_change(
    group: Group,
    web_shop: WebShop | None,
    action_key: str,
    order_no: str,
    body: ChangeBody,
    now: datetime,
    due: datetime | None = None,
) -> Posting:
    """What changes of a web order, as the web shop that made it; once per action. The worker asks DdD for the
    line Ids."""
    return post(group, Posting.Kind.CHANGE, action_key, order_no, body, now, due=due, web_shop=web_shop)


def post_sale(
    group: Group, action_key: str, order_no: str, body: SaleBody, now: datetime, due: datetime | None = None
) -> Posting:
    """A sale; once per action, and not before it is due."""
    return post(group, Posting.Kind.SALE, action_key, order_no, body, now, due=due)


def post_return(
    group: Group, action_key: str, order_no: str, body: SaleBody, now: datetime, due: datetime
) -> Posting:
    """A return sale; once per action, and not before it is due."""
    return post(group, Posting.Kind.RETURN, action_key, order_no, body, now, due=due)


def post_transfer(
    group: Group,
    action_key: str,
    order_no: str,
    body: TransferBody,
    now: datetime,
    due: datetime | None = None,
) -> Posting:
    """An item transfer; once per action."""
    return post(group, Posting.Kind.TRANSFER, action_key, order_no, body, now, due=due, lane=lane_of(body))


def post(
    group: Group,
    kind: Posting.Kind,
    action_key: str,
    order_no: str,
    body: Mapping[str, object],
    now: datetime,
    due: datetime | None = None,
    web_shop: WebShop | None = None,
    lane: str = "",
) -> Posting:
    """A row of the outbox in the caller's transaction, not sent before it is due; once per kind and key. In
    a rehearsal it is never sent."""
    is_rehearsed = _rehearses(group)
    posting = Posting.objects.create(
        group=group,
        kind=kind,
        action_key=f"{kind.value}:{action_key}",
        order_no=order_no,
        web_shop=web_shop,
        payload=body,
        lane=lane,
        not_before=due or now,
        made_at=now,
        state=Posting.State.REHEARSED if is_rehearsed else Posting.State.WAITING,
        settled_at=now if is_rehearsed else None,
    )
    transaction.on_commit(partial(wake_sender, group.pk))
    return posting


def _rehearses(group: Group) -> bool:
    """Whether the Group is in a rehearsal, until the caller's transaction ends: who ends the rehearsal waits
    for that, and finds what it has written."""
    return group.rehearses and Group.objects.select_for_update(no_key=True).get(pk=group.pk).rehearses


def lane_of(body: TransferBody) -> str:
    """The lane of an item transfer. Equal transfers between two shops share one, and wait for each other."""
    return f"{body['ShopIdSender']}>{body['ShopIdRecipient']}:{_fingerprint(body['Items'])}"


def postings_of(group: Group, action_key: str) -> QuerySet[Posting]:
    """All postings of one action."""
    return Posting.objects.filter(
        group=group, action_key__in=[f"{kind.value}:{action_key}" for kind in KEYED_BY_ACTION]
    )


def withdraw(group: Group, action_key: str, now: datetime) -> bool:
    """Withdraws all postings of an action, none of which was ever sent; in the caller's transaction.

    False when a worker has one of them: then the caller must let its transaction fail.
    """
    postings = postings_of(group, action_key)
    unsent = postings.filter(state__in=UNSENT, first_sent_at=None)
    withdrawn = unsent.update(state=Posting.State.WITHDRAWN, settled_at=now)
    return 0 < withdrawn == postings.count()


def nothing_sent(group: Group, action_key: str) -> bool:
    """Whether `withdraw` would succeed now; 1 query."""
    found = postings_of(group, action_key).values_list("state", "first_sent_at")
    return all(state in UNSENT and first_sent_at is None for state, first_sent_at in found)


def all_settled(group: Group, action_key: str) -> bool:
    """Whether DdD has all postings except those that a person gave up; 1 query."""
    ended = (Posting.State.SENT, Posting.State.GIVEN_UP, Posting.State.REHEARSED)
    return not postings_of(group, action_key).exclude(state__in=ended).exists()


def pieces_of(items: Sequence[Item]) -> Counter[int]:
    """How many of each VariantId an item transfer moves."""
    pieces: Counter[int] = Counter()
    for item in items:
        pieces[item["VariantId"]] += item["Quantity"]
    return pieces


def wake_sender(group_id: int) -> None:
    """Queues the sending of this Group's outbox; if that fails, beat does it in a moment anyway."""
    call_worker("ddd.tasks.drain", group_id)


def _fingerprint(items: Sequence[Item]) -> str:
    text = ",".join(f"{variant}x{count}" for variant, count in sorted(pieces_of(items).items()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
