"""The keys of a web shop: made and shown once, rotated, revoked, and when each was last used."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.causes import GOOD_UNTIL, KEY_MADE, KEY_PASSES_OVER, KEY_REPLACED, KEY_REVOKED
from accounts.changes import Secret, field_of, record, with_data
from accounts.models import ApiKey, Group, User, WebShop
from core.errors import Conflict, Invalid

SHOWN_AGAIN_WITHIN = timedelta(minutes=1)  # for the second of two taps, whose response is the one displayed
LONGEST_ROTATION = timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)
MOST_KEYS = 20
FORM = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class NewKey:
    """A key and its text; None when it was shown before and cannot be shown again."""

    key: ApiKey
    text: str | None


def about(web_shop: WebShop) -> str:
    """The name under which changes of a web shop and its keys are recorded."""
    return f"web shop {web_shop.pk}"


@transaction.atomic
def make(web_shop: WebShop, name: str, form: str, user: User, now: datetime) -> NewKey:
    """A new key. `form` is the number of the form that asked for it, so that two taps make one key.

    Invalid without such a number; Conflict when the web shop has enough keys.
    """
    if not FORM.fullmatch(form):
        raise Invalid(_("Open the page anew and try once more."))
    list(WebShop.objects.select_for_update().filter(pk=web_shop.pk).values_list("pk"))
    text = _text_of(web_shop, form, user)
    data = {"web_shop": web_shop, "hint": text[:8], "name": name, "made_by": user, "made_at": now}
    known = ApiKey.objects.filter(digest=ApiKey.digest_of(text)).first()
    if known is not None:
        return NewKey(known, text if now - known.made_at < SHOWN_AGAIN_WITHIN else None)
    if web_shop.keys.good_at(now).count() >= MOST_KEYS:
        raise Conflict(_("There are %(count)s good keys already: revoke one first.") % {"count": MOST_KEYS})
    key = ApiKey.objects.create(digest=ApiKey.digest_of(text), **data)
    record(user, about(web_shop), {}, {KEY_MADE: _named(key)}, now, web_shop.name)
    return NewKey(key, text)


@transaction.atomic
def rotate(key: ApiKey, until: datetime, form: str, user: User, now: datetime) -> NewKey:
    """A new key in place of this one, which stays good until a moment.

    Invalid when that is no moment of the next 90 days; Conflict when the key is no longer good.
    """
    if not now < until <= now + LONGEST_ROTATION:
        raise Invalid(_("The old key may stay good for 90 days at most, and until a moment to come."))
    new_key = make(key.web_shop, key.name, form, user, now)
    if new_key.key.replaces_id == key.pk:
        return new_key  # the second tap
    if not ApiKey.objects.good_at(now).filter(pk=key.pk, replaced_by=None).update(expires_at=until):
        raise Conflict(_("This key is replaced or revoked already: look at the list."))
    ApiKey.objects.filter(pk=new_key.key.pk).update(
        replaces=key, passes_over_unknown_fields=key.passes_over_unknown_fields
    )
    recorded = {KEY_REPLACED: _named(key), GOOD_UNTIL: until}
    record(user, about(key.web_shop), {}, recorded, now, key.web_shop.name)
    return new_key


@transaction.atomic
def revoke(key: ApiKey, user: User, now: datetime) -> bool:
    """The key is invalid from now on; False when it was revoked before."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, revoked_by=user):
        return False
    recorded = {KEY_REVOKED: _named(key)}
    record(user, about(key.web_shop), {}, recorded, now, key.web_shop.name)
    return True


@transaction.atomic
def pass_over_unknown_fields(key: ApiKey, wanted: bool, user: User, now: datetime) -> bool:
    """Whether fields that the portal does not know are passed over or refused; False when it was so before.

    Conflict when the key is no longer good.
    """
    good = ApiKey.objects.good_at(now).filter(pk=key.pk)
    if good.filter(passes_over_unknown_fields=not wanted).update(passes_over_unknown_fields=wanted):
        label = with_data(KEY_PASSES_OVER, key=_named(key))
        record(user, about(key.web_shop), {label: not wanted}, {label: wanted}, now, key.web_shop.name)
        return True
    if not good.exists():
        raise Conflict(_("This key is replaced or revoked already: look at the list."))
    return False


def note_use(key: ApiKey, now: datetime) -> None:
    """Records that it was used, once an hour at most."""
    if key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY:
        longer_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiKey.objects.filter(longer_ago, pk=key.pk).update(last_used_at=now)


def forget_ddd_tokens(group: Group, user: User, now: datetime) -> None:
    """A token goes to no other address than the one for which it was typed: each web shop's is recorded as
    changed, and typed anew."""
    label = field_of(WebShop, "ddd_token")
    for web_shop in WebShop.objects.select_for_update(no_key=True).filter(group=group).exclude(ddd_token=""):
        before = {label: Secret(web_shop.ddd_token)}
        record(user, about(web_shop), before, {label: Secret("")}, now, web_shop.name)
        WebShop.objects.filter(pk=web_shop.pk).update(ddd_token="")


def _text_of(web_shop: WebShop, form: str, user: User) -> str:
    """The same for the same form; it cannot be computed without SECRET_KEY."""
    seed = f"{web_shop.pk}/{user.pk}/{form}"
    digest = salted_hmac("accounts.keyring", seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _named(key: ApiKey) -> str:
    return f"{key.name} {key}".strip()
