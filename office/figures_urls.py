"""Head office's figures."""

from django.urls import path

from office import figures_views, missing_views

urlpatterns = [
    path("", figures_views.figures, name="figures"),
    path("file/<str:kind>/", figures_views.figures_file, name="figures-file"),
    path("missing/", missing_views.missing_then_sold, name="missing-then-sold"),
    path("missing/<int:pk>/", missing_views.close, name="missing-then-sold-close"),
]
