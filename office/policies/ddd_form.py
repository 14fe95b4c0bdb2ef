"""How DdD is reached, and the words and numbers that are used there: what head office types about it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts import changes
from accounts.changes import Facts
from accounts.models import Group, User
from accounts.setting_forms import SettingForm
from core.choices import lazy_label_of
from ddd.models import Connection
from ddd.models.connection import default_article_slots, default_status_words
from orders.states import Status

LONGEST_WORD = 40
WORDS = ("sale_word", "payment_in_word", "discount_word", "gross_before_discount")
SLOTS = {
    "description": _("description"),
    "colour": _("colour"),
    "size": _("size"),
}
PARAMETERS = [f"{of}Parameter{number}" for of in ("Style", "Variant") for number in range(1, 6)]
TYPES = ("cash_transaction_type", "terminal_transaction_type")


def _type_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=100, max_value=999)


class DddForm(SettingForm):
    """All of the Group's connection but its words for a return, which stand with the return policy."""

    about = "ddd"
    subject = _("DdD")
    secrets = ("token",)

    base_url = forms.CharField(
        label=_("address"),
        max_length=200,
        validators=[URLValidator(schemes=["https", "http"], message=_("An address begins with https://."))],
        help_text=_("Where DdD's Public API answers, as DdD has told you."),
        widget=forms.URLInput,
    )
    token = forms.CharField(
        label=_("token"),
        required=False,
        max_length=200,
        validators=[RegexValidator(r"^[!-~]+$", _("A token has no spaces and no letters like æ, ø and å."))],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is never shown. Empty: it stays as it is. A new address needs it typed anew."),
    )
    cash_transaction_type = _type_field(_("transaction type for cash"))
    terminal_transaction_type = _type_field(_("transaction type for the card terminal"))
    confirmed = forms.BooleanField(
        label=_("I have seen in DdD that a sale and a web order arrive with these words"), required=False
    )

    class Meta:
        model = Connection
        fields = ("base_url", "token", "terminal_id", "clerk_id", *TYPES, *WORDS, "drafts_are_listed")
        help_texts = {
            "terminal_id": _(
                "The terminal under which the portal's receipts are numbered; no till may use it."
            ),
            "clerk_id": _("The clerk whose number stands on the portal's sales."),
        }

    def __init__(self, data: Any, group: Group) -> None:
        kept = Connection.objects.filter(group=group).select_related("words_confirmed_by").first()
        super().__init__(data, group=group, instance=kept or Connection(group=group))
        self.is_new = kept is None
        self.confirmed_at, self.confirmed_by = (
            self.instance.words_confirmed_at,
            self.instance.words_confirmed_by,
        )
        # The form writes over the instance before it is known to be good.
        self.known = {name: getattr(self.instance, name) for name in ("base_url", "token")}
        for status in Status:
            self.fields[f"words_{status.name}"] = forms.CharField(
                label=status.label, required=status != Status.MISSING, max_length=200
            )
            self.initial[f"words_{status.name}"] = ", ".join(self._words_of(status))
        for slot, label in SLOTS.items():
            names = dict.fromkeys([*PARAMETERS, *self.instance.article_slots.values()])
            self.fields[f"slot_{slot}"] = forms.ChoiceField(
                label=label, choices=[(name, name) for name in names]
            )
            self.initial[f"slot_{slot}"] = self.instance.article_slots.get(
                slot, default_article_slots()[slot]
            )

    @property
    def status_fields(self) -> list[forms.BoundField]:
        """DdD's words for each status of a line."""
        return [self[f"words_{status.name}"] for status in Status]

    @property
    def slot_fields(self) -> list[forms.BoundField]:
        """Where DdD's articles say what a piece is."""
        return [self[f"slot_{slot}"] for slot in SLOTS]

    def look(self) -> Facts:
        """Also the words of each status, and where an article's facts stand."""
        kept = self.stored()
        if kept is None:
            return {}
        words = {
            word: lazy_label_of(Status.choices, status) for word, status in sorted(kept.status_words.items())
        }
        slots = {SLOTS[slot]: name for slot, name in kept.article_slots.items() if slot in SLOTS}
        return {
            **changes.facts_of(kept, self._meta.fields or (), self.secrets),
            "words for a line's status": words,
            "where an article's facts stand": slots,
            gettext_noop("DdD's words are confirmed"): bool(kept.words_confirmed_at),
        }

    def stored(self) -> Connection | None:
        return Connection.objects.filter(group=self.group).first()

    def keep(self, user: User, now: datetime) -> bool:
        """Other words are unconfirmed words."""
        self.confirmation: dict[str, Any] = {}
        words = {*WORDS, *(f"words_{status.name}" for status in Status)}
        if self.cleaned_data["confirmed"]:
            self.confirmation = {"words_confirmed_at": now, "words_confirmed_by": user}
        elif set(self.changed_data) & words:
            self.confirmation = {"words_confirmed_at": None, "words_confirmed_by": None}
        return super().keep(user, now)

    def store(self) -> None:
        """What workers note beside it meanwhile stays as they note it."""
        found = self.cleaned_data
        kept = {name: found[name] for name in self._meta.fields or ()} | {
            "token": found["token"] or self.known["token"],
            "status_words": self._status_words(),
            "article_slots": {slot: found[f"slot_{slot}"] for slot in SLOTS},
            **self.confirmation,
        }
        Connection.objects.update_or_create(group=self.group, defaults=kept)

    def clean(self) -> dict[str, Any]:
        """A token goes to no other address than the one for which it was typed; a word means one thing."""
        found: dict[str, Any] = super().clean() or {}
        address = found.get("base_url")
        if "token" in found and not found["token"]:
            if self.is_new:
                self.add_error("token", _("DdD lets nobody in without a token."))
            elif address and address != self.known["base_url"]:
                self.add_error("token", _("The address is another one: type the token that belongs to it."))
        seen: dict[str, Status] = {}
        for status, word in self._typed_words():
            if word in seen:
                sentence = _("“%(word)s” stands at %(status)s already.") % {
                    "word": word,
                    "status": seen[word].label,
                }
                self.add_error(f"words_{status.name}", sentence)
            elif len(word) > LONGEST_WORD:
                self.add_error(f"words_{status.name}", _("A word of DdD has at most 40 characters."))
            seen.setdefault(word, status)
        return found

    def _words_of(self, status: Status) -> list[str]:
        words: dict[str, str] = self.instance.status_words or default_status_words()
        return [word for word, means in words.items() if means == status]

    def _typed_words(self) -> Iterator[tuple[Status, str]]:
        for status in Status:
            for word in self.cleaned_data.get(f"words_{status.name}", "").split(","):
                if word.strip():
                    yield status, word.strip()

    def _status_words(self) -> dict[str, str]:
        return {word: str(status) for status, word in self._typed_words()}
