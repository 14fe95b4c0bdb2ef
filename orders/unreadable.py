"""Orders in DdD's list that cannot be read: a notice for each, or one for all that have the same fault."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from accounts.models import Group
from core.causes import StoredCause
from ddd.models import Notice
from ddd.words import causes

ONE_BY_ONE: Final = 3
NAMED: Final = 20


def tell(group: Group, orders: Iterable[tuple[str, StoredCause]], now: datetime) -> None:
    """Puts the notices. What a closed one says is not said again by the next poll."""
    alike: defaultdict[tuple[str, str], list[tuple[str, StoredCause]]] = defaultdict(list)
    for name, cause in orders:
        alike[cause["code"], str(cause["data"].get("field", ""))].append((name, cause))
    for (code, field), found in alike.items():
        if len(found) <= ONE_BY_ONE:
            for name, cause in found:
                Notice.put_if_other(group, Notice.Kind.UNREADABLE, name, cause, now)
            continue
        names = sorted({name for name, _cause in found})
        more = "" if len(names) <= NAMED else ", …"
        detail = causes.MANY_UNREADABLE(
            count=len(names), first=found[0][1], names=", ".join(names[:NAMED]) + more
        )
        Notice.put_if_other(group, Notice.Kind.MANY_UNREADABLE, field or code, detail, now)
