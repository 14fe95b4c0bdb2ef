"""The shop's screens and documents."""

from django.urls import path

from pos import documents_views, members_views, offline_views, tablet_views, views, who_views

urlpatterns = [
    path("", views.queue, name="pos"),
    path("shop/", views.choose_shop, name="pos-shop"),
    path("who/", who_views.who, name="pos-who"),
    path("who/<int:pk>/", who_views.who_pin, name="pos-who-pin"),
    path("pin/", who_views.pin, name="pos-pin"),
    path("done/", who_views.done, name="pos-done"),
    path("offline/", offline_views.offline, name="pos-offline"),
    path("sw.js", offline_views.service_worker, name="pos-service-worker"),
    path("tablet/", tablet_views.report, name="pos-tablet"),
    path("manifest.webmanifest", tablet_views.manifest, name="pos-manifest"),
    path("batch/", batch_views.batch, name="pos-batch"),
    path("batch/accept/", batch_views.batch_accept, name="pos-batch-accept"),
    path("batch/scan/", batch_views.batch_scan, name="pos-batch-scan"),
    path("batch/finish/", batch_views.batch_finish, name="pos-batch-finish"),
    path("batch/pick-list.pdf", batch_views.batch_pick_list, name="pos-batch-pick-list"),
    path("orders/<int:pk>/", views.order_page, name="pos-order"),
    path("orders/<int:pk>/member/", members_views.member, name="pos-member"),
    path("orders/<int:pk>/accept/", views.accept, name="pos-accept"),
    path("orders/<int:pk>/scan/", views.scan, name="pos-scan"),
    path("orders/<int:pk>/pieces/<int:line>/pick/", views.pick, name="pos-pick"),
    path("orders/<int:pk>/pieces/<int:line>/missing/", views.missing, name="pos-missing"),
    path("orders/<int:pk>/pieces/<int:line>/undo/", trouble_views.undo, name="pos-undo"),
    path("orders/<int:pk>/elsewhere/", trouble_views.stock_elsewhere, name="pos-elsewhere"),
    path("orders/<int:pk>/move/", trouble_views.move, name="pos-move"),
    path("orders/<int:pk>/cancel/", trouble_views.cancel, name="pos-cancel"),
    path("orders/<int:pk>/finish/", views.finish, name="pos-finish"),
    path("orders/<int:pk>/deliver/", views.deliver, name="pos-deliver"),
    path("orders/<int:pk>/pick-list.pdf", documents_views.pick_list, name="pos-pick-list"),
    path("orders/<int:pk>/address-label.pdf", documents_views.address_label, name="pos-address-label"),
    path("orders/<int:pk>/pick-list.pdf", documents_views.pick_list, name="pos-pick-list"),
    path("orders/<int:pk>/address-label.pdf", documents_views.address_label, name="pos-address-label"),
]
