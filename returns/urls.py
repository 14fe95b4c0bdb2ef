"""The return desk's screens and documents."""

from django.urls import path

from returns import documents_views

urlpatterns = [
    path("<int:pk>/slip.pdf", documents_views.slip, name="return-slip"),
]
