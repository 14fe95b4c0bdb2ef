"""Open shops in which no tablet sounds an alert."""

from typing import Final

from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.tablets import shops_without_alert
from office.attention.kind import Alarm, ComputedRows, Kind, NotApplicable, Silence

NO_ALERT: Final = Kind(
    key="deaf",
    urgency=20,
    label=gettext_lazy("Shops that cannot hear"),
    open_rows=NotApplicable("it is not stored: it is seen by looking at every tablet"),
    source=ComputedRows(find=shops_without_alert, shop_of=lambda reach: reach.shop),
    template="office/attention/_no_alert_shop.html",
    section_template="office/attention/_no_alert_shops.html",
    decisions=NotApplicable("somebody has to go to the tablet"),
    in_badge=NotApplicable("they come and go with their tablets"),
    orders_in_trouble=NotApplicable("its orders are in trouble when nobody takes them"),
    alarm=Alarm(
        "ear-off",
        ngettext_lazy(
            "%(count)s shop is open and cannot hear", "%(count)s shops are open and cannot hear", "count"
        ),
    ),
    silence=Silence.ALWAYS,
)
