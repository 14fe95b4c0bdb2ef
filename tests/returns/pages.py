"""Every page of the counter, in every state that looks different."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client

from ddd.models import Posting
from orders import trouble
from orders.delivery import HandOver
from orders.models import RefundDue, WebOrder
from returns import desk
from returns.models import Condition, Return, ReturnPolicy
from tests.core.pages import Answer
from tests.factories import NOW, Cast, delivered, new_order, picked, received, taken_back


def counter_pages(cast: Cast, staff: Client, manager: Client) -> Iterator[tuple[str, Answer]]:
    """Of Aarhus, with nothing to find and with everything."""
    yield "no returns yet", staff.get("/returns/")
    yield from _finding(cast, staff)
    yield from _choosing(cast, staff, manager)
    yield from _taken_back(cast, manager)
    yield "what came back lately", staff.get("/returns/")
    yield "no money today", staff.get("/pos/cash/")
    for days in (0, 1):
        yield "the cash of a day", staff.get("/pos/cash/", {"day": f"{NOW + timedelta(days=days):%Y-%m-%d}"})


def _finding(cast: Cast, staff: Client) -> Iterator[tuple[str, Answer]]:
    for order_no in ("F-1", "F-2"):
        delivered(cast, new=new_order(order_no, receive_address="Fie Found"))
    cancelled = received(cast, new_order("F-3"))
    trouble.cancel(cancelled, "customer", cast.person("aarhus"), NOW)
    picked(cast, new=new_order("F-4"))
    received(cast, new_order("F-5", 996002))
    delivered(cast, "odense", new_order("F-6", 996002))
    for text in ("fie", "f", "nobody", "F-3", "F-4", "F-5"):
        yield f"returns, looked for {text}", staff.get("/returns/", {"q": text})
    policies = ReturnPolicy.objects.filter(group=cast.nordlys)
    policies.update(where=ReturnPolicy.Where.SAME_SHOP)
    yield "returns of this shop only", staff.get("/returns/", {"q": "F-6"})
    policies.update(where=ReturnPolicy.Where.CHOSEN)
    policies.get().shops.set([cast.odense])
    yield "no returns here", staff.get("/returns/", {"q": "F-1"})
    policies.update(where=ReturnPolicy.Where.EVERY_SHOP)


def _choosing(cast: Cast, staff: Client, manager: Client) -> Iterator[tuple[str, Answer]]:
    order, ready, till = delivered(cast), picked(cast), _paid_in_cash(cast)
    page, key = f"/returns/orders/{order.pk}/", order.lines.all()[0].pk
    chosen: dict[str, str] = {"piece": str(key), f"reason-{key}": "Fortrudt"}
    yield "too late", staff.get(page)
    yield "too late, chosen", staff.get(page, chosen)
    yield "too late, for the manager", manager.get(page, chosen)
    for outcome in ("register", "web shop"):
        yield f"too late, the manager says {outcome}", manager.get(page, {**chosen, "instead": outcome})
    ReturnPolicy.objects.filter(group=cast.nordlys).update(days=None)
    yield "it may come back", staff.get(page)
    yield "why does it come back", staff.get(page, {"piece": key})
    yield "the register pays", staff.get(page, chosen)
    yield "the register pays, for the manager", manager.get(page, chosen)
    yield "paid at the till", staff.get(f"/returns/orders/{till.pk}/")
    WebOrder.objects.filter(pk=till.pk).update(paid_by="", delivered_by_ddd=True)
    yield "paid at DdD's till", staff.get(f"/returns/orders/{till.pk}/")
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    yield "the web shop refunds", staff.get(page, chosen)
    yield "decided otherwise", staff.post(f"{page}take-back/", {**chosen, "shown": "register"})
    yield "nothing chosen", staff.post(f"{page}take-back/", {})
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=True)
    yield "not delivered yet", staff.get(f"/returns/orders/{ready.pk}/")
    taken_back(cast, order, paid_by="cash")
    yield "all of it is back", staff.get(page)


def _paid_in_cash(cast: Cast) -> WebOrder:
    hand_over = HandOver(WebOrder.Way.HAND_OVER, paid_by=WebOrder.PaidBy.CASH)
    return delivered(cast, new=new_order(is_paid=False), hand_over=hand_over)


def _taken_back(cast: Cast, manager: Client) -> Iterator[tuple[str, Answer]]:
    made = taken_back(cast, delivered(cast), lines=(1,), paid_by="cash")
    page = f"/returns/{made.pk}/"
    yield "pay in cash", manager.get(page)
    for state in Posting.State:
        Posting.objects.filter(action_key__endswith=made.action_key).update(state=state, lane="")
        yield f"a return that is {state.value}", manager.get(page)
    Return.objects.filter(pk=made.pk).update(paid_by="terminal")
    yield "pay by card", manager.get(page)
    Posting.objects.filter(action_key__endswith=made.action_key).update(state=Posting.State.SENT, lane="")
    desk.reverse(made, "Wrong customer", cast.person("manager"), NOW)
    yield "a reversed return", manager.get(page)
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    refunded = taken_back(cast, delivered(cast), lines=(1,), condition=Condition.DAMAGED)
    page = f"/returns/{refunded.pk}/"
    for owed in RefundDue.State:
        RefundDue.objects.filter(taken_back=refunded).update(state=owed)
        yield f"a return of which the refund is {owed.value}", manager.get(page)
    RefundDue.objects.filter(taken_back=refunded).update(state=RefundDue.State.DUE)
    desk.cancel(refunded, "Wrong customer", cast.person("manager"), NOW)
    yield "a cancelled return", manager.get(page)
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=True, days=30)
