"""Head office's view of a shop's cash of one day."""

from io import BytesIO
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.access import shops_of
from accounts.audience import Audience, for_audience
from accounts.requests import viewer_of
from core.paper.responses import pdf_answer
from core.params import number
from office.figures.cash_file import cash_table
from office.spreadsheet import Kind, Reader, as_csv, write_xlsx
from returns.cash_day import CashDay, cash_day, day_named
from returns.cash_paper import cash_paper

PDF = "pdf"


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def cash(request: HttpRequest) -> HttpResponse:
    """The cash of the shop that is chosen by its ShopId, or of the first that takes web orders."""
    shops = shops_of(viewer_of(request)).order_by("-takes_orders", "shop_id")
    if wanted := request.GET.get("shop"):
        shop = get_object_or_404(shops, shop_id=number(wanted))
    elif (first := shops.first()) is None:
        return redirect("shops")
    else:
        shop = first
    day = day_named(request.GET.get("day", ""), viewer_of(request).group, timezone.now())
    return redirect(f"{reverse('shop-cash', args=[shop.pk])}?day={day:%Y-%m-%d}")


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def shop_cash(request: HttpRequest, pk: int) -> HttpResponse:
    """Cash and cards of any shop, on any day."""
    found = _cash_day(request, pk)
    context = {
        "cash": found,
        "currency": found.shop.group.currency,
        "shops": shops_of(viewer_of(request)).filter(takes_orders=True).order_by("name", "shop_id"),
        "kinds": [(PDF, "PDF"), *Kind.choices],
        "here": "figures",
    }
    return render(request, "office/figures/cash.html", context)


@for_audience(Audience.HEAD_OFFICE)
@require_GET
def shop_cash_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same as a file; 404 for a kind of file that there is not."""
    if kind != PDF and kind not in Kind.values:
        raise Http404(kind)
    found = _cash_day(request, pk)
    name = f"cash-{found.shop.shop_id}-{found.day:%Y-%m-%d}"
    if kind == PDF:
        return pdf_answer(cash_paper(found, timezone.now()), name)
    reader = Reader(ZoneInfo(found.shop.group.time_zone), get_language() or "en")
    answer = HttpResponse(_file(found, Kind(kind), reader), content_type=Kind(kind).content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _file(found: CashDay, kind: Kind, reader: Reader) -> bytes:
    table = cash_table(found)
    if kind == Kind.CSV:
        return b"".join(as_csv(table, reader))
    file = BytesIO()
    write_xlsx(table, reader, file)
    return file.getvalue()


def _cash_day(request: HttpRequest, pk: int) -> CashDay:
    shops, now = shops_of(viewer_of(request)).select_related("group"), timezone.now()
    shop = get_object_or_404(shops, pk=pk)
    return cash_day(shop, day_named(request.GET.get("day", ""), shop.group, now), now)
