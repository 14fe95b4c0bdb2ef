"""Head office's screens of shops and web shops."""

from django.urls import path

from office import hours_views, shop_views

urlpatterns = [
    path("shops/", shop_views.shop_list, name="shops"),
    path("shops/new/", shop_views.new_shop, name="shop-new"),
    path("shops/<int:pk>/", shop_views.shop_page, name="shop"),
    path("shops/<int:pk>/hours/", hours_views.week, name="shop-hours"),
    path("shops/holidays/", hours_views.holidays, name="holidays"),
    path("shops/holidays/<int:pk>/open/", hours_views.open_again, name="holiday-open"),
]
