"""A setting is said once, at its model: forms and pages follow, and what was forgotten is named."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import pytest
from django import forms
from django.db import models
from django.test import Client

from accounts.models import Group
from accounts.setting_forms import Section, SettingForm, fields_in
from core.forms import field_with_limits
from core.limits import between
from ddd.models import Connection
from office.policies.ddd_form import DddForm
from office.policies.forms import PersonalDataForm, WorkForm
from office.policies.reach_form import ReachForm
from office.policies.setup_form import AnswersForm
from office.returns.forms import ReturnPolicyForm, WordsForm
from office.shops.forms import ShopForm
from office.shops.web_shop_forms import WebShopForm
from orders.models import Policy
from returns.models import ReturnPolicy
from tests.core.pages import ENGLISH, browser
from tests.factories import Cast
from tests.office.settings import first_look_of

pytestmark = pytest.mark.any_database

FormClass = type["forms.ModelForm[Any]"]
# Where each form stands, and its name in the context.
PAGES: dict[FormClass, tuple[str, str]] = {
    WorkForm: ("/orders/policies/", "form"),
    PersonalDataForm: ("/orders/policies/personal-data/", "form"),
    DddForm: ("/orders/policies/ddd/", "form"),
    ReachForm: ("/orders/policies/ddd/setup/", "reach"),
    AnswersForm: ("/orders/policies/ddd/setup/", "answers"),
    ReturnPolicyForm: ("/returns/policy/", "page.policy"),
    WordsForm: ("/returns/policy/", "page.words"),
    ShopForm: ("/shops/new/", "form"),
    WebShopForm: ("/webshops/new/", "form"),
}


def setting_forms() -> set[FormClass]:
    """Those of the house; a test may have made one of its own."""
    return {form for form in SettingForm.__subclasses__() if not form.__module__.startswith("tests.")}


def policies() -> list[type[models.Model]]:
    """What head office decides in one row of its Group, which stands there before anybody has decided it."""
    rows = [one.related_model for one in Group._meta.related_objects if one.one_to_one]
    return [model for model in rows if isinstance(model, type) and hasattr(model, "of")]


def shown_nowhere(model: type[models.Model], form_classes: Iterable[FormClass]) -> set[str]:
    """The fields of a policy that nobody could change."""
    fields = {field.name for field in (*model._meta.fields, *model._meta.many_to_many)} - {"id", "group"}
    return fields - {name for form in form_classes for name in form.base_fields}


def without_limits(form: FormClass) -> list[str]:
    """Its whole numbers that do not know the limits of their model."""
    return [
        name
        for name, field in form.base_fields.items()
        if isinstance(field, forms.IntegerField)
        and not isinstance(field, forms.DecimalField)
        and name != "seen"
        and None in (field.min_value, field.max_value)
    ]


def not_on_page(shown: Iterable[forms.BoundField], text: str) -> list[str]:
    """The fields that a person cannot fill in."""
    return [bound.html_name for bound in shown if f'name="{bound.html_name}"' not in text]


def test_each_field_of_a_policy_stands_on_a_form() -> None:
    assert {Policy, ReturnPolicy} <= set(policies())
    found = {
        model: shown_nowhere(model, [form for form in setting_forms() if form._meta.model is model])
        for model in policies()
    }
    assert {model: names for model, names in found.items() if names} == {}


def test_a_field_that_no_form_shows_is_named() -> None:
    assert "personal_data_days" in shown_nowhere(Policy, [WorkForm])


@pytest.mark.parametrize("form", PAGES)
def test_each_number_has_the_limits_of_its_model(form: FormClass) -> None:
    assert without_limits(form) == []


def test_a_form_that_does_not_read_the_limits_is_named() -> None:
    class Forgetful(SettingForm):
        class Meta:
            model = Policy
            fields = ("remind_minutes", "scanning")

    assert without_limits(Forgetful) == ["remind_minutes"]


def test_each_form_of_settings_is_looked_at_here() -> None:
    assert setting_forms() <= PAGES.keys()


@pytest.mark.parametrize("form", PAGES)
def test_each_field_of_a_form_can_be_filled_in_on_its_page(
    cast: Cast, office: Client, form: FormClass
) -> None:
    url, name = PAGES[form]
    first_look_of(cast.nordlys)
    answer = office.get(url)
    shown = reduce(getattr, name.split(".")[1:], answer.context[name.partition(".")[0]])
    assert isinstance(shown, form)
    assert not_on_page(shown, answer.content.decode()) == []


def test_a_field_that_its_page_forgets_is_named(office: Client) -> None:
    answer = office.get("/orders/policies/")
    text = answer.content.decode().replace('name="proof"', "")
    assert not_on_page(answer.context["form"], text) == ["proof"]


def test_label_limits_and_help_are_the_models() -> None:
    field: Any = field_with_limits(Policy._meta.get_field("collect_days"))
    assert (str(field.label), field.min_value, field.max_value) == ("To be collected within (days)", 1, 365)
    assert field.help_text == "After that the order is cancelled and its pieces go back on the shelf."
    # Without a limit of its own it has none that only the database knows.
    free: Any = field_with_limits(models.PositiveIntegerField())
    assert (free.min_value, free.max_value) == (0, None)
    assert [validator.limit_value for validator in between(1, 9)] == [1, 9]


def test_the_fields_of_sections_stand_in_the_order_of_the_page() -> None:
    sections = (Section("a", "A", ("one", ("two", "three"))), Section("b", "B", ("four",)))
    assert fields_in(*sections, but=("two",)) == ["one", "three", "four"]


def test_what_head_office_typed_wrong_is_said_at_the_limits_of_the_model(cast: Cast, office: Client) -> None:
    """Also where the form has no field of its own for the number."""
    kept = list(Group.objects.values()), list(Connection.objects.values())
    answer = office.post("/orders/policies/ddd/", {"terminal_id": "0", "cash_transaction_type": "99"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["terminal_id"] == ["At least 1."]
    assert answer.context["form"].errors["cash_transaction_type"] == ["At least 100."]
    assert (list(Group.objects.values()), list(Connection.objects.values())) == kept


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office", ENGLISH)
