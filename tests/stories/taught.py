"""Head office teaches a Group what its DdD says, on the forms of its screens."""

from datetime import datetime
from typing import Any, Final

from django import forms

from accounts.models import Group, User
from ddd.models.connection import OrderType
from ddd.sandbox.dialect import Dialect
from office.policies.ddd_form import DddForm
from office.returns.forms import PolicyPage
from office.shops.web_shop_forms import WebShopForm
from orders.states import Status

# The portal's meaning of each of the sandbox's own types.
TYPES: Final = {"ClickAndCollect": OrderType.COLLECT, "OrderInStore": OrderType.IN_STORE}
# Numbers that no dialect refuses.
CASH, TERMINAL, WEB_SHOP, CASH_OUT, TERMINAL_OUT = 201, 211, 251, 205, 215
CLERK, TILL, ITEM_GROUP = 42, 88, 777


def teach_orders(group: Group, dialect: Dialect, office: User, now: datetime) -> None:
    """The words of statuses and types."""
    words = {f"words_{status.name}": dialect.spoken("WebOrderLineStatus", status.value) for status in Status}
    types = {f"types_{means.name}": dialect.spoken("WebOrderType", own) for own, means in TYPES.items()}
    _keep(DddForm, group, office, now, {**words, **types})


def teach_sales(group: Group, dialect: Dialect, office: User, now: datetime) -> None:
    """The words and numbers in which a sale and a return are told."""
    sold = {
        "sale_word": dialect.spoken("ItemLineType", "Sale"),
        "payment_in_word": dialect.spoken("PaymentFlow", "In"),
        "discount_word": dialect.spoken("PriceAlterationType", "Discount"),
        "terminal_id": TILL,
        "clerk_id": CLERK,
        "cash_transaction_type": CASH,
        "terminal_transaction_type": TERMINAL,
    }
    _keep(DddForm, group, office, now, sold)
    returned = {
        "return_word": dialect.spoken("ItemLineType", "Return"),
        "payment_out_word": dialect.spoken("PaymentFlow", "Out"),
        "cash_out_transaction_type": CASH_OUT,
        "terminal_out_transaction_type": TERMINAL_OUT,
    }
    page = PolicyPage({**_shown_on(PolicyPage(None, group)), **returned}, group)
    assert page.is_valid(), [page.policy.errors, page.words and page.words.errors, page.reasons.errors]
    assert page.keep(office, now)
    for web_shop in group.web_shops.all():
        chosen = {"transaction_type": WEB_SHOP}
        if web_shop.turnover_shop:
            chosen["turnover_item_group"] = ITEM_GROUP
        empty = WebShopForm(None, group=group, web_shop=web_shop)
        form = WebShopForm({**shown(empty), **chosen}, group=group, web_shop=web_shop)
        assert form.is_valid(), form.errors
        assert form.keep(office, now)


def _keep(kind: type[DddForm], group: Group, office: User, now: datetime, typed: dict[str, Any]) -> None:
    form = kind({**shown(kind(None, group)), **typed}, group)
    assert form.is_valid(), form.errors
    assert form.keep(office, now)


def _shown_on(page: PolicyPage) -> dict[str, Any]:
    assert page.words is not None
    parts = [page.policy, page.words, page.reasons.management_form, *page.reasons.forms]
    return {name: value for part in parts for name, value in shown(part).items()}


def shown(form: forms.BaseForm) -> dict[str, Any]:
    """What the fields of a page say, as a browser sends them back: no empty box, and no secret, which it was
    never shown."""
    public = [
        name for name, field in form.fields.items() if not isinstance(field.widget, forms.PasswordInput)
    ]
    values = {form.add_prefix(name): form[name].value() for name in public}
    return {name: value for name, value in values.items() if value not in (None, False)}
