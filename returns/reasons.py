"""Why pieces come back: head office's list, or the usual one before it has made any."""

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

    ddd_code: int = field()  # unlike other reasons, never without


USUAL: Final = Reasons(
    [
        ReasonToReturn("does not fit", _("Does not fit"), 1),
        ReasonToReturn("regretted", _("Regretted"), 2),
        ReasonToReturn("faulty", _("Faulty"), 3),
        ReasonToReturn("wrong piece", _("Wrong piece"), 4),
    ]
)


def offered_reasons(group: Group) -> Reasons[ReasonToReturn]:
    """What staff can choose today, in head office's order; 1 query.

    Their codes are their words, in the Group's language whoever reads them: they stand on the return for
    ever, also when head office has renamed the reason or taken it away.
    """
    return _written(group, lambda reason: reason.offered)


def all_reasons(group: Group) -> Reasons[ReasonToReturn]:
    """Also those that are not offered any more; 1 query."""
    return _written(group, lambda reason: True)


def keep_reasons(group: Group, changed: Sequence[ReturnReason]) -> None:
    """Stores these reasons, new or changed; Conflict when somebody stores the same words at this moment."""
    try:
        # New words may be the old ones of another reason, so all give up theirs first.
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


def _written(group: Group, is_wanted: Callable[[ReturnReason], bool]) -> Reasons[ReasonToReturn]:
    written = list(ReturnReason.objects.filter(group=group))
    if not written:
        with translation.override(group.language):
            return Reasons(_in_words(str(usual.label), usual.ddd_code) for usual in USUAL)
    return Reasons(_in_words(row.words, row.return_code) for row in written if is_wanted(row))


def _in_words(words: str, return_code: int) -> ReasonToReturn:
    return ReasonToReturn(words, words, return_code)
