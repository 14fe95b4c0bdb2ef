"""The whole line through a DdD that speaks otherwise, and a head office that decides what comes before it.

Orders: A is handed over and comes back in two ways, B is sent and has no turnover shop, C is delivered at
DdD's own till, D was made at DdD and is picked at its till, and Z was over before the portal came.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from accounts.demo_secrets import NORDLYS_KEY, OUTLET_KEY
from ddd.lookup.trying import try_address
from ddd.models import Connection, Difference, Notice, Posting
from ddd.sandbox.dialect import Dialect
from ddd.sending import decisions, dispatch
from office.attention.forms import meanings_of
from orders import delivery, importing, picking, repair
from orders.delivery import HandOver
from orders.models import WebOrder
from orders.reconciling import reconcile
from orders.states import Status
from returns import desk
from returns.desk import Piece, ReturnRequest
from returns.models import Condition, Return
from returns.reasons import offered_reasons
from tests.ddd.rows import Clock, next_due, undecided
from tests.factories import CAP, HAND_OVER, JUMPER, SCARF, Cast
from tests.orders.web_shop import CREATE, Caller
from tests.sandbox import caller as at_ddd
from tests.sandbox_process import RunningSandbox
from tests.stories import taught
from tests.stories.ledger import sales_in, transfers_in
from tests.stories.taught import TYPES

AARHUS, ODENSE, TURNOVER = 996001, 996002, 996900
PRICES: Final = {JUMPER: ("349.95", "249.97"), SCARF: ("120.05", "120.05"), CAP: ("80.00", "59.99")}
PARCEL: Final = "00370726202635"
ROUNDS = 120


class Sold(NamedTuple):
    """A sale or a return, without the Group's own numbers."""

    order_no: str
    word: str
    shop_id: int
    variants: tuple[int, ...]
    amount: Decimal


class Moved(NamedTuple):
    """An item transfer."""

    sender: int
    recipient: int
    variants: tuple[int, ...]


SALES: Final = {
    "A": Sold("A", "Sale", TURNOVER, (JUMPER, SCARF, CAP), Decimal("430.01")),
    "A, register pays": Sold("A", "Return", TURNOVER, (SCARF,), Decimal("120.05")),
    "A, web shop pays": Sold("A", "Return", TURNOVER, (JUMPER,), Decimal("249.97")),
    "B": Sold("B", "Sale", ODENSE, (SCARF, SCARF), Decimal("240.10")),
    "C": Sold("C", "Sale", TURNOVER, (SCARF, CAP), Decimal("180.04")),
}
TRANSFERS: Final = {
    "A": Moved(AARHUS, TURNOVER, (JUMPER, SCARF, CAP)),
    "A, register pays": Moved(TURNOVER, AARHUS, (SCARF,)),
    "A, web shop pays": Moved(TURNOVER, AARHUS, (JUMPER,)),
    "C": Moved(AARHUS, TURNOVER, (SCARF, CAP)),
    "Z": Moved(AARHUS, TURNOVER, (CAP,)),
}


