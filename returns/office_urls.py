"""Head office's screens of returns."""

from django.urls import path

from returns import screens

urlpatterns = [
    path("refunds/", screens.refunds, name="refunds"),
    path("refunds/<int:pk>/close/", screens.close_refund, name="refund-close"),
    path("policy/", screens.policy, name="return-policy"),
]
