"""Property tests: no input of a web shop raises an exception, and what passes can be stored, shown and
sold."""

import json
import re
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import WebOrder
from orders.reading import HEADER_NAMES, LINE_NAMES, NewOrder, read_new_order
from tests.factories import CAP, JUMPER, JUMPER_EAN, SCARF, SHARED_EAN, Cast
from tests.orders.web_shop import BY_EAN, CREATE, PROBLEM, Caller, body, body_by_ean

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
AMOUNT = st.one_of(
    st.decimals(-(10**9), 10**9, places=3),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [Decimal("-0.0"), Decimal("0E-7"), Decimal("1E+3"), Decimal("199.9500000000000000000000000000000001")]
    ),
    st.sampled_from(["199,95", "-1", "1.234", "١٢", "1e3", "NaN", "Infinity", "0x10", " 1"]),
    st.integers(),
)
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, JUMPER, SCARF, 996001, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**4000]),
    st.sampled_from(
        [JUMPER_EAN, SHARED_EAN, "x" * 51, "2026-03-03T09:00:00Z", "0001-01-01T00:00:00+09:00", "#"]
    ),
    AMOUNT,
    TEXT,
)
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)


def name_of(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(names),
        st.sampled_from(names).map(str.upper),
        st.sampled_from(names).map(str.lower),
        TEXT,
    )


LINES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "VariantId": st.sampled_from([JUMPER, SCARF, CAP]) | SCALAR,
                "Ean": st.just(JUMPER_EAN) | SCALAR,
                "SalesPrice": AMOUNT | SCALAR,
                "EffectiveSalesPrice": AMOUNT | SCALAR,
                "DiscountAmount": AMOUNT | SCALAR,
                "Notes": SCALAR,
                "DeliveryNo": SCALAR,
            },
        ),
        st.dictionaries(name_of(LINE_NAMES), ANY, max_size=6),
        ANY,
    ),
    max_size=3,
)
BODY = st.one_of(
    ANY,
    st.dictionaries(name_of(HEADER_NAMES), ANY | LINES, max_size=9),
    st.fixed_dictionaries(
        {
            "OrderNo": TEXT.filter(bool) | SCALAR,
            "ShopId": st.just(996001) | SCALAR,
            "IsPaid": st.booleans() | SCALAR,
            "CustomerNumber": st.integers(0, 2**31) | SCALAR,
            "WebOrderLines": LINES | ANY,
        },
        optional=dict.fromkeys(("OrderReference", "OrderedOn", "ReceiveAddress", "ReturnAddress"), SCALAR),
    ),
)


def as_the_api_reads(sent: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(sent), parse_float=Decimal)  # type: ignore[no-any-return]


def keeps_the_contract(order: NewOrder, by_ean: bool) -> None:
    assert 1 <= len(order.order_no) <= 50
    assert order.order_no == order.order_no.strip()
    assert 1 <= order.shop_id <= 2**31 - 1
    assert type(order.is_paid) is bool
    assert 0 <= order.customer_number <= (2**31 - 1 if by_ean else 2**63 - 1)
    assert len(order.order_reference) <= 255
    assert len(order.receive_address) <= 255
    assert order.ordered_on is None or order.ordered_on.tzinfo is UTC
    assert 1 <= len(order.lines) <= 200
    for one in order.lines:
        assert (
            (1 <= len(one.ean) <= 50 and one.variant_id == 0) if by_ean else 1 <= one.variant_id <= 2**31 - 1
        )
        for price in (one.sales_price, one.effective_sales_price, one.discount_amount):
            assert re.fullmatch(r"[0-9]{1,7}\.[0-9]{2}", str(price))
        assert len(one.delivery_no) <= 50
        assert len(one.notes) <= 250
    texts = [order.order_no, order.order_reference, order.receive_address, order.return_address]
    texts += [text for one in order.lines for text in (one.ean, one.delivery_no, one.notes)]
    for text in texts:
        text.encode("utf-8")
        assert not re.search(r"[\x00-\x1f\x7f]", text)


@given(raw=BODY, by_ean=st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_json_is_read_and_what_has_no_fault_keeps_the_contract(raw: Any, by_ean: bool) -> None:
    order, faults = read_new_order(raw, by_ean)
    for fault in faults:
        assert fault.pointer.startswith("/")
        assert fault.detail
        assert re.fullmatch(r"[a-z-]+", fault.code)
    if not faults:
        keeps_the_contract(order, by_ean)
    assert re.fullmatch(r"[0-9a-f]{64}", order.content()) or faults


@given(
    change=st.dictionaries(st.sampled_from([*HEADER_NAMES, "Colour"]), SCALAR, max_size=2),
    by_ean=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_good_order_with_one_or_two_fields_changed_is_good_or_has_its_faults_named(
    change: dict[str, Any], by_ean: bool
) -> None:
    good = as_the_api_reads(body_by_ean() if by_ean else body())
    order, faults = read_new_order(good | change, by_ean)
    assert {fault.pointer for fault in faults} <= {f"/{name}" for name in change}
    if not faults:
        keeps_the_contract(order, by_ean)


@given(
    change=st.dictionaries(st.sampled_from(["Piece", *LINE_NAMES]), AMOUNT | SCALAR, max_size=2),
    by_ean=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_good_line_with_one_or_two_fields_changed_is_good_or_has_its_faults_named(
    change: dict[str, Any], by_ean: bool
) -> None:
    piece = "Ean" if by_ean else "VariantId"
    changed = {piece if name == "Piece" else name: value for name, value in change.items()}
    good = as_the_api_reads(body_by_ean() if by_ean else body())
    good["WebOrderLines"][1] |= changed
    order, faults = read_new_order(good, by_ean)
    assert {fault.pointer for fault in faults} <= {f"/WebOrderLines/1/{name}" for name in changed}
    if not faults:
        keeps_the_contract(order, by_ean)


class Exact(json.JSONEncoder):
    """Decimals as text, also those that no float can represent."""

    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:
        return super().iterencode(self._marked(o), _one_shot)

    def _marked(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value) if value.is_finite() else str(value)
        if isinstance(value, dict):
            return {str(name): self._marked(inner) for name, inner in value.items()}
        return [self._marked(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.django_db
@given(sent=BODY, route=st.sampled_from([CREATE, BY_EAN]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_api_answers_any_json_with_true_or_with_a_problem(cast: Cast, sent: Any, route: str) -> None:
    before = WebOrder.objects.count()
    answer = Caller().post(route, json.dumps(sent, cls=Exact).encode())
    if answer.status_code == 200:
        assert answer.content == b"true"
        return
    # An unknown article must be looked up at DdD, which does not exist in this test.
    assert answer.status_code in (400, 409, 422, 503)
    assert answer.headers["Content-Type"] == PROBLEM
    assert {"type", "title", "status", "detail"} <= set(answer.json())
    assert WebOrder.objects.count() == before


@pytest.mark.django_db
@given(
    raw=st.binary(max_size=200)
    | st.text(st.sampled_from('{}[]",:0123456789.eE+-truefalsn '), max_size=60).map(str.encode)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_api_answers_any_bytes_with_a_problem(cast: Cast, raw: bytes) -> None:
    answer = Caller().post(CREATE, raw)
    assert (answer.status_code, answer.headers["Content-Type"]) in [(400, PROBLEM), (422, PROBLEM)]
    assert not WebOrder.objects.exists()
