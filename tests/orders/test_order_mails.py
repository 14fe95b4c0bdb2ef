"""The contents of mails to members and to colleagues."""

import io
from datetime import time, timedelta

import pytest
import zxingcpp
from PIL import Image
from pytest_django import Settings

from accounts.models import ClosedDay, Group, OpeningHours
from ddd.models import Member
from orders import mailing
from orders.models import Mail, OrderEvent, WebOrder
from orders.order_mails import hours_in_words
from tests.ddd.rows import Clock
from tests.factories import NOW, Cast, again, new_order, picked, received
from tests.orders.mail_server import MailServer
from tests.orders.mails import AASE, NOT_TAKEN, REMINDER, a_member, ready_order, sent


def test_the_mail_contains_all_that_the_member_needs(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    order = ready_order(cast, "W-10231", is_paid=False)
    WebOrder.objects.filter(pk=order.pk).update(collect_by=NOW + timedelta(days=7), pickup_code="042042")
    for weekday in range(5):
        OpeningHours.objects.create(shop=cast.aarhus, weekday=weekday, opens=time(10), closes=time(17, 30))
    OpeningHours.objects.create(shop=cast.aarhus, weekday=5, opens=time(10), closes=time(14))
    clock.now = NOW + timedelta(hours=1)
    Member.objects.update(answered_at=clock())
    ClosedDay.objects.create(group=cast.nordlys, day=(NOW + timedelta(days=3)).date())
    ClosedDay.objects.create(group=cast.nordlys, shop=cast.odense, day=(NOW + timedelta(days=4)).date())
    assert sent(cast, clock) == 1

    ((to, message),) = server.taken
    assert to == "aase@kunde.example"
    assert message["Subject"] == "Your order W-10231 is ready in Aarhus"
    assert (message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec) == (
        "Nordlys",
        "portal@nordlys.example",
    )
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        words = body.get_content()
        for fact in (
            "Your order W-10231 is ready for you in Aarhus.",
            "042042",
            "Please collect it by Tuesday 10 March.",
            "To pay in the shop: 399.90 DKK",
            "Søndergade 12",
            "Monday – Friday: 10:00 – 17:30",
            "Saturday: 10:00 – 14:00",
            "Closed on Friday 6 March",
            "Wool jumper Skagerrak",
            "Scarf Løvfald",
            "199.95 DKK",
        ):
            assert fact in words, (part, fact)
        assert "Saturday 7 March" not in words
        assert "&" not in words


def test_the_code_in_the_picture_reads_back(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    order = ready_order(cast)
    WebOrder.objects.filter(pk=order.pk).update(pickup_code="000007")
    sent(cast, clock)
    (message,) = server.messages
    assert message.get_content_type() == "multipart/related"
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<pick-up-code>"
    assert picture.get_content_disposition() == "inline"
    html = message.get_body(("html",))
    assert html is not None
    assert 'src="cid:pick-up-code"' in html.get_content()
    drawn = Image.open(io.BytesIO(picture.get_content()))
    assert [code.text for code in zxingcpp.read_barcodes(drawn)] == ["000007"]


def test_what_was_not_found_is_told_and_not_charged(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    picked(cast, new=new_order(customer_number=AASE), missing=(1,))
    sent(cast, clock)
    body = server.messages[0].get_body(("plain",))
    assert body is not None
    found, missing = body.get_content().split("Sorry, we could not find these; the web shop pays them back:")
    assert "Scarf Løvfald" in found
    assert "Wool jumper Skagerrak" not in found
    assert "Wool jumper Skagerrak" in missing


def test_markup_and_line_breaks_in_names_are_text(cast: Cast, server: MailServer, clock: Clock) -> None:
    a_member(cast, clock)
    cast.nordlys.shops.filter(shop_id=996001).update(name="Aar<b>hus\nBcc: x@y.example")
    ready_order(cast)
    sent(cast, clock)
    (message,) = server.messages
    assert message["Bcc"] is None
    html, plain = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert "Aar&lt;b&gt;hus" in html.get_content()
    assert "Aar<b>hus" in plain.get_content()


def test_the_reminder_says_until_when(cast: Cast, server: MailServer, clock: Clock) -> None:
    Group.objects.update(language="en")
    a_member(cast, clock)
    order = picked(cast, new=new_order("W-5", customer_number=AASE))
    Mail.objects.all().delete()
    WebOrder.objects.update(collect_by=NOW + timedelta(days=7))
    mailing.write(again(order), REMINDER, "remind:1", clock())
    sent(cast, clock)
    (message,) = server.messages
    assert message["Subject"] == "Your order W-5 still waits for you in Aarhus"
    body = message.get_body(("plain",))
    assert body is not None
    assert "After Tuesday 10 March it goes back on the shelf." in body.get_content()
    assert order.pickup_code in body.get_content()


@pytest.mark.parametrize(("who", "path"), [("office", "/orders/{pk}/"), ("manager", "/pos/orders/{pk}/")])
def test_colleagues_get_the_shop_how_long_and_the_page_that_they_may_see(
    cast: Cast, server: MailServer, clock: Clock, settings: Settings, who: str, path: str
) -> None:
    settings.PORTAL_URL = "https://collect.example"
    order = received(cast, new_order("W-9"))
    OrderEvent.objects.create(
        group=cast.nordlys,
        shop=cast.aarhus,
        order=order,
        kind=OrderEvent.Kind.MANAGER_TOLD,
        data={"waiting_minutes": 12},
        at=NOW,
    )
    mailing.write(order, NOT_TAKEN, "n", clock(), to=cast.person(who).email, language="en")
    sent(cast, clock)
    ((to, message),) = server.taken
    assert to == cast.person(who).email
    assert message["Subject"] == "Nobody in Aarhus has taken order W-9"
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        assert "It has waited for 12 minutes while the shop was open." in body.get_content()
        assert f"https://collect.example{path.format(pk=order.pk)}" in body.get_content()
    assert "image/png" not in [one.get_content_type() for one in message.walk()]


def test_consecutive_days_with_the_same_hours_are_combined(cast: Cast) -> None:
    def on(weekday: int, opens: int = 10) -> OpeningHours:
        return OpeningHours(weekday=weekday, opens=time(opens), closes=time(18))

    assert hours_in_words([on(0), on(1), on(3), on(4, 9)]) == [
        ("Monday – Tuesday", "10:00 – 18:00"),
        ("Thursday", "10:00 – 18:00"),
        ("Friday", "09:00 – 18:00"),
    ]
