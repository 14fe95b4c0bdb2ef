"""Taking an order and picking it piece by piece. Each function is one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from orders import mailing
from orders.collecting import collect_by_of
from orders.events import record
from orders.locking import all_locked, locked_here
from orders.models import Line, OrderEvent, Policy, WebOrder
from orders.refund_due import settle_refunds
from orders.refusing import line_of, must_be, name_of
from orders.scanning import line_for_code
from orders.states import Status, may_pick, may_undo_pick

Kind = OrderEvent.Kind


def accept(order: WebOrder, actor: User, now: datetime) -> None:
    """ "I have it": the alert stops, and the order shows who picks it."""
    with locked_here(order) as current:
        if current.taken_by_id == actor.pk:
            return
        if current.taken_by is not None:
            raise Conflict(
                _("%(name)s was faster and has this order.") % {"name": current.taken_by.name},
                code="taken-by-another",
            )
        must_be(current, Status.RESERVED)
        _take(current, actor, now)


def accept_together(orders: Sequence[WebOrder], actor: User, now: datetime) -> None:
    """ "I have them": takes those that nobody has; a colleague's orders stay theirs."""
    with all_locked(orders) as current:
        for order in current:
            if order.status == Status.RESERVED:
                take_if_nobody_has(order, actor, now)


def pick(order: WebOrder, line_id: int, actor: User, now: datetime) -> Line:
    """One piece is in the basket, by tap. Also one that was reported missing and turned up after all.

    Conflict where the Group's policy requires a scan.
    """
    with locked_here(order) as current:
        line = line_of(current, line_id)
        if line.status == Status.PICKED:
            if line.picked_by_id in (None, actor.pk):
                return line
            raise Conflict(
                _("%(name)s has picked this piece already.") % {"name": name_of(line.picked_by)},
                code="picked-already",
            )
        if may_pick(current.status, line.status):
            _refuse_unless_scanned(current, line)
        _pick(current, line, actor, now)
        return line


def pick_by_code(order: WebOrder, code: str, actor: User, now: datetime) -> Line:
    """Picks the piece with a scanned or typed Ean or VariantId. Invalid says what is wrong with the code."""
    with locked_here(order) as current:
        must_be(current, Status.RESERVED)
        line = line_for_code([current], code)
        _pick(current, line, actor, now)
        return line


def pick_together(orders: Sequence[WebOrder], code: str, actor: User, now: datetime) -> Line:
    """The same for orders that are picked in one walk: the first that still wants such a piece gets it."""
    with all_locked(orders) as current:
        line = line_for_code(current, code)
        _pick(next(order for order in current if order.pk == line.order_id), line, actor, now)
        return line


def undo_pick(order: WebOrder, line_id: int, actor: User, now: datetime) -> Line:
    """Undoes a pick or a report of a missing piece: it is to be picked again."""
    with locked_here(order) as current:
        line = line_of(current, line_id)
        if current.status == Status.RESERVED == line.status:
            return line
        if not may_undo_pick(current.status, line.status):
            _refuse_late_pick(current, line)
        was = line.status
        line.move(Status.RESERVED, now, picked_by=None, missing_reason="")
        current.touch(now)
        record(current, Kind.PICK_UNDONE, now, actor, piece=str(line.variant), was=was)
        return line


def report_missing(order: WebOrder, line_id: int, reason: str, actor: User, now: datetime) -> Line:
    """A piece cannot be found: it is never sold, and the web shop refunds it when the order was paid."""
    if reason not in Policy.of(order.group).reasons_for_missing.codes:
        detail = _("Say why: choose one of the reasons.")
        raise Invalid(detail, [Fault("/reason", detail, "required")])
    with locked_here(order) as current:
        line = line_of(current, line_id)
        if line.status == Status.MISSING and line.missing_reason == reason:
            return line
        if not may_pick(current.status, line.status):
            _refuse_late_pick(current, line)
        if line.status == Status.MISSING:
            Line.objects.filter(pk=line.pk).update(missing_reason=reason, modified_at=now)
        else:
            line.move(Status.MISSING, now, missing_reason=reason)
        take_if_nobody_has(current, actor, now)
        current.touch(now)
        record(current, Kind.PIECE_MISSING, now, actor, piece=str(line.variant), reason=reason)
        return line


def finish(order: WebOrder, actor: User, now: datetime) -> None:
    """ "Order picked": every piece is picked or missing. When no piece was found the order is cancelled."""
    with locked_here(order) as current:
        if current.status != Status.RESERVED:
            _refuse_unless_finished_by(current, actor)
            return
        statuses = [line.status for line in current.lines.all()]
        if Status.RESERVED in statuses:
            raise Conflict(
                _("%(count)d pieces are not decided yet: pick them or report them missing.")
                % {"count": statuses.count(Status.RESERVED)},
                code="pieces-undecided",
            )
        take_if_nobody_has(current, actor, now)
        if Status.PICKED in statuses:
            current.move(Status.PICKED, now, picked_at=now, collect_by=collect_by_of(current, now))
            record(current, Kind.PICKED, now, actor)
            mailing.queue_ready_mail(current, now)
        else:
            current.move(Status.CANCELLED, now)
            record(current, Kind.CANCELLED, now, actor, because="no-piece-found")
        settle_refunds(current, now)


def finish_together(orders: Sequence[WebOrder], actor: User, now: datetime) -> None:
    """ "Order picked" for each order whose pieces are all decided and at least one of them picked."""
    with all_locked(orders) as current:
        for order in current:
            statuses = {line.status for line in order.lines.all()}
            if (
                order.status == Status.RESERVED
                and Status.PICKED in statuses
                and Status.RESERVED not in statuses
            ):
                finish(order, actor, now)


def _refuse_unless_scanned(order: WebOrder, line: Line) -> None:
    has_code = bool(line.ean) or line.variant.barcodes.exists()
    if Policy.of(order.group).must_scan(has_code):
        raise Conflict(
            _("Scan %(piece)s: here pieces are picked by scan only.") % {"piece": line.variant},
            code="scan-it",
        )


def _pick(order: WebOrder, line: Line, actor: User, now: datetime) -> None:
    if not may_pick(order.status, line.status):
        _refuse_late_pick(order, line)
    take_if_nobody_has(order, actor, now)
    line.move(Status.PICKED, now, picked_by=actor, missing_reason="")
    order.touch(now)
    record(order, Kind.PIECE_PICKED, now, actor, piece=str(line.variant))


def take_if_nobody_has(order: WebOrder, actor: User, now: datetime) -> None:
    if order.taken_at is None:
        _take(order, actor, now)


def _take(order: WebOrder, actor: User, now: datetime) -> None:
    WebOrder.objects.filter(pk=order.pk).update(taken_at=now, taken_by=actor, modified_at=now)
    order.taken_at, order.taken_by = now, actor
    record(order, Kind.ACCEPTED, now, actor)


def _refuse_unless_finished_by(order: WebOrder, actor: User) -> None:
    finished = order.events.filter(kind__in=[Kind.PICKED, Kind.CANCELLED]).select_related("actor").last()
    if finished is None or finished.actor_id != actor.pk:
        raise Conflict(
            _("%(name)s was faster and is done with this order.")
            % {"name": name_of(finished.actor if finished else None)},
            code="finished-already",
        )


def _refuse_late_pick(order: WebOrder, line: Line) -> None:
    must_be(order, Status.RESERVED)
    raise Conflict(
        _("This piece is %(status)s already.") % {"status": str(Status(line.status).label).lower()},
        code="moved-on",
    )
