"""Requests of the tablet itself: its regular report, and the manifest to install it as an app."""

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import tablets
from accounts.access import work_shops_of
from accounts.audience import Audience, for_audience
from accounts.device import device
from accounts.models import Shop
from accounts.viewer import Viewer
from core.errors import Invalid
from pos.middleware import anonymous_ok

GROUND, MAIN = "#f4f5f3", "#17405f"  # --ground and --main of static/core/base.css
SIZES = (192, 512)


class ReportForm(forms.Form):
    """A tablet's report about itself."""

    shop = forms.ModelChoiceField(Shop.objects.none(), to_field_name="shop_id")
    number = forms.UUIDField()
    sound = forms.ChoiceField(choices=[("on", "on"), ("locked", "locked")])

    def __init__(self, data: QueryDict, shops: QuerySet[Shop]) -> None:
        super().__init__(data)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]


@anonymous_ok
@for_audience(Audience.SHOP)
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Every 30 seconds, and when the state of its sound changes."""
    form = ReportForm(request.POST, work_shops_of(Viewer.of(device(request))))
    if "shop" in form.errors:
        raise Http404
    if not form.is_valid():
        raise Invalid(" ".join(f"{name}: {texts[0]}" for name, texts in form.errors.items()))
    data = form.cleaned_data
    until = tablets.end_of_session(request.session.session_key)
    tablets.report(data["shop"], data["number"], data["sound"] == "on", until, timezone.now())
    return HttpResponse(status=204)


@for_audience(Audience.EVERYBODY)
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to install the portal; it asks without cookies, so the page names its language."""
    requested = request.GET.get("language", "")
    language = requested if requested in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        data = {
            "id": reverse("pos"),
            "name": "Click'n'Collect",
            "short_name": "Click'n'Collect",
            "description": _("Web orders: noticed, picked, handed over."),
            "lang": language,
            "start_url": reverse("pos"),
            "scope": "/",
            "display": "standalone",
            "background_color": GROUND,
            "theme_color": MAIN,
            "icons": [_icon(size, purpose) for size in SIZES for purpose in ("any", "maskable")],
        }
    return JsonResponse(data, content_type="application/manifest+json")


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = f"core/icon-{size}.png" if purpose == "any" else f"core/icon-maskable-{size}.png"
    return {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
