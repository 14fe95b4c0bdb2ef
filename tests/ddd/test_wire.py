"""Whatever DdD answers is read as what it means, or refused with the field's name; nothing else happens."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.causes import as_it_is
from ddd.api.lists import listed
from ddd.api.wire import (
    Unreadable,
    read_article,
    read_order,
    read_payment,
    read_sale_items,
    read_transactions,
    read_transfer,
)

ORDER: dict[str, Any] = {
    "Id": 7,
    "OrderType": "ClickAndCollect",
    "ShopId": 996001,
    "OrderNo": "W-1",
    "OrderReference": "basket 7",
    "OrderedOn": "2026-11-24T09:30:00.1234567+01:00",
    "PickedUpOn": None,
    "CreatedOn": "2026-11-24T08:30:00Z",
    "ModifiedOn": "2026-11-24T08:31:00",
    "IsPaid": True,
    "CustomerNumber": 100042,
    "WebshopId": 1,
    "ReceiveAddress": "Åse Øst#Søndergade 7",
    "ReturnAddress": None,
    "WebOrderLines": [
        {
            "Id": 1,
            "VariantId": 100001,
            "Status": "Reserved",
            "SalesPrice": Decimal("219.95"),
            "EffectiveSalesPrice": Decimal("199.95"),
            "DiscountAmount": Decimal("20"),
            "DeliveryNo": "",
            "Notes": None,
        }
    ],
}
TRANSFER: dict[str, Any] = {
    "InvoiceId": "50001",
    "CounterpartShopId": 996900,
    "UniqueItemNumber": 100001,
    "WebOrderReference": "",
    "ShopId": 996001,
    "TransactionNumber": 12,
    "Quantity": -1,
}
PAYMENT: dict[str, Any] = {
    "ShopId": 996900,
    "PosNumber": 99,
    "ReceiptNumber": 3,
    "TransactionNumber": 14,
    "Amount": Decimal("399.9"),
}
ARTICLE: dict[str, Any] = {"VariantId": 100001, "EAN": "5712345000014", "ItemGroup": 1010}
TRANSACTIONS: dict[str, Any] = {
    "sales": {
        "saleItems": [{"posNumber": 99, "receiptNumber": 7, "webOrderReference": "W-1"}],
        "salePayment": [PAYMENT],
    },
    "corrections": [],
    "purchases": [],
    "transfers": [TRANSFER],
}
READERS = {
    read_transactions: TRANSACTIONS,
    read_order: ORDER,
    read_transfer: TRANSFER,
    read_payment: PAYMENT,
    read_article: ARTICLE,
}


def cased(value: Any, spell: Any) -> Any:
    if isinstance(value, dict):
        return {spell(name): cased(inner, spell) for name, inner in value.items()}
    return [cased(inner, spell) for inner in value] if isinstance(value, list) else value


def camel(name: str) -> str:
    return name[0].lower() + name[1:]


@pytest.mark.parametrize("spell", [camel, str.lower, str.upper], ids=["camelCase", "lower", "UPPER"])
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_names_are_read_in_any_case(read: Any, spell: Any) -> None:
    assert read(cased(READERS[read], spell)) == read(READERS[read])


def test_an_order_is_read_to_the_letter() -> None:
    order = read_order(ORDER)

    assert (order.ddd_id, order.shop_id, order.webshop_id, order.order_no) == (7, 996001, 1, "W-1")
    assert order.receive_address == "Åse Øst#Søndergade 7"
    assert (order.is_paid, order.customer_number) == (True, 100042)
    [line] = order.lines
    assert (line.sales_price, line.effective_sales_price) == (Decimal("219.95"), Decimal("199.95"))
    assert line.discount_amount == Decimal("20.00")


def test_times_are_utc_with_an_offset_or_without() -> None:
    order = read_order(ORDER)

    assert order.ordered_on == datetime(2026, 11, 24, 8, 30, 0, 123456, tzinfo=UTC)
    assert order.created_on == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert order.modified_on == datetime(2026, 11, 24, 8, 31, tzinfo=UTC)
    assert order.picked_up_on is None


def test_null_is_the_same_as_absent() -> None:
    optional = {
        "Id", "OrderReference", "CustomerNumber", "WebshopId", "ReceiveAddress", "WebOrderLines",
        "OrderedOn", "CreatedOn", "ModifiedOn",
    }  # fmt: skip
    nulls = {name: None if name in optional else value for name, value in ORDER.items()}
    absent = {name: value for name, value in ORDER.items() if name not in optional}

    assert read_order(nulls) == read_order(absent)
    assert read_order(nulls).lines == ()


@pytest.mark.parametrize("text", ["996001", " 996001 ", Decimal("996001.0"), Decimal("9.96001E+5")])
def test_a_whole_number_may_come_as_text_or_with_a_point(text: Any) -> None:
    assert read_order({**ORDER, "ShopId": text}).shop_id == 996001
    assert read_transfer({**TRANSFER, "Quantity": "-1"}).quantity == -1


@pytest.mark.parametrize(
    "nonsense", ["", "--5", "5-", "²", "٣", "1e3", "0x10", True, Decimal("1.5"), Decimal("NaN"), [], {}, None]
)
def test_what_is_no_whole_number_is_refused_with_its_name(nonsense: Any) -> None:
    with pytest.raises(Unreadable, match="ShopId of an order"):
        read_order({**ORDER, "ShopId": nonsense})


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12,50", "12.50"),
        ("12.5", "12.50"),
        ("1250.0000", "1250.00"),
        (12, "12.00"),
        (Decimal("0.005"), "0.00"),
        (None, "0.00"),
    ],
)
def test_money_may_have_a_comma_and_has_two_decimals(written: Any, amount: str) -> None:
    assert str(read_payment({**PAYMENT, "Amount": written}).amount) == amount


@pytest.mark.parametrize(
    "nonsense",
    ["12,50 kr", "1.234,50", "1,000", "1.000", "", True, [], {}, float("nan"), float("inf"), "NaN"],
)
def test_what_is_no_money_is_refused_with_its_name(nonsense: Any) -> None:
    with pytest.raises(Unreadable, match="Amount of a sale payment"):
        read_payment({**PAYMENT, "Amount": nonsense})


@pytest.mark.parametrize("nonsense", ["yesterday", 1764000000, "2026-13-01", "/Date(soon)/", []])
def test_what_is_no_time_is_refused_only_where_it_is_needed(nonsense: Any) -> None:
    others = dict.fromkeys(("OrderedOn", "ModifiedOn", "PickedUpOn"), nonsense)
    order = read_order({**ORDER, **others})
    assert (order.ordered_on, order.modified_on, order.picked_up_on) == (None, None, None)
    with pytest.raises(Unreadable, match="CreatedOn of an order"):
        read_order({**ORDER, "CreatedOn": nonsense})


@pytest.mark.parametrize(
    "unset", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00Z", "1900-01-01", ""]
)
def test_a_moment_that_nobody_has_set_is_none(unset: str) -> None:
    times = dict.fromkeys(("CreatedOn", "OrderedOn", "ModifiedOn", "PickedUpOn"), unset)
    order = read_order({**ORDER, **times})
    assert (order.created_on, order.ordered_on, order.modified_on, order.picked_up_on) == (None,) * 4


@pytest.mark.parametrize("written", ["/Date(1772528400123)/", "/Date(1772528400123+0100)/"])
def test_a_moment_may_be_written_as_dotnet_wrote_it_once(written: str) -> None:
    expected = datetime(2026, 3, 3, 9, 0, 0, 123_000, tzinfo=UTC)
    assert read_order({**ORDER, "CreatedOn": written}).created_on == expected


@pytest.mark.parametrize(
    ("written", "paid"),
    [(True, True), (False, False), ("True", True), ("false", False), (1, True), ("0", False)],
)
def test_whether_it_is_paid_may_be_text_or_a_number(written: Any, paid: bool) -> None:
    assert read_order({**ORDER, "IsPaid": written}).is_paid is paid


def test_an_order_that_does_not_say_whether_it_is_paid_can_be_read_back() -> None:
    assert read_order({**ORDER, "IsPaid": None}).is_paid is None


@pytest.mark.parametrize("nonsense", ["", "yes", 2, []])
def test_whether_it_is_paid_is_never_assumed(nonsense: Any) -> None:
    with pytest.raises(Unreadable, match="IsPaid of an order"):
        read_order({**ORDER, "IsPaid": nonsense})


def test_text_that_no_database_keeps_is_made_keepable() -> None:
    order = read_order({**ORDER, "ReceiveAddress": "A\x00se\ud800#Aarhus"})

    assert order.receive_address == "Ase?#Aarhus"


@pytest.mark.parametrize("missing", ["OrderNo", "ShopId"])
def test_an_order_without_its_number_or_shop_is_none(missing: str) -> None:
    with pytest.raises(Unreadable, match=missing):
        read_order({name: value for name, value in ORDER.items() if name != missing})


def test_a_transfer_without_its_transaction_number_proves_nothing_and_is_refused() -> None:
    with pytest.raises(Unreadable, match="TransactionNumber of a transfer"):
        read_transfer({name: value for name, value in TRANSFER.items() if name != "TransactionNumber"})


@pytest.mark.parametrize("raw", [[1, 2], {"Items": [1, 2]}, {"value": [1, 2], "count": 2, "nextPage": None}])
def test_a_list_may_come_in_an_envelope(raw: Any) -> None:
    assert list(listed(raw, as_it_is("the rows"))) == [1, 2]


TWO_LISTS: dict[str, Any] = {"Items": [], "More": []}
AN_ERROR = {"Message": "An error has occurred.", "Causes": []}


@pytest.mark.parametrize("nonsense", [{}, "", "[]", 0, False, None, TWO_LISTS, AN_ERROR, ORDER])
def test_only_a_list_is_a_list(nonsense: Any) -> None:
    with pytest.raises(Unreadable, match="the rows is not a list"):
        listed(nonsense, as_it_is("the rows"))


@pytest.mark.parametrize(
    "said", [{"Errors": []}, {"Success": False, "Items": []}, {"Items": [1], "Failed": True}]
)
def test_the_list_of_what_may_be_an_error_proves_nothing(said: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        listed(said, as_it_is("the rows"))


@pytest.mark.parametrize(
    "beside",
    [
        {"Total": 3},
        {"totalCount": 3, "PageSize": 2},
        {"Page": 1, "TotalPages": 2},
        {"pageCount": 2},
        {"ROWCOUNT": 3},
        {"NextPage": 2},
        {"Remaining": 1},
    ],
)
def test_a_part_of_a_list_is_no_list(beside: dict[str, int]) -> None:
    with pytest.raises(Unreadable, match="has 2 rows, and DdD says that there are more"):
        listed({"Items": [1, 2], **beside}, as_it_is("the rows"))


@pytest.mark.parametrize(
    "beside", [{"Total": 2, "PageSize": 100}, {"TotalPages": 1, "Page": 1}, {"Count": 0}]
)
def test_a_list_with_its_own_count_is_whole(beside: dict[str, int]) -> None:
    assert list(listed({"Items": [1, 2], **beside}, as_it_is("the rows"))) == [1, 2]


def test_the_rows_of_other_programs_hold_up_no_sale() -> None:
    """Before each sale the items of the shop are read for its OrderNo."""
    odd: dict[str, Any] = {
        "PosNumber": "Kasse 3",
        "ReceiptNumber": None,
        "UniqueItemNumber": "gift card",
        "Amount": "1.234,50",
    }
    rows = [odd | {"WebOrderReference": said} for said in (" W-1 ", "0", 0, None)]
    sold = read_sale_items({"sales": {"saleItems": rows, "salePayment": ["?"]}, "transfers": ["?"]})
    assert [(item.terminal_id, item.receipt_id, item.order_no) for item in sold] == [
        (0, 0, "W-1"),
        (0, 0, ""),
        (0, 0, ""),
        (0, 0, ""),
    ]


# A busy machine is no fault of a reader.
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
plain = st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=12)
json_values = plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=3), plain, max_size=2)
names = sorted({name for whole in READERS.values() for name in whole})


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@CALM
@given(changes=st.dictionaries(st.sampled_from(names), json_values, max_size=4))
def test_no_answer_does_more_harm_than_being_refused(read: Any, changes: dict[str, Any]) -> None:
    with suppress(Unreadable):
        read({**READERS[read], **changes})


@CALM
@given(value=json_values)
def test_what_is_no_object_is_refused(value: Any) -> None:
    if not isinstance(value, dict):
        with pytest.raises(Unreadable, match="is not an object"):
            read_order(value)


def test_all_transactions_of_a_shop_are_read_from_one_answer() -> None:
    found = read_transactions(TRANSACTIONS)
    assert [(item.terminal_id, item.receipt_id, item.order_no) for item in found.items] == [(99, 7, "W-1")]
    assert found.payments == (read_payment(PAYMENT),)
    assert found.transfers == (read_transfer(TRANSFER),)


@pytest.mark.parametrize("odd", [{}, [], None, {"sales": None}, {"sales": []}, {"sales": {"saleItems": {}}}])
def test_transactions_without_a_word_of_sales_are_no_answer(odd: Any) -> None:
    with pytest.raises(Unreadable):
        read_transactions(odd)


def test_a_booking_time_that_cannot_be_read_hides_no_booking() -> None:
    assert read_payment({**PAYMENT, "TransactionDateTime": "yesterday"}).booked_at is None
    at = read_payment({**PAYMENT, "TransactionDateTime": "2026-11-24T09:30:00+01:00"}).booked_at
    assert at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
