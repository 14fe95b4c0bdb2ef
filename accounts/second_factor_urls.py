"""The pages of django-allauth that the portal uses, each with its audience; the others have no URL."""

from allauth.mfa.base.views import authenticate, index
from allauth.mfa.recovery_codes.views import generate_recovery_codes as new_codes
from allauth.mfa.recovery_codes.views import view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from django.urls import path

from accounts.audience import Audience, for_audience
from accounts.reauthentication_views import PasswordAgain
from accounts.requests import notifies_user
from accounts.views import login

everybody, logged_in = for_audience(Audience.EVERYBODY), for_audience(Audience.LOGGED_IN)
may_have_one = for_audience(Audience.HEAD_OFFICE_OR_OPERATOR)

urlpatterns = [
    path("login/", login, name="account_login"),  # what allauth calls it
    path("login/code/", everybody(authenticate), name="mfa_authenticate"),
    path("password-again/", logged_in(PasswordAgain.as_view()), name="account_reauthenticate"),
    path("second-factor/", may_have_one(index), name="mfa_index"),
    path("second-factor/set-up/", may_have_one(notifies_user(activate_totp)), name="mfa_activate_totp"),
    path(
        "second-factor/switch-off/", may_have_one(notifies_user(deactivate_totp)), name="mfa_deactivate_totp"
    ),
    path("second-factor/codes/", may_have_one(view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", may_have_one(new_codes), name="mfa_generate_recovery_codes"),
]
