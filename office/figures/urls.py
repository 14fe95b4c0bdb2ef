"""Head office's figures."""

from django.urls import path

from office.figures import cash_views, missing_views, views

urlpatterns = [
    path("", views.figures, name="figures"),
    path("file/<str:kind>/", views.figures_file, name="figures-file"),
    path("cash/", cash_views.cash, name="cash"),
    path("cash/<int:pk>/", cash_views.shop_cash, name="shop-cash"),
    path("cash/<int:pk>/<str:kind>/", cash_views.shop_cash_file, name="shop-cash-file"),
    path("missing/", missing_views.missing_pieces, name="missing-then-sold"),
    path("missing/<int:pk>/", missing_views.close, name="missing-then-sold-close"),
]
