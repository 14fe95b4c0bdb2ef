"""Mails about open orders that may not have arrived."""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext_lazy

from office.attention.kind import STACKED_ROWS, Alarm, Decision, Decisions, Kind, PagedRows, Silence
from orders import mail_decisions, mailing
from orders.models import Mail


def _all(group_id: int) -> QuerySet[Mail]:
    return Mail.objects.filter(group=group_id).select_related("order")


def _orders(group_id: int) -> QuerySet[Mail, Any]:
    return mailing.mails_needing_attention(group_id).order_by().values("order")


def _token(mail: Mail) -> str:
    """With the number of tries, so that a late tap does not send it once more."""
    return f"{mail.pk}.{mail.tries}"


MAILS: Final = Kind(
    key="mails",
    urgency=90,
    label=gettext_lazy("Mails that may not have come"),
    open_rows=mailing.mails_needing_attention,
    source=PagedRows("made_at", newest_first=True, of_shop=lambda shop: Q(order__shop=shop)),
    template="office/attention/_mail.html",
    section_template=STACKED_ROWS,
    decisions=Decisions(
        rows=_all,
        buttons={
            "seen to": Decision(
                gettext_lazy("Seen to"),
                gettext_lazy("Seen to: %(rows)s"),
                lambda row, details: mail_decisions.see_to(
                    row, details.tries, details.reason, details.actor, details.now
                ),
                wants_reason=True,
            ),
            "send again": Decision(
                gettext_lazy("Send again"),
                gettext_lazy("Sent again: %(rows)s"),
                lambda row, details: mail_decisions.send_again(
                    row, details.tries, details.actor, details.now
                ),
            ),
        },
        token=_token,
        name=lambda mail: mail.order.order_no,
    ),
    in_badge=True,
    orders_in_trouble=_orders,
    alarm=Alarm(
        "mail-x",
        ngettext_lazy("%(count)s mail may not have come", "%(count)s mails may not have come", "count"),
    ),
    silence=Silence.ALWAYS,
)
