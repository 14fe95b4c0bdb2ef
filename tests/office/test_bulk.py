"""Bulk actions: orders are chosen, the action is prepared, and each order has its own result."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from core.errors import Invalid
from office.listing import bulk, papers
from office.models import BulkAction
from office.tasks import carry_out_bulk_actions
from orders import trouble
from orders.models import Mail, OrderEvent, WebOrder
from orders.states import Phase
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, again, delivered, new_order, picked, received, taken
from tests.pos.paper import pages_of

Action = BulkAction.Action


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office")


def prepared(cast: Cast, action: BulkAction.Action, *orders: WebOrder) -> BulkAction:
    """Chosen and not yet started."""
    chosen = WebOrder.objects.filter(pk__in=[order.pk for order in orders])
    made = bulk.prepare(cast.person("office"), action, chosen, NOW)
    return BulkAction.objects.select_related("maker__group", "shop").get(pk=made.pk)


def done(
    cast: Cast, action: BulkAction.Action, *orders: WebOrder, now: object = NOW, **how: object
) -> dict[str, str]:
    """The result for each order: empty when it is done, else why not."""
    made = prepared(cast, action, *orders)
    assert bulk.start(made, NOW, **how)  # type: ignore[arg-type]
    bulk.carry_out(made, lambda: now)  # type: ignore[arg-type, return-value]
    rows = made.orders.select_related("order")
    assert all((row.outcome == "refused") == bool(row.why) for row in rows)
    assert all(row.why.get("code") != "as-it-is" for row in rows)
    return {row.order.order_no: row.why_words for row in rows}


def posted(client: Client, do: str, which: str = "chosen", **more: object) -> BulkAction:
    answer = client.post("/orders/bulk/", {"do": do, "which": which, **more})
    assert answer.status_code == 302
    return BulkAction.objects.get(pk=int(answer["Location"].split("/")[3]))


def test_each_order_is_moved_or_says_why_not(cast: Cast) -> None:
    orders = [
        received(cast, new_order("NEW")),
        taken(cast, new=new_order("TAKEN")),
        received(cast, new_order("THERE", 996002)),
        picked(cast, new=new_order("READY")),
        delivered(cast, new=new_order("GONE")),
    ]
    assert done(cast, Action.MOVE, *orders, shop=cast.odense) == {
        "GONE": "It was delivered on 3. March 2026 10:30 by Freja Sørensen.",
        "READY": "It is ready: it stays in its shop.",
        "THERE": "",
        "TAKEN": "",
        "NEW": "",
    }
    at_odense = WebOrder.objects.filter(shop=cast.odense).values_list("order_no", flat=True)
    assert set(at_odense) == {"NEW", "TAKEN", "THERE"}
    moved = OrderEvent.objects.filter(kind="moved", actor=cast.person("office"))
    assert set(moved.values_list("order__order_no", flat=True)) == {"NEW", "TAKEN"}


def test_an_order_that_was_moved_after_it_was_chosen_is_refused(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    made = prepared(cast, Action.MOVE, order)
    trouble.move_to_shop(order, cast.shop(996003), cast.person("manager"), NOW)
    bulk.start(made, NOW, cast.odense)
    bulk.carry_out(made, lambda: NOW)
    assert made.orders.get().why_words == "Somebody was faster and moved this order to København."
    assert again(order).shop.shop_id == 996003


def test_orders_are_cancelled_with_a_reason_and_those_that_left_are_not(cast: Cast) -> None:
    ready, gone = picked(cast, new=new_order("READY")), delivered(cast, new=new_order("GONE"))
    found = done(cast, Action.CANCEL, ready, gone, reason="customer")
    assert found == {"GONE": "It was delivered on 3. March 2026 10:30 by Freja Sørensen.", "READY": ""}
    assert (again(ready).status, again(gone).status) == ("Cancelled", "Delivered")
    assert ready.events.get(kind="cancelled").data == {"reason": "customer"}
    assert ready.lines.filter(to_put_back=True).count() == 2


def test_the_shop_of_a_new_order_and_the_customer_of_a_ready_one_are_reminded(cast: Cast) -> None:
    new, ready = (
        received(cast, new_order("NEW")),
        picked(cast, new=new_order("READY", customer_number=100042)),
    )
    others = [taken(cast, new=new_order("TAKEN")), picked(cast, new=new_order("NO MEMBER"))]
    assert done(cast, Action.REMIND, new, ready, *others) == {
        "NO MEMBER": "It came without a member's number: there is no address for a mail.",
        "TAKEN": "Freja Sørensen is picking it: nobody has to be reminded.",
        "READY": "",
        "NEW": "",
    }
    assert (again(new).escalated, new.events.filter(kind="reminded").count()) == (1, 1)
    assert list(ready.mails.order_by("pk").values_list("kind", flat=True)) == [
        Mail.Kind.READY,
        Mail.Kind.REMINDER,
    ]
    assert again(ready).collect_reminded_at is None  # the automatic one still comes


def test_a_recent_reminder_is_not_repeated(cast: Cast) -> None:
    new, ready = (
        received(cast, new_order("NEW")),
        picked(cast, new=new_order("READY", customer_number=100042)),
    )
    done(cast, Action.REMIND, new, ready)
    assert done(cast, Action.REMIND, new, ready) == {
        "READY": "The customer was reminded within the last 24 hours.",
        "NEW": "The shop was reminded within the last 5 minutes.",
    }
    assert set(done(cast, Action.REMIND, new, ready, now=NOW + timedelta(hours=25)).values()) == {""}
    assert (new.events.filter(kind="reminded").count(), ready.mails.filter(kind="reminder").count()) == (2, 2)


def test_started_twice_or_by_two_workers_each_order_is_done_once(cast: Cast) -> None:
    order = received(cast)
    made = prepared(cast, Action.REMIND, order)
    assert [bulk.start(made, NOW), bulk.start(made, NOW)] == [True, False]
    bulk.carry_out(made, lambda: NOW)
    row = made.orders.get()
    row.outcome = "waiting"  # as another worker had read it
    bulk._carry_out_for(made, row, NOW + timedelta(hours=1))
    assert order.events.filter(kind="reminded").count() == 1


def test_the_next_worker_finishes_what_a_dead_one_left(cast: Cast) -> None:
    first, second = received(cast, new_order("W-1")), received(cast, new_order("W-2"))
    made = prepared(cast, Action.CANCEL, first, second)
    bulk.start(made, NOW, reason="other")
    row = made.orders.get(order=first)
    bulk._carry_out_for(made, row, NOW)
    assert (bulk.groups_with_work(), again(second).phase) == ([cast.nordlys.pk], Phase.NEW)
    bulk.carry_out_in(cast.nordlys.pk, lambda: NOW)
    assert [again(order).phase for order in (first, second)] == [Phase.CANCELLED, Phase.CANCELLED]
    made.refresh_from_db()
    assert (made.ended_at, bulk.groups_with_work()) == (NOW, [])


def test_an_order_that_raises_does_not_stop_the_others(cast: Cast) -> None:
    broken, there = received(cast, new_order("BROKEN")), received(cast, new_order("THERE", 996002))
    WebOrder.objects.filter(pk=broken.pk).update(status="Lost")  # which no program knows
    assert done(cast, Action.MOVE, broken, there, shop=cast.odense) == {
        "BROKEN": "Something broke: try it on the order's own page.",
        "THERE": "",
    }
    assert (broken.shop, broken.events.count()) == (cast.aarhus, 1)


def test_none_and_too_many_are_refused_before_anything_is_prepared(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_ORDERS", 1)
    received(cast), received(cast)
    for data, said in (
        ({"which": "chosen", "do": "labels"}, "Choose the orders first."),
        ({"which": "chosen"}, "Choose the orders first."),
        ({"which": "all", "query": "status=ready"}, "Choose the orders first."),
        ({"which": "all"}, "More than 1 orders fit: filter further, and do it in parts."),
        (
            {"which": "all", "query": "status=lost"},
            "A filter has a value that does not exist: mend it first.",
        ),
        (
            {"which": "all", "query": "came_from=2026-03-09&came_until=2026-03-02"},
            "The last day is before the first: change one of them.",
        ),
        ({"which": "page", "on_page": ["1"], "query": "status=lost"}, "mend it first."),
    ):
        answer = office.post("/orders/bulk/", {"do": "move", **data})
        assert (answer.status_code, said in Page(answer).text) == (422, True)
    assert office.post("/orders/bulk/", {"do": "sell", "which": "all"}).status_code == 422
    assert not BulkAction.objects.exists()


def test_ticked_orders_or_the_page_or_all_that_fit_are_prepared(cast: Cast, office: Client) -> None:
    mine, other = received(cast), received(cast, new_order(shop_id=996002))
    foreign = received(cast, new_order(shop_id=997001), web_shop="fjord")
    keys = [str(mine.pk), str(foreign.pk), "x", "9" * 30]
    for which, more, chosen in (
        ("chosen", {"order": keys, "on_page": [str(other.pk)]}, {mine}),
        ("page", {"order": keys, "on_page": [str(other.pk)]}, {other}),
        ("all", {"order": keys, "query": "shop=996002"}, {other}),
        ("all", {}, {mine, other}),
    ):
        made = posted(office, "remind", which, **more)
        assert {row.order for row in made.orders.all()} == chosen


@pytest.mark.parametrize(
    ("reads", "why"),
    [("en", "It is ready: it stays in its shop."), ("da", "Den er klar: den bliver i sin butik.")],
)
def test_results_are_shown_in_the_language_of_the_screen(cast: Cast, reads: str, why: str) -> None:
    """Their browser's, as they have chosen none; also when a worker did it, and the Group's is Danish."""
    client = browser(cast, "office", {"accept-language": reads})
    made = posted(client, "move", order=[str(picked(cast).pk)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "AT_ONCE", 0)
        client.post(f"/orders/bulk/{made.pk}/", {"shop": "996002"})
    bulk.carry_out_in(cast.nordlys.pk)
    assert why in Page(client.get(f"/orders/bulk/{made.pk}/")).text


def test_nothing_happens_before_the_start_and_the_page_then_shows_each_result(
    cast: Cast, office: Client
) -> None:
    order, gone = received(cast, new_order("W-1")), delivered(cast, new=new_order("W-2"))
    made = posted(office, "move", order=[str(order.pk), str(gone.pk)])
    page = f"/orders/bulk/{made.pk}/"
    assert "Move 2 orders to another shop" in Page(office.get(page)).text
    assert (office.post(page).status_code, office.post(page, {"shop": "997001"}).status_code) == (422, 422)
    assert (again(order).shop, BulkAction.objects.get().started_at) == (cast.aarhus, None)
    for _tap in range(2):
        assert office.post(page, {"shop": "996002"})["Location"] == page
    assert (again(order).shop, order.events.filter(kind="moved").count()) == (cast.odense, 2)
    text = Page(office.get(page)).text
    assert "1 moved to Odense" in text
    assert "DdD is not told: the tills in the old shops still show these orders" in text
    assert "W-2 Delivered Aarhus It was delivered" in text


def test_many_are_done_by_a_worker_and_the_page_says_how_far_it_is(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    orders = [received(cast), received(cast)]
    made = posted(office, "cancel", order=[str(order.pk) for order in orders])
    page = f"/orders/bulk/{made.pk}/"
    office.post(page, {"reason": "other"})
    assert "0 of 2" in Page(office.get(page)).text
    assert {again(order).phase for order in orders} == {Phase.NEW}
    bulk.carry_out_in(cast.nordlys.pk)
    assert "2 cancelled" in Page(office.get(page)).text


def test_another_person_cannot_start_a_prepared_action(cast: Cast, office: Client) -> None:
    made = posted(office, "cancel", order=[str(received(cast).pk)])
    colleague = User.objects.create_user("erik@nordlys.example", group=cast.nordlys, is_head_office=True)
    client = Client()
    client.force_login(colleague)
    assert client.post(f"/orders/bulk/{made.pk}/", {"reason": "other"}).status_code == 404
    assert BulkAction.objects.get().started_at is None


@pytest.mark.parametrize("do", ["pick lists", "labels"])
def test_papers_of_many_orders_are_one_pdf_and_are_noted(cast: Cast, office: Client, do: str) -> None:
    orders = [received(cast), received(cast, new_order(shop_id=996002))]
    answer = office.post("/orders/bulk/", {"do": do, "which": "all"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    printed = OrderEvent.objects.filter(kind="printed", actor=cast.person("office"))
    assert set(printed.values_list("order", flat=True)) == {order.pk for order in orders}


@pytest.fixture
def in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many."""
    for action, paper in papers.PAPERS.items():
        monkeypatch.setitem(papers.PAPERS, action, replace(paper, at_once=2))


