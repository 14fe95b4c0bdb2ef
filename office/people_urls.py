"""Head office's screens about people."""

from django.urls import path

from office import people_views

urlpatterns = [
    path("", people_views.listing, name="people"),
    path("second-factor/", people_views.require_second_factor, name="require-second-factor"),
    path("invite/", people_views.invite, name="invite"),
    path("<int:pk>/", people_views.page, name="person"),
    path("<int:pk>/role/", people_views.role, name="person-role"),
    path("<int:pk>/deed/", people_views.deed, name="person-deed"),
    path("<int:pk>/log-ins/", people_views.end_log_ins, name="person-log-ins"),
]
