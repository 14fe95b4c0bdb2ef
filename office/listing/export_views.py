"""Head office's views of lists as files: at once when they are short, else by a worker."""

from io import BytesIO
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.audience import Audience, for_audience
from accounts.models import User
from accounts.requests import viewer_of
from core.downloads import attachment
from core.forms import refused
from office.listing import exporting
from office.listing.filter_form import listing_of
from office.listing.table import keys_of, table_of
from office.models import Export
from office.spreadsheet import Kind, Reader, Table, as_csv, write_xlsx


class ExportForm(forms.Form):
    """Which list, by its address, as which kind of file."""

    kind = forms.ChoiceField(choices=Kind.choices)
    query = forms.CharField(required=False, max_length=2000)


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Exactly what the list shows: the file itself, or the page where it will lie."""
    viewer, now = viewer_of(request), timezone.now()
    user = viewer.user
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise refused(form)
    kind, query = Kind(form.cleaned_data["kind"]), form.cleaned_data["query"]
    shown = listing_of(viewer, query, now)
    keys = keys_of(shown.orders, settings.EXPORT_AT_ONCE + 1)
    if len(keys) > settings.EXPORT_AT_ONCE:
        exporting.request_export(user, kind, query, shown.description, get_language() or "en", now)
        return redirect("exports")
    name = f"{_('orders')} {now.astimezone(_zone(user)):%Y-%m-%d}.{kind}"
    return _file(table_of(shown.orders, keys, shown.columns), kind, user, name)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """Their files of the last week, and how far those are that are being made."""
    viewer = viewer_of(request)
    found = list(Export.objects.made_by(viewer).order_by("-pk")[:50])
    context = {
        "exports": found,
        "under_way": any(one.is_under_way for one in found),
        "days_kept": exporting.KEPT.days,
        "here": "orders",
    }
    return render(request, "office/listing/exports.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def export_file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The whole file."""
    found = get_object_or_404(Export.objects.made_by(viewer_of(request)), pk=pk, state=Export.State.READY)
    if not found.parts.exists():  # made by a worker of the version before
        raise Http404
    answer = attachment(exporting.content_of(found), found.file_name, Kind(found.kind).content_type)
    answer["Content-Length"] = str(found.size)
    return answer


@for_audience(Audience.HEAD_OFFICE)
@require_POST
def cancel_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancels an export that is not needed any more."""
    exporting.cancel(get_object_or_404(Export.objects.made_by(viewer_of(request)), pk=pk), timezone.now())
    return redirect("exports")


def _file(table: Table, kind: Kind, user: User, name: str) -> StreamingHttpResponse:
    reader = Reader(_zone(user), get_language() or "en")
    if kind == Kind.CSV:
        return attachment(as_csv(table, reader), name, kind.content_type)
    file = BytesIO()  # of a short list
    write_xlsx(table, reader, file)
    return attachment(iter([file.getvalue()]), name, kind.content_type)


def _zone(user: User) -> ZoneInfo:
    return ZoneInfo(user.group.time_zone)