def prints(order: WebOrder) -> list[dict[str, object]]:
    return [event.data for event in order.events.filter(kind="printed")]


@pytest.mark.usefixtures("in_twos")
@pytest.mark.parametrize(
    ("do", "document", "head"),
    [("pick lists", "pick list", "3 pick lists"), ("labels", "address label", "3 address labels")],
)
def test_many_papers_come_in_parts_and_each_is_noted_on_its_own_orders(
    cast: Cast, office: Client, do: str, document: str, head: str
) -> None:
    odense = received(cast, new_order("O-1", shop_id=996002))
    aarhus = [received(cast, new_order("A-1")), received(cast, new_order("A-2"))]
    page = f"/orders/bulk/{posted(office, do, 'all').pk}/papers/"
    shown = Page(office.get(page))
    assert head in shown.text
    assert shown.rows[1:] == ["1–2 Aarhus Print 1–2", "3–3 Odense Print 3–3"]
    assert prints(odense) + prints(aarhus[0]) == []
    answer = office.post(page, {"first": "1"})
    assert answer["Content-Type"] == "application/pdf"
    for order, paper in zip(aarhus, pages_of(answer.content), strict=True):
        assert order.order_no in paper.text
    assert [prints(order) for order in (*aarhus, odense)] == [[{"document": document}]] * 2 + [[]]
    assert Page(office.get(page)).rows[1:] == ["1–2 Aarhus Printed Print again 1–2", "3–3 Odense Print 3–3"]
    office.post(page, {"first": "1"}), office.post(page, {"first": "3"})
    assert prints(aarhus[0]) == [{"document": document}, {"document": document, "reprint": 1}]
    assert prints(odense) == [{"document": document}]