@dataclass
class WholeLine:
    """Nordlys as a new Group: what its DdD does nobody has confirmed yet. What a sale is told in is taught at
    the first refusal, unless it was before."""

    cast: Cast
    sandbox: RunningSandbox
    dialect: Dialect

    def __post_init__(self) -> None:
        self.order_at_ddd("Z")
        self.sandbox.till_delivers("Z")
        self.clock, self.group = Clock(), self.cast.nordlys
        self.office = self.cast.person("office")
        self.sandbox.speak(**self.dialect.as_json())
        address = f"{self.sandbox.url}{self.dialect.base}"
        tried = try_address(address, Connection.objects.get(group=self.group).token)
        assert tried.trouble is None, tried
        Connection.objects.filter(group=self.group).update(
            base_url=address,
            routes_under_api=tried.routes_under_api,
            drafts_are_listed=False,
            sales_are_listed=False,
            started_at=self.clock(),
        )
        self.is_taught = False

    def teach(self) -> None:
        """Before anything is sent, as it should be."""
        taught.teach_orders(self.group, self.dialect, self.office, self.clock())
        taught.teach_sales(self.group, self.dialect, self.office, self.clock())
        self.is_taught = True

    # What the web shops and the customers do

    def order(self, order_no: str, shop_id: int, variants: tuple[int, ...], key: str = NORDLYS_KEY) -> None:
        """Through the portal's Public API."""
        lines = [at_ddd.line(number, **_money(number)) for number in variants]
        body = at_ddd.order(order_no, ShopId=shop_id, WebOrderLines=lines, CustomerNumber=0)
        answer = Caller(key).post(CREATE, body)
        assert answer.content == b"true", answer.content

    def all_order(self) -> None:
        self.order("A", AARHUS, (JUMPER, SCARF, CAP))
        self.order("B", ODENSE, (SCARF, SCARF), OUTLET_KEY)
        self.order("C", AARHUS, (SCARF, CAP))
        self.order_at_ddd("D")

    def order_at_ddd(self, order_no: str, webshop: int = 1) -> None:
        """An order of another channel, of one cap."""
        lines = [at_ddd.line(CAP, **_money(CAP))]
        body = at_ddd.order(order_no, WebOrderLines=lines, CustomerNumber=0)
        assert self.sandbox.till_order(body, webshop=webshop)

    # What shops do

    def pick(self, order_no: str, who: str) -> WebOrder:
        order, actor = self.order_here(order_no), self.cast.person(who)
        picking.accept(order, actor, self.clock())
        for line in order.lines.all():
            picking.pick(order, line.pk, actor, self.clock())
        picking.finish(order, actor, self.clock())
        return self.order_here(order_no)

    def hand_over(self, order_no: str) -> None:
        delivery.deliver(self.pick(order_no, "aarhus"), HAND_OVER, self.cast.person("aarhus"), self.clock())

    def send(self, order_no: str) -> None:
        parcel = HandOver(WebOrder.Way.SEND, delivery_no=PARCEL)
        delivery.deliver(self.pick(order_no, "odense"), parcel, self.cast.person("odense"), self.clock())

    def take_back(self, order_no: str, variant: int, paid_by: str) -> Return:
        """In Aarhus."""
        line = self.order_here(order_no).lines.get(variant__variant_id=variant)
        reason = offered_reasons(self.group)[0].code
        asked = ReturnRequest((Piece(line.pk, reason, Condition.SHELF),), paid_by)
        order, person = self.order_here(order_no), self.cast.person("aarhus")
        return desk.take_back(order, self.cast.aarhus, asked, person, self.clock())

    # What workers and head office do

    def settle(self, attends: bool = True) -> None:
        """Workers send and poll, and head office decides, until nothing is left to do."""
        for number in range(ROUNDS):
            while dispatch.drain(self.group.pk, self.clock):
                pass
            # Not each time, so that it is not always the same call for which a busy DdD has no time.
            is_read = number % 3 < 2 and importing.poll(self.group.pk, self.clock()) is not None
            repair.take_over_wanted(self.group.pk, self.clock())
            attended = attends and self.attend()
            left = undecided(self.group.pk)
            if is_read and not left and not attended:
                return
            due = next_due(self.group.pk, self.clock())
            self.clock.to(due if due > self.clock() else self.clock() + timedelta(seconds=2))
        raise AssertionError(f"not at an end: {[self.told(one) for one in undecided(self.group.pk)]}")

    def nights(self) -> None:
        """Both books are compared, and head office mends what differs; then once more."""
        for _night in range(2):
            self.compare()
            for difference in self.differences():
                if difference.mend_by:
                    repair.mend(difference, self.office, self.clock())
            self.settle()
        self.compare()

    def compare(self) -> None:
        self.clock.forward(3600)
        assert reconcile(self.group.pk, self.clock())

    def differences(self) -> list[Difference]:
        return list(Difference.objects.filter(group=self.group, state=Difference.State.OPEN))

    def ddd_catches_up(self) -> None:
        """So much time passes that DdD lists everything, and is not busy any more."""
        self.sandbox.speak(**{**self.dialect.as_json(), "late": 0, "busy": 0})

    def attend(self) -> bool:
        """Head office decides all that needs its attention, by what it sees in DdD. False when there was
        nothing."""
        words = {
            Notice.Kind.UNKNOWN_WORD: self.meaning_of_word,
            Notice.Kind.UNKNOWN_TYPE: self.meaning_of_type,
        }
        notices = list(Notice.objects.filter(group=self.group, closed_at=None, kind__in=words))
        for notice in notices:
            meaning = words[Notice.Kind(notice.kind)](notice.subject)
            decisions.map_word(notice, meaning, meanings_of(notice), self.office, self.clock())
        postings = list(Posting.objects.filter(group=self.group, needs_attention=True).order_by("pk"))
        if postings and not self.is_taught:
            taught.teach_sales(self.group, self.dialect, self.office, self.clock())
            self.is_taught = True
        for posting in postings:
            self.decide(posting)
        return bool(notices or postings)

    def decide(self, posting: Posting) -> None:
        """What an odd answer means is said once; everything else is there, or is sent again."""
        is_there = self.is_there(posting)
        if decisions.odd_answer_of(posting) is not None:
            decisions.explain_answer(posting, is_there, self.office, self.clock())
        elif is_there:
            decisions.it_arrived(posting, self.office, self.clock())
        else:
            decisions.send_again(posting, self.office, self.clock())

    def meaning_of_word(self, spoken: str) -> str:
        own = next(status for status in Status if self.dialect.spoken("WebOrderLineStatus", status) == spoken)
        return own.value

    def meaning_of_type(self, spoken: str) -> str:
        own = next(own for own in TYPES if self.dialect.spoken("WebOrderType", own) == spoken)
        return TYPES[own].value

    def is_there(self, posting: Posting) -> bool:
        """Whether a person who looks in DdD's back office finds it there."""
        ledger, body = self.sandbox.ledger(), posting.payload
        if posting.kind == Posting.Kind.ORDER:
            return any(order["OrderNo"] == posting.order_no for order in ledger["orders"])
        if posting.kind == Posting.Kind.TRANSFER:
            alike = [row for row in ledger["transfers"] if row["made_by"] == "api" and _is_like(row, body)]
            lane = Posting.objects.filter(lane=posting.lane, state=Posting.State.SENT)
            return len(alike) > lane.count()
        if posting.kind == Posting.Kind.CHANGE:
            numbers = [order["now"]["WebOrderLines"] for order in ledger["orders"]]
            return any(line["DeliveryNo"] == PARCEL for lines in numbers for line in lines)
        receipt = [(sale["ShopId"], sale["TerminalId"], sale["ReceiptId"]) for sale in ledger["sales"]]
        return (body["ShopId"], body["TerminalId"], body.get("ReceiptId")) in receipt

    # What is seen

    def order_here(self, order_no: str) -> WebOrder:
        return WebOrder.objects.select_related("group", "shop", "web_shop").get(
            group=self.group, order_no=order_no
        )

    def sold(self) -> "Counter[Sold]":
        """What DdD has, in the sandbox's own words."""
        rows = sales_in(self.sandbox.ledger())
        return Counter(
            Sold(
                row.order_no,
                row.word,
                row.shop_id,
                tuple(piece.variant_id for piece in row.pieces),
                row.amount,
            )
            for row in rows
        )

    def moved(self) -> "Counter[Moved]":
        rows = transfers_in(self.sandbox.ledger())
        return Counter(
            Moved(row.sender, row.recipient, tuple(Counter(dict(row.pieces)).elements())) for row in rows
        )

    def told(self, posting: Posting) -> str:
        attempts = [(one.purpose, one.outcome) for one in posting.attempts.all()]
        return f"{posting.kind} {posting.order_no} {posting.state} {posting.reason} {attempts[-8:]}"

    def before_a_person(self) -> list[str]:
        """All that stands on head office's work list."""
        postings = Posting.objects.filter(group=self.group, needs_attention=True)
        notices = Notice.objects.filter(group=self.group, closed_at=None)
        return [*map(self.told, postings), *map(str, notices), *map(str, self.differences())]


