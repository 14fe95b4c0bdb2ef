"""Mails about orders: written with the deed, sent by workers, never twice.

Any number of workers may send at once: a mail is claimed by a conditional update. What a dead worker left
in the middle of sending may have gone out, so it is *uncertain* and is not sent again.
"""

from datetime import datetime

from orders.models import Mail, WebOrder


def write(
    order: WebOrder, kind: Mail.Kind, deed: str, now: datetime, *, to: str = "", language: str = ""
) -> Mail:
    """A mail to be sent, in the transaction of the deed and once per deed.

    To the member when `to` is empty, in the Group's language when `language` is.
    """
    mail, _made = Mail.objects.get_or_create(
        group_id=order.group_id,
        deed=deed,
        defaults={
            "order": order,
            "kind": kind,
            "to": to,
            "language": language or order.group.language,
            "not_before": now,
            "made_at": now,
        },
    )
    return mail
