"""The contents of mails: plain text, HTML, and the pick-up code as a picture."""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from email.mime.image import MIMEImage
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import ClosedDay, OpeningHours, Shop, User
from core.sending import message_id, sender
from orders.models import Mail, OrderEvent, WebOrder
from orders.states import Status

PICTURE = "pick-up-code"
LOOKED_AHEAD = timedelta(days=14)
TEMPLATES = {Mail.Kind.READY: "ready", Mail.Kind.REMINDER: "reminder", Mail.Kind.NOT_TAKEN: "not_taken"}
ESCALATIONS = (OrderEvent.Kind.MANAGER_TOLD, OrderEvent.Kind.HEAD_OFFICE_TOLD)


class _MessageWithPicture(EmailMultiAlternatives):
    """The picture is part of the HTML page, not an attachment."""

    mixed_subtype = "related"


def build_message(mail: Mail, to: str, now: datetime) -> EmailMultiAlternatives:
    """The message in the mail's language and the Group's time zone."""
    with translation.override(mail.language), timezone.override(ZoneInfo(mail.group.time_zone)):
        for_colleagues = mail.kind == Mail.Kind.NOT_TAKEN
        context = _for_colleagues(mail, to, now) if for_colleagues else _for_the_customer(mail.order, now)
        context.update(order=mail.order, shop=mail.order.shop, group=mail.group)
        name = TEMPLATES[Mail.Kind(mail.kind)]
        message = _MessageWithPicture(
            subject=" ".join(_subject(mail).split()),
            body=re.sub(r"\n\s*\n", "\n\n", render_to_string(f"mails/{name}.txt", context).strip()) + "\n",
            from_email=sender(mail.group.name),
            to=[to],
            headers={
                "Message-ID": message_id(mail),
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string(f"mails/{name}.html", context), "text/html")
    if not for_colleagues:
        message.attach(_picture(mail.order.pickup_code))
    return message


def hours_in_words(hours: Sequence[OpeningHours]) -> list[tuple[str, str]]:
    """Days and hours; consecutive days with the same hours are combined."""
    result = []
    for span, rows in groupby(enumerate(hours), key=lambda pair: _one_run(*pair)):
        days = [row.weekday for _place, row in rows]
        names = [str(WEEKDAYS[day]) for day in ([days[0], days[-1]] if len(days) > 1 else days)]
        result.append((" – ".join(names), f"{_clock(span[1])} – {_clock(span[2])}"))
    return result


def _one_run(place: int, row: OpeningHours) -> tuple[int, time, time]:
    return row.weekday - place, row.opens, row.closes


def _clock(at: time) -> str:
    return time_format(at, "H:i")


def _subject(mail: Mail) -> str:
    data = {"order_no": mail.order.order_no, "shop": mail.order.shop.name}
    if mail.kind == Mail.Kind.READY:
        return _("Your order %(order_no)s is ready in %(shop)s") % data
    if mail.kind == Mail.Kind.REMINDER:
        return _("Your order %(order_no)s still waits for you in %(shop)s") % data
    return _("Nobody in %(shop)s has taken order %(order_no)s") % data


def _for_the_customer(order: WebOrder, now: datetime) -> dict[str, Any]:
    lines = list(order.lines.select_related("variant"))
    return {
        "pieces": [line for line in lines if line.status in (Status.PICKED, Status.RESERVED)],
        "missing": [line for line in lines if line.status == Status.MISSING],
        "to_pay": None if order.is_paid else order.total,
        "hours": hours_in_words(list(order.shop.opening_hours.all())),
        "closed_days": _closed_days(order.shop, now, order.collect_by or now + LOOKED_AHEAD),
        "address": [part.strip() for part in order.shop.address.split("#") if part.strip()],
        "picture": PICTURE,
        "when": pgettext("date format of a mail", "l j F"),
    }


def _closed_days(shop: Shop, start: datetime, end: datetime) -> list[date]:
    days = ClosedDay.objects.filter(
        Q(shop=shop) | Q(shop=None),
        group_id=shop.group_id,
        day__gte=timezone.localdate(start),
        day__lte=timezone.localdate(end),
    )
    return sorted(set(days.values_list("day", flat=True)))


def _for_colleagues(mail: Mail, to: str, now: datetime) -> dict[str, Any]:
    order = mail.order
    escalation = order.events.filter(kind__in=ESCALATIONS).last()
    minutes = escalation.data.get("waiting_minutes") if escalation else None
    head_office = User.objects.filter(email=to, group_id=mail.group_id, is_head_office=True).exists()
    page = reverse("order" if head_office else "pos-order", args=[order.pk])
    return {
        "minutes": int((now - order.created_at) / timedelta(minutes=1)) if minutes is None else minutes,
        "link": f"{settings.PORTAL_URL}{page}",
        "when": pgettext("date format of a mail", "l j F, H:i"),
    }


def _picture(code: str) -> MIMEImage:
    drawn = io.BytesIO()
    segno.make(code, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    picture = MIMEImage(drawn.getvalue(), "png")
    picture.add_header("Content-ID", f"<{PICTURE}>")
    picture.add_header("Content-Disposition", "inline", filename=f"{PICTURE}.png")
    return picture
