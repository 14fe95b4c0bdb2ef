"""Head office's screens of returns."""

from django.urls import path

from office.returns import views

urlpatterns = [
    path("refunds/", views.refunds, name="refunds"),
    path("refunds/<int:pk>/close/", views.close_refund, name="refund-close"),
    path("policy/", views.policy, name="return-policy"),
]
