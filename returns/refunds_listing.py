"""Head office's list of refunds, page by page without ever counting all."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Invalid
from returns.models import RefundDue

REFUNDS_ON_A_PAGE = 50
COUNTED_TO = 100
TABS = ("open", "done")


@dataclass(frozen=True)
class Page:
    """Some refunds, and where the next page begins; None when there is none."""

    refunds: list[RefundDue]
    after: str | None


def page_of(user: User, tab: str, after: str = "") -> Page:
    """Open ones the longest waiting first, done ones the newest first; 3 queries."""
    is_open = tab == TABS[0]
    mine = RefundDue.objects.visible_to(user)
    wanted = mine.open().order_by("made_at", "pk") if is_open else mine.done().order_by("-modified_at", "-pk")
    if after:
        wanted = wanted.filter(_beyond(after, is_open))
    told = wanted.select_related(
        "web_shop", "closed_by", "taken_back__order", "taken_back__shop"
    ).prefetch_related("taken_back__pieces__line__variant")
    rows = list(told[: REFUNDS_ON_A_PAGE + 1])
    shown = rows[:REFUNDS_ON_A_PAGE]
    if len(rows) <= REFUNDS_ON_A_PAGE:
        return Page(shown, None)
    last = shown[-1]
    moment = last.made_at if is_open else last.modified_at
    return Page(shown, f"{moment.isoformat()}_{last.pk}")


def waiting_of(user: User) -> int:
    """How many are open, counted to 100 at most; 1 query."""
    return len(RefundDue.objects.visible_to(user).open().values_list("pk")[:COUNTED_TO])


def _beyond(after: str, is_open: bool) -> Q:
    moment_text, _underscore, number = after.partition("_")
    try:
        moment, pk = datetime.fromisoformat(moment_text.replace(" ", "+")), int(number)
        if moment.tzinfo is None:
            raise ValueError(after)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("This page address is broken: begin at the first page.")) from error
    if is_open:
        return Q(made_at__gt=moment) | Q(made_at=moment, pk__gt=pk)
    return Q(modified_at__lt=moment) | Q(modified_at=moment, pk__lt=pk)
