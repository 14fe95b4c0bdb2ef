"""Who and what is in the demo. Scripts and tests rely on these names and numbers: they do not change."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.demo_secrets import FJORD_KEY, NORDLYS_KEY, OUTLET_KEY


@dataclass(frozen=True)
class DemoShop:
    """An address as it stands on labels: # is a line break."""

    shop_id: int
    name: str
    address: str
    takes_orders: bool = True


@dataclass(frozen=True)
class DemoWebShop:
    """`ddd_token` is the sandbox's; another DdD has its own."""

    name: str
    webshop_id: int
    key: str
    ddd_token: str
    turnover_shop: int | None = None
    turnover_item_group: int | None = None


@dataclass(frozen=True)
class DemoPerson:
    """Without a shop they are head office of their Group. Their PIN is for a tablet that several people
    share."""

    email: str
    name: str
    role: str
    shop_id: int | None = None
    pin: str = ""


@dataclass(frozen=True)
class DemoReturnPolicy:
    """Who pays a customer back, and until when. Reasons carry their ReturnCode, in the Group's language."""

    register_pays: bool
    money_limit: Decimal | None = None
    days: int = 30
    overruling: str = "manager"
    slip_paper: str = "a5"
    reasons: tuple[tuple[str, int], ...] = (
        ("Passer ikke", 1),
        ("Fortrudt", 2),
        ("Fejl på varen", 3),
        ("Forkert vare", 4),
        ("Gave, der skal byttes", 5),
    )


@dataclass(frozen=True)
class DemoGroup:
    """`ddd_token` is the sandbox's; `proof` is asked for at the hand-over."""

    ddd_group_id: int
    name: str
    currency: str
    time_zone: str
    ddd_token: str
    shops: tuple[DemoShop, ...]
    web_shops: tuple[DemoWebShop, ...]
    people: tuple[DemoPerson, ...]
    returns: DemoReturnPolicy
    proof: str = "none"


AARHUS = DemoShop(996001, "Aarhus", "Nordlys Aarhus#Søndergade 12#8000 Aarhus C")
ODENSE = DemoShop(996002, "Odense", "Nordlys Odense#Vestergade 41#5000 Odense C")
KOEBENHAVN = DemoShop(996003, "København", "Nordlys København#Købmagergade 8#1150 København K")

NORDLYS = DemoGroup(
    ddd_group_id=996,
    name="Nordlys",
    currency="DKK",
    time_zone="Europe/Copenhagen",
    ddd_token="demo-ddd-token-996",  # noqa: S106 - the sandbox's, public on purpose
    shops=(AARHUS, ODENSE, KOEBENHAVN, DemoShop(996900, "Web turnover", "", takes_orders=False)),
    web_shops=(
        DemoWebShop("nordlys", 1, NORDLYS_KEY, "demo-ddd-token-996-1", 996900, 9900),
        DemoWebShop("outlet", 2, OUTLET_KEY, "demo-ddd-token-996-2"),
    ),
    people=(
        DemoPerson("office@nordlys.example", "Karen Østergaard", "head office"),
        DemoPerson("manager@nordlys.example", "Mads Lindholm", "shop manager", AARHUS.shop_id, "1357"),
        DemoPerson("aarhus@nordlys.example", "Freja Sørensen", "staff", AARHUS.shop_id, "2468"),
        DemoPerson("odense@nordlys.example", "Emil Kjær", "staff", ODENSE.shop_id, "9753"),
    ),
    returns=DemoReturnPolicy(register_pays=True, money_limit=Decimal("1000.00")),
)

FJORD = DemoGroup(
    ddd_group_id=997,
    name="Fjord",
    currency="NOK",
    time_zone="Europe/Oslo",
    ddd_token="demo-ddd-token-997",  # noqa: S106
    shops=(DemoShop(997001, "Ålesund", "Fjord Ålesund#Kongens gate 19#6002 Ålesund"),),
    web_shops=(DemoWebShop("fjord", 3, FJORD_KEY, "demo-ddd-token-997"),),
    people=(
        DemoPerson("office@fjord.example", "Solveig Åsen", "head office"),
        DemoPerson("staff@fjord.example", "Jonas Bråten", "staff", 997001, "8642"),
    ),
    returns=DemoReturnPolicy(register_pays=False, overruling="nobody", slip_paper="receipt"),
    proof="code",
)

GROUPS = (NORDLYS, FJORD)
