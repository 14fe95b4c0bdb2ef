"""Which orders head office asks for."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.listing.happenings import Happening, Span

NO_WEB_SHOP = 0  # the key of orders that no web shop sent: they came from DdD


class Issue(models.TextChoices):
    """What may be the matter with an order."""

    OVERDUE = "overdue", _("Overdue")
    AT_RISK = "at risk", _("At risk")
    TROUBLE = "trouble", _("In trouble")
    MISSING = "missing", _("With missing pieces")
    PUT_BACK = "put back", _("With pieces to put back")
    UNSENT = "unsent", _("Not all in DdD yet")
    LATE = "late", _("Ready after the promise")
    NOT_COLLECTED = "not collected", _("Not collected")
    IN_STORE = "in store", _("Order in Store")


@dataclass(frozen=True)
class Filters:
    """What head office filters by; the default is everything. `since` is the first moment, `before` the first
    that counts no more."""

    text: str = ""
    shop: int | None = None
    web_shop: int | None = None
    phase: str = ""
    only: str = ""
    since: datetime | None = None
    before: datetime | None = None
    happened: str = ""
    span: Span | None = None  # in which it happened

    @property
    def happened_words(self) -> str:
        """What happened in the span."""
        return str(Happening(self.happened).label)
