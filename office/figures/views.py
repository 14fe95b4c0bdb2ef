"""Head office's views of the figures."""

from io import BytesIO
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from accounts.viewer import Viewer
from office.figures import missing_listing
from office.figures.file import table_of
from office.figures.forms import FiguresForm
from office.figures.report import Report, report_of
from office.models import Counting
from office.spreadsheet import Kind, Reader, as_csv, write_xlsx

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Of all shops, or of the chosen one, week by week."""
    viewer = viewer_of(request)
    form, report = _form_and_report(request, viewer)
    context = {
        "form": form,
        "report": report,
        "missing_then_sold": missing_listing.count_open(viewer.group, report.selection.shop),
        "is_not_over": report.selection.last_day >= form.today,
        "counting": Counting.objects.filter(group=viewer.group).first(),
        "kinds": list(Kind),
        "query": request.GET.urlencode(),
        "here": "figures",
    }
    return render(request, "office/figures/page.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def figures_file(request: HttpRequest, kind: str) -> HttpResponse | StreamingHttpResponse:
    """The same as a file; 404 for a kind of file that there is not."""
    if kind not in Kind.values:
        raise Http404(kind)
    viewer = viewer_of(request)
    _form, report = _form_and_report(request, viewer)
    table = table_of(report)
    reader = Reader(ZoneInfo(viewer.group.time_zone), get_language() or "en")
    name = f"figures-{report.selection.first}-{report.selection.last_day}.{kind}"
    if kind == Kind.CSV:
        return _attached(StreamingHttpResponse(as_csv(table, reader)), Kind.CSV, name)
    file = BytesIO()
    write_xlsx(table, reader, file)
    return _attached(HttpResponse(file.getvalue()), Kind.XLSX, name)


def _attached(answer: Answer, kind: Kind, name: str) -> Answer:
    answer["Content-Type"] = kind.content_type
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _form_and_report(request: HttpRequest, viewer: Viewer) -> tuple[FiguresForm, Report]:
    """2 queries for the choices, and those of the report."""
    shops = list(shops_of(viewer).order_by("name", "shop_id"))
    web_shops = list(viewer.group.web_shops.order_by("name", "webshop_id"))
    today = timezone.localdate(timezone=ZoneInfo(viewer.group.time_zone))
    form = FiguresForm(request.GET, shops=shops, web_shops=web_shops, today=today)
    return form, report_of(viewer.group, form.selection(), shops, web_shops)