def _money(variant: int) -> dict[str, float]:
    label, sold = PRICES[variant]
    return {
        "SalesPrice": float(label),
        "EffectiveSalesPrice": float(sold),
        "DiscountAmount": float(Decimal(label) - Decimal(sold)),
    }


def _is_like(row: dict[str, Any], body: dict[str, Any]) -> bool:
    return all(row[name] == body[name] for name in ("ShopIdSender", "ShopIdRecipient", "Items"))


def run(line: WholeLine) -> None:
    """From the first order to the night after the returns."""
    line.all_order()
    line.settle()
    line.hand_over("A")
    line.send("B")
    line.pick("C", "aarhus")
    line.settle()
    line.sandbox.till_delivers("C")
    line.sandbox.till_picks("D")
    line.settle()
    line.take_back("A", SCARF, "cash")
    line.take_back("A", JUMPER, "")
    line.settle()
    line.ddd_catches_up()
    line.settle()
    line.nights()


def assert_all_is_there_once(line: WholeLine) -> None:
    """DdD has each sale and each item transfer once, and nothing waits for a person."""
    assert line.sold() - Counter(SALES.values()) == Counter()
    assert line.moved() - Counter(TRANSFERS.values()) == Counter()
    assert line.before_a_person() == []
    assert (line.sold(), line.moved()) == (Counter(SALES.values()), Counter(TRANSFERS.values()))
