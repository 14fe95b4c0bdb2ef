"""Lists read page by page, from the row after which a page begins: never by counting, never by an offset."""

from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Invalid


def place_of(moment: datetime, pk: int) -> str:
    """The cursor of a row, for the address of the page that begins after it."""
    return f"{moment.isoformat()}_{pk}"


def behind(place: str, column: str, newest_first: bool) -> Q:
    """The rows after this one, by `column` and then by key. Invalid for a cursor that is none."""
    moment_text, _underscore, number = place.partition("_")
    try:
        # A + that was not escaped arrives as a space.
        moment, pk = datetime.fromisoformat(moment_text.replace(" ", "+")), int(number)
        if moment.tzinfo is None:
            raise ValueError(place)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("This page address is broken: begin at the first page.")) from error
    way = "lt" if newest_first else "gt"
    # The first condition lets the database start at an index; without it, it reads there row by row.
    return Q(**{f"{column}__{way}e": moment}) & (Q(**{f"{column}__{way}": moment}) | Q(**{f"pk__{way}": pk}))
