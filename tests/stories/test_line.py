"""From web order to booked sale, down to DdD's ledger."""

from ddd.models import Posting
from ddd.sending import dispatch
from tests.factories import Cast, delivered
from tests.sandbox_process import RunningSandbox


def test_a_delivered_order_is_sold_once_to_the_turnover_shop_and_its_pieces_move_there(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = delivered(booked_cast)
    dispatch.drain(booked_cast.nordlys.pk)
    ledger = sandbox.ledger()
    assert [sale["ShopId"] for sale in ledger["sales"]] == [996900]
    assert {line["WebOrderOrderNo"] for line in ledger["sales"][0]["ItemLines"]} == {order.order_no}
    assert {line["ItemGroupId"] for line in ledger["sales"][0]["ItemLines"]} == {9900}
    assert [(row["ShopIdSender"], row["ShopIdRecipient"]) for row in ledger["transfers"]] == [
        (996001, 996900)
    ]
    assert set(Posting.objects.values_list("state", flat=True)) == {Posting.State.SENT}
