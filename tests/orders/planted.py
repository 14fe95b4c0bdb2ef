"""Faults in DdD's books that the portal did not cause: each is planted alone and must be found as its
kind."""

from collections.abc import Callable

from orders.importing import poll
from orders.models import WebOrder
from returns import desk
from tests.factories import picked, received, taken_back
from tests.orders.night import AARHUS, LATER, TURNOVER, Night, as_sent, naming, wire_order_of_another_channel


def delete_the_sale(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    return order.order_no, "sale missing"


def book_the_sale_twice(night: Night) -> tuple[str, str]:
    """A call that DdD committed after the quiet time."""
    order = night.sold()
    night.post("api/sale", as_sent(night.posted("sale", order)))
    return order.order_no, "sale twice"


def book_the_sale_twice_under_another_receipt(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.post("api/sale", as_sent(night.posted("sale", order)) | {"ReceiptId": 500})
    return order.order_no, "sale twice"


def book_the_sale_in_the_wrong_shop(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    night.post("api/sale", as_sent(night.posted("sale", order)) | {"ShopId": AARHUS})
    return order.order_no, "sale elsewhere"


def book_another_amount(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    body = as_sent(night.posted("sale", order))
    body["PaymentLines"][0]["LineAmount"] = 399.89
    night.post("api/sale", body)
    return order.order_no, "sale amount"


def sell_what_was_not_delivered(night: Night) -> tuple[str, str]:
    sold, order = night.sold(), picked(night.cast)
    night.send()
    body = as_sent(night.posted("sale", sold)) | {"ReceiptId": 77}
    night.post("api/sale", naming(body, order.order_no))
    return order.order_no, "sale unknown"


def sell_what_nobody_ordered(night: Night) -> tuple[str, str]:
    body = as_sent(night.posted("sale", night.sold())) | {"ReceiptId": 9003}
    night.post("api/sale", naming(body, "NOSUCH-1"))
    return "NOSUCH-1", "sale of nobody"


def delete_the_return(night: Night) -> tuple[str, str]:
    order = returned(night)
    night.sandbox.back_office_deletes_sale(TURNOVER, 2)
    return order.order_no, "return missing"


def book_the_return_twice(night: Night) -> tuple[str, str]:
    order = returned(night)
    night.post("api/sale", as_sent(night.posted("return", order)))
    return order.order_no, "return twice"


def delete_the_opposite_of_a_return(night: Night) -> tuple[str, str]:
    order = night.sold()
    wrong = taken_back(night.cast, order, "manager", paid_by="cash")
    night.send()
    desk.reverse(wrong, "Wrong bag", night.cast.person("manager"), LATER)
    night.send()
    night.sandbox.back_office_deletes_sale(TURNOVER, 3)
    return order.order_no, "sale missing"


def delete_the_transfer(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_transfer(int(night.posted("transfer", order).answer))
    return order.order_no, "transfer missing"


def move_the_pieces_twice(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.post("api/stockadjustment/item/transfer/initiate", night.posted("transfer", order).payload)
    return order.order_no, "transfer twice"


def move_other_pieces(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_changes_transfer(int(night.posted("transfer", order).answer), 2)
    return order.order_no, "transfer pieces"


def let_the_till_hand_over_what_was_delivered(night: Night) -> tuple[str, str]:
    """DdD's till does not know of the delivery here, and moves the pieces once more."""
    order = night.sold()
    night.sandbox.till_delivers(order.order_no)
    return order.order_no, "transfer twice"


def lose_the_transfer_of_the_till(night: Night) -> tuple[str, str]:
    order = picked(night.cast)
    night.send()
    night.sandbox.till_delivers(order.order_no)
    poll(night.group.pk, night.clock())
    night.send()
    [made] = night.sandbox.ledger()["transfers"]
    night.sandbox.back_office_deletes_transfer(made["invoice"])
    return order.order_no, "transfer missing"


def delete_the_order(night: Night) -> tuple[str, str]:
    order = received(night.cast)
    night.send()
    night.sandbox.back_office_deletes_order(order.order_no)
    return order.order_no, "order missing"


def cancel_the_order_that_was_delivered(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_sets_status(order.order_no, "Cancelled")
    return order.order_no, "status ahead"


def let_the_till_deliver_unseen(night: Night) -> tuple[str, str]:
    order = picked(night.cast)
    night.send()
    night.sandbox.back_office_sets_status(order.order_no, "Delivered")
    return order.order_no, "status ahead"


def order_elsewhere(night: Night) -> tuple[str, str]:
    """Made at DdD, and the portal has not been able to poll since."""
    night.sandbox.till_order(wire_order_of_another_channel("D-77"), webshop=1)
    return "D-77", "order unknown"


def returned(night: Night) -> WebOrder:
    order = night.sold()
    taken_back(night.cast, order, paid_by="cash")
    night.send()
    return order


PLANTED: list[Callable[[Night], tuple[str, str]]] = [
    delete_the_sale,
    book_the_sale_twice,
    book_the_sale_twice_under_another_receipt,
    book_the_sale_in_the_wrong_shop,
    book_another_amount,
    sell_what_was_not_delivered,
    sell_what_nobody_ordered,
    delete_the_return,
    book_the_return_twice,
    delete_the_opposite_of_a_return,
    delete_the_transfer,
    move_the_pieces_twice,
    move_other_pieces,
    let_the_till_hand_over_what_was_delivered,
    lose_the_transfer_of_the_till,
    delete_the_order,
    cancel_the_order_that_was_delivered,
    let_the_till_deliver_unseen,
    order_elsewhere,
]
