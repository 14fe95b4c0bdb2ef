"""Django's admin, for operators alone: the Groups, what is set up, and the state of the outbox.

Only a Group, its connection to DdD and its first person can be added here; nothing can be changed. Books and
orders are shown without a customer's name, and tokens never.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin, display
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html

from accounts.audience import Audience, for_audience
from accounts.models import Group, Shop, User, WebShop
from accounts.operators import HAS_HEAD_OFFICE, NO_DDD_GROUP, begin_head_office, has_head_office
from accounts.requests import notifies_user, person
from core.causes import words_of
from ddd.api.addresses import NotCalled, check_address
from ddd.models import Connection, Posting
from orders.models import WebOrder

MAX_COUNT = 1000
FILTERED_BY = ("__id__exact", "__exact")
PAGES = {"index", "app_list", "logout", "password_change", "password_change_done", "jsi18n"}


class OperatorSite(AdminSite):
    """Uses the portal's own log-in; pages that are not needed have no URL."""

    site_header = site_title = "Click'n'Collect: operator"
    index_title = "What is set up"
    site_url = None
    final_catch_all_view = False

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Their own password; they are notified of it."""
        return notifies_user(super().password_change)(request, extra_context)

    def get_urls(self) -> list[Any]:
        """Each with the audience of operators."""
        urls = [url for url in super().get_urls() if isinstance(url, URLResolver) or url.name in PAGES]
        _mark(urls)
        return urls


def _mark(urls: Iterable[URLPattern | URLResolver]) -> None:
    for url in urls:
        if isinstance(url, URLResolver):
            _mark(url.url_patterns)
        else:
            for_audience(Audience.OPERATOR)(url.callback)


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than a thousand rows: older ones are found by searching."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.values_list("pk")[:MAX_COUNT])


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]
    """Rows can be viewed; `add_fields` are the fields of the form to add one, if that is possible."""

    paginator = CappedPaginator
    show_full_result_count = False
    actions = None
    ordering = ("-pk",)
    add_fields: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[Any]:
        """The list and the detail page; the form to add a row only where that is possible."""
        kept = ("_changelist", "_change", "_history", *(("_add",) if self.add_fields else ()))
        return [url for url in super().get_urls() if (url.name or "").endswith(kept)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.add_fields if obj is None else (self.fields or self.list_display)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters that are shown: by any other column rows could be found by what is not shown."""
        return lookup in {f"{name}{ending}" for name in self.list_filter for ending in FILTERED_BY}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The operators' Group cannot be chosen."""
        if db_field.name == "group":
            kwargs["queryset"] = Group.objects.exclude(ddd_group_id=NO_DDD_GROUP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.add_fields)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class GroupAdmin(ReadOnlyAdmin):
    """A Group is added here; its head office sets up the rest."""

    add_fields = ("name", "ddd_group_id", "currency", "language", "time_zone")
    list_display = (*add_fields, "is_live")
    fields = (*list_display, "goes_on_at")
    list_select_related = ("connection",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Without the operators' Group."""
        return super().get_queryset(request).exclude(ddd_group_id=NO_DDD_GROUP)

    @display(description="live")
    def is_live(self, group: Group) -> datetime | str:
        """Since when its orders come in; else what is missing."""
        connection = getattr(group, "connection", None)
        if connection is None:
            return "DdD's address is not entered"
        return connection.live_at or "its head office has not answered what DdD's words mean"

    @display(description="its head office connects it at")
    def goes_on_at(self, group: Group) -> str:
        """The page that head office works through; their overview leads there too."""
        return format_html('<a href="{0}">{0}</a>', f"{settings.PORTAL_URL}{reverse('ddd-setup')}")


class ConnectionForm(ModelForm):  # type: ignore[type-arg]
    """With an address that is called."""

    def clean_base_url(self) -> str:
        """As head office types it."""
        try:
            check_address(self.cleaned_data["base_url"])
        except NotCalled as refused:
            raise ValidationError(words_of(refused.cause)) from refused
        return str(self.cleaned_data["base_url"])


class ConnectionAdmin(ReadOnlyAdmin):
    """Head office enters the token, which is never shown."""

    list_display = ("group", "base_url", "last_good_poll_at", "trouble_words")
    fields = (*list_display, "terminal_id", "clerk_id", "started_at", "polled_until", "trouble_since")
    list_select_related = ("group",)
    add_fields = ("group", "base_url")
    form = ConnectionForm
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}


class ShopAdmin(ReadOnlyAdmin):
    """The shops, as head office has set them up."""

    list_display = ("shop_id", "name", "group", "takes_orders")
    list_select_related = ("group",)
    list_filter = ("group",)


class WebShopAdmin(ReadOnlyAdmin):
    """Without its token and its keys."""

    list_display = ("webshop_id", "name", "group", "turnover_shop", "turnover_item_group", "transfers_by")
    list_select_related = ("group", "turnover_shop")
    list_filter = ("group",)


class FirstPersonForm(ModelForm):  # type: ignore[type-arg]
    """Of a Group that has nobody in its head office."""

    def clean_group(self) -> Group:
        """Their own people invite the others."""
        group: Group = self.cleaned_data["group"]
        if has_head_office(group):
            raise ValidationError(str(HAS_HEAD_OFFICE))
        return group


class PersonAdmin(ReadOnlyAdmin):
    """The first person of a Group's head office is added here; they invite the others."""

    list_display = ("email", "name", "group", "is_head_office", "is_operator", "is_active", "last_login")
    list_select_related = ("group",)
    list_filter = ("group", "is_operator")
    search_fields = ("email",)
    add_fields = ("email", "name", "group")
    form = FirstPersonForm

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """They choose a password by the mail that the log-in offers."""
        begin_head_office(obj, person(request), timezone.now())


class OrderAdmin(ReadOnlyAdmin):
    """The status of an order, without its customer."""

    list_display = ("order_no", "group", "shop", "web_shop", "status", "created_at", "modified_at")
    list_select_related = ("group", "shop", "web_shop")
    search_fields = ("=order_no",)


class PostingAdmin(ReadOnlyAdmin):
    """The state of a posting, without its payload."""

    list_display = ("kind", "order_no", "group", "state", "tries", "needs_attention", "made_at")
    list_select_related = ("group",)
    search_fields = ("=order_no",)


operator_site = OperatorSite()
for model, page in (
    (Group, GroupAdmin),
    (Connection, ConnectionAdmin),
    (Shop, ShopAdmin),
    (WebShop, WebShopAdmin),
    (User, PersonAdmin),
    (WebOrder, OrderAdmin),
    (Posting, PostingAdmin),
):
    operator_site.register(model, page)
