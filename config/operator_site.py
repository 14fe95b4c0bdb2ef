"""Django's admin, for the operator alone: which Groups there are, what is set up, and how far DdD is told.

Nothing here writes past the verbs: only a Group, its way to DdD and its first person are made here. The books
and the orders are read without a customer's name, and tokens are never shown.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.utils.functional import cached_property

from accounts.audience import Audience, for_audience
from accounts.models import Group, Shop, User, WebShop
from accounts.operators import NO_DDD_GROUP
from accounts.requests import notifies_user
from ddd.models import Connection, Posting
from orders.models import WebOrder

COUNTED_TO = 1000
PAGES = {"index", "app_list", "logout", "password_change", "password_change_done", "jsi18n"}


class OperatorsPages(AdminSite):
    """The log-in is the portal's own; what is not needed has no address."""

    site_header = site_title = "Click'n'Collect: operator"
    index_title = "What is set up"
    site_url = None
    final_catch_all_view = False

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Their own, of which they are told."""
        return notifies_user(super().password_change)(request, extra_context)

    def get_urls(self) -> list[Any]:
        """Each for the operator alone."""
        urls = [url for url in super().get_urls() if isinstance(url, URLResolver) or url.name in PAGES]
        _mark(urls)
        return urls


def _mark(urls: Iterable[URLPattern | URLResolver]) -> None:
    for url in urls:
        if isinstance(url, URLResolver):
            _mark(url.url_patterns)
        else:
            for_audience(Audience.OPERATOR)(url.callback)


class CountedToAThousand(Paginator):  # type: ignore[type-arg]
    """A long table is never counted: what lies behind its newest thousand rows is searched for."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.values_list("pk")[:COUNTED_TO])


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]
    """What may be looked at; `made_of` are the fields of what may be made here."""

    paginator = CountedToAThousand
    show_full_result_count = False
    actions = None
    ordering = ("-pk",)
    made_of: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[Any]:
        """The list and what stands in a row; without making and deleting where that is not done."""
        kept = ("_changelist", "_change", "_history", *(("_add",) if self.made_of else ()))
        return [url for url in super().get_urls() if (url.name or "").endswith(kept)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.made_of if obj is None else (self.fields or self.list_display)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody is put among the operators here."""
        if db_field.name == "group":
            kwargs["queryset"] = Group.objects.exclude(ddd_group_id=NO_DDD_GROUP)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.made_of)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class GroupPage(ReadOnly):
    """A Group is made here; the rest of it is its head office's."""

    list_display = ("name", "ddd_group_id", "currency", "language", "time_zone")
    made_of = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Without that of the operators."""
        return super().get_queryset(request).exclude(ddd_group_id=NO_DDD_GROUP)


class ConnectionPage(ReadOnly):
    """Its token is written by head office, and shown to nobody."""

    list_display = ("group", "base_url", "last_good_poll_at", "trouble_words")
    fields = (*list_display, "terminal_id", "clerk_id", "started_at", "polled_until", "trouble_since")
    list_select_related = ("group",)
    made_of = ("group", "base_url")
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}


class ShopPage(ReadOnly):
    """As head office has it."""

    list_display = ("shop_id", "name", "group", "takes_orders")
    list_select_related = ("group",)
    list_filter = ("group",)


class WebShopPage(ReadOnly):
    """Without its token and its keys."""

    list_display = ("webshop_id", "name", "group", "turnover_shop", "turnover_item_group", "transfers_by")
    list_select_related = ("group", "turnover_shop")
    list_filter = ("group",)


class PersonPage(ReadOnly):
    """The first person of a Group's head office is made here; they invite the others."""

    list_display = ("email", "name", "group", "is_head_office", "is_operator", "is_active", "last_login")
    list_select_related = ("group",)
    list_filter = ("group", "is_operator")
    search_fields = ("email",)
    made_of = ("email", "name", "group")

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """Head office, without a password: they choose it by the mail that the log-in offers."""
        obj.email, obj.is_head_office = obj.email.lower(), True
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)


class OrderPage(ReadOnly):
    """Where an order is, and nothing of who bought it."""

    list_display = ("order_no", "group", "shop", "web_shop", "status", "created_at", "modified_at")
    list_select_related = ("group", "shop", "web_shop")
    search_fields = ("=order_no",)


class PostingPage(ReadOnly):
    """How far DdD was told, and nothing of what it was told."""

    list_display = ("kind", "order_no", "group", "state", "tries", "needs_attention", "made_at")
    list_select_related = ("group",)
    search_fields = ("=order_no",)


operators_pages = OperatorsPages()
for model, page in (
    (Group, GroupPage),
    (Connection, ConnectionPage),
    (Shop, ShopPage),
    (WebShop, WebShopPage),
    (User, PersonPage),
    (WebOrder, OrderPage),
    (Posting, PostingPage),
):
    operators_pages.register(model, page)
