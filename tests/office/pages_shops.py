"""Every page of shops and web shops, in every state that looks different."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from ddd.models import Notice
from ddd.words import causes
from tests.core.pages import Answer
from tests.factories import NOW, Cast
from tests.office.test_opening_hours import DAYS


def shop_pages_of_the_office(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """The list, one shop, a new one, and what cannot be kept."""
    Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_SHOP, "D-1", causes.SHOP_ID(shop_id=996004), NOW)
    yield "the shops", client.get("/shops/")
    yield "no shop is called so", client.get("/shops/", {"q": "zzz"})
    yield "a new shop", client.get("/shops/new/?shop_id=996004")
    yield "a shop that cannot be", client.post("/shops/new/", {"shop_id": "1", "name": ""})
    for shop in (cast.aarhus, cast.turnover_shop):
        yield f"the shop {shop}", client.get(f"/shops/{shop.pk}/")
    vejle = cast.nordlys.shops.create(shop_id=996005, name="Vejle")
    yield "a shop that may be taken away", client.get(f"/shops/{vejle.pk}/")
    yield "a shop that cannot be so", client.post(f"/shops/{cast.aarhus.pk}/", {"name": ""})
    yield "no holiday", client.get("/shops/holidays/")
    cast.nordlys.closed_days.create(day=timezone.now().date(), name="Fair")
    yield "a holiday", client.get("/shops/holidays/")
    yield "a holiday that cannot be", client.post("/shops/holidays/", {**DAYS, "whose": "chosen"})
    yield "a week", client.get(f"/shops/{cast.aarhus.pk}/hours/")
    yield from web_shop_pages(cast, client)
    yield "a week that cannot be", client.post(f"/shops/{cast.aarhus.pk}/hours/", {"when": "hours"})


def web_shop_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """The list, one web shop with keys of every state, a new one, and what cannot be kept."""
    outlet, nordlys = cast.web_shop("outlet"), cast.web_shop("nordlys")
    outlet.keys.all().delete()
    yield "the web shops", client.get("/webshops/")
    yield "a new web shop", client.get("/webshops/new/")
    yield "a web shop that cannot be", client.post("/webshops/new/", {"turnover_item_group": "x"})
    yield "a web shop without a key", client.get(f"/webshops/{outlet.pk}/")
    key = nordlys.keys.get()
    yield "a key to replace", client.get(f"/webshops/keys/{key.pk}/replace/")
    yield "a key that cannot be replaced so", client.post(f"/webshops/keys/{key.pk}/replace/")
    yield "a key to revoke", client.get(f"/webshops/keys/{key.pk}/revoke/")
    until = f"{timezone.localtime() + timedelta(days=7):%Y-%m-%dT%H:%M}"
    asked = {"until": until, "form": "0" * 32}
    yield "a replaced key", client.post(f"/webshops/keys/{key.pk}/replace/", asked)
    yield "a key without a name", client.post(f"/webshops/{nordlys.pk}/keys/", {"name": ""})
    for number, data in enumerate(({"revoked_at": NOW}, {"expires_at": NOW}, {"last_used_at": NOW})):
        made = {"name": f"Key {number}", "form": f"{number}" * 32}
        yield "a new key", client.post(f"/webshops/{nordlys.pk}/keys/", made)
        nordlys.keys.filter(name=made["name"]).update(made_at=NOW, **data)
    yield "a key that was shown", client.post(f"/webshops/{nordlys.pk}/keys/", made)
    used = nordlys.keys.exclude(last_used_at=None).get()
    yield "a used key to revoke", client.get(f"/webshops/keys/{used.pk}/revoke/")
    yield "keys of every state", client.get(f"/webshops/{nordlys.pk}/")
