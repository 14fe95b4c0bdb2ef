"""Head office's figures."""

from django.urls import path

from office.figures import missing_views, views

urlpatterns = [
    path("", views.figures, name="figures"),
    path("file/<str:kind>/", views.figures_file, name="figures-file"),
    path("missing/", missing_views.missing_pieces, name="missing-then-sold"),
    path("missing/<int:pk>/", missing_views.close, name="missing-then-sold-close"),
]
