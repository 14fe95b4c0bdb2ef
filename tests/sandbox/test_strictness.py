"""A body that is not what the contract says is refused with all its faults, and nothing of it is stored."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from ddd.sandbox import contract
from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, ALESUND, HTTP, Caller, faults
from tests.sandbox_process import RunningSandbox

CREATE = "/api/weborder/clickandcollect"
TRANSFER = "/api/stockadjustment/item/transfer/initiate"
CHANGE = {
    "OrderNo": "W-1",
    "ReceiveAddress": "a",
    "ReturnAddress": "b",
    "WebOrderLines": [{**caller.line(DeliveryNo="DK1", Notes="n"), "Id": 1}],
}
del CHANGE["WebOrderLines"][0]["VariantId"]  # type: ignore[attr-defined]

# The schema of a body: method, path, a body that is good.
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "HeaderCreateModel": ("POST", CREATE, caller.order()),
    "HeaderCreateModelAlternative": ("POST", f"{CREATE}/alternative", caller.order_by_ean()),
    "OisHeaderCreateModel": ("POST", "/api/weborder/orderinstore", caller.order_in_store()),
    "OisHeaderCreateModelAlternative": (
        "POST",
        "/api/weborder/orderinstore/alternative",
        caller.order_in_store_by_ean(),
    ),
    "WebOrderHeaderCreateDTOAlternative": ("POST", "/api/weborder/alternative", caller.order_of_old_model()),
    "HeaderUpdateModel": ("PUT", "/api/weborder", CHANGE),
    "SalePostDto": ("POST", "/api/sale", caller.sale()),
    "ItemTransferDto": ("POST", TRANSFER, caller.transfer()),
    "MemberInsertModel": ("POST", "/api/loyalty2/member", caller.member()),
    "MemberInsertV2Model": ("POST", "/api/loyalty2/member/v2", caller.member()),
}


def bad_values(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that the schema of one field does not allow."""
    yield {"not": "allowed"}
    yield {"integer": 1.5, "boolean": "yes"}.get(str(schema.get("type")), True)
    if schema.get("type") in ("integer", "number"):
        yield "7"
        if "minimum" in schema:
            yield int(schema["minimum"]) - 1
        yield int(schema.get("maximum", 2**63)) + 1
    if "maxLength" in schema and schema["maxLength"] < 100_000:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("multipleOf"):
        yield 10.005
    if schema.get("format") == "date-time":
        yield "24-11-2026"
    if "enum" in schema or "x-seen-values" in schema:
        yield "NoSuchWord"


def places(schema: dict[str, Any], at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, bool]]:
    """Where the fields of a body are, with their schemas, and whether they are required."""
    for name, inner in schema["properties"].items():
        yield (*at, name), inner, name in schema.get("required", [])
        if inner.get("type") == "array":
            yield from places(inner["items"], (*at, name, 0))


