"""The only ways to find out what a person may see. Every query of a door starts from one of these."""

from django.db.models import QuerySet

from accounts.models import Membership, Shop, User, WebShop


def shops_of(user: User) -> QuerySet[Shop]:
    """The shops whose orders a person may see: all of the Group for head office, else her own."""
    if user.is_head_office:
        return Shop.objects.filter(group_id=user.group_id)
    return Shop.objects.filter(memberships__user=user, group_id=user.group_id)


def work_shops_of(user: User) -> QuerySet[Shop]:
    """The shops in which a person stands and works."""
    return Shop.objects.filter(memberships__user=user, group_id=user.group_id, takes_orders=True)


def web_shops_of(user: User) -> QuerySet[WebShop]:
    """The web shops of the person's Group."""
    return WebShop.objects.filter(group_id=user.group_id)


def is_manager(user: User, shop: Shop) -> bool:
    """Whether the person may do in this shop what only its manager may."""
    return Membership.objects.filter(user=user, shop=shop, role=Membership.Role.MANAGER).exists()
