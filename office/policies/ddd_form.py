"""How DdD is reached, and the words and numbers that are used there: what head office types about it."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.changes import Values, choice_of, field_of
from accounts.models import Group, User
from accounts.setting_forms import Section, fields_in
from core.causes import words_of
from ddd.models import Connection, Variant
from ddd.models.connection import (
    CashBooking,
    OrderType,
    confirmation,
    default_article_slots,
    default_status_words,
)
from ddd.words.causes import meaning_of_answer
from ddd.words.tables import folded_word
from office import causes
from office.policies.reach_form import ReachForm
from orders.models import WebOrder
from orders.states import Status

LONGEST_WORD = 40
LONGEST_ANSWER = 80  # that is shown
PARAMETERS = [f"{of}Parameter{number}" for of in ("Style", "Variant") for number in range(1, 6)]
SLOTS = {
    "description": _("description"),
    "colour": _("colour"),
    "size": _("size"),
}
REACHED = Section(
    "reached",
    _("How DdD is reached"),
    (
        "base_url",
        "token",
        ("terminal_id", "first_receipt", "clerk_id", "cash_transaction_type", "terminal_transaction_type"),
        ("unknown_web_shop_transaction_type", "senders"),
    ),
)
IN_WORDS = Section(
    "ddd-words",
    _("DdD's words"),
    (("sale_word", "payment_in_word", "discount_word"), "gross_before_discount"),
    above="office/policies/_words_confirmed.html",
    below="office/policies/_words_of_returns.html",
)
MONEY = Section(
    "money",
    _("Cash, currency and VAT"),
    ("cash_booking", "cash_rounding_type"),
    note=_(
        "Cash is rounded as Policies, Work in the shops says. How DdD wants to be told of the difference is "
        "not known: ask them. Each shop's cash of a day, with its rounding, stands under Figures."
    ),
    ending=_(
        "A sale in DdD names no currency and no VAT: amounts are in the currency of the Group, and VAT "
        "probably comes from the item group. With two rates of VAT, one turnover item group would then book "
        "one of them wrongly: ask DdD before you set one at a web shop."
    ),
)
STATUSES = Section(
    "statuses",
    _("DdD's words for a line's status"),
    (tuple(f"words_{status.name}" for status in Status),),
    note=_(
        "Several words are parted by commas. A word of DdD that stands nowhere here comes under Needs "
        "attention."
    ),
)
TYPES = Section(
    "types",
    _("DdD's words for an order's type"),
    (tuple(f"types_{of.name}" for of in OrderType),),
    note=_(
        "Orders that are collected in a shop and orders in store come to the shops' tablets; of the latter "
        "the portal books no sale. A type that stands nowhere here comes under Needs attention."
    ),
)
ARTICLES = Section(
    "articles",
    _("Where DdD's articles say what a piece is"),
    (tuple(f"slot_{slot}" for slot in SLOTS),),
    ending=_("It shows when the catalogue is read the next time."),
)
SALES = Section("sales", _("Who books a sale"), ("ddd_orders_sold_by", "unknown_web_shops_sold_by"))
LISTINGS = Section(
    "listings",
    _("What DdD does after a booking"),
    ("sales_are_listed", "drafts_are_listed", "sale_sets_delivered"),
    above="office/policies/_listings_measured.html",
)


FIRST = Section("first", _("The first of its kind"), ("asks_about_first",))
ANSWERS = Section(
    "answers",
    _("What DdD's odd answers mean"),
    ("forgotten_answers",),
    note=_("Somebody has said what these answers to a booking mean. Tick one to be asked about it again."),
)


class DddForm(ReachForm):
    """All of the Group's connection but its words for a return, which belong to the return policy."""

    sections = (REACHED, IN_WORDS, MONEY, STATUSES, TYPES, ARTICLES, SALES, LISTINGS, FIRST, ANSWERS)

    confirmed = forms.BooleanField(
        label=_("I have seen in DdD that a sale and a web order arrive with these words"), required=False
    )

    class Meta(ReachForm.Meta):
        model = Connection
        fields = fields_in(REACHED, IN_WORDS, MONEY, SALES, LISTINGS, FIRST)
        help_texts = {
            "terminal_id": _(
                "The terminal under which the portal's receipts are numbered; no till may use it."
            ),
            "clerk_id": _("The clerk whose number stands on the portal's sales."),
        }

        widgets = {
            "cash_booking": forms.RadioSelect,
            "ddd_orders_sold_by": forms.RadioSelect,
            "unknown_web_shops_sold_by": forms.RadioSelect,
        }

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group)
        self.confirmed_at, self.confirmed_by = (
            self.instance.words_confirmed_at,
            self.instance.words_confirmed_by,
        )
        for status in Status:
            self.fields[f"words_{status.name}"] = forms.CharField(
                label=status.label, required=status != Status.MISSING, max_length=200
            )
            self.initial[f"words_{status.name}"] = ", ".join(self._words_of(status))
        for of in OrderType:
            self.fields[f"types_{of.name}"] = forms.CharField(
                label=of.label, required=of == OrderType.COLLECT, max_length=200
            )
            self.initial[f"types_{of.name}"] = ", ".join(
                word for word, means in self.instance.order_types.items() if means == of
            )
        if self.instance.known_answers:
            self.fields["forgotten_answers"] = forms.MultipleChoiceField(
                label=_("ask again"),
                required=False,
                choices=[
                    (
                        answer_key(answer),
                        f"{_shown(answer)} {words_of(meaning_of_answer(is_yes)())}",
                    )
                    for answer, is_yes in self.instance.known_answers.items()
                ],
                widget=forms.CheckboxSelectMultiple,
            )
        for slot, label in SLOTS.items():
            names = dict.fromkeys([*PARAMETERS, *self.instance.article_slots.values()])
            self.fields[f"slot_{slot}"] = forms.ChoiceField(
                label=label, choices=[(name, name) for name in names]
            )
            self.initial[f"slot_{slot}"] = self.instance.article_slots.get(
                slot, default_article_slots()[slot]
            )

    def current_values(self) -> Values:
        """Also the words of each status, and the slots of an article's values."""
        kept = self.stored()
        if kept.pk is None:
            return {}
        slots = {field_of(Variant, slot): name for slot, name in kept.article_slots.items() if slot in SLOTS}
        return {
            **super().current_values(),
            **word_values(kept),
            field_of(Connection, "article_slots"): slots,
            field_of(Connection, "known_answers"): {
                answer: meaning_of_answer(is_yes) for answer, is_yes in kept.known_answers.items()
            },
            causes.WORDS_CONFIRMED: bool(kept.words_confirmed_at),
        }

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """Also what is typed word by word, and who has confirmed the words."""
        found, changed = self.cleaned_data, set(self.changed_data) & set(fields_in(IN_WORDS, STATUSES))
        return super().values(user, now) | {
            "status_words": {word: str(status) for status, word in self._typed("words", Status)},
            "order_types": {word: str(of) for of, word in self._typed("types", OrderType)},
            "article_slots": {slot: found[f"slot_{slot}"] for slot in SLOTS},
            "known_answers": {
                answer: is_yes
                for answer, is_yes in self.instance.known_answers.items()
                if answer_key(answer) not in found.get("forgotten_answers", ())
            },
            **confirmation("words", found["confirmed"], bool(changed), user, now),
        }

    def check_words(self) -> None:
        """A word means one thing; a rounding of its own has a type."""
        found = self.cleaned_data
        names_no_type = "cash_rounding_type" not in self.errors and not found.get("cash_rounding_type")
        if found.get("cash_booking") == CashBooking.BOTH and names_no_type:
            self.add_error("cash_rounding_type", _("A rounding with a type of its own needs that type."))
        self._refuse_two_meanings("words", Status)
        self._refuse_two_meanings("types", OrderType)

    def _words_of(self, status: Status) -> list[str]:
        words: dict[str, str] = self.instance.status_words or default_status_words()
        return [word for word, means in words.items() if means == status]

    def _refuse_two_meanings(self, prefix: str, meanings: type[TextChoices]) -> None:
        """A word means one thing, in whatever case it is written."""
        seen: dict[str, TextChoices] = {}
        for meaning, word in self._typed(prefix, meanings):
            folded = folded_word(word)
            if folded in seen:
                sentence = _("“%(word)s” stands at %(status)s already.") % {
                    "word": word,
                    "status": seen[folded].label,
                }
                self.add_error(f"{prefix}_{meaning.name}", sentence)
            elif len(word) > LONGEST_WORD:
                self.add_error(f"{prefix}_{meaning.name}", _("A word of DdD has at most 40 characters."))
            seen.setdefault(folded, meaning)

    def _typed(self, prefix: str, meanings: type[TextChoices]) -> Iterator[tuple[TextChoices, str]]:
        for meaning in meanings:
            for word in self.cleaned_data.get(f"{prefix}_{meaning.name}", "").split(","):
                if word.strip():
                    yield meaning, word.strip()


def word_values(kept: Connection) -> Values:
    """What DdD's words mean, for the record of changes."""
    return {
        field_of(Connection, "status_words"): {
            word: choice_of(WebOrder, "status", status) for word, status in sorted(kept.status_words.items())
        },
        field_of(Connection, "order_types"): {
            word: causes.ORDER_TYPES[of] for word, of in sorted(kept.order_types.items())
        },
    }


def answer_key(answer: str) -> str:
    """A browser would send the line breaks of the answer itself otherwise."""
    return sha256(answer.encode()).hexdigest()[:16]


def _shown(answer: str) -> str:
    return f"«{answer[:LONGEST_ANSWER]}»" if answer else str(_("an empty answer"))
