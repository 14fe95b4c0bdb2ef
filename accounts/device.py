"""Who uses a device. The log-in belongs to the device; people switch by PIN, and actions carry their names.

The session has `who`: without it the person is the device's own user; with a person in it, it is them until
they have not tapped for ten minutes; empty, the person is unknown. `unlocked` has everybody who gave their
PIN here within a day: picks that waited for the network are theirs even after somebody else has signed on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import work_shops_of
from accounts.models import User
from accounts.sessions import begin
from accounts.viewer import Viewer

IDLE = timedelta(minutes=10)
REMEMBERED = timedelta(hours=24)
STAMPED_EVERY = timedelta(seconds=30)
PROLONGED_EVERY = timedelta(days=1)
WHO, UNLOCKED, PROLONGED = "who", "unlocked", "prolonged"
ON_THE_REQUEST = "_identity"


@dataclass(frozen=True)
class Identity:
    """Who acts in this request: `person`. `by_pin` when they are not simply the device's own user;
    `is_unknown` when the device has to ask who it is."""

    viewer: Viewer
    by_pin: bool = False
    is_unknown: bool = False

    @property
    def person(self) -> User:
        return self.viewer.user


def identity(request: HttpRequest) -> Identity:
    """Who acts in this request; read once per request. Only where somebody is logged in."""
    cached: Identity | None = getattr(request, ON_THE_REQUEST, None)
    if cached is None:
        cached = _read(request, timezone.now())
        setattr(request, ON_THE_REQUEST, cached)
    return cached


def device(request: HttpRequest) -> User:
    """The user who is logged in on the device."""
    assert isinstance(request.user, User)  # noqa: S101 - the audience of the view has made sure
    return request.user


def unlock(request: HttpRequest, person: User, now: datetime) -> None:
    """The person has given their PIN and acts from now on."""
    oldest = (now - REMEMBERED).timestamp()
    known = {pk: at for pk, at in request.session.get(UNLOCKED, {}).items() if at > oldest}
    request.session[UNLOCKED] = {**known, str(person.pk): now.timestamp()}
    request.session[WHO] = {"person": person.pk, "at": now.timestamp()}
    _forget(request)


def sign_off(request: HttpRequest) -> None:
    """ "Done": the next action needs a PIN again."""
    request.session[WHO] = {}
    _forget(request)


def act_as_device_user(request: HttpRequest) -> None:
    """For the device's own user, who needs no PIN."""
    request.session.pop(WHO, None)
    _forget(request)


def needs_pin(request: HttpRequest) -> bool:
    """Whether an action has to wait for a PIN: the person is unknown, or the shop always asks."""
    current = identity(request)
    return current.is_unknown or (not current.by_pin and shop_needs_pin(device(request)))


def shop_needs_pin(user: User) -> bool:
    """Whether one of the shops of this device asks for a PIN."""
    return work_shops_of(Viewer.of(user)).filter(asks_who=True).exists()


def act_as(request: HttpRequest, pk: int, now: datetime) -> bool:
    """Lets the person who tapped while there was no network act in this one request, if they gave their PIN
    here within a day, or are the device's own user and need none. False when they may not."""
    if identity(request).person.pk == pk and not needs_pin(request):
        return True
    own, at = device(request), request.session.get(UNLOCKED, {}).get(str(pk), 0)
    if at <= (now - REMEMBERED).timestamp() and (pk != own.pk or shop_needs_pin(own)):
        return False
    viewer = _viewer_at(own, pk)
    if viewer is not None:
        setattr(request, ON_THE_REQUEST, Identity(viewer, by_pin=True))
    return viewer is not None


def record_tap(request: HttpRequest, now: datetime) -> None:
    """Restarts the ten minutes. Saved at once: a slow response must not restore the person before."""
    who = request.session.get(WHO)
    if not who or not _is_tap(request) or not _is_fresh(who, now):
        return
    if now.timestamp() - who["at"] < STAMPED_EVERY.total_seconds():
        return
    request.session[WHO] = {**who, "at": now.timestamp()}
    request.session.save()
    request.session.modified = False


def extend_session(session: SessionBase, now: datetime, agent: str = "") -> None:
    """Extends the session of a device in use, at most once a day."""
    if now.timestamp() - session.get(PROLONGED, 0) >= PROLONGED_EVERY.total_seconds():
        session[PROLONGED] = now.timestamp()
        begin(session, agent, now)


def _read(request: HttpRequest, now: datetime) -> Identity:
    own, who = device(request), request.session.get(WHO)
    if who is None:
        return Identity(Viewer.of(own))
    viewer = _viewer_at(own, who["person"]) if _is_fresh(who, now) else None
    return Identity(viewer, by_pin=True) if viewer else Identity(Viewer.of(own), is_unknown=True)


def _viewer_at(own: User, pk: int) -> Viewer | None:
    """None unless the person is active and works in a shop of the device."""
    if pk == own.pk:
        return Viewer.of(own)
    person = User.objects.select_related("group").filter(pk=pk, is_active=True, group_id=own.group_id).first()
    if person is None:
        return None
    viewer = Viewer(person, device_user=own)
    return viewer if work_shops_of(viewer).exists() else None


def _is_fresh(who: dict[str, float], now: datetime) -> bool:
    return bool(who) and now.timestamp() - who["at"] < IDLE.total_seconds()


def _is_tap(request: HttpRequest) -> bool:
    """Whether a person caused it: not a page that refreshes itself or reports that it is alive."""
    headers = request.headers
    if "HX-Request" in headers:
        return request.method == "POST" or "HX-Boosted" in headers
    return headers.get("Sec-Fetch-Mode") == "navigate"


def _forget(request: HttpRequest) -> None:
    setattr(request, ON_THE_REQUEST, None)
