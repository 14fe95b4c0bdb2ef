"""What a person decides about rows of the work list: one, or several at once, each by its own verb."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Group, Shop, User
from core.errors import DomainError, Invalid, NotFound
from ddd.asking import shared_eans
from ddd.models import Difference, Notice, Posting, SharedEan
from ddd.nightly import reconciling
from ddd.sending import decisions
from office.attention.work_list import ROWS_ON_A_PAGE, Kind
from orders import escalation, mail_decisions, repair, trouble
from orders.escalation import NotTaken
from orders.models import Mail, WebOrder


@dataclass(frozen=True)
class Asked:
    """What was decided beside the decision itself; `tries` is how often a mail had been tried on screen."""

    actor: User
    now: datetime
    reason: str = ""
    shop: Shop | None = None
    tries: int = 0


@dataclass(frozen=True)
class Decision:
    """A button: its words, what is said of the rows for which it was carried out, and the verb."""

    label: Promise
    done: Promise
    carry_out: Callable[[Any, Asked], None]
    wants_shop: bool = False
    wants_reason: bool = False


@dataclass(frozen=True)
class Chosen:
    """A row by its key, and how often it had been tried when it was shown."""

    pk: int
    tries: int = 0


@dataclass
class Outcome:
    """Of which rows it was carried out, and of which it was refused and why."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, DomainError]] = field(default_factory=list)


def decide_each(
    kind: Kind, decision: Decision, chosen: Sequence[Chosen], asked: Asked, group: Group
) -> Outcome:
    """Each row in a transaction of its own, so that one refusal takes nothing back. NotFound for a row that
    is not of the Group; then nothing is done at all."""
    rows = {row.pk: row for row in ROWS[kind](group).filter(pk__in=[one.pk for one in chosen])}
    if any(one.pk not in rows for one in chosen):
        raise NotFound(_("One of these rows does not exist (any more)."))
    outcome = Outcome()
    for one in chosen:
        row = rows[one.pk]
        try:
            decision.carry_out(row, _for_row(asked, one))
            outcome.done.append(_named(row))
        except DomainError as refusal:
            outcome.refused.append((_named(row), refusal))
    return outcome


def decisions_of(kind: Kind) -> Mapping[str, Decision]:
    """What can be decided about rows of this kind, by the names that forms send."""
    return DECISIONS.get(kind, {})


def token_of(row: Any) -> str:
    """How a form names the row."""
    if isinstance(row, Mail):
        return f"{row.pk}.{row.tries}"
    return str(row.order.pk if isinstance(row, NotTaken) else row.pk)


def read_chosen(tokens: Sequence[str]) -> list[Chosen] | None:
    """The rows that a form names, each once; None when that is no form of ours."""
    found = list(_read(dict.fromkeys(tokens)))
    return None if None in found or len(found) > ROWS_ON_A_PAGE else [one for one in found if one]


def _read(tokens: Mapping[str, None]) -> Iterator[Chosen | None]:
    for token in tokens:
        pk, _dot, tries = token.partition(".")
        is_number = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (pk, tries or "0"))
        yield Chosen(int(pk), int(tries or 0)) if is_number else None


def _for_row(asked: Asked, one: Chosen) -> Asked:
    return Asked(asked.actor, asked.now, asked.reason, asked.shop, one.tries)


def _named(row: Any) -> str:
    order = getattr(row, "order", row)
    return str(getattr(order, "order_no", "") or getattr(row, "subject", "") or row)


def _move(order: WebOrder, asked: Asked) -> None:
    if asked.shop is None:
        raise Invalid(_("Choose the shop that is to have it."))
    trouble.move_to_shop(order, asked.shop, asked.actor, asked.now)


def _postings(group: Group) -> QuerySet[Posting]:
    return Posting.objects.filter(group=group)


