"""Saved views of the list of orders: created, changed and shared by their maker."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Fault, Invalid
from office.models import SavedView

MOST_VIEWS = 50  # of one person


@dataclass(frozen=True)
class ViewData:
    """What is kept; `query` is the list's address."""

    name: str
    query: str
    is_shared: bool


@transaction.atomic
def create_view(maker: User, view: ViewData) -> SavedView:
    """Under a name that the person does not use yet. Saving the same again changes nothing; another list
    under a name in use is a Conflict."""
    saved, made = SavedView.objects.get_or_create(
        maker=maker,
        name=view.name,
        defaults={"group_id": maker.group_id, "query": view.query, "is_shared": view.is_shared},
    )
    if not made and ViewData(saved.name, saved.query, saved.is_shared) != view:
        raise _taken(view.name)
    if made and maker.saved_views.count() > MOST_VIEWS:
        detail = _("You have %(count)d views already: delete one first.") % {"count": MOST_VIEWS}
        raise Invalid(detail, [Fault("/name", detail, "too-many")])
    return saved


def change_view(saved: SavedView, view: ViewData) -> None:
    """What it shows, its name, and who sees it; Conflict when another view of theirs has the name."""
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=saved.pk).update(
                name=view.name, query=view.query, is_shared=view.is_shared
            )
    except IntegrityError:
        raise _taken(view.name) from None


def delete_view(saved: SavedView) -> None:
    """Also for everybody it was shared with; orders are not touched."""
    saved.delete()


def _taken(name: str) -> Conflict:
    return Conflict(
        _("You have a view called %(name)s already: choose another name, or open that view and change it.")
        % {"name": name},
        code="name-taken",
    )
