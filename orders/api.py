"""The Public API: DdD's own routes for web orders, so that a web shop only has to change its base address."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, NoReturn
from urllib.parse import quote

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.audience import Audience, for_audience
from accounts.models import ApiKey
from core.api import followed_response, invalid_field, is_id, paginated_response, utc
from core.bodies_api import LARGEST_BODY, ExactJSONParser, TextJSONParser
from core.errors import Fault, NotFound
from core.xml_api import TextXMLParser, TextXMLRenderer, XMLParser, XMLRenderer
from orders.changing import change_order
from orders.intake import receive_order
from orders.models import Line, OrderQuerySet, WebOrder
from orders.reading import Model, contradicting_discounts, read_new_order, without_unknown_fields
from orders.reading_changes import read_change
from orders.states import ALL, NUMBERS, Status, status_of
from orders.stored_at import store_times

DEPRECATED_ON: Final = datetime(2026, 11, 30, tzinfo=UTC)
SUNSET_ON: Final = datetime(2028, 12, 31, 23, 59, 59, tzinfo=UTC)
# Of DdD's words only the first was ever seen (contract 2.5).
ORDER_TYPES: Final = {
    WebOrder.Type.COLLECT.value: "ClickAndCollect",
    WebOrder.Type.IN_STORE.value: "OrderInStore",
}
MOST_NAMED: Final = 20  # of all fields that were passed over or not used, named in a header


class Route(APIView):
    """Base of all routes: the web shop's key and the orders that it may see."""

    parser_classes = (ExactJSONParser, TextJSONParser, XMLParser, TextXMLParser)
    renderer_classes = (JSONRenderer, XMLRenderer, TextXMLRenderer)
    xml_name = "WebOrderHeader"
    xml_lists: Mapping[str, str] = {"WebOrderLines": "WebOrderLine"}

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Also a body that comes in chunks is read: .NET and some proxies name no length."""
        sends_a_body = request.headers.get("Content-Type") or request.headers.get("Transfer-Encoding")
        if "CONTENT_LENGTH" not in request.META and sends_a_body:
            # DRF takes a body without a length for an empty one. The parser reads to the end of it.
            request.META["CONTENT_LENGTH"] = str(LARGEST_BODY)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the key: a body is read as it comes."""
        super().initial(request, *args, **kwargs)
        packed = request.headers.get("Content-Encoding", "").strip().lower()
        if packed not in ("", "identity"):
            detail = _("Send the body as it is: Content-Encoding %(how)s is not read.") % {"how": packed[:20]}
            raise UnsupportedMediaType(packed, detail)

    def key(self) -> ApiKey:
        """The web shop's key; `HasKey` has made sure that there is one."""
        key: ApiKey = self.request.auth  # type: ignore[assignment]
        return key

    def orders(self) -> OrderQuerySet:
        """The orders that this key may see."""
        return WebOrder.objects.for_key(self.key())