ROWS: Final[Mapping[Kind, Callable[[Group], QuerySet[Any]]]] = {
    Kind.NOT_TAKEN: lambda group: WebOrder.objects.filter(group=group).select_related("group", "shop"),
    Kind.REJECTED: _postings,
    Kind.UNCERTAIN: _postings,
    Kind.DIFFERENCES: lambda group: Difference.objects.filter(group=group),
    Kind.EANS: lambda group: SharedEan.objects.filter(group=group),
    Kind.WORDS: lambda group: Notice.objects.filter(group=group, kind=Notice.Kind.UNKNOWN_WORD),
    Kind.NOTICES: lambda group: Notice.objects.filter(group=group),
    Kind.MAILS: lambda group: Mail.objects.filter(group=group).select_related("order"),
}
# The first decision of a kind is what a typed reason is about: Enter presses the first button of a form, and
# a reason must never send anything to DdD.
OF_POSTINGS: Final[Mapping[str, Decision]] = {
    "give up": Decision(
        gettext_lazy("Give up"),
        gettext_lazy("Given up: %(rows)s"),
        lambda row, asked: decisions.give_up(row, asked.reason, asked.actor, asked.now),
        wants_reason=True,
    ),
    "send again": Decision(
        gettext_lazy("Send again"),
        gettext_lazy("Sent again: %(rows)s"),
        lambda row, asked: decisions.send_again(row, asked.actor, asked.now),
    ),
    "it arrived": Decision(
        gettext_lazy("It did arrive"),
        gettext_lazy("Counts as sent: %(rows)s"),
        lambda row, asked: decisions.it_arrived(row, asked.actor, asked.now),
    ),
}
# What waits on its own order's page may go out now; on the work list nothing waits.
OF_A_POSTING: Final[Mapping[str, Decision]] = {
    **OF_POSTINGS,
    "try now": Decision(
        gettext_lazy("Try now"),
        gettext_lazy("Sent again: %(rows)s"),
        lambda row, asked: decisions.try_now(row, asked.now),
    ),
}
OF_DIFFERENCES: Final[Mapping[str, Decision]] = {
    "seen to": Decision(
        gettext_lazy("Seen to"),
        gettext_lazy("Seen to: %(rows)s"),
        lambda row, asked: reconciling.see_to(row, asked.actor, asked.now, asked.reason),
    ),
    "mend": Decision(
        gettext_lazy("Mend"),
        gettext_lazy("Being mended: %(rows)s"),
        lambda row, asked: repair.mend(row, asked.actor, asked.now),
    ),
}
OF_NOTICES: Final[Mapping[str, Decision]] = {
    "seen to": Decision(
        gettext_lazy("Seen to"),
        gettext_lazy("Seen to: %(rows)s"),
        lambda row, asked: decisions.close_notice(row, asked.actor, asked.now, asked.reason),
    ),
}
DECISIONS: Final[Mapping[Kind, Mapping[str, Decision]]] = {
    Kind.NOT_TAKEN: {
        "remind": Decision(
            gettext_lazy("Remind now"),
            gettext_lazy("The shop is reminded: %(rows)s"),
            lambda row, asked: escalation.remind(row, asked.actor, asked.now),
        ),
        "move": Decision(
            gettext_lazy("Move"), gettext_lazy("Moved to another shop: %(rows)s"), _move, wants_shop=True
        ),
    },
    Kind.REJECTED: OF_POSTINGS,
    Kind.UNCERTAIN: OF_POSTINGS,
    Kind.DIFFERENCES: OF_DIFFERENCES,
    Kind.EANS: {
        "wait": Decision(
            gettext_lazy("Seen, wait for DdD"),
            gettext_lazy("Waits for DdD: %(rows)s"),
            lambda row, asked: shared_eans.wait_for_ddd(row, asked.actor, asked.now, asked.reason),
        ),
    },
    Kind.WORDS: OF_NOTICES,
    Kind.NOTICES: OF_NOTICES,
    Kind.MAILS: {
        "seen to": Decision(
            gettext_lazy("Seen to"),
            gettext_lazy("Seen to: %(rows)s"),
            lambda row, asked: mail_decisions.see_to(row, asked.tries, asked.reason, asked.actor, asked.now),
            wants_reason=True,
        ),
        "send again": Decision(
            gettext_lazy("Send again"),
            gettext_lazy("Sent again: %(rows)s"),
            lambda row, asked: mail_decisions.send_again(row, asked.tries, asked.actor, asked.now),
        ),
    },
}
