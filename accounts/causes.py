"""Causes: why a mail about somebody's own access was not sent, and the labels of changed settings.

What a mail server may answer is in `core/sending.py`.
"""

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.causes import Cause, LocalValue
from core.choices import label_of

NOT_NEEDED_ANY_MORE = Cause("account-mail-not-needed", _("Not needed any more."))


def _label_of_field(of: str) -> str:
    """`of` is "app.model.field"; a field that no longer exists has its name as label."""
    model, _dot, name = of.rpartition(".")
    try:
        return str(apps.get_model(model)._meta.get_field(name).verbose_name)
    except (LookupError, FieldDoesNotExist):
        return name.replace("_", " ")


def _label_of_choice(of: str, value: str) -> str:
    model, _dot, name = of.rpartition(".")
    try:
        field = apps.get_model(model)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return value
    return label_of(field.flatchoices, value)


FIELD = LocalValue("setting-field", _label_of_field)
CHOICE = LocalValue("setting-choice", _label_of_choice)
WEEKDAY = LocalValue("weekday", lambda number: str(WEEKDAYS[number]))
LANGUAGE_NAME = LocalValue("language-name", lambda code: label_of(settings.LANGUAGES, code))

# When shops are closed.
CLOSED = Cause("setting-closed", _("closed"))
SHOPS = Cause("setting-shops", _("shops"))
ALL_SHOPS = Cause("setting-all-shops", _("all shops"))

# Keys of web shops.
KEY_MADE = Cause("setting-key-made", _("key made"))
KEY_REPLACED = Cause("setting-key-replaced", _("key replaced"))
GOOD_UNTIL = Cause("setting-key-good-until", _("good until"))
KEY_PASSES_OVER = Cause("setting-key-passes-over", _("key %(key)s passes unknown fields over"))
KEY_REVOKED = Cause("setting-key-revoked", _("key revoked"))

# People.
NAME = Cause("person-name", _("Name"))
LANGUAGE = Cause("person-language", _("Language"))
HEAD_OFFICE = Cause("person-head-office", _("Head office"))
MAY_LOG_IN = Cause("person-may-log-in", _("May log in"))
PIN = Cause("person-pin", _("PIN"))
PIN_LOCKED = Cause("person-pin-locked", _("PIN locked"))
SET = Cause("person-pin-set", _("set"))
NOT_SET = Cause("person-pin-not-set", _("not set"))
LOGGED_OUT = Cause("person-logged-out", _("Logged out"))
EVERYWHERE = Cause("person-logged-out-everywhere", _("everywhere"))
INVITATION = Cause("person-invitation", _("Invitation"))
PASSWORD_MAIL = Cause("person-password-mail", _("Mail for a new password"))
SENT = Cause("person-mail-sent", _("sent"))
WITHDRAWN = Cause("person-invitation-withdrawn", _("withdrawn"))
SECOND_FACTOR = Cause("person-second-factor", _("Second factor"))
SECOND_FACTOR_NEEDED = Cause("setting-second-factor-needed", _("Head office needs a second factor"))
RESET = Cause("person-second-factor-reset", _("reset"))
