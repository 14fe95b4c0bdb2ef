"""DdD's own routes (contract, section 2)."""

from django.urls import path

from orders.api import ClickAndCollect, FetchOrder, OrdersByStatus

urlpatterns = [
    path("clickandcollect", ClickAndCollect.as_view(), name="api-create"),
    path("clickandcollect/alternative", ClickAndCollect.as_view(by_ean=True), name="api-create-by-ean"),
    path("fetch/orderNo/<path:key>", FetchOrder.as_view(), name="api-fetch-by-order-no"),
    path("fetch/<path:key>", FetchOrder.as_view(also_by_id=True), name="api-fetch"),
    path("status/<str:status>", OrdersByStatus.as_view(), name="api-status"),
    path("status/<str:status>/since", OrdersByStatus.as_view(since=True), name="api-status-since"),
    path(
        "status/<str:status>/since/webshop",
        OrdersByStatus.as_view(since=True, of_this_web_shop=True),
        name="api-status-since-webshop",
    ),
]
