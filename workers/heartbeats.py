"""When beat and the workers of each queue were last heard, by the database's clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models.functions import Now

from workers.models import Heartbeat

PARTS: Final = (Heartbeat.BEAT, "urgent", "long")  # and the queues of config/timetable.py
SILENT_AFTER: Final = timedelta(minutes=1)
STILL_AFTER: Final = timedelta(seconds=90)  # so that people know within two minutes


def hear(part: str) -> None:
    """It works now."""
    row, _made = Heartbeat.objects.get_or_create(part=part)
    Heartbeat.objects.filter(pk=row.pk).update(heard_at=Now())


def silent() -> Mapping[str, str]:
    """The parts that have not been heard for a minute, with what there is to say of each; 2 queries."""
    heard = dict(Heartbeat.objects.values_list("part", "heard_at"))
    well = set(Heartbeat.objects.filter(heard_at__gt=Now() - SILENT_AFTER).values_list("part", flat=True))
    return {part: _since(heard.get(part)) for part in PARTS if part not in well}


def stood_still_since() -> datetime | None:
    """Since when nothing is sent and no shop is reminded; None while that works, or before it ever did."""
    still = Heartbeat.objects.filter(part__in=(Heartbeat.BEAT, "urgent"), heard_at__lte=Now() - STILL_AFTER)
    return still.order_by("heard_at").values_list("heard_at", flat=True).first()


def _since(heard_at: datetime | None) -> str:
    if heard_at is None:
        return "never heard"
    return f"not heard since {heard_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