@pytest.mark.usefixtures("in_twos")
def test_an_order_that_comes_in_or_moves_meanwhile_changes_no_part(cast: Cast, office: Client) -> None:
    orders = [received(cast, new_order(f"A-{number}")) for number in range(3)]
    page = f"/orders/bulk/{posted(office, 'labels', 'all').pk}/papers/"
    received(cast, new_order("LATER"))
    trouble.move_to_shop(orders[2], cast.odense, cast.person("manager"), NOW)
    office.post(page, {"first": "3"})
    assert [len(prints(order)) for order in orders] == [0, 0, 1]


@pytest.mark.usefixtures("in_twos")
def test_an_unknown_part_is_refused_and_papers_cannot_be_started(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [received(cast) for _number in range(3)]
    made = posted(office, "labels", "all")
    for first in ("", "x", "0", "-1", "2", "5", "9" * 30):
        assert office.post(f"/orders/bulk/{made.pk}/papers/", {"first": first}).status_code == 404
    assert office.post(f"/orders/bulk/{made.pk}/").status_code == 404
    with monkeypatch.context() as few:
        few.setattr(bulk, "MOST_ORDERS", 2)
        answer = office.post("/orders/bulk/", {"do": "labels", "which": "all"})
    assert "More than 2 orders fit" in Page(answer).text
    other = posted(office, "remind", "all")
    assert office.post(f"/orders/bulk/{other.pk}/papers/", {"first": "1"}).status_code == 404
    assert not any(order.events.filter(kind__in=["printed", "reminded"]).exists() for order in orders)


@pytest.mark.usefixtures("in_twos")
def test_the_page_of_parts_asks_the_same_for_three_and_for_nine(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _times in range(3):
        [received(cast) for _number in range(3)]
        page = f"/orders/bulk/{posted(office, 'labels', 'all').pk}/papers/"
        with django_assert_num_queries(7):
            office.get(page)


def test_what_was_done_long_ago_is_forgotten_and_orders_are_not(cast: Cast) -> None:
    order = received(cast)
    old, new = prepared(cast, Action.CANCEL, order), prepared(cast, Action.CANCEL, order)
    now = timezone.now()
    BulkAction.objects.filter(pk=old.pk).update(made_at=now - timedelta(days=31))
    BulkAction.objects.filter(pk=new.pk).update(made_at=now - timedelta(days=29))
    carry_out_bulk_actions()
    assert (list(BulkAction.objects.all()), again(order).phase) == ([new], Phase.NEW)


def test_its_page_asks_the_same_for_one_order_and_for_many(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 4):
        orders = [received(cast) for _number in range(count)]
        made = posted(office, "remind", order=[str(order.pk) for order in orders])
        with django_assert_num_queries(8):
            office.get(f"/orders/bulk/{made.pk}/")


def test_an_action_without_orders_is_invalid(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Choose the orders first"):
        bulk.prepare(cast.person("office"), Action.CANCEL, WebOrder.objects.none(), NOW)
