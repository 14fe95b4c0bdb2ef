"""The access rules: what a person may see. Every query of an entry point starts from one of these."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Shop, User
from accounts.viewer import Viewer
from core.errors import Conflict


def shops_of(viewer: Viewer) -> QuerySet[Shop]:
    """The shops whose orders a person may see: all of the Group for head office, else their own."""
    return _seen_from_the_device(_shops_of(viewer.user), viewer)


def work_shops_of(viewer: Viewer) -> QuerySet[Shop]:
    """The shops in which a person works."""
    shops = Shop.objects.filter(memberships__user=viewer.user, group_id=viewer.group_id, takes_orders=True)
    return _seen_from_the_device(shops, viewer)


def managed_shops_of(viewer: Viewer) -> QuerySet[Shop]:
    """The shops among them that they manage."""
    roles = {"memberships__user": viewer.user, "memberships__role": Membership.Role.MANAGER}
    return work_shops_of(viewer).filter(**roles)


def people_of(shop: Shop) -> QuerySet[User]:
    """Who works in the shop, by name."""
    people = User.objects.filter(memberships__shop=shop, group_id=shop.group_id, is_active=True)
    return people.order_by("name", "pk")


def sees_the_whole_group(viewer: Viewer) -> bool:
    """Head office, unless at the device of somebody who is not."""
    return viewer.user.is_head_office and viewer.device_user.is_head_office


def everybody_seen_by(viewer: Viewer) -> QuerySet[User]:
    """The people whom a viewer administers: all of the Group for head office, nobody for others."""
    everybody = User.objects.filter(group_id=viewer.group_id)
    return everybody if sees_the_whole_group(viewer) else everybody.none()


def managers_of(shop: Shop) -> QuerySet[User]:
    """The managers of the shop, the oldest account first."""
    roles = {"memberships__shop": shop, "memberships__role": Membership.Role.MANAGER}
    return User.objects.filter(is_active=True, **roles).order_by("pk")


def is_manager(user: User, shop: Shop) -> bool:
    """Whether the person may do in this shop what only its manager may."""
    return Membership.objects.filter(user=user, shop=shop, role=Membership.Role.MANAGER).exists()


def must_manage(user: User, shop: Shop) -> None:
    """Raises Conflict for everybody but a manager of the shop."""
    if not is_manager(user, shop):
        raise Conflict(
            _("Only the shop manager of %(shop)s can do this.") % {"shop": shop.name}, code="managers-only"
        )


def _shops_of(user: User) -> QuerySet[Shop]:
    if user.is_head_office:
        return Shop.objects.filter(group_id=user.group_id)
    return Shop.objects.filter(memberships__user=user, group_id=user.group_id)


def _seen_from_the_device(shops: QuerySet[Shop], viewer: Viewer) -> QuerySet[Shop]:
    if viewer.is_at_own_device:
        return shops
    return shops.filter(pk__in=_shops_of(viewer.device_user).values("pk"))
