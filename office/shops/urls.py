"""Head office's screens of shops and web shops."""

from django.urls import path

from office.shops import hours_views, views, web_shop_views

urlpatterns = [
    path("shops/", views.shop_list, name="shops"),
    path("shops/new/", views.new_shop, name="shop-new"),
    path("shops/<int:pk>/", views.shop_page, name="shop"),
    path("shops/<int:pk>/take-away/", views.remove, name="shop-take-away"),
    path("shops/<int:pk>/hours/", hours_views.week, name="shop-hours"),
    path("shops/holidays/", hours_views.holidays, name="holidays"),
    path("shops/holidays/<int:pk>/open/", hours_views.open_again, name="holiday-open"),
    path("webshops/", web_shop_views.web_shop_list, name="web-shops"),
    path("webshops/new/", web_shop_views.new_web_shop, name="web-shop-new"),
    path("webshops/<int:pk>/", web_shop_views.web_shop_page, name="web-shop"),
    path("webshops/<int:pk>/keys/", web_shop_views.make_key, name="key-make"),
    path("webshops/keys/<int:pk>/replace/", web_shop_views.rotate_key, name="key-rotate"),
    path("webshops/keys/<int:pk>/unknown-fields/", web_shop_views.unknown_fields, name="key-unknown-fields"),
    path("webshops/keys/<int:pk>/revoke/", web_shop_views.revoke_key, name="key-revoke"),
]
