"""The tablets of a shop: each says that it lives; head office sees which shops would not hear an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, LogIn, Shop, Tablet
from accounts.opening import Calendar, calendars_of

SILENT_AFTER = timedelta(seconds=90)
FORGOTTEN_AFTER = timedelta(days=30)
TABLETS_SHOWN = 20


class Deaf(models.TextChoices):
    """Why a shop hears nothing."""

    NO_TABLET = "no tablet", _("no tablet shows its queue")
    SESSION_OVER = "session over", _("its log-in has ended")
    ASLEEP = "asleep", _("its tablet sleeps or is off")
    SOUND_OFF = "sound off", _("the sound of its tablet is off")


@dataclass(frozen=True)
class Ears:
    """What a shop can hear: `why` is None when a tablet of it hears; `tablet` is the one seen last."""

    shop: Shop
    tablet: Tablet | None
    why: Deaf | None


def report(shop: Shop, number: UUID, sound_on: bool, session_until: datetime | None, now: datetime) -> Tablet:
    """A tablet says that it lives. It belongs to the shop whose queue it shows now."""
    facts = {"shop": shop, "last_seen_at": now, "sound_on": sound_on, "session_until": session_until}
    tablet, _new = Tablet.objects.update_or_create(
        number=number, defaults=facts, create_defaults={**facts, "first_seen_at": now}
    )
    return tablet


def end_of_session(key: str | None) -> datetime | None:
    """Until when the log-in holds, as the server keeps it; None when there is none."""
    return LogIn.objects.filter(session_key=key).values_list("expire_date", flat=True).first()


def hears(tablet: Tablet, now: datetime) -> bool:
    """Whether an alert would sound on it."""
    return why_deaf(tablet, now) is None


def why_deaf(tablet: Tablet, now: datetime) -> Deaf | None:
    """The first thing to mend; None when it hears."""
    if tablet.session_until is None or tablet.session_until <= now:
        return Deaf.SESSION_OVER
    if tablet.last_seen_at <= now - SILENT_AFTER:
        return Deaf.ASLEEP
    return None if tablet.sound_on else Deaf.SOUND_OFF


def ears_of(shops: Iterable[Shop], now: datetime) -> dict[int, Ears]:
    """By Shop.pk; 1 query for all."""
    ears = {shop.pk: Ears(shop, None, Deaf.NO_TABLET) for shop in shops}
    # The one seen last is looked at last, so that its reason stays when none hears.
    for tablet in Tablet.objects.filter(shop__in=list(ears)).order_by("last_seen_at", "pk"):
        known = ears[tablet.shop_id]
        ears[tablet.shop_id] = Ears(known.shop, tablet, None if known.why is None else why_deaf(tablet, now))
    return ears


def tablets_of(shop: Shop, now: datetime) -> list[Ears]:
    """The newest 20 tablets of one shop, each with why it hears nothing; 1 query."""
    newest = Tablet.objects.filter(shop=shop).order_by("-last_seen_at", "-pk")
    tablets = newest.select_related("shop")[:TABLETS_SHOWN]
    return [Ears(shop, tablet, why_deaf(tablet, now)) for tablet in tablets]


def deaf_shops(group: Group, now: datetime) -> list[Ears]:
    """The Group's shops that are open now and would not hear an order come in; 4 queries."""
    shops = list(Shop.objects.filter(group=group, takes_orders=True).select_related("group"))
    return deaf_among(shops, calendars_of(shops), now)


def deaf_among(shops: Iterable[Shop], calendars: Mapping[int, Calendar], now: datetime) -> list[Ears]:
    """Those of these shops; 1 query."""
    open_now = [shop for shop in shops if shop.takes_orders and calendars[shop.pk].is_open(now)]
    return [ears for ears in ears_of(open_now, now).values() if ears.why is not None]


def forget_unseen(now: datetime) -> int:
    """Tablets that nobody has switched on for a month; how many they were."""
    count, _by_model = Tablet.objects.filter(last_seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return count
