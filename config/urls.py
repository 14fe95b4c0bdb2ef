"""The root URLconf. Each view names its audience; `tests/test_access.py` checks all of them."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts import password_views
from accounts import views as people
from accounts.audience import Audience, for_audience
from config.health import healthz, readyz, version
from config.metrics_views import metrics
from config.operator_site import operator_site
from config.problem_views import problem_type, problem_types
from core.problems import no_such_route
from core.routes import in_any_case
from orders.api import ChangeOrder

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler429 = "core.views.too_many"  # django-allauth requires it
handler500 = "core.views.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", people.home, name="home"),
    path("login/", people.login, name="login"),
    path("", include("accounts.second_factor_urls")),
    path("logout/", people.logout, name="logout"),
    path("password/", password_views.forgot_password, name="forgot-password"),
    path("password/<str:link>/", password_views.choose_password, name="choose-password"),
    path("language/", people.choose_language, name="language"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("version", version, name="version"),
    path("metrics", metrics, name="metrics"),
    path("problems/", problem_types, name="problem-types"),
    path("problems/<str:code>", problem_type, name="problem-type"),
    path("operator/", operator_site.urls),
    path("pos/", include("pos.urls")),
    path("orders/", include("office.urls")),
    path("people/", include("office.people.urls")),
    path("", include("office.shops.urls")),
    path("figures/", include("office.figures.urls")),
    path("returns/", include("office.returns.urls")),
    path("returns/", include("pos.returns.urls")),
    re_path(f"^{in_any_case('api/weborder')}/?$", ChangeOrder.as_view(), name="api-change"),
    re_path(f"^{in_any_case('api/weborder/')}", include("orders.api_urls")),
    re_path(f"^{in_any_case('api/returns/')}", include("returns.api_urls")),
    re_path(
        f"^[/]*{in_any_case('api')}(?:/|$)",
        for_audience(Audience.EVERYBODY)(no_such_route),
        name="api-nothing",
    ),
]
