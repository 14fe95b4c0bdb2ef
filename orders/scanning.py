"""Which piece of an order a scanned or typed code means."""

from django.utils.translation import gettext as _

from core.errors import Conflict, Fault, Invalid
from ddd.models import Barcode, Variant
from orders.models import Line, WebOrder
from orders.states import Status


def line_for_code(order: WebOrder, code: str) -> Line:
    """The next piece to pick with this Ean or VariantId. Invalid for a wrong item, Conflict when all such
    pieces are picked already."""
    wanted = code.strip()
    if not wanted:
        raise _wrong(_("Scan a piece, or type its Ean or VariantId."), "no-code")
    named = _variants_named(order, wanted)
    lines = list(order.lines.select_related("variant", "picked_by").order_by("number"))
    fitting = [line for line in lines if line.variant_id in named]
    fitting = fitting or [line for line in lines if line.ean and line.ean == wanted]
    for status in (Status.RESERVED, Status.MISSING):
        for line in fitting:
            if line.status == status:
                return line
    if fitting:
        raise Conflict(
            _("%(piece)s is picked already.") % {"piece": fitting[0].variant}, code="picked-already"
        )
    raise _wrong(_what_it_is_instead(order, wanted, named), "wrong-item")


def _variants_named(order: WebOrder, code: str) -> set[int]:
    """Primary keys of the variants that the code names, by Ean or by VariantId."""
    named = set(Barcode.objects.filter(group_id=order.group_id, ean=code).values_list("variant", flat=True))
    if code.isascii() and code.isdigit() and len(code) <= 9:
        by_number = Variant.objects.filter(group_id=order.group_id, variant_id=int(code))
        named |= set(by_number.values_list("pk", flat=True))
    return named


def _what_it_is_instead(order: WebOrder, code: str, named: set[int]) -> str:
    variants = Variant.objects.filter(pk__in=named).order_by("pk")[:1]
    if not variants:
        return _("Wrong item: nobody here knows the code %(code)s.") % {"code": code[:50]}
    other = (
        WebOrder.objects.filter(shop_id=order.shop_id, status=Status.RESERVED, lines__variant=variants[0])
        .exclude(pk=order.pk)
        .order_by("promised_at")
        .first()
    )
    if other is not None:
        return _("Wrong item: %(piece)s belongs to the order %(order_no)s.") % {
            "piece": variants[0],
            "order_no": other.order_no,
        }
    return _("Wrong item: %(piece)s is not in this order.") % {"piece": variants[0]}


def _wrong(sentence: str, code: str) -> Invalid:
    return Invalid(sentence, [Fault("/code", sentence, code)])
