"""Finds the piece of one or several orders that a scanned or typed code means."""

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from core.article_codes import canonical, plain, spellings
from core.errors import Conflict, Fault, Invalid
from ddd.models import Barcode, Variant
from orders.models import Line, WebOrder
from orders.states import Status

VARIANT_ID: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def line_for_code(orders: Sequence[WebOrder], code: str) -> Line:
    """The next piece to pick with this Ean or VariantId, in the first order that still needs one.

    Invalid for a wrong item, Conflict when all such pieces are picked already.
    """
    wanted = code.strip()
    if not wanted:
        raise _wrong(_("Scan a piece, or type its Ean or VariantId."), "no-code")
    group_id, place = orders[0].group_id, {order.pk: number for number, order in enumerate(orders)}
    named = variants_named(group_id, wanted)
    found = Line.objects.filter(order__in=place).select_related("variant", "picked_by", "order")
    lines = sorted(found, key=lambda line: (place[line.order_id], line.number))
    fitting = [line for line in lines if line.variant_id in named]
    fitting = fitting or [line for line in lines if is_ean_of(line, wanted)]
    for status in (Status.RESERVED, Status.MISSING):
        for line in fitting:
            if line.status == status and line.order.status == Status.RESERVED:
                return line
    if fitting:
        raise Conflict(
            _("%(piece)s is picked already.") % {"piece": fitting[0].variant}, code="picked-already"
        )
    raise _what_it_is_instead(orders, wanted, named)


def variants_named(group_id: int, code: str) -> set[int]:
    """Primary keys of the Group's variants that the code names: those with this Ean, in whatever form it is
    written, else the one with this VariantId.

    A code that is one article's Ean and another's VariantId means the Ean: scanners send nothing else.
    """
    written = code.strip()
    rows = Barcode.objects.filter(group_id=group_id, ean__in=spellings(code)).values_list("ean", "variant")
    named = {variant for ean, variant in rows if ean == written} or {variant for _ean, variant in rows}
    if named:
        return named
    number = plain(code)
    # A VariantId has no leading zeros.
    if not VARIANT_ID.fullmatch(number):
        return set()
    by_number = Variant.objects.filter(group_id=group_id, variant_id=int(number))
    return set(by_number.values_list("pk", flat=True))


def is_ean_of(line: Line, code: str) -> bool:
    """Whether the line was ordered by this Ean."""
    return bool(line.ean) and canonical(line.ean) == canonical(code)


def _what_it_is_instead(orders: Sequence[WebOrder], code: str, named: set[int]) -> Invalid:
    variants = Variant.objects.filter(pk__in=named).order_by("pk")[:1]
    if not variants:
        return _wrong(_("Wrong item: nobody here knows the code %(code)s.") % {"code": code[:50]})
    other = (
        WebOrder.objects.filter(shop_id=orders[0].shop_id, status=Status.RESERVED, lines__variant=variants[0])
        .exclude(pk__in=[order.pk for order in orders])
        .order_by("promised_at")
        .first()
    )
    if other is not None:
        data = {"piece": variants[0], "order_no": other.order_no}
        return _wrong(_("Wrong item: %(piece)s belongs to the order %(order_no)s.") % data, other_order=other)
    if len(orders) > 1:
        return _wrong(_("Wrong item: %(piece)s is in none of these orders.") % {"piece": variants[0]})
    return _wrong(_("Wrong item: %(piece)s is not in this order.") % {"piece": variants[0]})


def _wrong(sentence: str, code: str = "wrong-item", other_order: WebOrder | None = None) -> Invalid:
    data = {"order": other_order.pk, "order_no": other_order.order_no} if other_order else {}
    return Invalid(sentence, [Fault("/code", sentence, code)], **data)
