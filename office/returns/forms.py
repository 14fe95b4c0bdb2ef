"""What head office types and chooses about returns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import changes
from accounts.changes import Values
from accounts.models import Group, Shop, User
from accounts.save_setting import Row, Setting, save_setting
from accounts.setting_forms import BoundSection, Section, SettingForm, save_unless_changed, set_limit_messages
from core.forms import field_with_limits
from ddd.models import Connection
from ddd.models.connection import confirmation
from office import causes
from orders.models import Policy
from returns.models import ReturnPolicy, ReturnReason
from returns.reasons import all_reasons, offered_reasons, store_reasons

MOST_REASONS, ROOM_FOR_MORE = 40, 3
DRY_RUN_FIELDS = ("register_pays", "money_limit", "days", "where")
WORDS = ("return_word", "payment_out_word", "cash_out_transaction_type", "terminal_out_transaction_type")
WHO_PAYS = Section(
    "who-pays",
    gettext_lazy("Who gives the money back"),
    ("register_pays", "money_limit"),
    ending=gettext_lazy(
        "What was paid at a register, only a register can pay back, whatever stands above; the limit holds "
        "for it too."
    ),
    below="office/returns/_overruling.html",
)
WHAT_COMES_BACK = Section(
    "what-comes-back",
    gettext_lazy("What comes back, and where"),
    ("days", "where", "shops"),
    below="office/returns/_try_returns.html",
)
WHY = Section(
    "why",
    gettext_lazy("Why pieces come back"),
    (),
    note=gettext_lazy(
        "Staff chooses one for each piece; DdD is told its ReturnCode, 0 to 99. What was taken back before "
        "keeps the reason it had."
    ),
    below="office/returns/_reasons.html",
)
SLIP = Section("slip", gettext_lazy("The customer's return slip"), ("slip_paper",))
IN_WORDS = Section(
    "ddd-words", gettext_lazy("How DdD is told"), (WORDS,), above="office/returns/_words_confirmed.html"
)


class MoneyField(forms.DecimalField):
    """An amount as people write it in their language: 1.000,00 in Danish, 1,000.00 in English."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Points and commas that only part thousands are passed over."""
        if isinstance(value, str):
            mark, thousand = formats.get_format("DECIMAL_SEPARATOR"), formats.get_format("THOUSAND_SEPARATOR")
            value = "".join(value.split())
            if re.fullmatch(rf"\d{{1,3}}({re.escape(thousand)}\d{{3}})+({re.escape(mark)}\d*)?", value):
                value = value.replace(thousand, "")
            value = value.replace(mark, ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """As the language writes it."""
        return formats.number_format(value, 2, use_l10n=True) if isinstance(value, Decimal) else value


class ReturnPolicyForm(SettingForm):
    """Which pieces come back where, until when, and who pays."""

    about = "returns"
    subject = causes.RETURNS
    sections = (WHO_PAYS, WHAT_COMES_BACK, WHY, SLIP)

    shops: forms.ModelMultipleChoiceField[Shop] = forms.ModelMultipleChoiceField(
        queryset=Shop.objects.none(),
        label=gettext_lazy("chosen shops"),
        required=False,
        to_field_name="shop_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("Shop %(value)s takes no returns in this Group."),
            "invalid_pk_value": gettext_lazy("Shop %(pk)s takes no returns in this Group."),
        },
    )

    class Meta(SettingForm.Meta):
        model = ReturnPolicy
        fields = ("register_pays", "money_limit", "days", "where", "shops", "overruling", "slip_paper")
        field_classes = {"money_limit": MoneyField}
        labels = {"register_pays": gettext_lazy("The register pays back what was paid online")}
        widgets = {
            "where": forms.RadioSelect,
            "overruling": forms.RadioSelect,
            "slip_paper": forms.RadioSelect,
        }

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data, group=group, instance=ReturnPolicy.of(group))
        limit = self.fields["money_limit"]
        limit.label = f"{limit.label} ({group.currency})"
        shops: forms.ModelMultipleChoiceField = self.fields["shops"]  # type: ignore[assignment,type-arg]
        shops.queryset = group.shops.filter(takes_orders=True)

    def stored(self) -> ReturnPolicy:
        return ReturnPolicy.of(self.group)

    def for_dry_run(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The policy of a valid form, for a dry run, and how it differs from the one that holds."""
        found, kept = self.cleaned_data, self.stored()
        before = changes.values_of(kept, (*DRY_RUN_FIELDS, "shops"))
        after = {**before, **changes.values_of(self.instance, DRY_RUN_FIELDS)}
        after[changes.field_of(ReturnPolicy, "shops")] = [str(shop) for shop in found["shops"]]
        limit = found["money_limit"]
        wanted = {name: found[name] for name in DRY_RUN_FIELDS} | {
            "money_limit": None if limit is None else str(limit),
            "shops": [shop.pk for shop in found["shops"]],
        }
        return wanted, changes.differing(before, after)

    def clean(self) -> dict[str, Any]:
        """A policy that could never be carried out is none."""
        found: dict[str, Any] = super().clean() or {}
        limit = found.get("money_limit")
        if limit is not None and limit <= 0:
            self.add_error(
                "money_limit", _("More than 0, or empty for no limit. Take the tick away if it pays nothing.")
            )
        forgotten_after = Policy.of(self.group).personal_data_days
        if forgotten_after is not None and (found.get("days") or 0) > forgotten_after:
            sentence = _(
                "Personal data is forgotten after %(days)s days: no more than that, or keep it longer."
            )
            self.add_error("days", sentence % {"days": forgotten_after})
        chosen = found.get("where") == ReturnPolicy.Where.CHOSEN
        if chosen and "shops" not in self.errors and not found.get("shops"):
            self.add_error("shops", _("Choose at least one shop."))
        return found


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]
    """One reason why a piece comes back."""

    class Meta:
        model = ReturnReason
        fields = ("words", "return_code", "offered")
        formfield_callback = field_with_limits
        error_messages = {
            "return_code": dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"), gettext_lazy("From 0 to 99.")
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # the head of their column names them for the eye alone
            field.widget.attrs["aria-label"] = field.label

    def has_changed(self) -> bool:
        """Also a usual reason that nobody has touched is kept; a row without words is none."""
        if self.instance.pk is None and self.is_bound:
            return any(str(self[name].data or "").strip() for name in ("words", "return_code"))
        return super().has_changed()


class Reasons(forms.BaseModelFormSet):  # type: ignore[type-arg]
    """Head office's whole list, with room for more."""

    group: Group

    def clean(self) -> None:
        """Each reason once, and at least one to choose."""
        if any(form.instance.pk is None for form in self.initial_forms):
            raise forms.ValidationError(_("The list of reasons is another one now. Open the page anew."))
        forms_in_use = [form for form in self.forms if form.instance.pk or form.has_changed()]
        ours = [form.instance.pk for form in forms_in_use if form.instance.pk]
        others = self.group.return_reasons.exclude(pk__in=ours).values_list("words", flat=True)
        seen = {words.casefold() for words in others}
        for form in forms_in_use:
            words = str(form.cleaned_data.get("words", "")).casefold()
            if words and words in seen:
                form.add_error("words", _("This reason stands there already."))
            seen.add(words)
        if not any(self.errors) and not any(form.cleaned_data.get("offered") for form in forms_in_use):
            raise forms.ValidationError(_("Offer at least one reason."))

    def validate_unique(self) -> None:
        """`clean` says it at the field."""

    @property
    def changed(self) -> list[ReturnReason]:
        """What is to be stored, of a valid list."""
        return [form.instance for form in self.forms if form.has_changed()]


def reasons_form(data: Any, group: Group) -> Reasons:
    """The reasons as they are, before head office has any the usual ones, and empty rows."""
    written = group.return_reasons.all()
    usual = [] if written else [_initial(reason.code, reason.ddd_code) for reason in offered_reasons(group)]
    made: type[Any] = forms.modelformset_factory(
        ReturnReason,
        form=ReasonForm,
        formset=Reasons,
        extra=len(usual) + ROOM_FOR_MORE,
        max_num=MOST_REASONS,
        validate_max=True,
    )
    reasons: Reasons = made(data, queryset=written, initial=usual, prefix="reasons")
    reasons.group = group
    return reasons


def reason_values(group: Group) -> Values:
    """All reasons with their ReturnCodes, and which of them staff can choose."""
    return {
        causes.WHY_PIECES_COME_BACK: [f"{reason.code} ({reason.ddd_code})" for reason in all_reasons(group)],
        causes.OFFERED: offered_reasons(group).codes,
    }


def _initial(words: str, return_code: int) -> dict[str, Any]:
    return {"words": words, "return_code": return_code, "offered": True}


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """How DdD is told of a return. Nobody knows DdD's own words until somebody has seen one arrive."""

    confirmed = forms.BooleanField(
        label=gettext_lazy("I have seen in DdD that a return arrives with these words"), required=False
    )

    class Meta:
        model = Connection
        fields = WORDS
        formfield_callback = field_with_limits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_limit_messages(self)

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """What a valid form stores for this person now."""
        found, changed = self.cleaned_data, set(self.changed_data) & set(WORDS)
        return {name: found[name] for name in WORDS} | confirmation(
            "return_words", found["confirmed"], bool(changed), user, now
        )

    def stored(self) -> Connection:
        """As the database has it."""
        return Connection.objects.get(pk=self.instance.pk)


class PolicyPage:
    """The whole page: everything on it is kept, or nothing."""

    def __init__(self, data: Any, group: Group) -> None:
        connections = Connection.objects.select_related("return_words_confirmed_by")
        self.connection = connections.filter(group=group).first()
        self.policy = ReturnPolicyForm(data, group)
        self.reasons = reasons_form(data, group)
        self.words = WordsForm(data, instance=copy(self.connection)) if self.connection else None

    @property
    def bound_sections(self) -> list[BoundSection]:
        """Those of the policy, and the words of the connection, when there is one."""
        words = [self.words[name] for name in WORDS] if self.words else []
        return [*self.policy.bound_sections, BoundSection(IN_WORDS, [words])]

    def is_valid(self) -> bool:
        """Looks at every part, so that all faults are told at once."""
        return not [part for part in self._parts() if not part.is_valid()]

    @property
    def has_faults(self) -> bool:
        """Whether something was sent that cannot be kept."""
        return any(part.is_bound and not part.is_valid() for part in self._parts())

    def keep(self, user: User, now: datetime) -> bool:
        """It counts from now on. False when somebody else was faster, which then stands on the page; Conflict
        when somebody keeps the same reasons at this moment."""
        seen = self.policy.cleaned_data.get("seen")
        return save_unless_changed(
            self.policy, lambda: save_setting(self.setting(user, now), user, seen, now)
        )

    def setting(self, user: User, now: datetime) -> Setting:
        """What a valid page wants stored."""
        keep_list = partial(store_reasons, self.policy.group, self.reasons.changed)
        setting = replace(
            self.policy.setting(user, now), current_values=self.current_values, before_save=keep_list
        )
        if self.words is None:
            return setting
        words = Row(self.words.stored, self.words.values(user, now))
        return replace(setting, rows=[*setting.rows, words])

    def current_values(self) -> Values:
        """The stored values of the whole page."""
        return {**self.policy.current_values(), **reason_values(self.policy.group), **self._words_now()}

    def _words_now(self) -> Values:
        connection = Connection.objects.filter(group=self.policy.group).first()
        if connection is None:
            return {}
        confirmed = {causes.RETURN_WORDS_CONFIRMED: bool(connection.return_words_confirmed_at)}
        return {**changes.values_of(connection, WORDS), **confirmed}

    def _parts(self) -> Iterable[Any]:
        return [part for part in (self.policy, self.reasons, self.words) if part is not None]
