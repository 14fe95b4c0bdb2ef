"""Eans of several variants, detected before a customer orders by one.

A page of the catalogue has one Ean of each article, so an Ean that two articles share is detected when they
are read. Sharing among the other Eans of articles is detected when DdD is asked for such an Ean.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from ddd.api import client
from ddd.api.http import Wire
from ddd.models import Barcode, Connection, SharedEan

ASKED_AT_ONCE = 50


def note(group_id: int, eans: Iterable[str], now: datetime) -> None:
    """Those of these Eans that are shared get a row, in the caller's transaction; 1 query when none is.

    A row that somebody has seen is opened again when other variants share the Ean.
    """
    mine = Barcode.objects.filter(group_id=group_id, ean__in=list(eans)).order_by()
    shared = mine.values("ean").annotate(variants=Count("variant")).filter(variants__gt=1)
    sharing: defaultdict[str, set[int]] = defaultdict(set)
    for ean, variant in mine.filter(ean__in=shared.values("ean")).values_list("ean", "variant_id"):
        sharing[ean].add(variant)
    known = SharedEan.objects.filter(group_id=group_id, ean__in=sharing).prefetch_related("variants")
    rows = {row.ean: row for row in known}
    for ean, variants in sorted(sharing.items()):
        _keep(rows.get(ean), group_id, ean, variants, now)


def _keep(row: SharedEan | None, group_id: int, ean: str, variants: set[int], now: datetime) -> None:
    if row is None:
        data = {"first_seen_at": now, "asked_at": now}
        row, _made = SharedEan.objects.get_or_create(group_id=group_id, ean=ean, defaults=data)
    elif row.gone_at is None and {variant.pk for variant in row.variants.all()} == variants:
        return
    else:
        again = {"first_seen_at": now, "gone_at": None, "seen_at": None, "seen_by": None, "note": ""}
        SharedEan.objects.filter(pk=row.pk).update(**again)
    row.variants.set(variants)


def ask_again(connection: Connection, wire: Wire, main: Mapping[int, str], now: datetime) -> int:
    """Asks DdD for the shared Eans that were asked for longest ago; how many are mended.

    `main` are the Eans that the pages have just shown, by VariantId: whether DdD's answer for one Ean names
    all its variants is not known, so a variant whose page shows the Ean still has it.
    """
    standing = SharedEan.objects.filter(group_id=connection.group_id, gone_at=None)
    mended = 0
    for row in list(standing.order_by("asked_at", "pk")[:ASKED_AT_ONCE]):
        named = {article.variant_id for article in client.articles_of_ean(wire, row.ean)}
        mended += _settle(row, named, main, now)
    return mended


@transaction.atomic
def _settle(row: SharedEan, named: set[int], main: Mapping[int, str], now: datetime) -> bool:
    SharedEan.objects.filter(pk=row.pk).update(asked_at=now)
    barcodes = list(Barcode.objects.filter(group_id=row.group_id, ean=row.ean).select_related("variant"))
    still = named | {number for number in _numbers(barcodes) if main.get(number) == row.ean}
    kept = [barcode for barcode in barcodes if barcode.variant.variant_id in still]
    gone = [barcode for barcode in barcodes if barcode not in kept]
    if not named or not gone:
        return False
    Barcode.objects.filter(pk__in=[barcode.pk for barcode in gone]).delete()
    row.variants.set([barcode.variant_id for barcode in kept])
    is_mended = len(kept) < 2
    if is_mended:
        SharedEan.objects.filter(pk=row.pk).update(gone_at=now)
    return is_mended


def _numbers(barcodes: Iterable[Barcode]) -> set[int]:
    return {barcode.variant.variant_id for barcode in barcodes}


def wait_for_ddd(row: SharedEan, actor: User, now: datetime, why: str = "") -> None:
    """Somebody has seen it, and waits for DdD to correct it."""
    standing = SharedEan.objects.filter(pk=row.pk, seen_at=None)
    standing.update(seen_at=now, seen_by=actor, note=why.strip()[:500])
