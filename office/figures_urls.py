"""Head office's figures."""

from django.urls import path

from office import figures_views

urlpatterns = [
    path("", figures_views.figures, name="figures"),
    path("file/<str:kind>/", figures_views.figures_file, name="figures-file"),
]
