"""What DdD's words and numbers mean, asked beside what was seen of them in its last 30 days."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import changes, keyring
from accounts.changes import ConcurrentChange, Values
from accounts.models import Group, SoldBy, User, WebShop
from accounts.save_setting import Row, Setting, save_setting
from accounts.setting_forms import Section, SettingForm, fields_in
from ddd.models import Connection, FirstLook
from ddd.models.connection import OrderType, confirmation
from ddd.words.tables import folded_word, meaning_of
from office import causes
from office.policies.ddd_form import answer_key, word_values
from orders.states import Status

GO_LIVE = "live"  # the button that also goes live
SOLD_WORDS = ("sale_word", "payment_in_word", "discount_word")
RETURN_WORDS = ("return_word", "payment_out_word")
WORDS = Section(
    "sale-words",
    _("What DdD calls a sale and a return"),
    (SOLD_WORDS, RETURN_WORDS),
    note=_(
        "No reading shows these words. Ask DdD, or keep them: the first sale shows whether they are right."
    ),
)
NUMBERS = Section(
    "numbers",
    _("Numbers in the portal's sales"),
    (
        ("terminal_id", "first_receipt", "clerk_id"),
        ("cash_transaction_type", "terminal_transaction_type"),
        ("cash_out_transaction_type", "terminal_out_transaction_type"),
        ("unknown_web_shop_transaction_type",),
    ),
    above="office/policies/_numbers_seen.html",
)
SALES = Section(
    "sales",
    _("Who books a sale"),
    ("ddd_orders_sold_by", "unknown_web_shops_sold_by"),
    above="office/policies/_web_shops_seen.html",
)
LISTINGS = Section(
    "listings",
    _("Does DdD list at once what is booked?"),
    ("sales_are_listed", "drafts_are_listed"),
    above="office/policies/_listings_measured.html",
)


class AnswersForm(SettingForm):
    """One box for each word that was seen, the numbers and words that a sale needs, and for each web shop
    who books its sales, which is kept with the web shop."""

    about = "ddd"
    subject = causes.DDD
    sections = (WORDS, NUMBERS, SALES, LISTINGS)

    class Meta(SettingForm.Meta):
        model = Connection
        fields = fields_in(WORDS, NUMBERS, SALES, LISTINGS)
        widgets = {
            "ddd_orders_sold_by": forms.RadioSelect,
            "unknown_web_shops_sold_by": forms.RadioSelect,
        }

    def __init__(self, data: Any, group: Group, look: FirstLook) -> None:
        # Two forms stand on the page.
        instance = Connection.objects.get(group=group)
        super().__init__(data, group=group, instance=instance, auto_id="id_answers_%s")
        self.statuses = self._ask("word", look.found.get("statuses", ()), "status_words", Status)
        self.types = self._ask("type", look.found.get("types", ()), "order_types", OrderType)
        self.web_shops = {f"sold_by_{one.pk}": one for one in group.web_shops.order_by("webshop_id")}
        for name, web_shop in self.web_shops.items():
            self.fields[name] = forms.ChoiceField(
                label=_("sales of %(web_shop)s are booked by") % {"web_shop": web_shop},
                choices=SoldBy.choices,
                initial=web_shop.sold_by,
                show_hidden_initial=True,  # as they saw it
            )

    @property
    def asked(self) -> list[tuple[str, list[tuple[forms.BoundField, int]]]]:
        """The boxes of statuses and of types, each with how often its word was seen."""
        return [
            (heading, [(self[name], count) for name, (_word, count) in boxes.items()])
            for heading, boxes in (
                (str(_("DdD's words for a line's status")), self.statuses),
                (str(_("DdD's words for an order's type")), self.types),
            )
        ]

    def clean(self) -> dict[str, Any]:
        """To go live, each word needs its meaning."""
        found: dict[str, Any] = super().clean() or {}
        if GO_LIVE in self.data:
            for name in (*self.statuses, *self.types):
                if not found.get(name):
                    self.add_error(name, _("Say what it means before you go live."))
        return found

    @property
    def sold_by(self) -> Iterator[tuple[WebShop, forms.BoundField]]:
        """The box of each web shop."""
        return ((web_shop, self[name]) for name, web_shop in self.web_shops.items())

    def keep(self, user: User, now: datetime) -> bool:
        """Also who books each web shop's sales; all or nothing."""
        with transaction.atomic():
            is_kept = super().keep(user, now) and all(
                self._keep_sold_by(name, user, now) for name in self.web_shops if name in self.changed_data
            )
            transaction.set_rollback(not is_kept)
        return is_kept

    def stored(self) -> Connection:
        return Connection.objects.get(group=self.group)

    def current_values(self) -> Values:
        """Also what the words mean."""
        return {**super().current_values(), **word_values(self.stored())}

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """Words that were not seen keep their meaning; changed ones have to be confirmed again."""
        changed = set(self.changed_data)
        is_other = bool(changed & {*SOLD_WORDS, *self.statuses})
        return (
            super().values(user, now)
            | {
                "status_words": self._answered(self.instance.status_words, self.statuses),
                "order_types": self._answered(self.instance.order_types, self.types),
            }
            | confirmation("words", False, is_other, user, now)
            | confirmation("return_words", False, bool(changed & set(RETURN_WORDS)), user, now)
        )

    def _keep_sold_by(self, name: str, user: User, now: datetime) -> bool:
        """False when somebody else has changed it since it was shown: their choice is shown then."""
        web_shop, shown = self.web_shops[name], f"initial-{self.add_prefix(name)}"
        find = partial(WebShop.objects.get, pk=web_shop.pk)
        about = keyring.about(web_shop)
        newest = changes.latest(self.group, about)[:1]
        is_as_shown = web_shop.sold_by == self.data.get(shown)
        setting = Setting(
            about,
            web_shop.name,
            lambda: changes.values_of(find(), ["sold_by"]),
            [Row(find, {"sold_by": self.cleaned_data[name]})],
        )
        try:
            save_setting(setting, user, newest[0].pk if newest and is_as_shown else 0, now)
        except ConcurrentChange as other:
            sent: Any = self.data
            self.data = sent = sent.copy()
            sent[shown] = sent[self.add_prefix(name)] = web_shop.sold_by
            self.add_error(None, other.sentence)
            return False
        return True

    def _ask(
        self, prefix: str, seen: Any, table: str, meanings: type[TextChoices]
    ) -> dict[str, tuple[str, int]]:
        boxes = {}
        for word, count in seen:
            name = f"{prefix}_{answer_key(folded_word(word))}"
            known = meaning_of(getattr(self.instance, table), word)
            self.fields[name] = forms.ChoiceField(
                label=f"«{word}»", required=False, choices=[("", _("not answered")), *meanings.choices]
            )
            self.initial[name] = known or ""
            boxes[name] = (word, count)
        return boxes

    def _answered(self, known: dict[str, str], boxes: dict[str, tuple[str, int]]) -> dict[str, str]:
        answers = {word: self.cleaned_data[name] for name, (word, _count) in boxes.items()}
        folded = {folded_word(word) for word in answers}
        kept = {word: meaning for word, meaning in known.items() if folded_word(word) not in folded}
        return kept | {word: meaning for word, meaning in answers.items() if meaning}
