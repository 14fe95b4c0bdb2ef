"""Head office's screens about people."""

from django.urls import path

from office.people import views

urlpatterns = [
    path("", views.listing, name="people"),
    path("second-factor/", views.require_second_factor, name="require-second-factor"),
    path("invite/", views.invite, name="invite"),
    path("<int:pk>/", views.page, name="person"),
    path("<int:pk>/role/", views.role, name="person-role"),
    path("<int:pk>/do/", views.act_on, name="person-action"),
    path("<int:pk>/log-ins/", views.end_log_ins, name="person-log-ins"),
]
