"""Head office's screens of shops and web shops."""

from django.urls import path

from office import shop_views

urlpatterns = [
    path("shops/", shop_views.shop_list, name="shops"),
    path("shops/new/", shop_views.new_shop, name="shop-new"),
    path("shops/<int:pk>/", shop_views.shop_page, name="shop"),
]
