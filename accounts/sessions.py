"""Log-ins: Django's sessions in a table with the person, the device, and when each was last used."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

SINCE, DEVICE = "since", "device"
SEEN_EVERY = timedelta(minutes=5)
LONGEST_DEVICE = 300
# A User-Agent also names browsers that it imitates, so the first match in this order counts.
BROWSERS = (
    ("Edge", "Edg"),
    ("Firefox", "Firefox"),
    ("Samsung Internet", "SamsungBrowser"),
    ("Opera", "OPR"),
    ("Chrome", "Chrome|CriOS"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("ChromeOS", "CrOS"),
    ("Mac", "Macintosh"),
    ("Linux", "Linux"),
)


class LogIn(AbstractBaseSession):
    """A session. Without a user nobody has logged in yet."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="log_ins"
    )
    device = models.CharField(max_length=LONGEST_DEVICE, blank=True)
    since = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Required by Django."""
        return SessionStore

    @property
    def number(self) -> str:
        """Identifies it on a screen. The session key is never shown: anybody could use it to act as them."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:16]

    @property
    def device_words(self) -> str:
        """ "Chrome, Android", from the User-Agent, which may be wrong."""
        return describe_device(self.device) or _("unknown device")


class SessionStore(DatabaseSessions):
    """Stores with the session what head office is shown of it; costs no extra query."""

    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[LogIn]:
        """Required by Django."""
        return LogIn

    def load(self) -> dict[str, Any]:
        """Also remembers when it was last used."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # not in the stubs
        if row is None:
            return {}
        self.seen_at = row.last_seen_at
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> LogIn:
        """Adds the user and the device."""
        row: LogIn = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.device = data.get(DEVICE, "")
        row.since = datetime.fromtimestamp(data[SINCE], UTC) if SINCE in data else None
        return row


def begin(session: SessionBase, agent: str, now: datetime) -> None:
    """Records when the log-in began, and on which device it is used."""
    session.setdefault(SINCE, now.timestamp())
    session[DEVICE] = agent[:LONGEST_DEVICE].replace("\0", "")


def record_use(session: SessionBase, now: datetime) -> None:
    """Records that it is in use; written every five minutes at most."""
    seen_at = getattr(session, "seen_at", None)
    if seen_at is not None and now - seen_at >= SEEN_EVERY:
        LogIn.objects.filter(session_key=session.session_key).update(last_seen_at=now)


def describe_device(agent: str) -> str:
    """ "Chrome, Android", the same in every language; empty when neither is known."""
    known = [_first(BROWSERS, agent), _first(SYSTEMS, agent)]
    return ", ".join(word for word in known if word)


def _first(known: Iterable[tuple[str, str]], agent: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, agent)), "")
