from decimal import Decimal

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.demo_secrets import DEMO_EMAILS, DEMO_KEYS, DEMO_PASSWORD, NORDLYS_KEY
from accounts.models import ApiKey, Group, Membership, Shop, User, WebShop
from ddd.models import Connection
from ddd.sandbox import demo_data
from demo.people import GROUPS
from demo.seed import Upstream, seed
from returns.models import ReturnPolicy, ReturnReason

SANDBOX = Upstream("http://127.0.0.1:8765")
OTHER = Upstream("https://ddd.example", "their-token")
pytestmark = pytest.mark.django_db


def everything() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_what_scripts_rely_on_is_there() -> None:
    seed(SANDBOX)

    nordlys = Group.objects.get(ddd_group_id=996)
    assert (nordlys.name, nordlys.currency, nordlys.language) == ("Nordlys", "DKK", "da")
    shops = Shop.objects.filter(group=nordlys).values_list("shop_id", "takes_orders")
    assert list(shops) == [(996001, True), (996002, True), (996003, True), (996900, False)]

    key = ApiKey.objects.get(digest=ApiKey.digest_of(NORDLYS_KEY))
    web_shop = key.web_shop
    assert (web_shop.name, web_shop.webshop_id, web_shop.turnover_item_group) == ("nordlys", 1, 9900)
    assert web_shop.turnover_shop
    assert web_shop.turnover_shop.shop_id == 996900
    assert list(web_shop.shops.values_list("shop_id", flat=True)) == [996001, 996002, 996003]
    outlet = WebShop.objects.get(group=nordlys, webshop_id=2)
    assert (outlet.name, outlet.turnover_shop) == ("outlet", None)
    assert list(Shop.objects.filter(group__ddd_group_id=997).values_list("shop_id", flat=True)) == [997001]


def test_everybody_can_log_in_with_their_role() -> None:
    seed(SANDBOX)
    assert {user.email for user in User.objects.all()} == set(DEMO_EMAILS)
    assert all(user.check_password(DEMO_PASSWORD) for user in User.objects.all())
    roles = set(Membership.objects.values_list("user__email", "shop__shop_id", "role"))
    assert roles == {
        ("manager@nordlys.example", 996001, "manager"),
        ("aarhus@nordlys.example", 996001, "staff"),
        ("odense@nordlys.example", 996002, "staff"),
        ("staff@fjord.example", 997001, "staff"),
    }
    offices = User.objects.filter(is_head_office=True).order_by("email")
    assert [user.email for user in offices] == ["office@fjord.example", "office@nordlys.example"]


def test_nordlys_pays_returns_from_the_register_and_fjord_does_not() -> None:
    seed(SANDBOX)
    nordlys, fjord = (ReturnPolicy.objects.get(group__ddd_group_id=number) for number in (996, 997))
    assert (nordlys.register_pays, nordlys.money_limit, nordlys.days) == (True, Decimal("1000.00"), 30)
    assert (nordlys.where, nordlys.overruling, nordlys.slip_paper) == ("every shop", "manager", "a5")
    assert (fjord.register_pays, fjord.money_limit, fjord.days) == (False, None, 30)
    assert (fjord.overruling, fjord.slip_paper) == ("nobody", "receipt")
    for policy in (nordlys, fjord):
        assert list(policy.group.return_reasons.values_list("words", "return_code", "offered")) == [
            ("Passer ikke", 1, True),
            ("Fortrudt", 2, True),
            ("Fejl på varen", 3, True),
            ("Forkert vare", 4, True),
            ("Gave, der skal byttes", 5, True),
        ]


def test_what_head_office_decided_about_returns_is_kept() -> None:
    seed(SANDBOX)
    ReturnPolicy.objects.filter(group__ddd_group_id=996).update(register_pays=False, days=None)
    ReturnReason.objects.filter(words="Fortrudt").update(words="Angret", offered=False)
    before = [list(model.objects.order_by("pk").values()) for model in (ReturnPolicy, ReturnReason)]
    seed(SANDBOX)
    after = [list(model.objects.order_by("pk").values()) for model in (ReturnPolicy, ReturnReason)]
    assert after == before


def test_seeding_again_adds_nothing() -> None:
    seed(SANDBOX)
    before = everything()
    seed(SANDBOX)
    assert everything() == before
    assert before["ApiKey"] == len(DEMO_KEYS)


def test_what_somebody_changed_in_the_demo_is_kept() -> None:
    seed(SANDBOX)
    Shop.objects.filter(shop_id=996001).update(name="Aarhus by the harbour")
    ApiKey.objects.filter(digest=ApiKey.digest_of(NORDLYS_KEY)).update(revoked_at=timezone.now())
    seed(SANDBOX)
    assert Shop.objects.get(shop_id=996001).name == "Aarhus by the harbour"
    assert ApiKey.objects.get(digest=ApiKey.digest_of(NORDLYS_KEY)).revoked_at is not None


def test_another_port_of_the_sandbox_moves_every_connection() -> None:
    seed(SANDBOX)
    seed(Upstream("http://127.0.0.1:9999"))
    assert set(Connection.objects.values_list("base_url", flat=True)) == {"http://127.0.0.1:9999"}


def test_another_ddd_is_read_from_its_beginning_with_its_own_token() -> None:
    seed(SANDBOX)
    Connection.objects.update(polled_until=timezone.now(), catalogue_read_at=timezone.now())
    seed(OTHER)
    for connection in Connection.objects.all():
        assert (connection.base_url, connection.token) == ("https://ddd.example", "their-token")
        assert (connection.polled_until, connection.catalogue_read_at) == (None, None)
        assert not connection.drafts_are_listed
    assert set(WebShop.objects.values_list("ddd_token", flat=True)) == {""}


def test_the_same_ddd_is_read_on_from_where_it_was() -> None:
    seed(SANDBOX)
    now = timezone.now()
    Connection.objects.update(polled_until=now)
    seed(SANDBOX)
    assert set(Connection.objects.values_list("polled_until", flat=True)) == {now}


def test_the_sandbox_knows_the_same_shops_and_tokens() -> None:
    shops = {shop.shop_id: group.ddd_group_id for group in GROUPS for shop in group.shops}
    assert shops == {shop.shop_id: shop.group for shop in demo_data.SHOPS.values()}
    tokens = {token.text: (token.group, token.webshop) for token in demo_data.TOKENS}
    for group in GROUPS:
        assert tokens[group.ddd_token][0] == group.ddd_group_id
        for web_shop in group.web_shops:
            assert tokens[web_shop.ddd_token] == (group.ddd_group_id, web_shop.webshop_id)
            assert demo_data.WEB_SHOPS[web_shop.webshop_id].turnover_shop == web_shop.turnover_shop
