"""What DdD does not take for an hour stands before a person, who can decide although it is still tried."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import WebShop
from core.errors import Conflict
from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from ddd.sending.held_up import held_up
from tests.core.pages import Page, browser
from tests.ddd.other_servers import Said, saying
from tests.ddd.rows import Clock, State, order_row, sale_row
from tests.factories import Cast
from tests.passing_time import let_leases_age

pytestmark = pytest.mark.django_db
HOUR = 3600


class Turnstile:
    """Lets one token in."""

    def __init__(self) -> None:
        self.status = 403

    def say(self, method: str, path: str) -> Said:
        return (self.status, b"who are you?") if method == "POST" else (self.status, b"")


@pytest.fixture
def turnstile(cast: Cast) -> Iterator[Turnstile]:
    ddd = Turnstile()
    with saying(ddd.say) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        yield ddd


def tried(cast: Cast, clock: Clock, seconds: float) -> None:
    clock.forward(seconds)
    dispatch.drain(cast.nordlys.pk, clock)


def test_a_refused_token_of_a_web_shop_is_told_after_an_hour(cast: Cast, turnstile: Turnstile) -> None:
    WebShop.objects.filter(pk=cast.web_shop("nordlys").pk).update(ddd_token="old-token")
    clock = Clock()
    clock.now -= timedelta(seconds=HOUR + 700)
    posting = order_row(cast, clock())
    tried(cast, clock, 1)
    assert not held_up(cast.nordlys.pk, clock()).exists()
    assert not cast.connection.trouble  # of the Group's own token nothing is known
    tried(cast, clock, HOUR)
    assert held_up(cast.nordlys.pk, clock()).get() == posting

    office: Client = browser(cast, "office")
    page = Page(office.get("/orders/attention/"))
    text = " ".join(page.text.split())
    assert "Not taken by DdD for more than an hour" in text
    assert "DdD turned us away with 403: who are you?" in text
    assert "It goes out with the token of" in text
    answer = office.post(
        f"/orders/attention/{posting.pk}/", {"decision": "give up", "reason": "Booked by hand"}
    )
    assert answer.status_code == 302
    posting.refresh_from_db()
    assert (posting.state, posting.held_up_since) == (State.GIVEN_UP, None)
    tried(cast, clock, HOUR)
    assert posting.attempts.last().outcome == "give up"  # type: ignore[union-attr]


def test_what_cannot_be_read_back_is_told_and_can_be_decided(cast: Cast, turnstile: Turnstile) -> None:
    turnstile.status = 500
    clock = Clock()
    posting = sale_row(cast, clock())
    Posting.objects.filter(pk=posting.pk).update(first_sent_at=clock(), state=State.UNCERTAIN)
    tried(cast, clock, 61)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.UNCERTAIN, False)
    Connection.objects.update(trouble={}, trouble_since=None)  # its orders are read all the same
    assert held_up(cast.nordlys.pk, clock() + timedelta(hours=1)).get() == posting
    decisions.it_arrived(posting, cast.person("office"), clock())
    posting.refresh_from_db()
    assert posting.state == State.SENT


def test_what_a_worker_has_in_hand_is_not_decided(cast: Cast, turnstile: Turnstile) -> None:
    clock = Clock()
    posting = order_row(cast, clock())
    tried(cast, clock, 1)
    let_leases_age(timedelta(hours=2))
    clock.forward(HOUR)
    assert dispatch.claim(cast.nordlys.pk, clock()) == posting
    with pytest.raises(Conflict):
        decisions.give_up(posting, "Booked by hand", cast.person("office"), clock())


def test_while_the_whole_ddd_is_away_it_is_no_news_of_each_posting(cast: Cast, turnstile: Turnstile) -> None:
    turnstile.status = 503
    clock = Clock()
    order_row(cast, clock())
    tried(cast, clock, 1)
    assert cast.connection.trouble_since is not None
    assert not held_up(cast.nordlys.pk, clock() + timedelta(hours=3)).exists()
