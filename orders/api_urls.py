"""DdD's own routes (contract, section 2), in any case: web shops write them as they worked there."""

from django.urls import re_path

from orders.api import ClickAndCollect, FetchOrder, OrdersByStatus

urlpatterns = [
    re_path(r"(?i)^clickandcollect/?$", ClickAndCollect.as_view(), name="api-create"),
    re_path(
        r"(?i)^clickandcollect/alternative/?$",
        ClickAndCollect.as_view(by_ean=True),
        name="api-create-by-ean",
    ),
    re_path(r"(?i)^fetch/orderNo/(?P<key>.+)$", FetchOrder.as_view(), name="api-fetch-by-order-no"),
    re_path(r"(?i)^fetch/(?P<key>.+)$", FetchOrder.as_view(also_by_id=True), name="api-fetch"),
    re_path(r"(?i)^status/(?P<status>[^/]+)/?$", OrdersByStatus.as_view(), name="api-status"),
    re_path(
        r"(?i)^status/(?P<status>[^/]+)/since/?$",
        OrdersByStatus.as_view(since=True),
        name="api-status-since",
    ),
    re_path(
        r"(?i)^status/(?P<status>[^/]+)/since/webshop/?$",
        OrdersByStatus.as_view(since=True, of_this_web_shop=True),
        name="api-status-since-webshop",
    ),
]
