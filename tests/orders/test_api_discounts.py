"""A DiscountAmount that contradicts the two prices: taken as DdD takes it, named, and not used for the
sale."""

from typing import Any

import pytest

from orders.models import Line
from tests.factories import SCARF, Cast
from tests.orders.web_shop import BY_EAN, CREATE, Caller, body, body_by_ean, line, line_by_ean

HEADER = "X-Unused-Discounts"
ODD: dict[str, Any] = {"SalesPrice": 500, "EffectiveSalesPrice": 400, "DiscountAmount": 0}
DEARER: dict[str, Any] = {"SalesPrice": 400, "EffectiveSalesPrice": 500, "DiscountAmount": 100}

pytestmark = pytest.mark.any_database


def test_it_is_named_where_it_stands_and_kept_as_it_was_sent(cast: Cast) -> None:
    sent = body(WebOrderLines=[line(**ODD), line(VariantId=SCARF), line(**DEARER)])
    for _each in range(2):
        answer = Caller().post(CREATE, sent)
        assert answer.content == b"true"
        assert answer.headers[HEADER] == "/WebOrderLines/0/DiscountAmount; /WebOrderLines/2/DiscountAmount"
    kept = Line.objects.order_by("number").values_list("effective_sales_price", "discount_amount")
    assert [tuple(map(int, prices)) for prices in kept] == [(400, 0), (199, 20), (500, 100)]
    by_ean = Caller().post(BY_EAN, body_by_ean("W-2", WebOrderLines=[line_by_ean(**ODD)]))
    assert by_ean.headers[HEADER] == "/WebOrderLines/0/DiscountAmount"


def test_one_that_fits_is_not_named_and_a_long_header_is_cut(cast: Cast) -> None:
    assert HEADER not in Caller().post(CREATE, body()).headers
    many = Caller().post(CREATE, body("W-2", WebOrderLines=[line(**ODD)] * 200))
    assert many.content == b"true"
    assert many.headers[HEADER].count(";") == 19
