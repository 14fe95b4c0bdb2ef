"""The context that every screen of head office shares."""

from typing import Any

from accounts.models import User
from office.attention.waiting import badge_of


def office_context(user: User) -> dict[str, Any]:
    """How much waits for a person; 1 query."""
    return {"needs_attention": badge_of(user.group_id)}
