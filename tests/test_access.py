"""The access matrix: every URL of the portal, opened by every role, with an order of Aarhus as the example.

A URL that is not in the table fails the first test: whoever adds one says here whom it is for.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import links
from accounts.audience import Audience, audience_of
from accounts.models import ApiKey
from ddd.models import Notice
from office.listing import bulk
from office.listing.view_store import ViewData, create_view
from office.models import BulkAction, DryRun, Export, MissingReport, SavedView
from orders import trouble
from orders.models import RefundDue, WebOrder
from returns.models import Return
from tests.access_table import (
    AARHUS,
    API_PATHS,
    OF_A_BULK_ACTION,
    OF_A_KEY,
    OF_A_PERSON,
    OF_A_RETURN,
    OF_AN_EXPORT,
    OF_AN_ORDER,
    OF_NO_ORDER,
    OPERATORS,
    PEOPLE,
    READ_BY_THE_OPERATOR,
    ROLES,
    TABLE,
)
from tests.ddd.rows import a_difference
from tests.factories import NOW, Cast, again, delivered, picked, received, taken_back
from tests.office.pages_export import a_file
from tests.office.settings import a_dry_run
from tests.office.sold import a_sold_report
from tests.returns.test_refunds import due

pytestmark = pytest.mark.any_database


def all_urls(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the URLconf, however deep, with its name."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from all_urls(
                pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )
        else:
            yield f"{space}{pattern.name}", pattern


def of_the_operator(name: str) -> str:
    """The address of one of the operator's pages, with the first row of its table."""
    model, _underscore, page = name.removeprefix("admin:").rpartition("_")
    if page in ("change", "history") and model in READ_BY_THE_OPERATOR:
        return reverse(
            name, args=[apps.get_model(model.replace("_", "."))._base_manager.order_by("pk")[0].pk]
        )
    return reverse(name, args=["accounts"] if name == "admin:app_list" else [])


def address(name: str, order: WebOrder, notice: Notice) -> str:
    """The URL with the example's numbers in it."""
    line = order.lines.all()[0].pk
    numbers: dict[str, list[object]] = {
        "pos-pick": [order.pk, line],
        "pos-missing": [order.pk, line],
        "pos-undo": [order.pk, line],
        "pos-put-back-piece": [line],
        "pos-who-pin": [order.taken_by_id],
        "decide": [order.group.postings.all()[0].pk],
        "close-notice": [notice.pk],
        "decide-rows": ["notices"],
        "map-word": [notice.pk],
        "difference": list(order.group.differences.values_list("pk", flat=True)),
        "comparison-of-day": ["2026-03-03"],
        "problem-type": ["invalid"],
        "setting-changes-of": ["work"],
        **{url: list(BulkAction.objects.values_list("pk", flat=True)) for url in OF_A_BULK_ACTION},
        "change-view": list(SavedView.objects.values_list("pk", flat=True)),
        "shop": [order.shop_id],
        "shop-hours": [order.shop_id],
        "shop-take-away": [order.shop_id],
        "web-shop": [order.web_shop_id],
        "key-make": [order.web_shop_id],
        **{url: [ApiKey.objects.get(web_shop=order.web_shop_id).pk] for url in OF_A_KEY},
        "holiday-open": list(order.group.closed_days.values_list("pk", flat=True)),
        "dry-run": list(DryRun.objects.values_list("pk", flat=True)),
        "figures-file": ["csv"],
        "shop-cash": [order.shop_id],
        "shop-cash-file": [order.shop_id, "csv"],
        "missing-then-sold-close": list(MissingReport.objects.values_list("pk", flat=True)),
        **{url: list(Return.objects.values_list("pk", flat=True)) for url in OF_A_RETURN},
        "choose-password": [links.path_for(order.taken_by, timezone.now()).split("/")[2]]
        if order.taken_by
        else [],
        **{url: list(Export.objects.values_list("pk", flat=True)) for url in OF_AN_EXPORT},
        **{url: [order.taken_by_id] for url in OF_A_PERSON},
        "refund-close": list(RefundDue.objects.values_list("pk", flat=True)),
    }
    if name in API_PATHS:  # Django cannot build the address of a route that is known in any case
        return "/api/" + API_PATHS[name].format(order_no=order.order_no)
    if name.startswith("pos-batch") or name == "pos-labels":
        return f"{reverse(name)}?order={order.pk}"
    of_one_order = (name.startswith(("pos-", "return-")) and name not in OF_NO_ORDER) or name in OF_AN_ORDER
    return reverse(name, args=numbers.get(name, [order.pk] if of_one_order else []))


