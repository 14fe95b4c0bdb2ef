"""Stock: the opening stock of the demo, moved by what was posted."""

from ddd.sandbox import catalogue
from ddd.sandbox.demo_data import SHOPS, opening_stock
from ddd.sandbox.endpoints import Answer, Call, Refused
from ddd.sandbox.state import State


def move(state: State, shop: int, variant_id: int, pieces: int) -> None:
    state.change(
        "INSERT INTO stock_moves (shop, variant_id, pieces) VALUES (?, ?, ?) "
        "ON CONFLICT (shop, variant_id) DO UPDATE SET pieces = pieces + excluded.pieces",
        shop,
        variant_id,
        pieces,
    )


def draft(state: State, shop: int, variant_id: int, pieces: int) -> None:
    """Pieces on their way to the shop by a draft that nobody has confirmed."""
    state.change(
        "INSERT INTO stock_moves (shop, variant_id, in_drafts) VALUES (?, ?, ?) "
        "ON CONFLICT (shop, variant_id) DO UPDATE SET in_drafts = in_drafts + excluded.in_drafts",
        shop,
        variant_id,
        pieces,
    )


def _stock(state: State, shop: int, variant_id: int) -> tuple[int, int]:
    row = state.row("SELECT * FROM stock_moves WHERE shop = ? AND variant_id = ?", shop, variant_id)
    opening = opening_stock(SHOPS[shop], variant_id)
    return (opening + row["pieces"], row["in_drafts"]) if row else (opening, 0)


def by_barcode(call: Call) -> Answer:
    shop, barcode = call.shop(), call.path["barcode"]
    variants = catalogue.by_ean(SHOPS[shop].group, barcode)
    if not variants:
        raise Refused([f"barcode: {barcode} is not known"], status=404, message="Not found.")
    return Answer({"Identifier": barcode, "Quantity": _stock(call.state, shop, variants[0].variant_id)[0]})


def combined(call: Call) -> Answer:
    shop, variant_id = call.shop(), call.number("variantId")
    variant = catalogue.variant(SHOPS[shop].group, variant_id)
    if variant is None:
        raise Refused([f"variantId: {variant_id} is not known"], status=404, message="Not found.")
    in_shop, in_drafts = _stock(call.state, shop, variant_id)
    return Answer(
        {
            "VariantId": str(variant_id),
            "Ean": int(variant.ean),
            "StockInShop": in_shop,
            "TransferDrafts": in_drafts,
            "PurchaseDrafts": 0,
        }
    )
