"""What settings mean, by example: the portal's own rules applied to a moment in the near future."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.calendars import Calendar, calendar_of
from accounts.models import Group, Shop
from core.words import day
from orders.collecting import collect_by
from orders.models import Policy

BEFORE_CLOSING = timedelta(minutes=5)


@dataclass(frozen=True)
class Meaning:
    """Something that happens, and what follows."""

    when: str
    then: str


def meaning_of_work(policy: Policy, group: Group, now: datetime) -> list[Meaning]:
    """Of an order that comes shortly before a shop closes, and of one that nobody collects; 5 queries."""
    return [*_not_taken(policy, group, now), *_not_collected(policy, group, now)]


def meaning_of_forgetting(policy: Policy, now: datetime) -> list[Meaning]:
    """What goes tonight, and what stays."""
    if policy.personal_data_days is None:
        return [Meaning(_("Tonight"), _("Nothing is forgotten: who a customer was is kept for ever."))]
    since = now - timedelta(days=policy.personal_data_days)
    gone = _(
        "Name, address and return address, who collected it, her signature, notes, and her member's number."
    )
    stays = _("OrderNo, pieces, prices, times, shops, and everything that DdD was told of them.")
    data = {"day": formats.date_format(timezone.localtime(since), "j. F Y")}
    return [
        Meaning(_("Forgotten tonight"), _("Who bought what nothing has happened to since %(day)s.") % data),
        Meaning(_("What goes"), gone),
        Meaning(_("What stays"), stays),
        Meaning(
            _("What waits"),
            _("Orders of which DdD still has to hear, or a refund is still due: until it is done."),
        ),
        Meaning(
            _("What it means"),
            _("It cannot be undone. A forgotten order is found by its OrderNo alone, and still counted."),
        ),
    ]


def _not_taken(policy: Policy, group: Group, now: datetime) -> Iterator[Meaning]:
    shop = _an_example_of(group)
    if shop is None:
        return
    calendar = calendar_of(shop)
    ordered = _shortly_before_closing(calendar, now)
    data = {
        "shop": shop.name,
        "ordered": _moment_words(ordered),
        "shop_at": _open_after(calendar, ordered, policy.remind_minutes),
        "manager_at": _open_after(calendar, ordered, policy.manager_minutes),
        "office_at": _open_after(calendar, ordered, policy.head_office_minutes),
    }
    yield Meaning(
        _("An order comes to %(shop)s %(ordered)s, and nobody takes it") % data,
        _("The shop is reminded %(shop_at)s, its manager is told %(manager_at)s, head office %(office_at)s.")
        % data,
    )
    yield Meaning(_("The customer is promised it for"), _open_after(calendar, ordered, group.promise_minutes))


def _not_collected(policy: Policy, group: Group, now: datetime) -> Iterator[Meaning]:
    until = collect_by(group, now)
    data = {"day": day(until), "reminded": day(until - timedelta(days=policy.collect_reminder_days))}
    # They are told that it is ready on the first day, and not reminded on the same.
    is_reminded = 0 < policy.collect_reminder_days < policy.collect_days
    reminded = _("The customer is reminded %(reminded)s. ") % data if is_reminded else ""
    yield Meaning(
        _("An order gets ready now, and nobody collects it"),
        reminded + _("It is cancelled after %(day)s, and its pieces go back on the shelf.") % data,
    )


def _an_example_of(group: Group) -> Shop | None:
    """The first shop that has opening hours, else the first."""
    shops = list(Shop.objects.filter(group=group, takes_orders=True).prefetch_related("opening_hours"))
    saying = [shop for shop in shops if shop.opening_hours.all()]
    found = (saying or shops)[:1]
    for shop in found:
        shop.group = group
    return found[0] if found else None


def _shortly_before_closing(calendar: Calendar, now: datetime) -> datetime:
    """Of the next day on which the shop closes; now, when it never does."""
    if not calendar.hours:
        return now
    opening = calendar.plus_open_minutes(now, 0)
    while (ordered := _closing(calendar, opening) - BEFORE_CLOSING) < now:
        opening = calendar.plus_open_minutes(_closing(calendar, opening), 0)
    return ordered


def _closing(calendar: Calendar, moment: datetime) -> datetime:
    local = moment.astimezone(calendar.zone)
    return datetime.combine(local.date(), calendar.hours[local.weekday()][1], calendar.zone)


def _open_after(calendar: Calendar, start: datetime, minutes: int) -> str:
    """A shop that has just closed is notified when it opens again."""
    return _moment_words(calendar.plus_open_minutes(calendar.plus_open_minutes(start, minutes), 0))


def _moment_words(moment: datetime) -> str:
    return f"{day(moment)} {formats.time_format(timezone.localtime(moment), 'H:i')}"