def test_every_url_names_its_audience_and_stands_in_the_table() -> None:
    found = {name: audience_of(url.callback) for name, url in all_urls()}
    assert found == {name: audience for name, (audience, _who, _method) in TABLE.items()}


MADE_FOR: dict[str, Callable[[Cast], object]] = {
    "refund-close": due,
    "dry-run": a_dry_run,
    "missing-then-sold-close": a_sold_report,
}


def example(name: str, cast: Cast) -> tuple[WebOrder, Notice]:
    """An order of Aarhus and a notice, and what else this URL is about."""
    order = picked(cast)
    if name == "pos-put-back-piece":
        trouble.cancel(order, "customer", cast.person("aarhus"), NOW)
    if name in MADE_FOR:
        MADE_FOR[name](cast)
    if name == "difference":
        a_difference(cast.nordlys)
    if name == "holiday-open":
        cast.nordlys.closed_days.create(day=NOW.date(), name="Constitution Day")
    if name in OF_A_RETURN:
        taken_back(cast, delivered(cast), paid_by="cash")
    if name in OF_AN_EXPORT:
        a_file(cast)
    if name in OF_A_BULK_ACTION:
        action = BulkAction.Action.CANCEL if name == "bulk-action" else BulkAction.Action.LABELS
        bulk.prepare(cast.person("office"), action, WebOrder.objects.all(), NOW)
    if name == "change-view":
        create_view(cast.person("office"), ViewData("Ready", "status=ready", is_shared=True))
    return order, Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Parked", {}, NOW)


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"api-nothing", *OPERATORS}))
def test_only_its_audience_gets_in(
    name: str, cast: Cast, browser_of: Callable[[str], Client], client: Client
) -> None:
    order, notice = example(name, cast)
    audience, welcome, method = TABLE[name]
    url = address(name, order, notice)
    for role in ROLES:
        browser = client if role == "nobody" else browser_of(role)
        # What a GET brings along would take the place of what stands in its address.
        data = {"shop": "996001"} if method == "post" else {}
        answer = getattr(browser, method)(url, data)
        if audience == Audience.WEB_SHOP:
            assert answer.status_code == 401, role
        elif audience == Audience.MONITOR:  # there is none without METRICS_TOKEN
            assert answer.status_code == 404, role
        elif role in welcome:
            assert answer.status_code in (200, 302, 409, 422, 503), (role, answer.status_code)
            assert "/login/" not in answer.get("Location", "") or name in ("logout", "mfa_authenticate"), role
        elif role == "nobody":
            assert answer.status_code == 302, role
            assert answer["Location"].startswith("/login/?next="), role
        else:
            assert answer.status_code == 404, (role, answer.status_code)


def test_only_operators_open_the_admin(
    cast: Cast, browser_of: Callable[[str], Client], client: Client
) -> None:
    received(cast)
    others = [browser_of(role) for role in ("office", "manager", "aarhus", "fjord office")]
    operator = browser_of("operator")
    for name in sorted(OPERATORS, key=lambda one: one == "admin:logout"):
        url = of_the_operator(name)
        assert client.get(url)["Location"] == f"/login/?next={quote(url)}"
        assert [browser.get(url).status_code for browser in others] == [404] * len(others), name
        assert operator.get(url).status_code == (405 if name == "admin:logout" else 200), name
    assert browser_of("office").post("/operator/accounts/group/add/", {}).status_code == 404


@pytest.mark.parametrize(
    "name", [name for name, row in TABLE.items() if row[2] == "post" and row[1] == AARHUS]
)
def test_a_refused_action_changes_nothing(name: str, cast: Cast, browser_of: Callable[[str], Client]) -> None:
    order = picked(cast)
    if name in OF_A_RETURN:
        order = delivered(cast)
        taken_back(cast, order, paid_by="cash")
        order = again(order)
    notice = Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_WORD, "Parked", {}, NOW)
    before = order.events.count(), list(order.lines.values_list("status", flat=True)), order.modified_at
    for role in sorted(PEOPLE - AARHUS):
        assert browser_of(role).post(address(name, order, notice), {"shop": "996001"}).status_code == 404
    order.refresh_from_db()
    after = order.events.count(), list(order.lines.values_list("status", flat=True)), order.modified_at
    assert after == before


def test_a_view_without_an_audience_admits_nobody(cast: Cast) -> None:
    assert audience_of(lambda request: None) is None
