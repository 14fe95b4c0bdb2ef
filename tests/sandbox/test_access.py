"""A token sees its own group and nothing of another; a web shop's token its own web shop's orders."""

from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, ALESUND, NORDLYS_WEBSHOP, OUTLET_WEBSHOP, Caller
from tests.sandbox_process import RunningSandbox

CREATE = "/api/weborder/clickandcollect"
SINCE = "/api/weborder/status/All/since/webshop"


def test_two_groups_may_have_the_same_order_no_and_see_only_their_own(nordlys: Caller, fjord: Caller) -> None:
    assert nordlys.post(CREATE, caller.order()).json() is True
    assert fjord.post(CREATE, caller.order(ShopId=ALESUND, WebOrderLines=[caller.line()])).json() is True

    for who, shop in ((nordlys, AARHUS), (fjord, ALESUND)):
        assert [row["ShopId"] for row in who.get("/api/weborder/status/All").json()] == [shop]
        assert who.get("/api/weborder/fetch/W-1001").json()["ShopId"] == shop


def test_another_groups_order_is_not_there(nordlys: Caller, fjord: Caller) -> None:
    nordlys.post(CREATE, caller.order())
    order_id = nordlys.get("/api/weborder/fetch/W-1001").json()["Id"]

    assert fjord.get(f"/api/weborder/fetch/{order_id}").status_code == 404
    assert fjord.get("/api/weborder/fetch/W-1001").status_code == 404
    change = {"OrderNo": "W-1001", "ReceiveAddress": "Taken"}
    assert fjord.send("PUT", "/api/weborder", change).json() is False
    assert nordlys.get("/api/weborder/fetch/W-1001").json()["ReceiveAddress"] != "Taken"


def test_another_groups_shops_are_no_shops(fjord: Caller, sandbox: RunningSandbox) -> None:
    for path in (
        f"/api/transactions/{AARHUS}/2026-11-24",
        f"/api/transactions/transfers/{AARHUS}/2026-11-24",
        f"/api/stocks/{AARHUS}/combined/100001",
        f"/api/loyalty2/member/shop/{AARHUS}/username/aase",
    ):
        assert caller.faults(fjord.get(path))
    assert caller.faults(fjord.post("/api/sale", caller.sale()))
    assert sandbox.ledger()["sales"] == []


def test_a_groups_articles_are_its_own(nordlys: Caller, fjord: Caller) -> None:
    path = "/api/article/page/1/pagesize/1000"

    assert {row["GroupId"] for row in nordlys.get(path).json()} == {996}
    assert {row["GroupId"] for row in fjord.get(path).json()} == {997}


def test_a_web_shops_token_lists_its_own_web_shops_orders(sandbox: RunningSandbox, nordlys: Caller) -> None:
    first, second = Caller(sandbox.url, NORDLYS_WEBSHOP), Caller(sandbox.url, OUTLET_WEBSHOP)
    first.post(CREATE, caller.order("N-1"))
    second.post(CREATE, caller.order("O-1"))
    since = {"dateTime": "2026-01-01T00:00:00Z"}

    assert [row["OrderNo"] for row in first.get(SINCE, **since).json()] == ["N-1"]
    assert [row["OrderNo"] for row in second.get(SINCE, **since).json()] == ["O-1"]
    assert [row["WebshopId"] for row in nordlys.get("/api/weborder/status/All").json()] == [1, 2]
    assert caller.faults(nordlys.get(SINCE, **since)) == [
        "Authorization: this token is not bound to a web-shop"
    ]


def test_a_token_given_at_the_start_may_act_in_every_group(sandbox: RunningSandbox) -> None:
    everywhere = Caller(sandbox.url, "a-token-for-every-group")

    assert everywhere.post(CREATE, caller.order()).json() is True
    assert everywhere.post(CREATE, caller.order(ShopId=ALESUND, WebOrderLines=[caller.line()])).json() is True
    assert len(everywhere.get("/api/weborder/status/All").json()) == 2
