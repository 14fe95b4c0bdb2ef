"""The routes of refunds, case-insensitive as DdD's own."""

from django.urls import re_path

from core.routes import in_any_case as words
from returns.api import CloseRefund, RefundDetail, RefundList, RefundListSince

REFUNDS, KEY = f"^{words('refunds')}", "(?P<key>[^/]+)"

urlpatterns = [
    re_path(f"{REFUNDS}/?$", RefundList.as_view(), name="api-refunds"),
    re_path(f"{REFUNDS}/{words('since')}/?$", RefundListSince.as_view(), name="api-refunds-since"),
    re_path(f"{REFUNDS}/{KEY}/?$", RefundDetail.as_view(), name="api-refund"),
    re_path(f"{REFUNDS}/{KEY}/{words('close')}/?$", CloseRefund.as_view(), name="api-refund-close"),
]
