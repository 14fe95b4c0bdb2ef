"""A web shop's keys: made once, shown for a minute, rotated, revoked, and when each was last used."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import keyring
from accounts.demo_secrets import NORDLYS_KEY
from accounts.models import ApiKey, SettingChange
from core.errors import Conflict, Invalid
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, make_cast
from tests.orders.together import at_once

FORM, ANOTHER = "0" * 32, "1" * 32
WEEK = timedelta(days=7)


def test_a_new_key_is_shown_once_and_is_accepted_by_the_api(cast: Cast) -> None:
    office, web_shop = browser(cast, "office"), cast.web_shop("nordlys")
    answer = office.post(f"/webshops/{web_shop.pk}/keys/", {"name": "Shop system", "form": FORM})
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    text = answer.context["made"].text
    assert text in Page(answer).text
    assert "it is kept nowhere and can be shown for one minute only" in Page(answer).text
    key = web_shop.keys.get(name="Shop system")
    assert (key.digest, key.made_by) == (ApiKey.digest_of(text), cast.person("office"))
    assert _status(text) == 200
    stored = " ".join(
        str(value) for row in (key, *SettingChange.objects.all()) for value in vars(row).values()
    )
    assert text not in stored
    assert text not in office.get(f"/webshops/{web_shop.pk}/").content.decode()
    again = {"name": "Shop system", "form": FORM}
    assert text in Page(office.post(f"/webshops/{web_shop.pk}/keys/", again)).text
    ApiKey.objects.filter(pk=key.pk).update(made_at=timezone.now() - timedelta(minutes=1))
    assert text not in Page(office.post(f"/webshops/{web_shop.pk}/keys/", again)).text


def test_two_taps_make_one_key_and_both_answers_show_it(cast: Cast) -> None:
    web_shop, user = cast.web_shop("nordlys"), cast.person("office")
    first = keyring.make(web_shop, "One", FORM, user, NOW)
    second = keyring.make(web_shop, "One", FORM, user, NOW + timedelta(seconds=59))
    assert first == second
    assert first.text is not None
    assert keyring.make(web_shop, "One", FORM, user, NOW + timedelta(seconds=60)).text is None
    assert (web_shop.keys.count(), SettingChange.objects.count()) == (2, 1)


def test_another_form_person_or_web_shop_makes_another_key(cast: Cast) -> None:
    web_shop, user = cast.web_shop("nordlys"), cast.person("office")
    made = {
        keyring.make(web_shop, "", FORM, user, NOW).text,
        keyring.make(web_shop, "", ANOTHER, user, NOW).text,
        keyring.make(web_shop, "", FORM, cast.person("manager"), NOW).text,
        keyring.make(cast.web_shop("outlet"), "", FORM, user, NOW).text,
    }
    assert len(made) == 4
    for form in ("", "0" * 31, "0" * 33, "g" * 32):
        with pytest.raises(Invalid):
            keyring.make(web_shop, "", form, user, NOW)


def test_a_web_shop_has_twenty_good_keys_at_most(cast: Cast) -> None:
    web_shop, user = cast.web_shop("nordlys"), cast.person("office")
    for _number in range(19):
        ApiKey.issue(web_shop)
    with pytest.raises(Conflict):
        keyring.make(web_shop, "", FORM, user, NOW)
    keyring.revoke(cast.key(), user, NOW)
    assert keyring.make(web_shop, "", FORM, user, NOW).text


def test_a_replaced_key_is_good_until_its_moment_and_the_new_one_at_once(cast: Cast) -> None:
    old, user, now = cast.key(), cast.person("office"), timezone.now()
    made = keyring.rotate(old, now + WEEK, FORM, user, now)
    assert set(ApiKey.objects.good_at(now + WEEK - timedelta(seconds=1)).filter(web_shop=old.web_shop)) == {
        old,
        made.key,
    }
    assert list(ApiKey.objects.good_at(now + WEEK).filter(web_shop=old.web_shop)) == [made.key]
    assert _status(made.text or "") == 200
    ApiKey.objects.filter(pk=old.pk).update(expires_at=now)
    assert _status_of_demo_key() == 401
    assert keyring.rotate(old, now + WEEK, FORM, user, now).key == made.key
    with pytest.raises(Conflict):
        keyring.rotate(old, now + WEEK, ANOTHER, user, now)
    assert old.web_shop.keys.count() == 2


@pytest.mark.parametrize("until", [timedelta(0), timedelta(days=90, seconds=1)])
def test_a_key_is_not_replaced_from_the_past_or_for_ever(cast: Cast, until: timedelta) -> None:
    with pytest.raises(Invalid):
        keyring.rotate(cast.key(), NOW + until, FORM, cast.person("office"), NOW)
    assert cast.web_shop("nordlys").keys.count() == 1


def test_the_form_of_a_replacement_offers_a_week_and_refuses_the_past(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/webshops/keys/{cast.key().pk}/replace/"
    offered = office.get(url).context["form"].initial["until"]
    assert timedelta(days=6, hours=23) < offered - timezone.now() <= WEEK
    late = office.post(url, {"until": "2026-03-03T10:00", "form": FORM})
    assert late.status_code == 422
    assert "A moment to come, in 90 days at most. To end it now, revoke it." in Page(late).text
    until = timezone.localtime(timezone.now() + WEEK)
    made = office.post(url, {"until": f"{until:%Y-%m-%dT%H:%M}", "form": FORM})
    assert made.context["made"].text in Page(made).text
    assert cast.key().expires_at == until.replace(second=0, microsecond=0)


def test_a_revoked_key_opens_nothing_at_once_and_is_revoked_once(cast: Cast) -> None:
    office, url = browser(cast, "office"), f"/webshops/keys/{cast.key().pk}/revoke/"
    assert browser(cast, "fjord office").post(url).status_code == 404
    assert _status_of_demo_key() == 200
    for _tap in range(2):
        assert office.post(url).status_code == 302
    assert _status_of_demo_key() == 401
    assert cast.key().revoked_by == cast.person("office")
    assert SettingChange.objects.count() == 1


def test_before_a_key_is_revoked_it_is_asked_for_by_name_with_its_last_use(cast: Cast) -> None:
    office, key = browser(cast, "office"), cast.key()
    ApiKey.objects.filter(pk=key.pk).update(name="Shop system")
    url = f"/webshops/keys/{key.pk}/revoke/"
    page = Page(office.get(f"/webshops/{key.web_shop_id}/"))
    assert page.links[f"Revoke {key}"] == url
    assert [form for form in page.forms if form.action == url] == []
    asked = Page(office.get(url)).text
    assert f"Revoke a key {key}" in asked
    assert "Shop system Never used. What sends orders with this key is refused at once" in asked
    assert _status_of_demo_key() == 200
    assert "Last used today" in Page(office.get(url)).text
    assert browser(cast, "fjord office").get(url).status_code == 404


def test_its_use_is_written_down_once_an_hour(cast: Cast) -> None:
    key = cast.key()
    for minutes, written in ((0, 1), (59, 0), (60, 1)):
        with CaptureQueriesContext(connection) as counted:
            keyring.note_use(cast_key := ApiKey.objects.get(pk=key.pk), NOW + timedelta(minutes=minutes))
        assert len(counted) - 1 == written, cast_key
    assert cast.key().last_used_at == NOW + timedelta(hours=1)


def _status(key: str) -> int:
    answer = Client().get("/api/weborder/status/All", headers={"Authorization": f"ddd_token {key}"})
    return int(answer.status_code)


def _status_of_demo_key() -> int:
    return _status(NORDLYS_KEY)


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_one_moment_make_one_key() -> None:
    cast = make_cast(articles=False)
    web_shop, user = cast.web_shop("nordlys"), cast.person("office")
    tap = partial(keyring.make, web_shop, "One", FORM, user, NOW)
    first, second = at_once(tap, tap)
    assert first == second
    assert (web_shop.keys.count(), SettingChange.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_replace_a_key_at_one_moment_one_is_refused() -> None:
    cast = make_cast(articles=False)
    old, user = cast.key(), cast.person("office")
    _made, refused = sorted(
        at_once(*(partial(keyring.rotate, old, NOW + WEEK, form, user, NOW) for form in (FORM, ANOTHER))),
        key=lambda outcome: isinstance(outcome, Conflict),
    )
    assert isinstance(refused, Conflict)
    assert list(old.web_shop.keys.exclude(pk=old.pk)) == [ApiKey.objects.get(replaces=old)]
