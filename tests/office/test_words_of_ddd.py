"""Head office says what a word of DdD means, and sees the Eans that several variants share."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import SettingChange, User
from ddd.api.wire import WireArticle
from ddd.lookup import catalogue
from ddd.models import Connection, Difference, Notice, SharedEan
from ddd.words import causes
from ddd.words.differences import Kind as Differs
from orders.importing import poll
from orders.models import WebOrder
from orders.states import Status
from tests.core.pages import Answer, Page, browser
from tests.ddd.rows import a_difference
from tests.factories import NOW, Cast
from tests.office.test_attention import rows_of
from tests.orders.upstream import Upstream, running_upstream, wire_order

WORK_LIST = "/orders/attention/"


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


@pytest.fixture
def parked(cast: Cast) -> Notice:
    """A word that nobody knows."""
    return Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Parked", causes.SEEN_ON(order_no="D-1"), NOW)


def say(client: Client, notice: Notice, status: str, **more: str) -> Answer:
    return client.post(f"{WORK_LIST}words/{notice.pk}/", {"status": status, **more})


def words(cast: Cast) -> dict[str, str]:
    return {word: means for word, means in cast.connection.status_words.items() if word not in Status.values}


def test_a_word_gets_its_meaning_once_and_it_is_written_down(
    cast: Cast, office: Client, parked: Notice
) -> None:
    row = next(row for row in Page(office.get(WORK_LIST)).rows if "Parked" in row and "It means" in row)
    assert "DdD used a word that the portal does not know Parked Seen on the order D-1" in row
    Connection.objects.update(polled_until=NOW + timedelta(days=3))
    for _tap in range(2):
        assert say(office, parked, "Picked")["Location"] == WORK_LIST
    assert words(cast) == {"Parked": "Picked"}
    assert cast.connection.polled_until is None  # all that DdD still lists is read again
    assert rows_of(office, "words") == []
    parked.refresh_from_db()
    assert (parked.note, parked.closed_by) == ("= Picked", cast.person("office"))
    change = SettingChange.objects.get()
    assert (change.about, change.by, change.fields) == (
        "ddd",
        cast.person("office"),
        [{"label": "Parked", "before": None, "after": "Picked"}],
    )


def test_what_books_or_cancels_is_confirmed_and_another_meaning_is_refused(
    cast: Cast, office: Client, parked: Notice
) -> None:
    for status in ("Delivered", "Returned", "Cancelled"):
        answer = say(office, parked, status)
        assert answer.status_code == 422
        assert "Tick that you are sure" in Page(answer).text
    assert say(office, parked, "burnt").status_code == 422
    assert words(cast) == {}
    say(office, parked, "Cancelled", sure="1")
    User.objects.create_user("bo@nordlys.example", "x", name="Bo", group=cast.nordlys, is_head_office=True)
    answer = say(browser(cast, "bo"), parked, "Picked")
    assert answer.status_code == 409
    assert "This word means Cancelled already." in Page(answer).text
    assert words(cast) == {"Parked": "Cancelled"}


def test_another_group_and_another_notice_get_no_meaning(cast: Cast, office: Client, parked: Notice) -> None:
    assert say(browser(cast, "fjord office"), parked, "Picked").status_code == 404
    other = Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-1", {}, NOW)
    assert say(office, other, "Picked").status_code == 404
    assert words(cast) == {}


def test_orders_that_were_read_with_the_word_before_are_read_once_more(cast: Cast, office: Client) -> None:
    with running_upstream() as upstream:
        _listen(cast, upstream)
        upstream.orders = [wire_order("D-1")]
        poll(cast.nordlys.pk, NOW)
        upstream.orders = [wire_order("D-1", "Parked", ModifiedOn="2026-03-03T10:00:00Z")]
        poll(cast.nordlys.pk, NOW + timedelta(hours=1))
        assert WebOrder.objects.get(order_no="D-1").status == Status.RESERVED
        say(office, Notice.objects.get(), "Picked")
        poll(cast.nordlys.pk, NOW + timedelta(hours=2))
    assert upstream.since_param[-1] < "2026-03-03"
    assert WebOrder.objects.get(order_no="D-1").status == Status.PICKED


def test_a_type_of_orders_gets_its_meaning_and_its_orders_come_whenever_they_were_made(
    cast: Cast, office: Client
) -> None:
    days = [NOW - timedelta(days=day) for day in (0, 2, 3)]
    times = [dict.fromkeys(("CreatedOn", "ModifiedOn"), f"{day:%Y-%m-%dT%H:%M:%SZ}") for day in days]
    with running_upstream() as upstream:
        _listen(cast, upstream)
        Connection.objects.update(started_at=NOW - timedelta(days=20))
        upstream.orders = [
            wire_order(f"D-{number}", OrderType="CNC", **of) for number, of in enumerate(times)
        ]
        poll(cast.nordlys.pk, NOW)
        assert not WebOrder.objects.exists()
        row = next(row for row in Page(office.get(WORK_LIST)).rows if "CNC" in row and "It means" in row)
        assert "collected in a shop" in row
        assert "I am sure" not in row
        notice = Notice.objects.get()
        assert say(office, notice, "Delivered").status_code == 422
        assert say(office, notice, "collect")["Location"] == WORK_LIST
        poll(cast.nordlys.pk, NOW + timedelta(minutes=1))
    assert cast.connection.order_types == {"ClickAndCollect": "collect", "CNC": "collect"}
    assert WebOrder.objects.count() == 3


def test_orders_of_a_type_that_is_not_for_the_shops_stay_away(cast: Cast, office: Client) -> None:
    with running_upstream() as upstream:
        _listen(cast, upstream)
        upstream.orders = [wire_order("D-1", OrderType="Repair")]
        poll(cast.nordlys.pk, NOW)
        say(office, Notice.objects.get(), "other")
        poll(cast.nordlys.pk, NOW + timedelta(minutes=1))
    assert (WebOrder.objects.count(), rows_of(office, "words")) == (0, [])


def _listen(cast: Cast, upstream: Upstream) -> None:
    data = {"base_url": upstream.url, "started_at": NOW - timedelta(hours=1)}
    Connection.objects.filter(group=cast.nordlys).update(**data)


# Eans


def test_a_shared_ean_is_listed_with_its_variants_until_somebody_waits(cast: Cast, office: Client) -> None:
    named = {"StyleParameter1": "Beanie", "VariantParameter1": "Grey", "VariantParameter2": "M"}
    catalogue.store(cast.connection, [WireArticle(7, "57", 1, named), WireArticle(8, "57", 1, {})], NOW)
    row = next(row for row in Page(office.get(WORK_LIST)).rows if row.startswith("Several variants"))
    assert "57 A web shop that orders by this Ean is refused" in row
    assert "variants 7 Beanie Grey M 8 8 first seen" in row
    assert rows_of(browser(cast, "fjord office"), "eans") == []
    shared = SharedEan.objects.get()
    answer = office.post(
        f"{WORK_LIST}eans/decide/", {"decision": "wait", "chosen": shared.pk, "reason": "Told"}
    )
    assert answer["Location"] == WORK_LIST
    shared.refresh_from_db()
    assert (shared.seen_by, shared.note) == (cast.person("office"), "Told")
    assert rows_of(office, "eans") == []


@pytest.mark.parametrize("count", [1, 20])
def test_shared_eans_ask_two_things_however_many_there_are(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    articles = [WireArticle(700 + number, f"57{number // 2}", 1, {}) for number in range(2 * count)]
    catalogue.store(cast.connection, articles, NOW)
    # those of an empty list; the Eans with their variants
    with django_assert_num_queries(17):
        assert len(rows_of(office, "eans")) == count


# Being mended


def test_what_is_being_mended_stays_in_sight_without_buttons_until_it_is_gone(
    cast: Cast, office: Client
) -> None:
    a_difference(cast.nordlys, Differs.ORDER_UNKNOWN)
    form = next(form for form in Page(office.get(WORK_LIST)).forms if "/differences/" in form.action)
    office.post(form.action, {**form.fields, "decision": "mend"})
    page = Page(office.get(WORK_LIST))
    assert "Being mended until a comparison confirms it 1" in page.text
    assert "Take it over from DdD" not in page.buttons
    assert rows_of(office, "differences") == []
    assert office.post(form.action, {**form.fields, "decision": "seen to"}).status_code == 409
    Difference.objects.update(state="gone", closed_at=timezone.now())
    assert rows_of(office, "mending") == []
