"""The tablets of a shop report that they are alive; head office sees in which shops no alert would sound."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.calendars import Calendar, calendars_of
from accounts.models import Group, LogIn, Shop, Tablet

SILENT_AFTER = timedelta(seconds=90)
FORGOTTEN_AFTER = timedelta(days=30)
TABLETS_SHOWN = 20


class NoAlert(models.TextChoices):
    """Why no alert would sound in a shop."""

    NO_TABLET = "no tablet", _("no tablet shows its queue")
    SESSION_OVER = "session over", _("its log-in has ended")
    ASLEEP = "asleep", _("its tablet sleeps or is off")
    SOUND_OFF = "sound off", _("the sound of its tablet is off")


@dataclass(frozen=True)
class AlertReach:
    """Whether an alert would sound in a shop: `why` is None if so; `tablet` is the one seen last."""

    shop: Shop
    tablet: Tablet | None
    why: NoAlert | None


def report(shop: Shop, number: UUID, sound_on: bool, session_until: datetime | None, now: datetime) -> Tablet:
    """Records that a tablet is alive. It belongs to the shop whose queue it shows now; in another Group the
    same number is another tablet."""
    number = uuid5(number, str(shop.group_id))
    data = {"shop": shop, "last_seen_at": now, "sound_on": sound_on, "session_until": session_until}
    tablet, _new = Tablet.objects.update_or_create(
        number=number, defaults=data, create_defaults={**data, "first_seen_at": now}
    )
    return tablet


def end_of_session(key: str | None) -> datetime | None:
    """When the session expires; None when there is none."""
    return LogIn.objects.filter(session_key=key).values_list("expire_date", flat=True).first()


def can_alert(tablet: Tablet, now: datetime) -> bool:
    """Whether an alert would sound on it."""
    return why_no_alert(tablet, now) is None


def why_no_alert(tablet: Tablet, now: datetime) -> NoAlert | None:
    """The first thing to fix; None when an alert would sound."""
    if tablet.session_until is None or tablet.session_until <= now:
        return NoAlert.SESSION_OVER
    if tablet.last_seen_at <= now - SILENT_AFTER:
        return NoAlert.ASLEEP
    return None if tablet.sound_on else NoAlert.SOUND_OFF


def alert_reach_of(shops: Iterable[Shop], now: datetime) -> dict[int, AlertReach]:
    """By Shop.pk; 1 query for all."""
    reach = {shop.pk: AlertReach(shop, None, NoAlert.NO_TABLET) for shop in shops}
    # The one seen last comes last, so that its reason remains when no alert would sound on any.
    for tablet in Tablet.objects.filter(shop__in=list(reach)).order_by("last_seen_at", "pk"):
        known = reach[tablet.shop_id]
        reach[tablet.shop_id] = AlertReach(
            known.shop, tablet, None if known.why is None else why_no_alert(tablet, now)
        )
    return reach


def tablets_of(shop: Shop, now: datetime) -> list[AlertReach]:
    """The newest 20 tablets of one shop, each with why no alert would sound on it; 1 query."""
    newest = Tablet.objects.filter(shop=shop).order_by("-last_seen_at", "-pk")
    tablets = newest.select_related("shop")[:TABLETS_SHOWN]
    return [AlertReach(shop, tablet, why_no_alert(tablet, now)) for tablet in tablets]


def shops_without_alert(group: Group, now: datetime) -> list[AlertReach]:
    """The Group's shops that are open now and in which no alert would sound; 4 queries."""
    shops = list(Shop.objects.filter(group=group, takes_orders=True).select_related("group"))
    return without_alert_among(shops, calendars_of(shops), now)


def without_alert_among(
    shops: Iterable[Shop], calendars: Mapping[int, Calendar], now: datetime
) -> list[AlertReach]:
    """Those of these shops that are open now and in which no alert would sound; 1 query."""
    open_now = [shop for shop in shops if shop.takes_orders and calendars[shop.pk].is_open(now)]
    return [reach for reach in alert_reach_of(open_now, now).values() if reach.why is not None]


def forget_unseen(now: datetime) -> int:
    """Deletes tablets that were not seen for a month; returns how many."""
    count, _by_model = Tablet.objects.filter(last_seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return count
