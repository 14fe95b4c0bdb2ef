"""Who may see which orders: a Group never sees another, staff their shops only, a web shop its Group's."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import is_manager, shops_of, work_shops_of
from accounts.models import ApiKey, Membership, User, WebShop
from accounts.viewer import Viewer
from orders.models import WebOrder
from tests.factories import Cast, new_order, received

SEEN = {
    "office": {"aarhus", "odense", "outlet"},
    "manager": {"aarhus", "outlet"},
    "aarhus": {"aarhus", "outlet"},
    "odense": {"odense"},
    "fjord office": {"fjord"},
    "fjord staff": {"fjord"},
}


@pytest.fixture
def orders(cast: Cast) -> None:
    received(cast, new_order("aarhus"))
    received(cast, new_order("odense", shop_id=996002))
    received(cast, new_order("outlet"), web_shop="outlet")
    received(cast, new_order("fjord", shop_id=997001), web_shop="fjord")


def names(found: object) -> set[str]:
    assert hasattr(found, "values_list")
    return set(found.values_list("order_no", flat=True))


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("who", list(SEEN))
def test_people_see_the_orders_of_their_shops_and_head_office_those_of_its_group(
    cast: Cast, who: str
) -> None:
    assert names(WebOrder.objects.visible_to(cast.viewer(who))) == SEEN[who]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("who", list(SEEN))
def test_people_work_only_in_their_shops_and_head_office_in_none(cast: Cast, who: str) -> None:
    expected = set() if who.endswith("office") else SEEN[who]
    assert names(WebOrder.objects.at_work_of(cast.viewer(who))) == expected


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("nordlys", {"aarhus", "odense", "outlet"}),
        ("outlet", {"aarhus", "odense", "outlet"}),
        ("fjord", {"fjord"}),
    ],
)
def test_a_web_shop_sees_the_orders_of_its_group(cast: Cast, key: str, expected: set[str]) -> None:
    assert names(WebOrder.objects.for_key(cast.key(key))) == expected


@pytest.mark.usefixtures("orders")
def test_who_works_in_two_shops_sees_each_order_once(cast: Cast) -> None:
    emil = cast.person("odense")
    Membership.objects.create(user=emil, shop=cast.aarhus, role=Membership.Role.MANAGER)
    assert sorted(WebOrder.objects.visible_to(Viewer.of(emil)).values_list("order_no", flat=True)) == [
        "aarhus",
        "odense",
        "outlet",
    ]
    assert (is_manager(emil, cast.aarhus), is_manager(emil, cast.odense)) == (True, False)


@pytest.mark.usefixtures("orders")
def test_a_membership_in_a_shop_of_another_group_opens_nothing(cast: Cast) -> None:
    emil = cast.person("odense")
    Membership.objects.create(user=emil, shop=cast.shop(997001))
    assert names(WebOrder.objects.visible_to(Viewer.of(emil))) == {"odense"}
    assert names(WebOrder.objects.at_work_of(Viewer.of(emil))) == {"odense"}
    assert [shop.shop_id for shop in shops_of(Viewer.of(emil))] == [996002]


@pytest.mark.usefixtures("orders")
def test_a_person_who_left_a_shop_sees_nothing_there(cast: Cast) -> None:
    emil = cast.person("odense")
    emil.memberships.all().delete()
    assert names(WebOrder.objects.visible_to(Viewer.of(emil))) == set()


def test_nobody_works_in_the_turnover_shop(cast: Cast) -> None:
    emil = cast.person("odense")
    Membership.objects.create(user=emil, shop=cast.turnover_shop)
    assert [shop.shop_id for shop in work_shops_of(Viewer.of(emil))] == [996002]
    assert [shop.shop_id for shop in shops_of(Viewer.of(emil))] == [996002, 996900]


def test_head_office_has_the_shops_of_its_group(cast: Cast) -> None:
    office, fjord = cast.person("office"), cast.person("fjord office")
    assert [shop.shop_id for shop in shops_of(Viewer.of(office))] == [996001, 996002, 996003, 996900]
    assert list(work_shops_of(Viewer.of(office))) == []
    assert [shop.shop_id for shop in shops_of(Viewer.of(fjord))] == [997001]


def test_an_order_no_is_used_once_in_a_group_whatever_the_program_believes(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    order.pk = None
    order._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        order.save()
    assert WebOrder.objects.count() == 1


# --- Keys --------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_only_its_hash_is_kept(cast: Cast) -> None:
    text = ApiKey.issue(cast.web_shop("outlet"))
    key = ApiKey.objects.latest("pk")
    assert len(text) >= 43
    assert (key.digest, key.hint, str(key)) == (ApiKey.digest_of(text), text[:8], f"{text[:8]}…")
    stored = [str(value) for value in ApiKey.objects.filter(pk=key.pk).values_list()[0]]
    assert not [value for value in stored if text in value]


def test_each_key_is_another_and_a_web_shop_may_have_several(cast: Cast) -> None:
    web_shop = cast.web_shop("outlet")
    assert ApiKey.issue(web_shop) != ApiKey.issue(web_shop)
    assert web_shop.keys.filter(revoked_at=None).count() == 3


def test_revoking_one_key_leaves_the_others(cast: Cast) -> None:
    web_shop = cast.web_shop("outlet")
    ApiKey.issue(web_shop)
    web_shop.keys.filter(pk=cast.key("outlet").pk).update(revoked_at=timezone.now())
    assert web_shop.keys.filter(revoked_at=None).count() == 1


def test_keys_go_with_their_web_shop(cast: Cast) -> None:
    WebShop.objects.get(name="fjord").delete()
    assert ApiKey.objects.count() == 2
    assert User.objects.filter(email="office@fjord.example").exists()
