"""Puts the demo's Groups, shops, web shops, people and keys into the database. Safe to repeat."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import ApiKey, Group, Membership, Shop, SoldBy, User, WebShop
from ddd.models import Connection
from demo.people import GROUPS, DemoGroup, DemoPerson, DemoReturnPolicy, DemoWebShop
from orders.models import Policy
from returns.models import ReturnPolicy, ReturnReason


@dataclass(frozen=True)
class Upstream:
    """Which DdD is used; without a token it is the sandbox, which has one for each Group and web shop.

    With `careful` a Group begins as a new one does: nobody has confirmed anything about DdD.
    """

    url: str
    token: str = ""
    careful: bool = False

    @property
    def is_sandbox(self) -> bool:
        """Whether the demo's own tokens are good there."""
        return not self.token


@transaction.atomic
def seed(upstream: Upstream) -> None:
    """What somebody changed in the demo stays as it is; only the way to DdD follows `upstream`."""
    for group in GROUPS:
        _seed_group(group, upstream)


def _seed_group(planned: DemoGroup, upstream: Upstream) -> None:
    group, _new = Group.objects.get_or_create(
        ddd_group_id=planned.ddd_group_id,
        defaults={
            "name": planned.name,
            "currency": planned.currency,
            "language": "da",
            "time_zone": planned.time_zone,
        },
    )
    Policy.objects.get_or_create(group=group, defaults={"proof": planned.proof})
    _seed_return_policy(group, planned.returns)
    shops = {
        shop.shop_id: Shop.objects.get_or_create(
            group=group,
            shop_id=shop.shop_id,
            defaults={"name": shop.name, "address": shop.address, "takes_orders": shop.takes_orders},
        )[0]
        for shop in planned.shops
    }
    for web_shop in planned.web_shops:
        _seed_web_shop(group, shops, web_shop, upstream)
    for person in planned.people:
        _seed_person(group, shops, person)
    _point_at(upstream, group, planned.ddd_token)


def _seed_return_policy(group: Group, planned: DemoReturnPolicy) -> None:
    ReturnPolicy.objects.get_or_create(
        group=group,
        defaults={
            "register_pays": planned.register_pays,
            "money_limit": planned.money_limit,
            "days": planned.days,
            "overruling": planned.overruling,
            "slip_paper": planned.slip_paper,
        },
    )
    if not group.return_reasons.exists():  # else a renamed one would come back
        reasons = (
            ReturnReason(group=group, words=words, return_code=code) for words, code in planned.reasons
        )
        ReturnReason.objects.bulk_create(reasons)


def _seed_web_shop(group: Group, shops: dict[int, Shop], planned: DemoWebShop, upstream: Upstream) -> None:
    turnover_shop = shops[planned.turnover_shop] if planned.turnover_shop else None
    web_shop, new = WebShop.objects.get_or_create(
        group=group,
        webshop_id=planned.webshop_id,
        defaults={
            "name": planned.name,
            "turnover_shop": turnover_shop,
            "turnover_item_group": planned.turnover_item_group,
            "sold_by": SoldBy.PORTAL,
        },
    )
    if new:
        web_shop.shops.set(shop for shop in shops.values() if shop.takes_orders)
    WebShop.objects.filter(pk=web_shop.pk).update(ddd_token=planned.ddd_token if upstream.is_sandbox else "")
    ApiKey.issue(web_shop, planned.key)


def _seed_person(group: Group, shops: dict[int, Shop], planned: DemoPerson) -> None:
    if User.objects.filter(email=planned.email).exists():
        return
    user = User.objects.create_user(
        planned.email,
        DEMO_PASSWORD,
        name=planned.name,
        group=group,
        is_head_office=planned.shop_id is None,
        pin=make_password(planned.pin) if planned.pin else "",
    )
    if planned.shop_id is not None:
        manages = planned.role == "shop manager"
        role = Membership.Role.MANAGER if manages else Membership.Role.STAFF
        Membership.objects.create(user=user, shop=shops[planned.shop_id], role=role)


def _point_at(upstream: Upstream, group: Group, sandbox_token: str) -> None:
    token = sandbox_token if upstream.is_sandbox else upstream.token
    connection, _new = Connection.objects.get_or_create(
        group=group,
        defaults={
            "base_url": upstream.url,
            "token": token,
            "live_at": timezone.now(),
            **({} if upstream.careful else _confirmed(upstream)),
        },
    )
    if (connection.base_url, connection.token) != (upstream.url, token):
        # Another DdD: what was read from the last one does not apply to it.
        Connection.objects.filter(pk=connection.pk).update(
            base_url=upstream.url,
            token=token,
            drafts_are_listed=upstream.is_sandbox and not upstream.careful,
            sales_are_listed=upstream.is_sandbox and not upstream.careful,
            polled_until=None,
            catalogue_read_at=None,
            trouble={},
            trouble_since=None,
        )


def _confirmed(upstream: Upstream) -> dict[str, object]:
    """What the demo's Groups have said of DdD, so that all goes there at once."""
    return {
        # Nobody else sells in the demo.
        "ddd_orders_sold_by": SoldBy.PORTAL,
        "unknown_web_shops_sold_by": SoldBy.PORTAL,
        # The sandbox lists all at once; of another DdD that is not known.
        "drafts_are_listed": upstream.is_sandbox,
        "sales_are_listed": upstream.is_sandbox,
        "asks_about_first": False,
    }
