"""The only ways to find out what a person may see. Every query of a door starts from one of these."""

from django.db.models import QuerySet

from accounts.models import Membership, Shop, User


def shops_of(user: User) -> QuerySet[Shop]:
    """The shops whose orders a person may see: all of the Group for head office, else her own.

    At the device of somebody else these are only those that its own user may see as well."""
    if user.is_head_office:
        shops = Shop.objects.filter(group_id=user.group_id)
    else:
        shops = Shop.objects.filter(memberships__user=user, group_id=user.group_id)
    return _seen_from_the_device(shops, user)


def work_shops_of(user: User) -> QuerySet[Shop]:
    """The shops in which a person stands and works."""
    shops = Shop.objects.filter(memberships__user=user, group_id=user.group_id, takes_orders=True)
    return _seen_from_the_device(shops, user)


def people_of(shop: Shop) -> QuerySet[User]:
    """Who works in the shop, by name."""
    people = User.objects.filter(memberships__shop=shop, group_id=shop.group_id, is_active=True)
    return people.order_by("name", "pk")


def sees_the_whole_group(user: User) -> bool:
    """Head office, unless it stands at the device of somebody who is not."""
    return user.is_head_office and (user.stands_at is None or user.stands_at.is_head_office)


def everybody_seen_by(user: User) -> QuerySet[User]:
    """The people whom she looks after: all of the Group for head office, nobody for others."""
    everybody = User.objects.filter(group_id=user.group_id)
    return everybody if sees_the_whole_group(user) else everybody.none()


def managers_of(shop: Shop) -> QuerySet[User]:
    """Who manages the shop, the longest known first."""
    roles = {"memberships__shop": shop, "memberships__role": Membership.Role.MANAGER}
    return User.objects.filter(is_active=True, **roles).order_by("pk")


def is_manager(user: User, shop: Shop) -> bool:
    """Whether the person may do in this shop what only its manager may."""
    return Membership.objects.filter(user=user, shop=shop, role=Membership.Role.MANAGER).exists()


def _seen_from_the_device(shops: QuerySet[Shop], user: User) -> QuerySet[Shop]:
    if user.stands_at is None:
        return shops
    return shops.filter(pk__in=shops_of(user.stands_at).values("pk"))
