"""The customer as a member of the loyalty club, and the mail that told them that their order is ready."""

from datetime import datetime
from typing import Any

from ddd.lookup import members
from orders.models import Mail, WebOrder
from orders.states import Status


def member_of(order: WebOrder, now: datetime) -> dict[str, Any]:
    """The context of `pos/order/_member.html`; never waits for DdD. 1 query, 1 more while the order is
    ready."""
    if not order.customer_number:
        return {}
    member = members.request_member(order.group, order.customer_number, now)
    ready_mail = None
    if order.status == Status.PICKED:
        ready_mail = order.mails.filter(kind=Mail.Kind.READY).last()
    return {"member": member, "knowledge": members.member_status(member, now), "ready_mail": ready_mail}
