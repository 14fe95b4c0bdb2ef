"""Calls whose answer is lost, and what somebody else books at DdD before it is read back."""

from typing import cast as taken_for

from ddd.api import client
from ddd.api.bodies import SaleBody
from ddd.api.http import wire_to
from ddd.models import Posting
from ddd.sending import dispatch
from tests.ddd.rows import Clock
from tests.factories import JUMPER, SCARF, Cast
from tests.sandbox.caller import line, order, transfer
from tests.sandbox_process import RunningSandbox

LOSE_BEFORE, LOSE_AFTER = "lose the connection before committing", "lose the answer after committing"


def lost(kind: str, fault: str, cast: Cast, sandbox: RunningSandbox, clock: Clock) -> None:
    """The next call of this kind gets no answer."""
    sandbox.fault(fault, on=kind, times=1)
    dispatch.drain(cast.nordlys.pk, clock)


def book_by_hand(cast: Cast, posting: Posting, amount: str, **more: int) -> None:
    """Somebody books a sale under our receipt number, or nearly."""
    posting.refresh_from_db()
    [paid] = posting.payload["PaymentLines"]
    body = taken_for(SaleBody, {**posting.payload, **more, "PaymentLines": [{**paid, "LineAmount": amount}]})
    with wire_to(cast.connection) as wire:
        assert client.post_sale(wire, body)


def pieces(number: int = 2, order_no: str = "W-till", shop: int = 996001) -> dict[str, object]:
    """An order of another channel, of the same pieces as `transfer_row` moves."""
    return order(order_no, ShopId=shop, WebOrderLines=[line(JUMPER), line(SCARF)][:number])


def by_hand(**more: int) -> dict[str, object]:
    """A transfer of the same pieces as ours, made by somebody else."""
    items = [{"VariantId": JUMPER, "Quantity": 1}, {"VariantId": SCARF, "Quantity": 1}]
    return transfer(Items=items, **more)
