"""Every page of shops and web shops, in every state that looks different."""

from collections.abc import Iterator

from django.test import Client
from django.utils import timezone

from ddd.models import Notice
from tests.core.pages import Answer
from tests.factories import NOW, Cast
from tests.office.test_opening_hours import DAYS


def shop_pages_of_the_office(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """The list, one shop, a new one, and what cannot be kept."""
    Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_SHOP, "D-1", "ShopId 996004", NOW)
    yield "the shops", client.get("/shops/")
    yield "no shop is called so", client.get("/shops/", {"q": "zzz"})
    yield "a new shop", client.get("/shops/new/?shop_id=996004")
    yield "a shop that cannot be", client.post("/shops/new/", {"shop_id": "1", "name": ""})
    for shop in (cast.aarhus, cast.turnover_shop):
        yield f"the shop {shop}", client.get(f"/shops/{shop.pk}/")
    yield "a shop that cannot be so", client.post(f"/shops/{cast.aarhus.pk}/", {"name": ""})
    yield "no holiday", client.get("/shops/holidays/")
    cast.nordlys.closed_days.create(day=timezone.now().date(), name="Fair")
    yield "a holiday", client.get("/shops/holidays/")
    yield "a holiday that cannot be", client.post("/shops/holidays/", {**DAYS, "whose": "chosen"})
    yield "a week", client.get(f"/shops/{cast.aarhus.pk}/hours/")
    yield "a week that cannot be", client.post(f"/shops/{cast.aarhus.pk}/hours/", {"when": "hours"})
