"""Fields that the portal does not know: refused, or passed over as DdD does, as the key says."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import keyring
from accounts.models import ApiKey, SettingChange
from orders.models import WebOrder
from tests.core.pages import browser
from tests.factories import Cast, new_order, received
from tests.orders.web_shop import CREATE, Caller, body, faults, line

HEADER = "X-Unknown-Fields"
UNKNOWN = {"E-mail/~": "a@b.example", "Weight ": {"kg": 1}}


def key_of(cast: Cast) -> ApiKey:
    return ApiKey.objects.select_related("web_shop").get(web_shop=cast.web_shop("nordlys"))


def pass_over(cast: Cast, wanted: bool = True) -> bool:
    return keyring.pass_over_unknown_fields(key_of(cast), wanted, cast.person("office"), timezone.now())


def test_unknown_fields_are_refused_until_the_key_passes_them_over(cast: Cast) -> None:
    sent = body(WebOrderLines=[line(Quantity=1), line()]) | UNKNOWN
    refused = Caller().post(CREATE, sent)
    unknown = {"/E-mail~1~0", "/Weight ", "/WebOrderLines/0/Quantity"}
    assert (refused.status_code, set(faults(refused)), refused.headers[HEADER]) == (422, unknown, "refused")

    pass_over(cast)
    answer = Caller().post(CREATE, sent)

    assert (answer.status_code, answer.content) == (200, b"true")
    named = "passed over; /WebOrderLines/0/Quantity; /E-mail~1~0; /Weight%20"
    assert set(answer.headers[HEADER].split("; ")) == set(named.split("; "))
    assert WebOrder.objects.get().lines.count() == 2
    again = Caller().post(CREATE, body(WebOrderLines=[line(), line()]))
    assert (again.content, again.headers[HEADER]) == (b"true", "passed over")


@pytest.mark.parametrize(
    "said", [{"Quantity": 2}, {"quantity": "2"}, {"QTY": 0}, {"Antal": 1.5}, {"quantity": [1]}]
)
def test_a_line_of_several_pieces_is_never_passed_over(cast: Cast, said: dict[str, object]) -> None:
    pass_over(cast)
    answer = Caller().post(CREATE, body(WebOrderLines=[line(**said), line()]))
    [name] = said
    assert (answer.status_code, faults(answer)) == (422, {f"/WebOrderLines/0/{name}": "one-piece-a-line"})
    assert not WebOrder.objects.exists()
    # Of the whole order it says nothing of a line.
    assert Caller().post(CREATE, body(WebOrderLines=[line(), line()]) | said).content == b"true"


def test_other_faults_stay_faults_and_a_long_header_is_cut(cast: Cast) -> None:
    pass_over(cast)
    answer = Caller().post(CREATE, body(ShopId="x") | {f"Extra{number}": 1 for number in range(300)})
    assert (answer.status_code, faults(answer)) == (422, {"/ShopId": "not-a-number"})
    assert len(answer.headers[HEADER]) < 500
    assert faults(Caller().post(CREATE, body() | {"shopid": 996002})) == {"/shopid": "twice"}
    assert not WebOrder.objects.exists()


def test_a_change_with_unknown_fields_changes_all_the_others(cast: Cast) -> None:
    first = received(cast, new_order("W-1")).lines.all()[0]
    sent = {"OrderNo": "W-1", "Email": "x", "WebOrderLines": [{"Id": first.pk, "Notes": "Gave", "Colour": 1}]}
    assert Caller().put("/api/weborder", sent).status_code == 422

    pass_over(cast)
    answer = Caller().put("/api/weborder", sent)

    assert answer.content == b"true"
    assert set(answer.headers[HEADER].split("; ")) == {"passed over", "/WebOrderLines/0/Colour", "/Email"}
    first.refresh_from_db()
    assert first.notes == "Gave"


def test_head_office_switches_it_for_a_key_and_the_change_is_recorded(cast: Cast) -> None:
    key, office = key_of(cast), browser(cast, "office")
    page = reverse("web-shop", args=[key.web_shop_id])
    assert b"unknown fields are refused" in office.get(page).content
    url = reverse("key-unknown-fields", args=[key.pk])
    for wanted, said in (("yes", b"passes unknown fields over now"), ("no", b"refuses unknown fields now")):
        assert said in office.post(url, {"pass_over": wanted}, follow=True).content
        assert key_of(cast).passes_over_unknown_fields is (wanted == "yes")
    office.post(url, {"pass_over": "no"})  # the second tap changes nothing
    assert SettingChange.objects.count() == 2
    assert browser(cast, "fjord office").post(url, {"pass_over": "yes"}).status_code == 404
    keyring.revoke(key, cast.person("office"), timezone.now())
    assert office.post(url, {"pass_over": "yes"}).status_code == 409


def test_the_key_that_replaces_another_does_the_same(cast: Cast) -> None:
    pass_over(cast)
    now = timezone.now()
    until = now + keyring.LONGEST_ROTATION
    made = keyring.rotate(key_of(cast), until, "a" * 32, cast.person("office"), now)
    made.key.refresh_from_db()
    assert made.key.passes_over_unknown_fields
