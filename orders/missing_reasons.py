"""Why a piece of an order is missing. Knows no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.choices import Reason, Reasons

LONGEST: Final = 60  # characters of a reason in head office's own words
OTHER: Final = "other"


@dataclass(frozen=True)
class MissingReason(Reason):
    """`claims_not_here`: the shop says that it does not have the piece, so head office looks into a sale of
    one there soon after."""

    claims_not_here: bool = False


# DdD knows no reasons for missing pieces, so none has a ddd_code yet (contract 2.3).
MISSING_REASONS: Final = Reasons(
    [
        MissingReason("not found", _("Not found on the shelf"), claims_not_here=True),
        # The damaged piece was here; another one may be sold.
        MissingReason("damaged", _("Damaged")),
        # The sale says just that.
        MissingReason("sold", _("Just sold in the shop")),
        MissingReason(OTHER, _("Something else")),
    ]
)


def with_own(words: Iterable[object]) -> Reasons[MissingReason]:
    """The usual reasons, then head office's own, which are stored in its words and never claim that the piece
    is not there.

    Values that are no text, too long or duplicates are skipped.
    """
    own = dict.fromkeys(word.strip() for word in words if isinstance(word, str))
    new = [word for word in own if 0 < len(word) <= LONGEST and word not in MISSING_REASONS.codes]
    return Reasons([*MISSING_REASONS, *(MissingReason(word, word) for word in new)])


def claims_not_here(code: object) -> bool:
    """Whether a piece that was reported for this reason should not be sold in the shop soon after."""
    reason = MISSING_REASONS.of(code)
    return reason is not None and reason.claims_not_here
