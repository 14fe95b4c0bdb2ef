"""The demo's keys and passwords. They are public, so a real installation must never accept it."""

DEMO_PASSWORD = "klik-og-hent"  # noqa: S105 - public on purpose

NORDLYS_KEY = "demo-nordlys-key"
OUTLET_KEY = "demo-outlet-key"
FJORD_KEY = "demo-fjord-key"
DEMO_KEYS = (NORDLYS_KEY, OUTLET_KEY, FJORD_KEY)

DEMO_EMAILS = (
    "office@nordlys.example",
    "manager@nordlys.example",
    "aarhus@nordlys.example",
    "odense@nordlys.example",
    "office@fjord.example",
    "staff@fjord.example",
)
