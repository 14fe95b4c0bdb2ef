"""The Group's variants and Eans: read from DdD page by page, and on demand for those that are missing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Group
from core.article_codes import spellings
from core.errors import TryLater
from ddd.api import client
from ddd.api.http import DddError, Rejected, Unavailable, Wire, wire_to
from ddd.api.wire import WireArticle
from ddd.lookup import shared_eans
from ddd.models import Barcode, Connection, Variant

PAGE_SIZE = 200
ON_DEMAND_SECONDS = 3.0
LARGEST_SOLD_VARIANT = 99_999_999  # a sale line takes no VariantId above it
LARGEST_ITEM_GROUP = 9999
LONGEST_EAN = 50


@dataclass(frozen=True)
class ResolvedVariants:
    """The variants of VariantIds and Eans. An Ean may have several variants, or none."""

    by_variant_id: Mapping[int, Variant]
    by_ean: Mapping[str, list[Variant]]


def resolve(group: Group, variant_ids: set[int], eans: set[str], now: datetime) -> ResolvedVariants:
    """Looks in the catalogue, then asks DdD for what is missing there. Never inside a transaction.

    Raises TryLater when something is missing and DdD cannot be asked: it may exist there.
    """
    found = _in_the_catalogue(group, variant_ids, eans)
    missing_variants = {number for number in variant_ids if number not in found.by_variant_id}
    missing_eans = {ean for ean in eans if not found.by_ean[ean]}
    if not missing_variants and not missing_eans:
        return found
    if not _ask_ddd(group, missing_variants, missing_eans, now):
        return found
    return _in_the_catalogue(group, variant_ids, eans)


def read_catalogue(connection: Connection, now: datetime) -> int:
    """Reads all article pages; returns how many variants were seen. Raises the errors of `api/http.py`."""
    seen: dict[int, str] = {}
    with wire_to(connection) as wire:
        for page in count():
            articles = _page(wire, page, has_articles=bool(seen))
            new = {article.variant_id for article in articles} - seen.keys()
            # Page 0 and page 1 may be the same one, and past the end DdD may repeat its last.
            if (page > 0 and not articles) or (page > 1 and not new):
                break
            store(connection, articles, now)
            seen |= {article.variant_id: article.ean for article in articles}
        shared_eans.ask_again(connection, wire, seen, now)
    Connection.objects.filter(pk=connection.pk).update(catalogue_read_at=now)
    return len(seen)


def store(connection: Connection, articles: Iterable[WireArticle], now: datetime) -> None:
    """Adds and updates variants and their Eans; what others stored meanwhile stays."""
    sold = (article for article in articles if 0 < article.variant_id <= LARGEST_SOLD_VARIANT)
    # Always sorted: two workers that store the same rows at once would deadlock.
    fresh = {article.variant_id: article for article in sorted(sold, key=lambda found: found.variant_id)}
    with transaction.atomic():
        Variant.objects.bulk_create(
            [_variant(connection, article, now) for article in fresh.values()],
            update_conflicts=True,
            unique_fields=["group", "variant_id"],
            update_fields=["description", "colour", "size", "item_group", "read_at"],
        )
        stored = Variant.objects.filter(group_id=connection.group_id, variant_id__in=fresh)
        keys = dict(stored.values_list("variant_id", "pk"))
        Barcode.objects.bulk_create(
            [
                Barcode(group_id=connection.group_id, variant_id=keys[article.variant_id], ean=article.ean)
                for article in fresh.values()
                if 0 < len(article.ean) <= LONGEST_EAN
            ],
            ignore_conflicts=True,
        )
        shared_eans.note(connection.group_id, {article.ean for article in fresh.values()}, now)


def _in_the_catalogue(group: Group, variant_ids: set[int], eans: set[str]) -> ResolvedVariants:
    by_ean: defaultdict[str, list[Variant]] = defaultdict(list)
    if eans:
        forms = {ean: spellings(ean) for ean in eans}
        every = set().union(*forms.values())
        barcodes = Barcode.objects.filter(group=group, ean__in=every).select_related("variant")
        stored: defaultdict[str, list[Variant]] = defaultdict(list)
        for barcode in barcodes.order_by("variant__variant_id"):
            stored[barcode.ean].append(barcode.variant)
        for ean, spelled in forms.items():
            # As it is written, else in whatever form the catalogue has it; a variant may have several.
            alike = {variant.pk: variant for form in sorted(spelled) for variant in stored[form]}
            by_ean[ean] = stored[ean] or list(alike.values())
    known: dict[int, Variant] = {}
    if variant_ids:
        variants = Variant.objects.filter(group=group, variant_id__in=variant_ids)
        known = {variant.variant_id: variant for variant in variants}
    return ResolvedVariants(by_variant_id=known, by_ean=by_ean)


def _ask_ddd(group: Group, variant_ids: set[int], eans: set[str], now: datetime) -> bool:
    connection = Connection.objects.filter(group=group).first()
    if connection is None:
        return False
    asked = set(eans)
    articles: list[WireArticle] = []
    try:
        with wire_to(connection, timeout=ON_DEMAND_SECONDS) as wire:
            asked |= _eans_of_variants(group, wire, variant_ids)
            for ean in sorted(asked):
                found = client.articles_of_ean(wire, ean)
                articles.extend(_under_the_asked_ean(article, ean) for article in found)
                articles.extend(found)
    except DddError as trouble:
        raise TryLater(
            _("Some articles are not in the catalogue yet and DdD cannot be asked now. Send it again soon.")
        ) from trouble
    for article in articles:
        store(connection, [article], now)
    return bool(articles)


def _eans_of_variants(group: Group, wire: Wire, variant_ids: set[int]) -> set[str]:
    """DdD has no route by VariantId, but the stock of any shop of the Group names the variant's Ean."""
    shops = list(group.shops.values_list("shop_id", flat=True)[: client.SHOPS_TRIED])
    if not shops:
        return set()
    found = (
        client.ask_any_shop(shops, partial(client.eans_of_variant, wire, variant_id=number))
        for number in sorted(variant_ids)
    )
    return set().union(*found)


def _under_the_asked_ean(article: WireArticle, ean: str) -> WireArticle:
    """DdD answers with the main Ean of the article, but the requested one is an Ean of it too."""
    return WireArticle(article.variant_id, ean, article.item_group, article.slots)


def _page(wire: Wire, page: int, has_articles: bool) -> list[WireArticle]:
    """Whether the first page is 0 or 1 is not known, nor how DdD says that there is no further one: an error
    is an answer to that, silence is none."""
    try:
        return client.article_page(wire, page, PAGE_SIZE)
    except Rejected as refused:
        if page == 0 or (has_articles and refused.status == 404):
            return []
        raise Unavailable(refused.cause) from refused
    except Unavailable as trouble:
        if page == 0 and trouble.__cause__ is None:
            return []
        raise


def _variant(connection: Connection, article: WireArticle, now: datetime) -> Variant:
    slots = connection.article_slots
    return Variant(
        group_id=connection.group_id,
        variant_id=article.variant_id,
        description=article.slots.get(slots["description"], "")[:100] or str(article.variant_id),
        colour=article.slots.get(slots["colour"], "")[:30],
        size=article.slots.get(slots["size"], "")[:30],
        item_group=article.item_group if 0 < article.item_group <= LARGEST_ITEM_GROUP else None,
        read_at=now,
    )
