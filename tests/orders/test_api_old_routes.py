"""DdD's deprecated routes answer as before, and those that the portal does not serve say so in JSON."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.factories import Cast, new_order, received
from tests.orders.web_shop import FETCH, PROBLEM, STATUS, Caller

OLD = "/api/weborder"
OLD_LIST = f"{FETCH}/status/All/since/webshop"


def test_an_order_is_read_at_its_old_addresses_in_the_older_model(cast: Cast) -> None:
    order = received(cast, new_order("W-1", customer_number=7))
    today = Caller().get(f"{FETCH}/W-1").json()
    for path in (f"{OLD}/W-1", f"{OLD}/{order.pk}", f"{OLD}/W-1/", "/API/WebOrder/W-1"):
        answer = Caller().get(path)
        assert answer.status_code == 200, path
        told = answer.json()
        assert (told.pop("LoyaltyMemberId"), told.pop("MemberId")) == (None, None)
        assert told == {name: today[name] for name in today if name not in ("OrderType", "CustomerNumber")}


def test_old_addresses_say_until_when_they_answer(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    paths = (f"{OLD}/W-1", f"{OLD}/W-2", OLD_LIST)
    for answer in [Caller().get(path, dateTime="2026-01-01") for path in paths]:
        deprecated = datetime.fromtimestamp(int(answer.headers["Deprecation"].removeprefix("@")), UTC)
        assert deprecated < parsedate_to_datetime(answer.headers["Sunset"])
    assert "Deprecation" not in Caller().get(f"{FETCH}/W-1").headers


def test_the_old_list_is_the_web_shops_own_and_goes_on(cast: Cast) -> None:
    received(cast, new_order("nordlys"))
    received(cast, new_order("outlet"), web_shop="outlet")
    answer = Caller().get(OLD_LIST, dateTime="2026-01-01")
    assert [order["OrderNo"] for order in answer.json()] == ["nordlys"]
    assert "CustomerNumber" not in answer.json()[0]
    assert Caller().get(OLD_LIST, cursor=answer.headers["X-Next-Cursor"]).json() == []


def test_what_is_no_order_is_a_problem(cast: Cast) -> None:
    for path in (f"{OLD}/nothing", f"{OLD}/%00", STATUS, FETCH):
        answer = Caller().get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM), path
    assert Caller().post(f"{OLD}/nothing", {}).status_code == 404