class OrderBodyRoute(Route):
    """A route that is sent an order. The key says whether unknown fields are refused."""

    passes_over: bool | None = None  # None without a good key
    passed_over: Sequence[str] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once the key is known to be good, what it says of unknown fields."""
        super().initial(request, *args, **kwargs)
        self.passes_over = self.key().passes_over_unknown_fields

    def faults_for_key(self, faults: Sequence[Fault]) -> Sequence[Fault]:
        """All of them, or those that are left when unknown fields are passed over."""
        if not self.passes_over:
            return faults
        known, self.passed_over = without_unknown_fields(faults)
        return known

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Tells in a header what becomes of unknown fields, and which were passed over."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.passes_over is not None:
            shown = [quote(pointer) for pointer in self.passed_over[:MOST_NAMED]]
            answer["X-Unknown-Fields"] = "; ".join(["passed over", *shown]) if self.passes_over else "refused"
        return answer


@for_audience(Audience.WEB_SHOP)
class CreateOrder(OrderBodyRoute):
    """`POST api/weborder/clickandcollect`, `…/orderinstore`, and `…/alternative` of both for lines by Ean;
    `POST api/weborder/alternative`, with a MemberId: creates a web order."""

    by_ean = False
    model = Model.COLLECT

    def post(self, request: Request) -> Response:
        """`true` when the order is stored, also when the same order was sent before."""
        new, faults = read_new_order(request.data, self.by_ean, self.model)
        receive_order(self.key(), new, self.faults_for_key(faults), timezone.now())
        unused = contradicting_discounts(new.lines)[:MOST_NAMED]
        return Response(True, headers={"X-Unused-Discounts": "; ".join(unused)} if unused else None)


@for_audience(Audience.WEB_SHOP)
class ChangeOrder(OrderBodyRoute):
    """`PUT api/weborder`: changes addresses, prices, DeliveryNo and notes of an order still in the shop."""

    def put(self, request: Request) -> Response:
        """`true` when the order now is as sent, also when nothing had to change."""
        change, faults = read_change(request.data)
        change_order(self.key(), change, self.faults_for_key(faults), timezone.now())
        return Response(True)


@for_audience(Audience.WEB_SHOP)
class FetchOrder(Route):
    """`GET api/weborder/fetch/orderNo/{orderNo}` and `…/fetch/{key}`: one order."""

    also_by_id = False

    def serialize(self, order: WebOrder) -> dict[str, Any]:
        """The model of the answer."""
        return header(order)

    def get(self, request: Request, key: str) -> Response:
        """By OrderNo; the short route also tries the Id."""
        # PostgreSQL raises an error for text that contains NUL.
        order = self._with_lines(order_no=key) if "\x00" not in key else None
        if order is None and self.also_by_id and is_id(key):
            order = self._with_lines(pk=int(key))
        if order is None:
            raise NotFound(_("There is no order %(key)s.") % {"key": key})
        return Response(self.serialize(order))

    def _with_lines(self, **kwargs: Any) -> WebOrder | None:
        orders = self.orders().filter(**kwargs).select_related("shop", "web_shop")
        return orders.prefetch_related("lines__variant").first()


@for_audience(Audience.WEB_SHOP)
class OrdersByStatus(Route):
    """`GET api/weborder/status/{status}`, `…/since` and `…/since/webshop`: least recently changed first.

    The two last ones list what came after a time or after a cursor. A list has at most 200 orders. When there
    are more, the `Link` header names the address where it goes on.
    """

    since = False
    of_this_web_shop = False

    def serialize(self, order: WebOrder) -> dict[str, Any]:
        """The model of the answer."""
        return header(order)

    def get(self, request: Request, status: str) -> Response:
        """The orders of a status, by name or number; `Missing` are those with a piece that was not found."""
        store_times(self.key().web_shop.group_id)
        orders = self._chosen(status).filter(stored_at__isnull=False)
        orders = orders.select_related("shop", "web_shop").prefetch_related("lines__variant")
        if not self.since:
            return paginated_response(request, orders, self.serialize, "stored_at")
        # What has changed since `store_times` comes with the next question, under its new time.
        return followed_response(request, orders.filter(stored_at_is_due=False), self.serialize, "stored_at")

    def _chosen(self, text: str) -> OrderQuerySet:
        status = status_of(text)
        if status is None:
            raise invalid_field(
                "/status", _("Known are: %(words)s, and 0 to 6.") % {"words": _status_words()}
            )
        orders = self.orders()
        if status == Status.MISSING:
            orders = orders.filter(pk__in=Line.objects.filter(status=Status.MISSING).values("order"))
        elif status != ALL:
            orders = orders.filter(status=status)
        if self.of_this_web_shop:
            orders = orders.filter(web_shop=self.key().web_shop)
        return orders


class Deprecated(Route):
    """What DdD calls deprecated: answers in the older model, and says until when."""

    def serialize(self, order: WebOrder) -> dict[str, Any]:
        """The older model: neither OrderType nor CustomerNumber, but a member, who is not known here."""
        found = header(order)
        del found["OrderType"], found["CustomerNumber"]
        return found | {"LoyaltyMemberId": None, "MemberId": None}

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Deprecation"] = f"@{int(DEPRECATED_ON.timestamp())}"
        answer["Sunset"] = format_datetime(SUNSET_ON, usegmt=True)
        return answer


@for_audience(Audience.WEB_SHOP)
class OldFetchOrder(Deprecated, FetchOrder):
    """`GET api/weborder/{orderNo}` and `…/{orderId}`, today `fetch/{key}`."""

    also_by_id = True

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """Every word behind api/weborder/ may be an OrderNo, but only to be read."""
        raise NotFound(_("There is no such route. Look at its spelling and at the slashes."))


@for_audience(Audience.WEB_SHOP)
class OldOrdersOfWebShop(Deprecated, OrdersByStatus):
    """`GET api/weborder/fetch/status/{status}/since/webshop`, today `status/{status}/since/webshop`."""

    since = True
    of_this_web_shop = True


def header(order: WebOrder) -> dict[str, Any]:
    """WebOrderHeader (contract 2.4), with the portal's own words for a line's status."""
    return {
        "Id": order.pk,
        "OrderType": ORDER_TYPES[order.order_type],
        "ShopId": order.shop.shop_id,
        "OrderNo": order.order_no,
        "OrderReference": order.order_reference or None,
        "OrderedOn": utc(order.ordered_on),
        "PickedUpOn": utc(order.delivered_at),
        "CreatedOn": utc(order.created_at),
        "ModifiedOn": utc(order.changed_on),
        "IsPaid": order.is_paid,
        "CustomerNumber": order.customer_number,
        "WebshopId": order.web_shop.webshop_id if order.web_shop else None,
        "ReceiveAddress": order.receive_address or None,
        "ReturnAddress": order.return_address or None,
        "WebOrderLines": [_line(line) for line in order.lines.all()],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "Id": line.pk,
        "VariantId": line.variant.variant_id,
        "Status": line.status,
        "ModifiedOn": utc(line.modified_at),
        "SalesPrice": float(line.sales_price),
        "EffectiveSalesPrice": float(line.effective_sales_price),
        "DiscountAmount": float(line.discount_amount),
        "DeliveryNo": line.delivery_no,
        "Notes": line.notes or None,
    }


def _status_words() -> str:
    return ", ".join(NUMBERS.values())
