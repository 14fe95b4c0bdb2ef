"""Who looks and at whose device: everything that decides by it shows no more than both of them may see."""

import pytest

from accounts.access import everybody_seen_by, sees_the_whole_group, shops_of, work_shops_of
from accounts.models import Membership
from accounts.viewer import Viewer
from office.models import Export, SavedView
from orders.models import RefundDue, WebOrder
from returns.models import Return
from tests.factories import NOW, Cast, delivered, new_order, received, taken_back
from tests.returns.test_refunds import due


@pytest.fixture
def emil_of_both_shops(cast: Cast) -> Cast:
    """Emil works in Odense and Aarhus; each shop has an order and has taken one back."""
    Membership.objects.create(user=cast.person("odense"), shop=cast.aarhus)
    received(cast, new_order("odense", shop_id=996002))
    received(cast, new_order("aarhus"))
    taken_back(cast, delivered(cast), paid_by="cash")
    taken_back(cast, delivered(cast), "odense", cast.odense, paid_by="cash")
    return cast


def shops_seen(viewer: Viewer) -> list[list[int]]:
    """ShopIds, of each question that answers with shops or with what belongs to one."""
    return [
        [shop.shop_id for shop in shops_of(viewer).order_by("shop_id")],
        [shop.shop_id for shop in work_shops_of(viewer).order_by("shop_id")],
        sorted(set(WebOrder.objects.visible_to(viewer).values_list("shop__shop_id", flat=True))),
        sorted(set(WebOrder.objects.at_work_of(viewer).values_list("shop__shop_id", flat=True))),
        sorted(Return.objects.visible_to(viewer).values_list("shop__shop_id", flat=True)),
    ]


def test_at_somebody_elses_device_a_person_sees_what_both_may(emil_of_both_shops: Cast) -> None:
    emil, freja = (emil_of_both_shops.person(who) for who in ("odense", "aarhus"))
    assert shops_seen(Viewer.of(emil)) == [[996001, 996002]] * 5
    assert shops_seen(Viewer(emil, device_user=freja)) == [[996001]] * 5
    assert shops_seen(Viewer(freja, device_user=emil)) == [[996001]] * 5


def test_head_office_and_staff_at_each_others_device_are_staff_only(emil_of_both_shops: Cast) -> None:
    cast = emil_of_both_shops
    due(cast)
    office, emil = cast.person("office"), cast.person("odense")
    Export.objects.create(group=cast.nordlys, maker=office, kind="csv", language="en", made_at=NOW)
    own = Viewer.of(office)
    assert sees_the_whole_group(own)
    assert (everybody_seen_by(own).count() > 3, Export.objects.made_by(own).count()) == (True, 1)
    assert RefundDue.objects.visible_to(own).count() == 1
    for viewer in (Viewer(office, device_user=emil), Viewer(emil, device_user=office)):
        assert not sees_the_whole_group(viewer)
        assert not everybody_seen_by(viewer).exists()
        assert not RefundDue.objects.visible_to(viewer).exists()
        assert not Export.objects.made_by(viewer).exists()
        assert [shop.shop_id for shop in shops_of(viewer).order_by("shop_id")] == [996001, 996002]


def test_what_a_person_may_see_does_not_follow_from_where_they_were_before(emil_of_both_shops: Cast) -> None:
    """The same row of a person, at two devices in one process."""
    emil, freja = (emil_of_both_shops.person(who) for who in ("odense", "aarhus"))
    at_a_colleagues = Viewer(emil, device_user=freja)
    assert shops_of(at_a_colleagues).count() == 1
    assert shops_of(Viewer.of(emil)).count() == 2
    assert shops_of(at_a_colleagues).count() == 1


def test_a_saved_view_is_its_makers_at_every_device(cast: Cast) -> None:
    office, mads = cast.person("office"), cast.person("manager")
    SavedView.objects.create(group=cast.nordlys, maker=office, name="Late")
    assert SavedView.objects.made_by(Viewer(office, device_user=mads)).count() == 1
    assert not SavedView.objects.visible_to(Viewer(mads, device_user=office)).exists()
