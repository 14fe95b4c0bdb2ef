"""A web order comes in, from a web shop through the Public API or from DdD. OrderNo is the idempotency
key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from accounts.calendars import calendar_of
from accounts.models import ApiKey, Group, Shop, WebShop
from core import logs
from core.errors import Conflict, Fault, Invalid, TryLater
from ddd.api.bodies import OrderBody, OrderLine, without_empty
from ddd.booking import outbox
from ddd.lookup import catalogue
from ddd.models import Variant
from orders.content import is_same
from orders.events import record
from orders.models import Line, OrderEvent, WebOrder
from orders.order_no import folded
from orders.pickup_codes import free_pickup_code
from orders.reading import Model, NewLine, NewOrder
from orders.receivers import store_words

SHOPS_NAMED: Final = 20  # of those that take orders, to a web shop that named another one


def receive_order(key: ApiKey, new: NewOrder, faults: Sequence[Fault], now: datetime) -> WebOrder:
    """Stores an order once: the same OrderNo with the same content returns the stored order.

    `faults` are those found while reading it; Invalid lists them with those of the catalogue and the Group.
    Conflict when the OrderNo has other content. TryLater when DdD must be asked first and does not answer.
    """
    logs.bind(order_no=new.order_no)
    web_shop = key.web_shop
    known, alike = _read_alike(web_shop.group, new.order_no)
    if known is not None and not faults:
        return _the_same(known, web_shop, new)
    shop, shop_faults = _shop_of(web_shop, new.shop_id)
    try:
        variants, line_faults = _variants_of(web_shop.group, new, now)
    except TryLater:
        if not faults:
            raise
        variants, line_faults = [], []
    wrong = [*faults, *_faults_of_order_no(new.order_no, alike), *shop_faults, *line_faults]
    if wrong or shop is None:
        raise _invalid(wrong)
    try:
        with transaction.atomic():
            order = store_order(shop, web_shop, new, variants, WebOrder.Source.API, now)
            record(order, OrderEvent.Kind.CREATED, now, web_shop=web_shop.name, key=key.hint)
            outbox.post_order(web_shop, new.order_no, body_for_ddd(new, variants), now)
    except IntegrityError:
        # The same order, or one that is read alike, came at the same moment: the other request has stored it.
        known, alike = _read_alike(web_shop.group, new.order_no)
        if known is not None:
            return _the_same(known, web_shop, new)
        if not alike:
            raise
        raise _invalid(_faults_of_order_no(new.order_no, alike)) from None
    return order


def _read_alike(group: Group, order_no: str) -> tuple[WebOrder | None, list[WebOrder]]:
    """The order with this OrderNo, and all from which people cannot tell it; 1 query."""
    alike = list(WebOrder.objects.filter(group=group, order_no_folded=folded(order_no)))
    return next((order for order in alike if order.order_no == order_no), None), alike


def _invalid(wrong: list[Fault]) -> Invalid:
    detail = _("The order was not taken in: %(count)d things are wrong with it.") % {"count": len(wrong)}
    return Invalid(detail, wrong)


def _faults_of_order_no(order_no: str, alike: Sequence[WebOrder]) -> list[Fault]:
    """People, and scanners with Caps Lock, cannot tell two apart that differ only in case or Unicode form."""
    others = [order.order_no for order in alike if order.order_no != order_no]
    if not others or not order_no:
        return []
    detail = _(
        "The order %(other)s differs from it only in case or in the form of its characters: take another."
    )
    return [Fault("/OrderNo", detail % {"other": others[0]}, "order-no-alike")]


def store_order(
    shop: Shop,
    web_shop: WebShop | None,
    new: NewOrder,
    variants: Sequence[Variant],
    source: WebOrder.Source,
    now: datetime,
    ddd_id: int | None = None,
    older_than_portal: bool = False,
    is_first: bool = True,
) -> WebOrder:
    """The order and its lines, in the caller's transaction. IntegrityError when the OrderNo is taken, or when
    it should be the first of those that are read alike and is not."""
    order = unsaved_order(
        *(shop, web_shop, new, source),
        free_pickup_code(shop.group_id),
        calendar_of(shop).plus_open_minutes(now, shop.group.promise_minutes),
        now,
        ddd_id=ddd_id,
    )
    order.older_than_portal, order.order_no_is_first = older_than_portal, is_first
    order.save(force_insert=True)
    Line.objects.bulk_create(lines_of(order, new, variants, now))
    store_words(order)
    return order


def unsaved_order(
    shop: Shop,
    web_shop: WebShop | None,
    new: NewOrder,
    source: WebOrder.Source,
    pickup_code: str,
    promised_at: datetime,
    now: datetime,
    ddd_id: int | None = None,
) -> WebOrder:
    """The row of a new order."""
    return WebOrder(
        group_id=shop.group_id,
        shop=shop,
        web_shop=web_shop,
        source=source,
        ddd_id=ddd_id,
        order_type=WebOrder.Type.IN_STORE if new.model == Model.IN_STORE else WebOrder.Type.COLLECT,
        shop_at_ddd=new.shop_id,
        order_no=new.order_no,
        pickup_code=pickup_code,
        order_reference=new.order_reference,
        ordered_on=new.ordered_on or now,
        is_paid=new.is_paid,
        customer_number=new.customer_number,
        receive_address=new.receive_address,
        return_address=new.return_address,
        content=new.content(),
        promised_at=promised_at,
        created_at=now,
        modified_at=now,
    )


def lines_of(order: WebOrder, new: NewOrder, variants: Sequence[Variant], now: datetime) -> list[Line]:
    """The rows of a new order's lines."""
    return [
        Line(
            order=order,
            number=number,
            variant=variant,
            ean=line.ean,
            sales_price=line.sales_price,
            effective_sales_price=line.effective_sales_price,
            discount_amount=line.discount_amount,
            delivery_no=line.delivery_no,
            notes=line.notes,
            modified_at=now,
        )
        for number, (line, variant) in enumerate(zip(new.lines, variants, strict=True), start=1)
    ]