def spelled(place: tuple[Any, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def changed(body: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made: Any = deepcopy(body)
    inner = made
    for part in place[:-1]:
        inner = inner[part]
    if value is None:
        inner.pop(place[-1], None)
    else:
        inner[place[-1]] = value
    return made  # type: ignore[no-any-return]


def nothing_is_stored(sandbox: RunningSandbox) -> bool:
    return sandbox.ledger() == {"orders": [], "sales": [], "transfers": []}


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_type_range_length_or_a_missing_field_is_named(
    name: str, sandbox: RunningSandbox, nordlys: Caller
) -> None:
    method, path, body = BODIES[name]
    for place, schema, required in places(contract.schema(name)):
        wrong = [*bad_values(schema), *([None] if required else [])]
        for value in wrong:
            found = faults(nordlys.send(method, path, changed(body, place, value)))
            assert any(fault.startswith(f"{spelled(place)}: ") for fault in found), (place, value, found)
    assert nothing_is_stored(sandbox)


@pytest.mark.parametrize("name", BODIES)
def test_an_unknown_name_and_a_camel_case_name_are_refused(
    name: str, sandbox: RunningSandbox, nordlys: Caller
) -> None:
    method, path, body = BODIES[name]
    first = next(iter(body))
    camel = first[0].lower() + first[1:]

    found = faults(nordlys.send(method, path, {**body, "Colour": "red", camel: body[first]}))

    assert "Colour: is not a name here" in found
    assert f"{camel}: is not a name here, write {first}" in found
    assert nothing_is_stored(sandbox)


def test_the_list_of_bodies_is_that_of_the_contract() -> None:
    writes = [operation for operation in contract.operations() if operation.method != "GET"]
    assert len(writes) == len(BODIES)
    assert {(one.method, one.path) for one in writes} == {
        (method, path) for method, path, _ in BODIES.values()
    }


def test_all_faults_of_a_body_are_named_at_once(sandbox: RunningSandbox, nordlys: Caller) -> None:
    lines = [caller.line(999), caller.line(SalesPrice=1.234, Notes="x" * 251)]
    body = caller.order("", ShopId=AARHUS, IsPaid="yes", OrderedOn="yesterday", WebOrderLines=lines)
    del body["CustomerNumber"]

    assert [fault.partition(":")[0] for fault in faults(nordlys.post(CREATE, body))] == [
        "CustomerNumber",
        "IsPaid",
        "OrderNo",
        "OrderedOn",
        "WebOrderLines[1].Notes",
        "WebOrderLines[1].SalesPrice",
        "WebOrderLines[0].VariantId",
    ]
    assert nothing_is_stored(sandbox)


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (CREATE, caller.order(ShopId=995001), "ShopId"),
        (CREATE, caller.order(ShopId=ALESUND), "ShopId"),
        (CREATE, caller.order(WebOrderLines=[]), "WebOrderLines"),
        (
            f"{CREATE}/alternative",
            caller.order(WebOrderLines=[caller.line_by_ean(Ean="1")]),
            "WebOrderLines[0].Ean",
        ),
        ("/api/sale", caller.sale(ShopId=ALESUND), "ShopId"),
        ("/api/sale", caller.sale(ItemLines=[]), "ItemLines"),
        (TRANSFER, caller.transfer(ShopIdRecipient=AARHUS), "ShopIdRecipient"),
        (TRANSFER, caller.transfer(ShopIdRecipient=ALESUND), "ShopIdRecipient"),
        (TRANSFER, caller.transfer(Items=[{"VariantId": 5, "Quantity": 1}]), "Items[0].VariantId"),
        (TRANSFER, caller.transfer(Items=[{"VariantId": 100001, "Quantity": 0}]), "Items[0].Quantity"),
        ("/api/loyalty2/member", caller.member(ClubId=997), "ClubId"),
        ("/api/loyalty2/member", caller.member(user="aase"), "User"),
        ("/api/loyalty2/member", caller.member(CustomerNumber=100042), "CustomerNumber"),
        ("/api/loyalty2/member", caller.member(BirthDate="17/5-1984"), "BirthDate"),
    ],
)
def test_what_does_not_exist_or_makes_no_sense_is_refused(
    path: str, body: dict[str, Any], place: str, sandbox: RunningSandbox, nordlys: Caller
) -> None:
    assert any(fault.startswith(f"{place}: ") for fault in faults(nordlys.post(path, body)))
    assert nothing_is_stored(sandbox)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"OrderNo": NaN}',
        b'{"OrderNo": "a", "OrderNo": "b"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=["nothing", "list", "null", "NaN", "a name twice", "no UTF-8", "deep"],
)
def test_a_body_that_is_no_json_object_is_refused(
    raw: bytes, sandbox: RunningSandbox, nordlys: Caller
) -> None:
    assert faults(nordlys.raw(CREATE, raw))[0].startswith("Body: ")
    assert nothing_is_stored(sandbox)


def test_a_body_that_is_not_called_json_is_refused(sandbox: RunningSandbox, nordlys: Caller) -> None:
    assert nordlys.raw("/api/sale", b"ShopId=1", "application/x-www-form-urlencoded").status_code == 415


@pytest.mark.parametrize(
    ("path", "query", "place"),
    [
        ("/api/weborder/status/Sold", {}, "status"),
        ("/api/weborder/status/All/since", {}, "dateTime"),
        ("/api/weborder/status/All/since", {"dateTime": "today"}, "dateTime"),
        ("/api/transactions/996001/24-11-2026", {}, "from"),
        ("/api/transactions/transfers/995001/2026-11-24", {}, "shopId"),
        ("/api/stocks/aarhus/combined/100001", {}, "shopId"),
        ("/api/article/page/0/pagesize/5", {}, "page"),
        ("/api/article/page/1/pagesize/5000", {}, "pagesize"),
    ],
)
def test_a_wrong_path_or_query_is_refused(
    path: str, query: dict[str, str], place: str, nordlys: Caller
) -> None:
    assert any(fault.startswith(f"{place}: ") for fault in faults(nordlys.get(path, **query)))


@pytest.mark.parametrize(
    "header", ["", "demo-ddd-token-996", "Bearer demo-ddd-token-996", "ddd_token nobody"]
)
def test_a_call_without_a_known_token_is_turned_away(header: str, sandbox: RunningSandbox) -> None:
    url = f"{sandbox.url}{CREATE}"
    answer = HTTP.post(url, json=caller.order(), headers={"Authorization": header})

    assert answer.status_code == 401
    assert nothing_is_stored(sandbox)
