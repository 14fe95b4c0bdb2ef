"""Days at the counters of Nordlys: each action calls the real function and records what DdD must have."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from threading import RLock

from accounts.models import Membership, Shop
from core.errors import Conflict, DomainError
from ddd.models import Connection, Posting
from ddd.sending import decisions as postings_desk
from ddd.sending import dispatch
from orders import delivery
from orders.importing import poll
from orders.models import RefundDue
from orders.states import Status
from returns import desk, refunds
from returns.desk import Piece, ReturnRequest
from returns.models import Condition, Return, ReturnPolicy, ReturnReason
from returns.policy import Outcome
from tests.ddd.rows import Clock, count_calls, next_due, undecided, wait_until_at_rest
from tests.factories import HAND_OVER, Cast, again, picked
from tests.sandbox_process import RunningSandbox
from tests.stories.expected import (
    DAYS,
    GONE_AS,
    ITEM_GROUP,
    LIMIT,
    MONEY_OUT,
    PAID_AS,
    PRICES,
    REASONS,
    SHOPS,
    Back,
    Entry,
    Known,
    delivery_of,
    goes_to_the_shelf,
    outcome_of,
    return_of,
    reversal_of,
)
from tests.stories.ledger import Booked, BookedPiece, Moved, ordered


class Counters:
    """Both counters, what happened there, and what DdD must have."""

    def __init__(self, cast: Cast, sandbox: RunningSandbox) -> None:
        self.cast, self.sandbox, self.clock = cast, sandbox, Clock()
        self.orders: list[Known] = []
        self.returns: list[Back] = []
        self.sales: Counter[Booked] = Counter()
        self.transfers: Counter[Moved] = Counter()
        # By shop and variant, how many pieces came in over the counter less those that went out.
        self.in_shops: Counter[tuple[int, int]] = Counter()
        self.tally: Counter[str] = Counter()
        self.payments = count(1)
        self.writing = RLock()
        count_calls(sandbox)

    def shop(self, who: str) -> Shop:
        return self.cast.shop(SHOPS[who])

    # What people do

    def hand_over(self, who: str, web_shop: str, basket: Sequence[int], paid_by: str, days_ago: int) -> Known:
        """An order is picked and delivered, so many days ago; `paid_by` is empty when it was paid online."""
        known = self._picked(who, web_shop, basket, paid_by, days_ago)
        self.deliver(known)
        return known

    def till_hands_over(self, who: str, web_shop: str, basket: Sequence[int]) -> Known:
        """DdD's own till delivers an order that the shop has picked; the portal sees it when it can read."""
        known = self._picked(who, web_shop, basket, "", 0)
        self.settle()
        self.sandbox.till_delivers(known.order_no)
        for _try in range(30):
            poll(self.cast.nordlys.pk, self.clock())
            if again(known.order).status == Status.DELIVERED:
                break
        else:
            raise AssertionError(f"{known.order_no} is not seen as delivered")
        known.is_delivered = True
        self._note_delivery(known)
        self.tally["delivered by the till"] += 1
        return known

    def _picked(self, who: str, web_shop: str, basket: Sequence[int], paid_by: str, days_ago: int) -> Known:
        number, prices = f"C-{len(self.orders) + 1}", [PRICES[index] for index in basket]
        new = ordered(number, SHOPS[who], prices, is_paid=not paid_by)
        order = picked(self.cast, who, new, web_shop)
        group = ITEM_GROUP if web_shop == "nordlys" else None
        lines = {
            line.pk: BookedPiece(variant, Decimal(label), Decimal(label) - Decimal(sold), group)
            for line, (variant, label, sold) in zip(order.lines.all(), prices, strict=True)
        }
        known = Known(order, who, days_ago, lines, paid_by)
        self.orders.append(known)
        return known

    def deliver(self, known: Known) -> None:
        at = self.clock() - timedelta(days=known.days_ago)
        person, hand_over = self.cast.person(known.who), replace(HAND_OVER, paid_by=known.paid_by)
        delivery.deliver(again(known.order), hand_over, person, at)
        known.is_delivered, known.can_be_undone_until = True, at + timedelta(seconds=60)
        self._note_delivery(known)
        self.tally["delivered"] += 1

    def undo(self, known: Known) -> bool:
        """Taken back at once, after a wrong tap; refused when it is late or something came back already."""
        if not known.is_delivered:
            return False
        until = known.can_be_undone_until
        in_time = until is not None and self.clock() < until
        try:
            delivery.undo(again(known.order), self.cast.person(known.who), self.clock())
        except Conflict as refused:
            if in_time:
                raise AssertionError(f"{known.order_no} could not be undone in time") from refused
            self.tally["undo refused"] += 1
            return False
        assert in_time, f"{known.order_no} was undone too late"
        self.note_undone(known)
        return True

    def take_back(
        self,
        known: Known,
        lines: Sequence[int],
        who: str,
        *,
        shop: str = "",
        paid_by: str = "cash",
        instead: Outcome | None = None,
    ) -> Back | None:
        """Over the counter of `shop`; None when it was refused or done before, which changes nothing."""
        shop = shop or who
        expected = outcome_of(known, lines, instead, by_manager=who == "manager")
        asked = self.return_request(known, lines, paid_by if expected != Outcome.WEB_SHOP else "", instead)
        person = self.cast.person(who)
        try:
            taken_back = desk.take_back(again(known.order), self.shop(shop), asked, person, self.clock())
        except DomainError as refused:
            if expected is not None:
                raise AssertionError(f"{known.order_no} was refused: {refused.sentence}") from refused
            self.tally["refused"] += 1
            return None
        if self.has_noted(taken_back):
            assert expected is None, f"{known.order_no}: what is new was taken for a second tap"
            self.tally["second tap"] += 1
            return None
        assert expected is not None, f"{known.order_no} was taken back against the policy"
        self.tally[f"{expected.value}{', overruled' if instead else ''}"] += 1
        return self.note_return(known, lines, shop, expected, asked.paid_by, taken_back)

    def return_request(
        self, known: Known, lines: Sequence[int], paid_by: str, instead: Outcome | None
    ) -> ReturnRequest:
        conditions = [Condition.SHELF if goes_to_the_shelf(line) else Condition.DAMAGED for line in lines]
        pieces = [
            Piece(line, known.reason(line)[0], condition)
            for line, condition in zip(lines, conditions, strict=True)
        ]
        return ReturnRequest(tuple(pieces), paid_by, instead, "A regular customer" if instead else "")

    def cancel_or_reverse(self, back: Back) -> bool:
        """The manager finds that a return was wrong. False when neither can be done now."""
        mads, now = self.cast.person("manager"), self.clock()
        taken_back = Return.objects.get(pk=back.taken_back.pk)
        if not back.standing:
            with suppress(Conflict):
                desk.reverse(taken_back, "Wrong customer", mads, now)
            self.tally["ended before"] += 1
            return False
        for end, booked in ((desk.cancel, False), (desk.reverse, True)):
            may = (desk.may_reverse if booked else desk.may_cancel)(taken_back, mads)
            try:
                end(taken_back, "Wrong customer", mads, now)
            except Conflict as refused:
                if may:
                    raise AssertionError(f"{taken_back} was promised, then refused") from refused
                continue
            assert may, f"{taken_back} was not to be ended"
            self.note_end(back, booked=booked)
            return True
        self.tally["end refused"] += 1
        return False

    def pay_refund(self, back: Back) -> None:
        """The web shop moves its money, if it has to: to its customer, or back from them."""
        refund = RefundDue.objects.filter(taken_back=back.taken_back).first()
        try:
            if refund:
                refunds.close_refund(refund, f"P-{next(self.payments)}", None, self.clock())
        except Conflict:
            refund = None
        if refund is None:
            assert back.refund not in PAID_AS, f"{back.taken_back}: {back.refund}"
            self.tally["no refund"] += 1
            return
        back.refund = PAID_AS[back.refund]
        self.tally[back.refund] += 1

    # What time and workers do

    def work(self) -> None:
        """A worker does all that is due."""
        while dispatch.drain(self.cast.nordlys.pk, self.clock):
            pass

    def later(self, seconds: float) -> None:
        """Passes the quiet time of DdD, in which open calls end."""
        wait_until_at_rest(self.sandbox)
        self.clock.forward(seconds)

    def settle(self) -> None:
        """Workers do what they can, and head office sends again what DdD refused, until nothing is left."""
        office, group_id = self.cast.person("office"), self.cast.nordlys.pk
        for _round in range(200):
            self.work()
            wait_until_at_rest(self.sandbox)
            for posting in Posting.objects.filter(group_id=group_id, needs_attention=True):
                assert posting.state == Posting.State.REJECTED, (posting, posting.reason, posting.evidence)
                postings_desk.send_again(posting, office, self.clock())
            if not undecided(group_id):
                return
            self.clock.to(next_due(group_id, self.clock()))
        raise AssertionError(f"not at an end: {list(undecided(group_id))}")

    # What is recorded

    def has_noted(self, taken_back: Return) -> bool:
        return any(taken_back == back.taken_back for back in self.returns)

    def _note_delivery(self, known: Known) -> None:
        self._note(delivery_of(known), 1)
        self.in_shops.subtract(self._places(known.who, known.lines.values()))

    def note_undone(self, known: Known) -> None:
        known.is_delivered, known.can_be_undone_until = False, None
        self._note(delivery_of(known), -1)
        self.in_shops.update(self._places(known.who, known.lines.values()))
        self.tally["undone"] += 1

    def note_return(
        self,
        known: Known,
        lines: Sequence[int],
        shop: str,
        outcome: Outcome,
        paid_by: str,
        taken_back: Return,
    ) -> Back:
        entry = return_of(known, lines, shop, paid_by)
        refund = RefundDue.State.DUE if outcome == Outcome.WEB_SHOP else ""
        back = Back(known, taken_back, tuple(lines), shop, outcome, entry, refund)
        with self.writing:
            self.returns.append(back)
            known.back.update(lines)
            known.can_be_undone_until = None
            self._note(entry, 1)
            self.in_shops.update(self._places(shop, entry.sale.pieces))
        return back

    def note_end(self, back: Back, *, booked: bool) -> None:
        """A return that was ended: `booked` in DdD and so reversed there, or never sent."""
        with self.writing:
            assert back.standing, "ended twice"
            back.standing, back.refund = False, GONE_AS.get(back.refund, "")
            back.known.back.subtract(back.lines)
            self.in_shops.subtract(self._places(back.shop, back.entry.sale.pieces))
            if booked:
                self._note(reversal_of(back.entry), 1)
            else:
                self._note(back.entry, -1)
            self.tally["reversed" if booked else "cancelled"] += 1

    def _note(self, entry: Entry, times: int) -> None:
        with self.writing:
            self.sales[entry.sale] += times
            if entry.transfer:
                self.transfers[entry.transfer] += times

    def _places(self, shop: str, pieces: Iterable[BookedPiece]) -> list[tuple[int, int]]:
        return [(SHOPS[shop], piece.variant_id) for piece in pieces]


def opened(cast: Cast) -> Cast:
    """Nordlys pays from the register up to the limit; Mads manages both shops, and may overrule."""
    mads = cast.person("manager")
    Membership.objects.create(user=mads, shop=cast.odense, role=Membership.Role.MANAGER)
    Connection.objects.filter(group=cast.nordlys).update(
        cash_out_transaction_type=MONEY_OUT["cash"], terminal_out_transaction_type=MONEY_OUT["terminal"]
    )
    ReturnPolicy.objects.update_or_create(
        group=cast.nordlys,
        defaults={
            "register_pays": True,
            "money_limit": LIMIT,
            "days": DAYS,
            "where": ReturnPolicy.Where.EVERY_SHOP,
            "overruling": ReturnPolicy.Overruling.MANAGER,
        },
    )
    ReturnReason.objects.filter(group=cast.nordlys).delete()
    for words, code in REASONS:
        ReturnReason.objects.create(group=cast.nordlys, words=words, return_code=code)
    return cast
