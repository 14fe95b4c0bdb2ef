"""The kinds of rows on the work list: each is one row of a table, and a part that is forgotten is named."""

from collections.abc import MutableMapping
from dataclasses import fields, replace
from types import ModuleType
from typing import Any
from typing import cast as typed

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import get_template
from django.test import Client
from django.utils.translation import gettext_lazy, ngettext_lazy

from core.templatetags.lucide import lucide
from ddd.models import Posting
from office.attention.kind import Alarm, Kind, NotApplicable, Silence, by_key, named_orders
from office.attention.kinds import KINDS, MODULES, kinds_in, table_of
from office.attention.kinds.differences import MENDING
from office.attention.kinds.eans import EANS
from office.attention.kinds.no_alert import NO_ALERT
from office.attention.kinds.postings import REJECTED
from tests.core.pages import Page, browser
from tests.factories import Cast, delivered


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


def parts_of(kind: Kind) -> dict[str, Any]:
    return {part.name: getattr(kind, part.name) for part in fields(kind)}


def test_a_kind_without_one_of_its_parts_cannot_be_made() -> None:
    parts = parts_of(EANS)
    assert len(parts) == 12
    for forgotten in parts:
        with pytest.raises(TypeError, match=f"required keyword-only argument: '{forgotten}'"):
            Kind(**{name: part for name, part in parts.items() if name != forgotten})


def test_what_is_counted_has_rows_that_can_be_counted() -> None:
    gone = NotApplicable("planted")
    with pytest.raises(ImproperlyConfigured, match="'deaf' is counted, but has no open rows"):
        replace(NO_ALERT, in_badge=True)
    with pytest.raises(ImproperlyConfigured, match="'mending' is counted, but has no open rows"):
        replace(MENDING, open_rows=gone)
    assert replace(NO_ALERT, open_rows=gone).open_rows is gone


def test_every_kind_that_a_module_makes_stands_in_the_table_once() -> None:
    assert len(MODULES) >= 7
    assert list(KINDS) == [
        "not-taken",
        "deaf",
        "rejected",
        "first",
        "uncertain",
        "who-sells",
        "held-up",
        "how-paid",
        "delivered-again",
        "changed-at-ddd",
        "differences",
        "eans",
        "words",
        "notices",
        "mails",
        "mending",
    ]
    planted = ModuleType("planted")
    vars(planted)["MEMBERS"] = replace(EANS, key="members", urgency=EANS.urgency - 1)
    keys = list(table_of(kinds_in([*MODULES, planted])))
    assert keys.index("members") == keys.index("eans") - 1
    with pytest.raises(ImproperlyConfigured, match="unfinished makes no Kind"):
        kinds_in([*MODULES, ModuleType("unfinished")])
    with pytest.raises(ImproperlyConfigured, match="have the key 'eans'"):
        table_of([*KINDS.values(), EANS])
    with pytest.raises(ImproperlyConfigured, match="'members' is as urgent as 'eans'"):
        table_of([*KINDS.values(), replace(EANS, key="members")])


def test_every_kind_is_drawn_and_says_why_it_is_left_out() -> None:
    for key, kind in KINDS.items():
        get_template(kind.template)
        get_template(kind.section_template)
        if not isinstance(kind.alarm, NotApplicable):
            assert "<svg" in lucide(kind.alarm.icon)
            assert kind.alarm.sentence % {"count": 1} != kind.alarm.sentence % {"count": 2}
        reasons = [part.why for part in parts_of(kind).values() if isinstance(part, NotApplicable)]
        assert all(len(why.split()) > 3 for why in reasons), key


def test_every_kind_is_counted_in_the_badge_or_says_why_not() -> None:
    """So it is with orders in trouble and the overview. A kind that changes sides changes what people see:
    say so here."""
    left_out = {
        name: {key for key, kind in KINDS.items() if isinstance(getattr(kind, name), NotApplicable)}
        for name in ("in_badge", "orders_in_trouble", "alarm", "decisions")
    }
    assert left_out == {
        "in_badge": {"deaf", "mending"},
        "orders_in_trouble": {"deaf", "first", "eans", "words", "notices", "mending"},
        "alarm": {"mending"},
        "decisions": {"deaf", "mending"},
    }


def test_a_new_kind_is_listed_counted_told_and_decided_about_by_its_row_alone(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_up(group_id: int) -> Any:
        return Posting.objects.filter(group_id=group_id, state=Posting.State.GIVEN_UP)

    order = delivered(cast)
    Posting.objects.filter(order_no=order.order_no, kind="sale").update(state=Posting.State.GIVEN_UP)
    planted = replace(
        REJECTED,
        key="given-up",
        label=gettext_lazy("Given up"),
        open_rows=given_up,
        orders_in_trouble=named_orders(given_up),
        alarm=Alarm("ban", ngettext_lazy("%(count)s planted alarm", "%(count)s planted alarms", "count")),
        silence=Silence.NEVER,
    )
    assert "Given up" not in Page(office.get("/orders/attention/")).text
    assert in_trouble(office) == []
    monkeypatch.setitem(typed(MutableMapping[str, Kind], KINDS), planted.key, planted)
    page = Page(office.get("/orders/attention/"))
    assert "Given up 1" in page.links
    assert "Needs attention 1" in page.links
    assert Page(office.get("/orders/dashboard/")).links["1 planted alarm"] == "/orders/attention/#given-up"
    assert in_trouble(office) == [order.order_no]
    sale = Posting.objects.get(order_no=order.order_no, kind="sale")
    decided = {"chosen": by_key(sale), "decision": "it arrived"}
    assert office.post("/orders/attention/given-up/decide/", decided).status_code == 409
    assert office.post("/orders/attention/never-heard-of/decide/", decided).status_code == 404
    assert Posting.objects.get(pk=sale.pk).state == Posting.State.GIVEN_UP


def in_trouble(client: Client) -> list[str]:
    found = client.get("/orders/?only=trouble").context["page"].orders
    return [order.order_no for order in found]
