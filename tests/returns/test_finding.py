"""Whoever brings something back is found by a scan, a number or a name, in every shop that may take it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import trouble
from orders.models import ReceiverWord, WebOrder
from orders.receivers import words_in
from pos.returns.finding import find
from returns.models import ReturnPolicy
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, delivered, new_order, picked, received

Where = ReturnPolicy.Where
pytestmark = pytest.mark.usefixtures("day_3")


@pytest.fixture
def odense(cast: Cast) -> Client:
    return browser(cast, "odense")


def listed(client: Client, text: str) -> list[str]:
    """The OrderNos of the list."""
    return [row.order.order_no for row in client.get("/returns/", {"q": text}).context["found"].rows]


def opened(client: Client, text: str) -> str:
    """Where a search leads at once."""
    return str(client.get("/returns/", {"q": text}).headers.get("Location", ""))


def says(client: Client, text: str) -> Page:
    page = Page(client.get("/returns/", {"q": text}))
    assert page.faults == []
    return page


def page_of(order: WebOrder) -> str:
    return f"/returns/orders/{order.pk}/"


def where(cast: Cast, place: Where, *shops: int) -> None:
    policy = ReturnPolicy.objects.get(group=cast.nordlys)
    policy.where = place
    policy.save()
    policy.shops.set(cast.shop(number) for number in shops)


# By number


@pytest.mark.parametrize("text", ["W-10231", "w-10231", "  W-10231\r\n"])
def test_a_label_opens_its_order_in_another_shop_of_the_group(cast: Cast, odense: Client, text: str) -> None:
    order = delivered(cast, new=new_order("W-10231"))
    delivered(cast, new=new_order("W-102310"))
    assert opened(odense, text) == page_of(order)


def test_of_two_order_nos_that_differ_in_case_the_one_that_was_typed_is_meant(
    cast: Cast, aarhus: Client
) -> None:
    small, large = (delivered(cast, new=new_order(order_no)) for order_no in ("w-1", "other"))
    # As DdD may have them.
    alike = {"order_no_folded": "w-1", "order_no_is_first": False}
    WebOrder.objects.filter(pk=large.pk).update(order_no="W-1", **alike)
    assert (opened(aarhus, "w-1"), opened(aarhus, "W-1")) == (page_of(small), page_of(large))


def test_a_number_that_may_mean_another_order_opens_none(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast, new=new_order("COLL-A"))
    assert opened(aarhus, order.pickup_code) == page_of(order)
    received(cast, new_order(order.pickup_code, shop_id=996002))
    assert (opened(aarhus, order.pickup_code), listed(aarhus, order.pickup_code)) == ("", ["COLL-A"])
    assert f"{order.pickup_code} is not delivered: Odense has it" in says(aarhus, order.pickup_code).text
    delivered(cast, new=new_order("77"))
    delivered(cast, new=new_order("OF-77", customer_number=77))
    assert (opened(aarhus, "77"), sorted(listed(aarhus, "77"))) == ("", ["77", "OF-77"])


def test_a_pick_up_code_opens_its_order_and_lists_all_that_have_it(cast: Cast, odense: Client) -> None:
    old, new = delivered(cast, new=new_order("OLD")), delivered(cast, new=new_order("NEW"))
    WebOrder.objects.filter(pk=old.pk).update(pickup_code="004711", delivered_at=NOW)
    WebOrder.objects.filter(pk=new.pk).update(pickup_code="999999")
    assert opened(odense, "004711") == page_of(old)
    WebOrder.objects.filter(pk=new.pk).update(pickup_code="004711")
    assert listed(odense, "004711") == ["NEW", "OLD"]


def test_a_customer_number_lists_the_orders_last_delivered_first(cast: Cast, aarhus: Client) -> None:
    orders = [delivered(cast, new=new_order(f"W-{day}", customer_number=100042)) for day in range(3)]
    for day, order in enumerate(orders):
        WebOrder.objects.filter(pk=order.pk).update(delivered_at=NOW - timedelta(days=day))
    delivered(cast, new=new_order("NO-MEMBER"))
    assert listed(aarhus, "100042") == ["W-0", "W-1", "W-2"]
    assert says(aarhus, "0").text.count("NO-MEMBER") == 0


def test_a_row_says_who_where_when_and_how_many_pieces_are_left(cast: Cast, odense: Client) -> None:
    delivered(cast, new=new_order("W-1", variants=(100001, 100039, 100041)), missing=(3,))
    [row] = says(odense, "sørensen").rows
    assert row == "W-1 2 pieces left Åse Ø. Sørensen 3 Mar 10:30 Aarhus"


# By name


def test_the_words_of_a_name_are_kept_case_folded_and_each_once() -> None:
    assert words_in("Åse Ø. Sørensen-Bæk, åse") == ["åse", "ø", "sørensen", "bæk"]
    assert words_in("STRASSE Straße") == ["strasse"]
    assert words_in("A\u030ase") == ["åse"]
    assert words_in(" #.-") == []


@pytest.mark.parametrize("text", ["åse", "ÅSE SØR", "sør ås", "Sørensen, Åse", "åse ø.", "Øst-Bæk"])
def test_a_name_is_found_by_how_its_words_begin_in_any_order(cast: Cast, odense: Client, text: str) -> None:
    delivered(cast, new=new_order("THEIRS", receive_address="Åse Øst-Bæk Sørensen#Bovej 3#8000 Aarhus"))
    delivered(cast, new=new_order("OTHER", receive_address="Bo Jensen#Åsevej 1"))
    assert listed(odense, text) == ["THEIRS"]


def test_every_beginning_must_fit(cast: Cast, aarhus: Client) -> None:
    delivered(cast, new=new_order("A", receive_address="Åse Sørensen"))
    for text in ("åse jensen", "ase", "rensen", "åsee", "bakkevej"):
        assert listed(aarhus, text) == []
    assert "Nothing that was delivered fits “åse jensen”." in says(aarhus, "åse jensen").text


def test_one_letter_is_too_little_to_look_for(cast: Cast, aarhus: Client) -> None:
    delivered(cast)
    assert "Type at least two letters of a name." in says(aarhus, "å s").text
    assert listed(aarhus, "å") == []


def test_a_single_name_is_listed_and_not_opened_for_it_may_be_somebody_else(
    cast: Cast, aarhus: Client
) -> None:
    delivered(cast, new=new_order("A"))
    assert (opened(aarhus, "åse"), listed(aarhus, "åse")) == ("", ["A"])


def test_a_very_long_word_is_kept_and_found(cast: Cast, aarhus: Client) -> None:
    delivered(cast, new=new_order("LONG", receive_address="Ø" * 120))
    assert listed(aarhus, "ø" * 120) == listed(aarhus, "øø") == ["LONG"]


def test_the_words_of_a_name_go_with_the_order(cast: Cast) -> None:
    received(cast, new_order("OTHER", receive_address="Bo"))
    order = received(cast)
    assert sorted(map(str, order.receiver_words.all())) == ["sørensen", "åse", "ø"]
    order.delete()
    assert [str(word) for word in ReceiverWord.objects.all()] == ["bo"]


# What cannot come back


def test_an_order_that_is_not_delivered_is_cancelled_instead(
    cast: Cast, aarhus: Client, odense: Client
) -> None:
    order = picked(cast, new=new_order("W-1"))
    page = says(aarhus, "W-1")
    assert "W-1 is not delivered: cancel it." in page.text
    assert page.links["Open W-1"] == f"/pos/orders/{order.pk}/"
    there = says(odense, "W-1")
    assert "W-1 is not delivered: Aarhus has it and can cancel it." in there.text
    assert "Open W-1" not in there.links
    assert order.receiver not in there.text


def test_a_cancelled_order_says_so(cast: Cast, aarhus: Client) -> None:
    order = received(cast, new_order("W-1"))
    trouble.cancel(order, "customer", cast.person("aarhus"), NOW)
    assert "W-1 was cancelled: the customer got nothing of it." in says(aarhus, "W-1").text


def test_only_the_shop_that_delivered_it_takes_it_back(cast: Cast, aarhus: Client, odense: Client) -> None:
    where(cast, Where.SAME_SHOP)
    order = delivered(cast, new=new_order("W-1"))
    assert opened(aarhus, "W-1") == page_of(order)
    assert listed(aarhus, "åse") == ["W-1"]
    page = says(odense, "W-1")
    assert "W-1 is not taken back here. Only the shop that delivered it takes it: Aarhus." in page.text
    assert listed(odense, "åse") == []
    assert order.receiver not in page.text


def test_a_shop_that_head_office_has_not_chosen_says_which_it_chose(
    cast: Cast, aarhus: Client, odense: Client
) -> None:
    where(cast, Where.CHOSEN, 996002, 996003)
    order = delivered(cast, new=new_order("W-1"))
    assert opened(odense, "W-1") == page_of(order)
    assert listed(odense, "åse") == ["W-1"]
    assert listed(aarhus, "åse") == []
    for text in ("", "W-1"):
        assert "This shop takes no returns. These do: København, Odense." in says(aarhus, text).text
        assert "This shop takes no returns" not in Page(odense.get("/returns/")).text
    assert "W-1 is not taken back here." in says(aarhus, "W-1").text


def test_another_group_is_never_found(cast: Cast, aarhus: Client) -> None:
    new = new_order("FJORD", 997001, customer_number=100077)
    order = delivered(cast, "fjord staff", new, "fjord")
    for text in ("FJORD", "100077", order.pickup_code, "Åse"):
        assert f"Nothing that was delivered fits “{text}”." in says(aarhus, text).text
    assert browser(cast, "fjord staff").get("/returns/", {"q": "FJORD"}).status_code == 302


@pytest.mark.parametrize("text", ["\0", "9" * 300, "9" * 18, "<script>", "%", "_", "٩", "'; --", "\udc80"])
def test_nothing_that_is_typed_breaks_the_search(cast: Cast, aarhus: Client, text: str) -> None:
    delivered(cast)
    answer = aarhus.get("/returns/", {"q": text.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert Page(answer).faults == []


# Many orders


def asked(client: Client, text: str) -> int:
    """How many queries a search costs."""
    with CaptureQueriesContext(connection) as queries:
        client.get("/returns/", {"q": text})
    return len(queries)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["sørensen", "åse sør", "100042"])
def test_a_search_asks_as_much_of_two_orders_as_of_thirty_and_shows_twenty(
    cast: Cast, aarhus: Client, text: str
) -> None:
    for number in range(2):
        delivered(cast, new=new_order(f"W-{number:02}", customer_number=100042))
    before = asked(aarhus, text)
    for number in range(2, 30):
        delivered(cast, new=new_order(f"W-{number:02}", customer_number=100042))
    assert asked(aarhus, text) == before <= 16
    assert listed(aarhus, text) == [f"W-{number:02}" for number in reversed(range(10, 30))]
    assert "There are more: type more of the name, or scan the label." in says(aarhus, text).text


def many_more(order: WebOrder, count: int) -> None:
    """Newer orders for the same name."""
    data = {name: value for name, value in WebOrder.objects.values().get(pk=order.pk).items() if name != "id"}
    rows = [WebOrder(**data | {"order_no": f"MANY-{number}"}) for number in range(count)]
    ReceiverWord.objects.bulk_create(
        ReceiverWord(group_id=row.group_id, order=row, word="åse".encode())
        for row in WebOrder.objects.bulk_create(rows)
    )


@pytest.mark.slow
def test_where_more_have_the_name_than_are_looked_through_it_says_so(cast: Cast, odense: Client) -> None:
    where(cast, Where.SAME_SHOP)
    delivered(cast, "odense", new_order("OLD", 996002))
    many_more(delivered(cast, new=new_order("NEW")), 4997)
    says_more = "There are more: type more of the name, or scan the label."
    assert listed(odense, "åse") == ["OLD"]
    assert says_more not in says(odense, "åse").text
    delivered(cast, new=new_order("NEWEST"))
    delivered(cast, new=new_order("NEWEST-OF-ALL"))
    assert listed(odense, "åse") == []
    assert says_more in says(odense, "åse").text
    assert listed(odense, "åse sør") == ["OLD"]


@pytest.mark.parametrize("text", ["åse", "åse sør", "100042", "W-0"])
def test_no_search_reads_all_orders(cast: Cast, text: str) -> None:
    """By what the database says that it will do."""
    order = delivered(cast, new=new_order("W-0", customer_number=100042))
    shop, policy = cast.aarhus, ReturnPolicy.of(cast.nordlys)
    with CaptureQueriesContext(connection) as queries:
        found = find(shop, policy, text)
    assert order in [found.order, *(row.order for row in found.rows)]
    with connection.cursor() as cursor:
        for query in queries:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(explain + query["sql"].replace("%", "%%"), [])
            plan = " ".join(str(part) for row in cursor.fetchall() for part in row)
            assert "SCAN orders_" not in plan, plan
            assert "Seq Scan on orders_" not in plan, plan
