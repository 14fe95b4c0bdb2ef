"""Who stands at a device. Its log-in stays the device's; people change by PIN, and deeds carry their names.

The session keeps `who`: not there, it is the device's own user; with a person, they stand there until they
have not tapped for ten minutes; empty, nobody has said who it is. `unlocked` keeps who gave their PIN here
of late: picks that waited for the network are still theirs when somebody else stands there.
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
ON_THE_REQUEST = "_standing"


@dataclass(frozen=True)
class Standing:
    """`person` does what is done in this request; `by_pin` when they are not simply the device's own user;
    `is_nobody` when it must be asked who it is."""

    viewer: Viewer
    by_pin: bool = False
    is_nobody: bool = False

    @property
    def person(self) -> User:
        return self.viewer.user


def standing(request: HttpRequest) -> Standing:
    """Who stands there now; read once in a request. Only where somebody is logged in."""
    found: Standing | None = getattr(request, ON_THE_REQUEST, None)
    if found is None:
        found = _read(request, timezone.now())
        setattr(request, ON_THE_REQUEST, found)
    return found


def device(request: HttpRequest) -> User:
    """Whose log-in the device has."""
    assert isinstance(request.user, User)  # noqa: S101 - the audience of the view has made sure
    return request.user


def unlock(request: HttpRequest, person: User, now: datetime) -> None:
    """They have given their PIN."""
    oldest = (now - REMEMBERED).timestamp()
    known = {pk: at for pk, at in request.session.get(UNLOCKED, {}).items() if at > oldest}
    request.session[UNLOCKED] = {**known, str(person.pk): now.timestamp()}
    request.session[WHO] = {"person": person.pk, "at": now.timestamp()}
    _forget(request)


def leave(request: HttpRequest) -> None:
    """ "Done": it is asked who it is before the next deed."""
    request.session[WHO] = {}
    _forget(request)


def stand_as_the_device(request: HttpRequest) -> None:
    """A device of one person, who needs no PIN."""
    request.session.pop(WHO, None)
    _forget(request)


def must_say_who(request: HttpRequest) -> bool:
    """Whether a deed has to wait for a PIN: nobody stands there, or the shop always asks."""
    found = standing(request)
    return found.is_nobody or (not found.by_pin and shop_asks(device(request)))


def shop_asks(user: User) -> bool:
    """Whether one of the shops at whose device they are wants to know who it is."""
    return work_shops_of(Viewer.of(user)).filter(asks_who=True).exists()


def stand_in(request: HttpRequest, pk: int, now: datetime) -> bool:
    """For this one request it is the person who tapped while there was no network, if they gave their PIN
    here within a day, or is the device's own user and needs none. False when they may not."""
    if standing(request).person.pk == pk and not must_say_who(request):
        return True
    own, at = device(request), request.session.get(UNLOCKED, {}).get(str(pk), 0)
    if at <= (now - REMEMBERED).timestamp() and (pk != own.pk or shop_asks(own)):
        return False
    viewer = _viewer_at(own, pk)
    if viewer is not None:
        setattr(request, ON_THE_REQUEST, Standing(viewer, by_pin=True))
    return viewer is not None


def note_a_tap(request: HttpRequest, now: datetime) -> None:
    """Ten minutes begin anew. Written at once: a slow answer must not bring back who stood there before."""
    who = request.session.get(WHO)
    if not who or not _is_a_tap(request) or not _is_fresh(who, now):
        return
    if now.timestamp() - who["at"] < STAMPED_EVERY.total_seconds():
        return
    request.session[WHO] = {**who, "at": now.timestamp()}
    request.session.save()
    request.session.modified = False


def prolong(session: SessionBase, now: datetime, agent: str = "") -> None:
    """A device in use stays logged in: its session begins anew, at most once a day."""
    if now.timestamp() - session.get(PROLONGED, 0) >= PROLONGED_EVERY.total_seconds():
        session[PROLONGED] = now.timestamp()
        begin(session, agent, now)


def _read(request: HttpRequest, now: datetime) -> Standing:
    own, who = device(request), request.session.get(WHO)
    if who is None:
        return Standing(Viewer.of(own))
    viewer = _viewer_at(own, who["person"]) if _is_fresh(who, now) else None
    return Standing(viewer, by_pin=True) if viewer else Standing(Viewer.of(own), is_nobody=True)


def _viewer_at(own: User, pk: int) -> Viewer | None:
    """Still active, and still at work in a shop of the device."""
    if pk == own.pk:
        return Viewer.of(own)
    person = User.objects.select_related("group").filter(pk=pk, is_active=True, group_id=own.group_id).first()
    if person is None:
        return None
    viewer = Viewer(person, device_user=own)
    return viewer if work_shops_of(viewer).exists() else None


def _is_fresh(who: dict[str, float], now: datetime) -> bool:
    return bool(who) and now.timestamp() - who["at"] < IDLE.total_seconds()


def _is_a_tap(request: HttpRequest) -> bool:
    """A page that refreshes itself, or reports that it lives, is nobody's finger."""
    headers = request.headers
    if "HX-Request" in headers:
        return request.method == "POST" or "HX-Boosted" in headers
    return headers.get("Sec-Fetch-Mode") == "navigate"


def _forget(request: HttpRequest) -> None:
    setattr(request, ON_THE_REQUEST, None)
