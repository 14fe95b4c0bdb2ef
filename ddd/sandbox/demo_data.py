"""What is in the sandbox from the start: groups, shops, web shops, tokens, catalogue and members.

Constants only. The portal's demo and its tests rely on these numbers, so they do not change between starts.
"""

from dataclasses import dataclass, field
from zlib import crc32

NORDLYS = 996
FJORD = 997


@dataclass(frozen=True)
class Shop:
    shop_id: int
    group: int
    name: str
    keeps_stock: bool = True


@dataclass(frozen=True)
class WebShop:
    """A web shop as DdD knows it; with a turnover shop DdD makes its own transfers when its till delivers."""

    webshop_id: int
    group: int
    turnover_shop: int | None = None


@dataclass(frozen=True)
class Token:
    """Who may call. Without a group: every group, and the shop decides which."""

    text: str
    group: int | None
    webshop: int | None = None


@dataclass(frozen=True)
class Variant:
    group: int
    style_id: int
    variant_id: int
    ean: str
    description: str
    brand: str
    colour: str
    size: str
    item_group: int
    supplier: int
    cost_price: float
    more_eans: tuple[str, ...] = ()
    on_pages: bool = True

    @property
    def eans(self) -> tuple[str, ...]:
        return (self.ean, *self.more_eans)


@dataclass(frozen=True)
class Member:
    group: int
    customer_number: int
    user: str
    first_name: str
    last_name: str
    address: str
    postal_code: str
    city: str
    phone: str
    email: str
    gender: str | None = None
    points: dict[str, float] = field(default_factory=dict)


SHOPS = {
    shop.shop_id: shop
    for shop in (
        Shop(996001, NORDLYS, "Nordlys Aarhus"),
        Shop(996002, NORDLYS, "Nordlys Odense"),
        Shop(996003, NORDLYS, "Nordlys København"),
        Shop(996900, NORDLYS, "Nordlys web turnover", keeps_stock=False),
        Shop(997001, FJORD, "Fjord Ålesund"),
    )
}

WEB_SHOPS = {
    web_shop.webshop_id: web_shop
    for web_shop in (WebShop(1, NORDLYS, turnover_shop=996900), WebShop(2, NORDLYS), WebShop(3, FJORD))
}

# The web shop of an order that was sent with a token which names none.
USUAL_WEB_SHOP = {NORDLYS: 1, FJORD: 3}

TOKENS = (
    Token("demo-ddd-token-996", NORDLYS),
    Token("demo-ddd-token-996-1", NORDLYS, 1),
    Token("demo-ddd-token-996-2", NORDLYS, 2),
    Token("demo-ddd-token-997", FJORD, 3),
)


