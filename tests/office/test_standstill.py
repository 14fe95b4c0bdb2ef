"""The overview says that the portal's own workers stand still, and does not blame DdD for it."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from core.words import moment
from ddd.models import Connection
from ddd.words import causes
from tests.core.pages import HTMX, browser
from tests.factories import Cast
from workers import heartbeats
from workers.models import Heartbeat

NOT_ANSWERING = "DdD does not answer as it should"


@pytest.mark.parametrize(
    ("part", "page"), [("beat", "dashboard"), ("urgent", "dashboard"), ("beat", "attention")]
)
def test_workers_that_stand_still_are_said_within_two_minutes_and_ddd_is_not_blamed(
    cast: Cast, part: str, page: str
) -> None:
    office = browser(cast, "office")

    def shown() -> str:
        return office.get(reverse(page), headers=HTMX).content.decode()

    for one in heartbeats.PARTS:
        heartbeats.hear(one)
    trouble = causes.ORDER_NOT_TAKEN(said="x")
    Connection.objects.update(trouble=trouble, trouble_since=timezone.now())
    assert NOT_ANSWERING in shown()

    row = Heartbeat.objects.filter(part=part)
    row.update(heard_at=F("heard_at") - timedelta(minutes=2))

    since = moment(row.get().heard_at)
    said = f"workers have stood still since {since}: nothing is sent, no shop is reminded"
    # The overview has it among its alarms too.
    assert shown().count(said) == (2 if page == "dashboard" else 1)
    assert NOT_ANSWERING not in shown()
