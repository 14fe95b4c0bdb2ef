"""DdD's own routes (contract, section 2), case-insensitive as at DdD: web shops rely on that."""

from django.urls import re_path

from core.routes import in_any_case as words
from orders.api import (
    CreateOrder,
    FetchOrder,
    OldFetchOrder,
    OldOrdersOfWebShop,
    OrdersByStatus,
)
from orders.reading import Model

COLLECT, IN_STORE, BY_EAN = f"^{words('clickandcollect')}", f"^{words('orderinstore')}", words("alternative")
STATUS = f"^{words('status')}/(?P<status>[^/]+)"

urlpatterns = [
    re_path(f"{COLLECT}/?$", CreateOrder.as_view(), name="api-create"),
    re_path(f"{COLLECT}/{BY_EAN}/?$", CreateOrder.as_view(by_ean=True), name="api-create-by-ean"),
    re_path(f"{IN_STORE}/?$", CreateOrder.as_view(model=Model.IN_STORE), name="api-order-in-store"),
    re_path(
        f"{IN_STORE}/{BY_EAN}/?$",
        CreateOrder.as_view(by_ean=True, model=Model.IN_STORE),
        name="api-order-in-store-by-ean",
    ),
    re_path(f"^{BY_EAN}/?$", CreateOrder.as_view(by_ean=True, model=Model.OLDER), name="api-create-old"),
    re_path(
        f"^{words('fetch/status')}/(?P<status>[^/]+)/{words('since/webshop')}/?$",
        OldOrdersOfWebShop.as_view(),
        name="api-old-status-since-webshop",
    ),
    re_path(f"^{words('fetch/orderNo')}/(?P<key>.+)$", FetchOrder.as_view(), name="api-fetch-by-order-no"),
    re_path(f"^{words('fetch')}/(?P<key>.+)$", FetchOrder.as_view(also_by_id=True), name="api-fetch"),
    re_path(f"{STATUS}/?$", OrdersByStatus.as_view(), name="api-status"),
    re_path(f"{STATUS}/{words('since')}/?$", OrdersByStatus.as_view(since=True), name="api-status-since"),
    re_path(
        f"{STATUS}/{words('since/webshop')}/?$",
        OrdersByStatus.as_view(since=True, of_this_web_shop=True),
        name="api-status-since-webshop",
    ),
    # The last one: it takes whatever none above does.
    re_path(r"^(?P<key>[^/]+)/?$", OldFetchOrder.as_view(), name="api-old-fetch"),
]
