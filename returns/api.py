"""The Public API of refunds: what a web shop has to pay back to its customers, and what it has paid."""

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audience import Audience, for_audience
from core.api import followed_response, invalid_field, is_id, paginated_response, utc
from core.errors import NotFound
from orders.api import Route
from orders.models import RefundDue, RefundDueQuerySet
from orders.stored_at import store_times
from returns.refunded_pieces import RefundedPiece, pieces_of, with_pieces
from returns.refunds import close_refund, return_of

OPEN, ALL = "Open", "All"


class RefundRoute(Route):
    """Base of the routes of refunds: a key sees only its own web shop's."""

    xml_name = "Refund"
    xml_lists = {"Lines": "Line"}

    def refunds(self) -> RefundDueQuerySet:
        """The refunds of this web shop, with all that the API says of them."""
        return cast(RefundDueQuerySet, with_pieces(RefundDue.objects.for_key(self.key())))

    def refunds_with_times(self) -> RefundDueQuerySet:
        """The same, each with the time by which it is followed."""
        store_times(self.key().web_shop.group_id, RefundDue)
        return self.refunds().filter(stored_at__isnull=False)

    def refund(self, key: str) -> RefundDue:
        """By Id; NotFound also for another web shop's refund."""
        found = self.refunds().filter(pk=int(key)).first() if is_id(key) else None
        if found is None:
            raise NotFound(_("There is no refund %(key)s.") % {"key": key})
        return found


@for_audience(Audience.WEB_SHOP)
class RefundList(RefundRoute):
    """`GET api/returns/refunds`: those that are open, or in the `state` asked for."""

    def get(self, request: Request) -> Response:
        """At most 200; the `Link` header names the address of the next ones."""
        params = {name.lower(): value for name, value in request.query_params.dict().items()}
        chosen = _in_state(self.refunds_with_times(), params.get("state", OPEN))
        return paginated_response(request, chosen, refund_data, "stored_at")


@for_audience(Audience.WEB_SHOP)
class RefundListSince(RefundRoute):
    """`GET api/returns/refunds/since?dateTime=` or `?cursor=`: in every state, those that changed after a UTC
    time or a cursor."""

    def get(self, request: Request) -> Response:
        """At most 200; `X-Next-Cursor` says where to go on, and the `Link` header that there is more."""
        changed = self.refunds_with_times().filter(stored_at_is_due=False)
        return followed_response(request, changed, refund_data, "stored_at")


@for_audience(Audience.WEB_SHOP)
class RefundDetail(RefundRoute):
    """`GET api/returns/refunds/{id}`."""

    def get(self, request: Request, key: str) -> Response:
        return Response(refund_data(self.refund(key)))


@for_audience(Audience.WEB_SHOP)
class CloseRefund(RefundRoute):
    """`POST api/returns/refunds/{id}/close`: the web shop has paid the refund, or got it back."""

    def post(self, request: Request, key: str) -> Response:
        """`true`, also when it was closed under the same reference before."""
        close_refund(self.refund(key), _reference(request.data), None, timezone.now())
        return Response(True)


def refund_data(refund: RefundDue) -> dict[str, Any]:
    """One refund as JSON; the names are DdD's where DdD has the same field."""
    taken_back = return_of(refund)
    return {
        "Id": refund.pk,
        "OrderNo": refund.order.order_no,
        "ReturnNumber": taken_back.number if taken_back is not None else None,
        "State": refund.state.capitalize(),
        "Amount": float(refund.amount),
        "Currency": refund.currency,
        "MadeOn": utc(refund.made_at),
        "ModifiedOn": utc(refund.changed_on),
        "ShopId": refund.shop.shop_id,
        "Lines": [_line(piece) for piece in pieces_of(refund)],
        "Reference": refund.reference or None,
        "ClosedOn": utc(refund.closed_at),
    }


def _line(piece: RefundedPiece) -> dict[str, Any]:
    return {
        "Id": piece.line.pk,
        "VariantId": piece.line.variant.variant_id,
        "Amount": float(piece.amount),
        "Cause": piece.cause.title().replace(" ", ""),
        "Reason": piece.reason or None,
        "ReturnCode": piece.return_code,
        "Condition": piece.condition.value.capitalize() if piece.condition else None,
    }


def _in_state(refunds: RefundDueQuerySet, state: str) -> RefundDueQuerySet:
    word = state.strip().lower()
    if word == OPEN.lower():
        return refunds.open()
    if word == ALL.lower():
        return refunds
    if word in RefundDue.State.values:
        return refunds.filter(state=word)
    known = ", ".join((OPEN, ALL, *(state.capitalize() for state in RefundDue.State.values)))
    raise invalid_field("/state", _("Known are: %(words)s.") % {"words": known})


def _reference(body: Any) -> str:
    if not isinstance(body, dict):
        raise invalid_field("/", _("Send an object with the Reference of the payment."))
    given = {str(name).lower(): value for name, value in body.items()}.get("reference")
    if not isinstance(given, str):
        raise invalid_field("/Reference", _("Send the reference of the payment as text."))
    return given
