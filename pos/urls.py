"""The shop's screens and documents."""

from django.urls import path

from pos import documents_views, views

urlpatterns = [
    path("", views.queue, name="pos"),
    path("shop/", views.choose_shop, name="pos-shop"),
    path("orders/<int:pk>/", views.order_page, name="pos-order"),
    path("orders/<int:pk>/accept/", views.accept, name="pos-accept"),
    path("orders/<int:pk>/scan/", views.scan, name="pos-scan"),
    path("orders/<int:pk>/pieces/<int:line>/pick/", views.pick, name="pos-pick"),
    path("orders/<int:pk>/pieces/<int:line>/missing/", views.missing, name="pos-missing"),
    path("orders/<int:pk>/finish/", views.finish, name="pos-finish"),
    path("orders/<int:pk>/deliver/", views.deliver, name="pos-deliver"),
    path("orders/<int:pk>/pick-list.pdf", documents_views.pick_list, name="pos-pick-list"),
    path("orders/<int:pk>/address-label.pdf", documents_views.address_label, name="pos-address-label"),
    path("orders/<int:pk>/pick-list.pdf", documents_views.pick_list, name="pos-pick-list"),
    path("orders/<int:pk>/address-label.pdf", documents_views.address_label, name="pos-address-label"),
]
