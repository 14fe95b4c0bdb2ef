"""Head office's screens."""

from django.urls import path

from orders import dashboard_views, screens

urlpatterns = [
    path("", screens.order_list, name="orders"),
    path("dashboard/", dashboard_views.dashboard, name="dashboard"),
    path("<int:pk>/", screens.order_page, name="order"),
    path("policies/", screens.policies, name="policies"),
    path("attention/", screens.attention, name="attention"),
    path("attention/<int:pk>/", screens.decide, name="decide"),
    path("attention/notices/<int:pk>/", screens.close_notice, name="close-notice"),
]
