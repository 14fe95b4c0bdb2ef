"""Pieces that nobody collects go back on the shelf, one by one. Each function is one transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Shop, User
from core.article_codes import spellings
from core.errors import Conflict, Fault, Invalid, NotFound
from orders.events import record
from orders.locking import locked
from orders.models import Line, OrderEvent, WebOrder
from orders.refusing import name_of
from orders.scanning import variants_named


def put_back_fields(shop: Shop | None = None) -> dict[str, Any]:
    """Field values that put a picked line on the put-back list.

    `shop` is where the piece is when the order moves to another one.
    """
    return {"to_put_back": True, "put_back_shop": shop, "put_back_at": None, "put_back_by": None}


def pieces_to_put_back(shop: Shop) -> QuerySet[Line]:
    """The put-back list: picked pieces in this shop whose orders were cancelled or moved away."""
    return _pieces_of(shop).filter(to_put_back=True)


def pieces_put_back(shop: Shop) -> QuerySet[Line]:
    """Pieces of that list that are back on the shelf."""
    return _pieces_of(shop).filter(to_put_back=False)


def put_back(shop: Shop, line_id: int, actor: User, now: datetime) -> Line:
    """The piece is back on the shelf, by tap. Conflict when a colleague was faster."""
    line = _pieces_of(shop).filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("This piece is not to be put back here."))
    with locked(line.order):
        line = _pieces_of(shop).get(pk=line_id)
        if line.to_put_back:
            return _put_back(line, actor, now)
        if line.put_back_by_id != actor.pk:
            raise Conflict(
                _("%(name)s has put this piece back already.") % {"name": name_of(line.put_back_by)},
                code="put-back-already",
            )
        return line


def put_back_by_code(shop: Shop, code: str, actor: User, now: datetime) -> Line:
    """The same by a scanned or typed Ean or VariantId. Invalid when no such piece is to be put back."""
    wanted = code.strip()
    if not wanted:
        raise _wrong(_("Scan a piece, or type its Ean or VariantId."), "no-code")
    fitting = Q(variant__in=variants_named(shop.group_id, wanted)) | Q(ean__in=spellings(wanted))
    with transaction.atomic():
        for line in pieces_to_put_back(shop).filter(fitting).order_by("order", "number"):
            with locked(line.order):
                # A colleague's scan may have taken it while we waited for the lock; then the next one is
                # tried.
                if pieces_to_put_back(shop).filter(pk=line.pk).exists():
                    return _put_back(line, actor, now)
    raise _wrong(
        _("No piece with the code %(code)s is to be put back.") % {"code": wanted[:50]}, "wrong-item"
    )


def _pieces_of(shop: Shop) -> QuerySet[Line]:
    lies_or_lay = Q(to_put_back=True) | Q(put_back_at__isnull=False)
    lines = Line.objects.annotate(lies_in=Coalesce(F("put_back_shop"), F("order__shop")))
    here = lines.filter(lies_or_lay, lies_in=shop.pk, order__group_id=shop.group_id)
    return here.select_related("order", "variant", "put_back_by")


def _put_back(line: Line, actor: User, now: datetime) -> Line:
    Line.objects.filter(pk=line.pk).update(to_put_back=False, put_back_at=now, put_back_by=actor)
    line.refresh_from_db()
    order = WebOrder.objects.get(pk=line.order_id)
    # The event belongs to the shop where the piece was, also when the order has moved, so that the tablets
    # there reload their list.
    order.shop_id = line.put_back_shop_id or order.shop_id
    record(order, OrderEvent.Kind.PUT_BACK, now, actor, piece=str(line.variant))
    return line


def _wrong(sentence: str, code: str) -> Invalid:
    return Invalid(sentence, [Fault("/code", sentence, code)])
