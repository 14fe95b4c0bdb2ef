"""What a page of settings says is stored at once, with who changed it, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.causes import FIELD
from accounts.changes import ConcurrentChange, values_of
from accounts.models import Group, SettingChange, Shop
from accounts.save_setting import Row, Setting, make_row, preview, save_setting, store_row
from core.errors import Conflict
from tests.factories import NOW, Cast

pytestmark = pytest.mark.any_database


def stored() -> list[Any]:
    """All that these settings could change."""
    return [list(model._default_manager.order_by("pk").values()) for model in (Group, Shop, SettingChange)]


def setting(cast: Cast, name: str = "Aarhus C", minutes: int = 90, **more: Callable[[], None]) -> Setting:
    """A page with a shop's name and the Group's promise."""

    def shop() -> Shop:
        return Shop.objects.get(pk=cast.aarhus.pk)

    def group() -> Group:
        return Group.objects.get(pk=cast.nordlys.pk)

    return Setting(
        "page",
        "A page",
        lambda: {**values_of(shop(), ["name"]), **values_of(group(), ["promise_minutes"])},
        [Row(shop, {"name": name}), Row(group, {"promise_minutes": minutes})],
        **more,
    )


def test_all_rows_are_stored_with_one_record_of_who_changed_what(cast: Cast) -> None:
    save_setting(setting(cast), cast.person("office"), 0, NOW)
    assert Shop.objects.get(pk=cast.aarhus.pk).name == "Aarhus C"
    assert Group.objects.get(pk=cast.nordlys.pk).promise_minutes == 90
    change = SettingChange.objects.get()
    assert (change.about, change.by, change.at) == ("page", cast.person("office"), NOW)
    assert [(field["before"], field["after"]) for field in change.fields] == [
        ("Aarhus", "Aarhus C"),
        (60, 90),
    ]


def test_what_others_write_in_other_fields_meanwhile_stays(cast: Cast) -> None:
    def read_before() -> Shop:
        Shop.objects.filter(pk=shop.pk).update(address="Somewhere else")
        return shop

    shop = Shop.objects.get(pk=cast.aarhus.pk)
    store_row(Row(read_before, {"name": "Aarhus C"}))
    kept = Shop.objects.get(pk=cast.aarhus.pk)
    assert (kept.name, kept.address) == ("Aarhus C", "Somewhere else")


def test_when_one_row_cannot_be_stored_none_is(cast: Cast) -> None:
    before = stored()
    with pytest.raises(IntegrityError):
        save_setting(setting(cast, minutes=-1), cast.person("office"), 0, NOW)
    assert stored() == before


def test_what_is_refused_first_stores_nothing(cast: Cast) -> None:
    def refuse() -> None:
        raise Conflict("An order came in.")

    before = stored()
    with pytest.raises(Conflict, match=r"An order came in\."):
        save_setting(setting(cast, before_save=refuse), cast.person("office"), 0, NOW)
    assert stored() == before


def test_what_somebody_else_changed_since_it_was_shown_is_not_written_over(cast: Cast) -> None:
    save_setting(setting(cast), cast.person("office"), 0, NOW)
    before = stored()
    with pytest.raises(ConcurrentChange):
        save_setting(setting(cast, name="Aarhus N"), cast.person("office"), 0, NOW)
    assert stored() == before
    seen = SettingChange.objects.get().pk
    save_setting(setting(cast, name="Aarhus N"), cast.person("office"), seen, NOW)
    assert Shop.objects.get(pk=cast.aarhus.pk).name == "Aarhus N"


def test_a_preview_says_what_would_change_and_stores_nothing(cast: Cast) -> None:
    before = stored()
    assert [(field["before"], field["after"]) for field in preview(setting(cast, minutes=60))] == [
        ("Aarhus", "Aarhus C")
    ]
    assert stored() == before


def test_a_new_row_is_made_once_and_its_making_is_a_change(cast: Cast) -> None:
    def a_new(shop_id: int) -> Setting:
        new = Shop(group=cast.nordlys)
        values = {"shop_id": shop_id, "name": "Esbjerg"}
        return Setting("shops", "", lambda: values_of(new, ["name"]), [Row(lambda: new, values)])

    made = make_row(a_new(996010), lambda shop: f"shop {shop.pk}", cast.person("office"), NOW, "Taken.")
    change = SettingChange.objects.get()
    assert (change.about, change.subject, change.fields) == (
        f"shop {made.pk}",
        "Esbjerg",
        [{"label": FIELD(of="accounts.shop.name"), "before": None, "after": "Esbjerg"}],
    )
    before = stored()
    with pytest.raises(Conflict, match=r"Taken\."):
        make_row(a_new(996010), lambda shop: f"shop {shop.pk}", cast.person("office"), NOW, "Taken.")
    assert stored() == before
