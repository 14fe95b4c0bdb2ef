"""The demo catalogue, ready to be looked up."""

from collections import defaultdict
from typing import Any

from ddd.sandbox.demo_data import VARIANTS, Variant

_BY_ID: dict[tuple[int, int], Variant] = {(found.group, found.variant_id): found for found in VARIANTS}
_BY_EAN: dict[str, list[Variant]] = defaultdict(list)
for _found in VARIANTS:
    for _ean in _found.eans:
        _BY_EAN[_ean].append(_found)


def variant(group: int, variant_id: int) -> Variant | None:
    return _BY_ID.get((group, variant_id))


def by_ean(group: int | None, ean: str) -> list[Variant]:
    """All variants with this barcode, lowest VariantId first; without a group, those of every group."""
    return [found for found in _BY_EAN.get(ean, []) if group in (None, found.group)]


def by_style(group: int | None, style_id: int) -> list[Variant]:
    return [found for found in VARIANTS if found.style_id == style_id and group in (None, found.group)]


def on_pages(group: int | None) -> list[Variant]:
    return [found for found in VARIANTS if found.on_pages and group in (None, found.group)]


def article(found: Variant) -> dict[str, Any]:
    """A variant as DdD's Article, with the fields that the contract knows."""
    return {
        "GroupId": found.group,
        "StyleId": found.style_id,
        "SupplierId": found.supplier,
        "ItemGroup": found.item_group,
        "StyleParameter1": found.description,
        "StyleParameter2": found.brand,
        "StyleParameter3": "",
        "StyleParameter4": "",
        "StyleParameter5": "",
        "VariantId": found.variant_id,
        "EAN": found.ean,
        "VariantParameter1": found.colour,
        "VariantParameter2": found.size,
        "VariantParameter3": "",
        "VariantParameter4": "",
        "VariantParameter5": "",
    }
