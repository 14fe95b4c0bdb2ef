"""The return desk's screens and documents."""

from django.urls import path

from pos.returns import documents_views, views

urlpatterns = [
    path("", views.find, name="returns"),
    path("orders/<int:pk>/", views.order_page, name="return-order"),
    path("orders/<int:pk>/take-back/", views.take_back, name="return-take-back"),
    path("<int:pk>/", views.taken_back, name="return"),
    path("<int:pk>/cancel/", views.cancel, name="return-cancel"),
    path("<int:pk>/reverse/", views.reverse, name="return-reverse"),
    path("<int:pk>/slip.pdf", documents_views.slip, name="return-slip"),
]