def ean13(twelve: str) -> str:
    """The barcode with its check digit."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"


def _ean(number: int) -> str:
    return ean13(f"5712345{number:05d}")


AMBIGUOUS_EAN = _ean(99)  # 5712345000991: belongs to two variants of group 996
SECOND_EAN = _ean(97)  # the second Ean of variant 100001
LATE_EAN = _ean(98)  # not on any article page, only found by asking for it
SHARED_EAN = _ean(1)  # group 997 sells the same jumper under a VariantId of its own
AMBIGUOUS_VARIANTS = (100013, 100014)
LATE_VARIANT = 100900

Style = tuple[str, str, int, float, tuple[str, ...], tuple[str, ...]]

# description, brand, item group, cost price, colours, sizes
_NORDLYS_STYLES: tuple[Style, ...] = (
    ("Wool jumper Skagerrak", "Nørreby", 1010, 240.0, ("Blue", "Råhvid"), ("S", "M", "L")),
    ("Cardigan Æbleblomst", "Æblegård", 1010, 265.0, ("Moss green",), ("S", "M", "L")),
    ("Rain jacket Vesterhav", "Strandvig", 1020, 390.0, ("Yellow", "Navy"), ("M", "L")),
    ("Down vest Rimfrost", "Strandvig", 1020, 310.0, ("Black",), ("S", "M", "L")),
    ("Jeans Nørrebro, straight", "Nørreby", 1030, 195.0, ("Indigo",), ("30/32", "32/32", "34/34")),
    ("Chinos Gammel Strand", "Nørreby", 1030, 170.0, ("Sand", "Navy"), ("32/32", "34/32")),
    ("Linen shirt Sommersø", "Søstjerne", 1040, 145.0, ("White", "Sky blue"), ("M", "L")),
    ("T-shirt Hverdag", "Søstjerne", 1040, 45.0, ("White", "Black"), ("S", "M", "L")),
    ("Summer dress Hyldeblomst", "Æblegård", 1050, 210.0, ("Rosé",), ("36", "38", "40")),
    ("Skirt Kløvermark", "Æblegård", 1050, 160.0, ("Plum",), ("36", "38")),
    ("Scarf Løvfald", "Lys & Læ", 1060, 85.0, ("Rust", "Grey"), ("One size",)),
    ("Cap Blåvand", "Strandvig", 1060, 60.0, ("Navy", "Sand"), ("One size",)),
    ("Mittens Snefnug", "Lys & Læ", 1060, 55.0, ("Red",), ("S/M", "L/XL")),
    ("Wool socks, 2 pairs", "Lys & Læ", 1060, 40.0, ("Grey",), ("37-40", "41-45")),
    ("Blanket Måneskin", "Lys & Læ", 2010, 220.0, ("Cream", "Petrol"), ("130 x 180",)),
    ("Cushion Strandsten", "Lys & Læ", 2010, 75.0, ("Grey", "Ochre"), ("50 x 50",)),
    ("Candle holder Fyrtårn", "Søstjerne", 2020, 65.0, ("Brass",), ("10 cm", "18 cm")),
    ("Mug Morgendis, 2 pieces", "Søstjerne", 2020, 70.0, ("Blue glaze", "White glaze"), ("30 cl",)),
    ("Oak tray Bøgeskov", "Æblegård", 2020, 130.0, ("Oiled oak",), ("30 x 45",)),
    ("Tea towel Rødgrød", "Æblegård", 2010, 35.0, ("Red check", "Blue check"), ("50 x 70",)),
)
_FJORD_STYLES: tuple[Style, ...] = (
    ("Wool jumper Skagerrak", "Nørreby", 3010, 250.0, ("Blue",), ("S", "M")),
    ("Hiking sock Fjellvåk", "Bølgeslag", 3020, 60.0, ("Grey",), ("37-40", "41-45")),
    ("Thermos Kveldsbris", "Bølgeslag", 3030, 140.0, ("Steel",), ("0.5 l", "1 l")),
)


def _more_eans(group: int, variant_id: int) -> tuple[str, ...]:
    if group != NORDLYS:
        return ()
    if variant_id in AMBIGUOUS_VARIANTS:
        return (AMBIGUOUS_EAN,)
    return (SECOND_EAN,) if variant_id == 100001 else ()


def _variants(group: int, styles: tuple[Style, ...], first_style: int, first_ean: int) -> list[Variant]:
    found: list[Variant] = []
    for offset, (description, brand, item_group, cost, colours, sizes) in enumerate(styles):
        for colour in colours:
            for size in sizes:
                variant_id = 100001 + len(found)
                shared = group == FJORD and variant_id == 100001
                found.append(
                    Variant(
                        group=group,
                        style_id=first_style + offset,
                        variant_id=variant_id,
                        ean=SHARED_EAN if shared else _ean(first_ean + len(found)),
                        description=description,
                        brand=brand,
                        colour=colour,
                        size=size,
                        item_group=item_group,
                        supplier=40 + crc32(brand.encode()) % 50,
                        cost_price=cost,
                        more_eans=_more_eans(group, variant_id),
                    )
                )
    return found


_LATE = Variant(
    NORDLYS, 5099, LATE_VARIANT, LATE_EAN, "Advent star Julelys", "Lys & Læ", "Straw", "One size",
    2020, 66, 48.0, on_pages=False,
)  # fmt: skip

VARIANTS: tuple[Variant, ...] = (
    *_variants(NORDLYS, _NORDLYS_STYLES, 5001, 1),
    _LATE,
    *_variants(FJORD, _FJORD_STYLES, 7001, 501),
)

MEMBERS = (
    # Comes before 100042 in a search for "100042": who takes the first answer gets the wrong person.
    Member(
        NORDLYS, 1000421, "viggo", "Viggo", "Kjær", "Havnegade 3, 2. tv.", "5000", "Odense C",
        "20304051", "viggo@kunde.example", "M",
    ),
    Member(
        NORDLYS, 100042, "aase", "Åse", "Øst", "Søndergade 7", "8000", "Aarhus C",
        "20304050", "aase.oest@kunde.example", "F", {"BonusPoints": 120, "BonusMoney": 60},
    ),
    Member(
        NORDLYS, 100043, "soeren", "Søren", "Ågård", "Æblevej 12", "8200", "Aarhus N",
        "20304052", "soeren@kunde.example", "M",
    ),
    Member(
        NORDLYS, 100044, "noor", "Noor", "Hansen", "Nørrebrogade 101", "2200", "København N",
        "20304053", "noor@kunde.example",
    ),
    Member(
        FJORD, 100042, "ingrid", "Ingrid", "Næss", "Strandgata 4", "6002", "Ålesund",
        "90304050", "ingrid@kunde.example", "F",
    ),
)  # fmt: skip


def opening_stock(shop: Shop, variant_id: int) -> int:
    """Pieces on the shelf before anything was posted: the same at every start."""
    return crc32(f"{shop.shop_id}:{variant_id}".encode()) % 9 if shop.keeps_stock else 0
