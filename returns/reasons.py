"""Reasons for returns: head office's list, or the default one while it has none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import IntegrityError
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Group
from core.choices import Reason, Reasons
from core.errors import Conflict
from returns.models import ReturnReason


@dataclass(frozen=True)
class ReasonToReturn(Reason):
    """Its `ddd_code` is the ReturnCode that DdD is told, 0 to 99."""

    ddd_code: int = field()  # required here, optional for other reasons


USUAL: Final = Reasons(
    [
        ReasonToReturn("does not fit", _("Does not fit"), 1),
        ReasonToReturn("regretted", _("Regretted"), 2),
        ReasonToReturn("faulty", _("Faulty"), 3),
        ReasonToReturn("wrong piece", _("Wrong piece"), 4),
    ]
)


def offered_reasons(group: Group) -> Reasons[ReasonToReturn]:
    """The reasons that staff can choose, in head office's order; 1 query.

    Their codes are their words, in the Group's language for every reader: they are stored on the return, also
    after head office has renamed or removed the reason.
    """
    return _stored_reasons(group, lambda reason: reason.offered)


def all_reasons(group: Group) -> Reasons[ReasonToReturn]:
    """Including those that are no longer offered; 1 query."""
    return _stored_reasons(group, lambda reason: True)


def store_reasons(group: Group, changed: Sequence[ReturnReason]) -> None:
    """Stores new and changed reasons; Conflict when somebody else stores the same words at the same time."""
    try:
        # Two reasons may swap their words, which are unique, so all get temporary words first.
        for reason in changed:
            if reason.pk:
                ReturnReason.objects.filter(pk=reason.pk).update(words=f"\n{reason.pk}")
        for reason in changed:
            reason.group = group
            reason.save()
    except IntegrityError as error:
        raise Conflict(
            gettext("Somebody else has changed the return policy just now. Look at it and try once more."),
            code="changed-meanwhile",
        ) from error


def _stored_reasons(group: Group, is_wanted: Callable[[ReturnReason], bool]) -> Reasons[ReasonToReturn]:
    written = list(ReturnReason.objects.filter(group=group))
    if not written:
        with translation.override(group.language):
            return Reasons(_in_words(str(usual.label), usual.ddd_code) for usual in USUAL)
    return Reasons(_in_words(row.words, row.return_code) for row in written if is_wanted(row))


def _in_words(words: str, return_code: int) -> ReasonToReturn:
    return ReasonToReturn(words, words, return_code)
