"""Members of the loyalty club: workers look them up at DdD, and the answer is stored for minutes.

DdD's answer has a password field. It is never read, and no message quotes the answer.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Group, Shop
from core.wakeups import call_worker
from ddd.api import client
from ddd.api.http import DddError, wire_to
from ddd.api.wire import WireMember
from ddd.models import Connection, Member

log = logging.getLogger(__name__)

SECONDS_FOR_A_STEP = 5.0
ASKED_AGAIN_AFTER = timedelta(seconds=30)
SILENT_AFTER = timedelta(seconds=12)
# Later nobody looks at the page any more; opening it again requests it again.
WANTED_FOR = timedelta(minutes=5)
KEPT_FOR = timedelta(days=1)


class MemberStatus(StrEnum):
    """What a screen can show about a CustomerNumber at once."""

    KNOWN = "known"
    NOBODY = "nobody"
    ASKING = "asking"
    SILENT = "silent"


def member_status(member: Member, now: datetime) -> MemberStatus:
    """The status for the screen; an old answer counts as known."""
    if member.answered_at is not None:
        return MemberStatus.KNOWN if member.found else MemberStatus.NOBODY
    asked_at = member.asked_at or now
    return MemberStatus.SILENT if now - asked_at > SILENT_AFTER else MemberStatus.ASKING


def request_member(group: Group, customer_number: int, now: datetime) -> Member:
    """What is stored about the member. When that is nothing, or old, a worker is called to ask DdD."""
    member, made = Member.objects.get_or_create(
        group=group, customer_number=customer_number, defaults={"asked_at": now}
    )
    stale = not (made or _is_fresh(member, now) or _is_being_asked(member, now))
    if stale:
        same = Member.objects.filter(pk=member.pk, asked_at=member.asked_at)
        stale = bool(same.update(asked_at=now))
    if made or stale:
        transaction.on_commit(partial(call_worker, "ddd.tasks.look_up_members", group.pk))
    return member


def look_up(connection: Connection, customer_number: int, now: datetime) -> Member:
    """The member as stored within minutes, else from DdD. Raises DddError. For workers only."""
    known = Member.objects.filter(group_id=connection.group_id, customer_number=customer_number).first()
    if known is not None and _is_fresh(known, now):
        return known
    found = _ask(connection, customer_number)
    member, _made = Member.objects.update_or_create(
        group_id=connection.group_id,
        customer_number=customer_number,
        defaults={
            "asked_at": now,
            "answered_at": now,
            "found": found is not None,
            **_name_and_address(found),
        },
    )
    return member


def look_up_requested(group_id: int, clock: Callable[[], datetime] = timezone.now) -> int:
    """Looks up all requested members; returns how many. Stops when DdD does not answer."""
    connection = Connection.objects.filter(group_id=group_id).first()
    if connection is None or connection.rests("send", clock()):
        return 0
    looked_up = 0
    for member in _due(clock()).filter(group_id=group_id).order_by("-asked_at"):
        try:
            look_up(connection, member.customer_number, clock())
        except DddError as trouble:
            log.warning("members of Group %s cannot be looked up: %s", group_id, trouble.sentence)
            break
        looked_up += 1
    return looked_up


def groups_that_wait(now: datetime) -> list[int]:
    """The Groups in which somebody waits for a member."""
    return list(_due(now).order_by().values_list("group_id", flat=True).distinct())


def forget_old(now: datetime) -> int:
    """Deletes members of which DdD's answer is a day old, as they are personal data; returns how many."""
    long_ago = now - KEPT_FOR
    unanswered = Q(answered_at=None) & (Q(asked_at=None) | Q(asked_at__lt=long_ago))
    forgotten, _by_model = Member.objects.filter(Q(answered_at__lt=long_ago) | unanswered).delete()
    return forgotten


def _due(now: datetime) -> QuerySet[Member]:
    unanswered = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    return Member.objects.filter(unanswered, asked_at__gt=now - WANTED_FOR)


def _is_fresh(member: Member, now: datetime) -> bool:
    minutes = timedelta(minutes=settings.MEMBER_MINUTES)
    return member.answered_at is not None and member.answered_at > now - minutes


def _is_being_asked(member: Member, now: datetime) -> bool:
    if member.asked_at is None or member.asked_at <= now - ASKED_AGAIN_AFTER:
        return False
    return member.answered_at is None or member.answered_at < member.asked_at


def _ask(connection: Connection, customer_number: int) -> WireMember | None:
    """DdD has only a search for members: of several results the one with this number is right."""
    shops = Shop.objects.filter(group_id=connection.group_id, takes_orders=True)
    with wire_to(connection, timeout=SECONDS_FOR_A_STEP) as wire:
        members = client.ask_any_shop(
            shops.values_list("shop_id", flat=True)[: client.SHOPS_TRIED],
            partial(client.search_members, wire, term=str(customer_number)),
        )
    same = [member for member in members if member.customer_number == customer_number and member.is_there]
    return same[0] if same else None


def _name_and_address(found: WireMember | None) -> dict[str, str]:
    if found is None:
        return {"name": "", "phone": "", "email": "", "address": ""}
    return {
        "name": found.name[:200],
        "phone": found.phone[:50],
        "email": found.email[:200],
        "address": found.address[:600],
    }
