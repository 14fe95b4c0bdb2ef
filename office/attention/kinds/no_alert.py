"""Shops that are open and cannot hear an order come in."""

from typing import Final

from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.tablets import deaf_shops
from office.attention.kind import Alarm, Found, Kind, LeftOut, Silence

DEAF: Final = Kind(
    key="deaf",
    urgency=20,
    label=gettext_lazy("Shops that cannot hear"),
    open_rows=LeftOut("no row says it: it is seen by looking at every tablet"),
    listed=Found(find=deaf_shops, shop_of=lambda reach: reach.shop),
    template="office/attention/_no_alert_shop.html",
    around="office/attention/_no_alert_shops.html",
    decisions=LeftOut("somebody has to go to the tablet"),
    in_badge=LeftOut("they come and go with their tablets"),
    orders_in_trouble=LeftOut("its orders are in trouble when nobody takes them"),
    alarm=Alarm(
        "ear-off",
        ngettext_lazy(
            "%(count)s shop is open and cannot hear", "%(count)s shops are open and cannot hear", "count"
        ),
    ),
    silence=Silence.ALWAYS,
)
