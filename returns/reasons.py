"""Why pieces come back: head office's list, or the usual one before it has made any."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Group
from returns.models import ReturnReason

USUAL = (
    (gettext_noop("Does not fit"), 1),
    (gettext_noop("Regretted"), 2),
    (gettext_noop("Faulty"), 3),
    (gettext_noop("Wrong piece"), 4),
)


@dataclass(frozen=True)
class Reason:
    """What staff choose, and the ReturnCode that DdD is told."""

    words: str
    return_code: int


def offered_reasons(group: Group) -> list[Reason]:
    """What staff can choose today, in head office's order; 1 query. All read the Group's language: the words
    stand on the return for ever, whoever chose them."""
    written = list(ReturnReason.objects.filter(group=group))
    if not written:
        with translation.override(group.language):
            return [Reason(_(words), code) for words, code in USUAL]
    return [Reason(reason.words, reason.return_code) for reason in written if reason.offered]