def body_for_ddd(new: NewOrder, variants: Sequence[Variant]) -> OrderBody:
    """The order as it is sent to DdD: lines by VariantId, which is unique where an Ean is not; DdD's older
    model has no route for that."""
    body: OrderBody = {
        "OrderNo": new.order_no,
        "ShopId": new.shop_id,
        "OrderReference": new.order_reference,
        "OrderedOn": new.ordered_on.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if new.ordered_on else "",
        "ReceiveAddress": new.receive_address,
        "ReturnAddress": new.return_address,
        "WebOrderLines": [
            _line_for_ddd(line, variant) for line, variant in zip(new.lines, variants, strict=True)
        ],
    }
    if new.model != Model.COLLECT:
        body["Route"] = new.model.value
    if new.model != Model.IN_STORE:
        body["IsPaid"] = new.is_paid
    if new.model == Model.OLDER:
        body |= {"MemberId": new.member_id, "LoyaltyMemberId": new.loyalty_member_id}
        for line, sent in zip(body["WebOrderLines"], new.lines, strict=True):
            line["Ean"] = sent.ean
    else:
        body["CustomerNumber"] = new.customer_number
    return without_empty(body)


def _line_for_ddd(line: NewLine, variant: Variant) -> OrderLine:
    body: OrderLine = {
        "VariantId": variant.variant_id,
        "SalesPrice": f"{line.sales_price:.2f}",
        "EffectiveSalesPrice": f"{line.effective_sales_price:.2f}",
        "DiscountAmount": f"{line.discount_amount:.2f}",
        "DeliveryNo": line.delivery_no,
        "Notes": line.notes,
    }
    return without_empty(body)


def _the_same(known: WebOrder, web_shop: WebShop, new: NewOrder) -> WebOrder:
    if not is_same(known.content, new.content()) or known.web_shop_id not in (None, web_shop.pk):
        raise Conflict(
            _("There is another order with the OrderNo %(order_no)s. An OrderNo is used once in a Group.")
            % {"order_no": new.order_no},
            code="order-no-taken",
            OrderNo=new.order_no,
        )
    return known


def _shop_of(web_shop: WebShop, shop_id: int) -> tuple[Shop | None, list[Fault]]:
    """The shop of the order: one of this web shop's, or any of the Group's when the web shop has no list."""
    if shop_id == 0:
        return None, []
    listed = web_shop.shops.through._default_manager.filter(webshop=web_shop)
    taking = Shop.objects.filter(
        Q(pk__in=listed.values("shop")) | ~Exists(listed), group=web_shop.group, takes_orders=True
    )
    shop = taking.filter(shop_id=shop_id).first()
    if shop is not None:
        shop.group = web_shop.group
        return shop, []
    numbers = taking.order_by("shop_id").values_list("shop_id", flat=True)[:SHOPS_NAMED]
    detail = _("Shop %(shop_id)d takes no orders of this web shop. It may be: %(shops)s.") % {
        "shop_id": shop_id,
        "shops": ", ".join(str(number) for number in numbers),
    }
    return None, [Fault("/ShopId", detail, "unknown-shop")]


def _variants_of(group: Group, new: NewOrder, now: datetime) -> tuple[list[Variant], list[Fault]]:
    """A variant for each line, or a fault for the line that has none or more than one."""
    variant_ids = {line.variant_id for line in new.lines if line.variant_id}
    eans = {line.ean for line in new.lines if line.ean}
    found = catalogue.resolve(group, variant_ids, eans, now)
    variants: list[Variant] = []
    faults: list[Fault] = []
    for number, line in enumerate(new.lines):
        pointer = f"/WebOrderLines/{number}"
        if line.variant_id and line.variant_id in found.by_variant_id:
            variants.append(found.by_variant_id[line.variant_id])
        elif line.variant_id:
            detail = _("There is no variant %(number)d in this Group.") % {"number": line.variant_id}
            faults.append(Fault(f"{pointer}/VariantId", detail, "unknown-variant"))
        elif line.ean and len(found.by_ean[line.ean]) == 1:
            variants.append(found.by_ean[line.ean][0])
        elif line.ean:
            faults.append(_fault_of_ean(f"{pointer}/Ean", line.ean, found.by_ean))
    return variants, faults


def _fault_of_ean(pointer: str, ean: str, by_ean: Mapping[str, Sequence[Variant]]) -> Fault:
    candidates = by_ean[ean]
    if not candidates:
        return Fault(pointer, _("No variant has the Ean %(ean)s.") % {"ean": ean}, "unknown-ean")
    return Fault(
        pointer,
        _("Several variants have the Ean %(ean)s. Order by VariantId: it is one of the candidates.")
        % {"ean": ean},
        "ambiguous-ean",
        {"candidates": [_candidate(variant) for variant in candidates]},
    )


def _candidate(variant: Variant) -> dict[str, Any]:
    return {
        "VariantId": variant.variant_id,
        "Description": variant.description,
        "Colour": variant.colour,
        "Size": variant.size,
    }
