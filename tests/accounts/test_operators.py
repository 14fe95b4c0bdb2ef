"""The operator runs the portal: they see Django's admin, and nothing of what a Group does."""

from io import StringIO
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.models import Model
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.audience import OF_AN_OPERATOR, Audience, belongs_to
from accounts.models import Group, SettingChange, User
from accounts.operators import begin_head_office, make_operator
from accounts.second_factor import has_second_factor
from config.operator_site import operator_site
from core.errors import Conflict
from ddd.models import Connection, Posting
from orders.models import WebOrder
from tests.accounts.codes import code_now
from tests.core.pages import ENGLISH, Page
from tests.factories import NOW, Cast, delivered, new_order, received

pytestmark = pytest.mark.any_database

PASSWORD = "Sesame, open!"
MAIL = "operator@portal.example"
SET_UP = "/second-factor/set-up/"


def test_a_portal_has_no_operator_until_one_is_made(cast: Cast) -> None:
    assert User.objects.filter(is_operator=True).count() == 0
    user = make_operator(" Operator@Portal.example ", PASSWORD)
    assert (user.email, user.is_operator, user.is_head_office) == (MAIL, True, False)
    assert user.group not in (cast.nordlys, cast.fjord)
    assert user.group.shops.count() == 0


def test_making_an_operator_again_changes_the_password(cast: Cast) -> None:
    first = make_operator(MAIL, PASSWORD)
    again = make_operator(MAIL, "Another password!")
    assert (again.pk, again.check_password("Another password!")) == (first.pk, True)


def test_a_person_of_a_group_is_no_operator_and_a_weak_password_opens_nothing(cast: Cast) -> None:
    with pytest.raises(Conflict):
        make_operator("office@nordlys.example", PASSWORD)
    with pytest.raises(ValidationError):
        make_operator(MAIL, "short")
    assert cast.person("office").is_operator is False
    assert not User.objects.filter(is_operator=True).exists()


def test_an_operator_is_never_head_office(cast: Cast) -> None:
    user = make_operator(MAIL, PASSWORD)
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(is_head_office=True)


def test_the_command_says_whom_it_let_in_or_why_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for mail, password, said in (
        (MAIL, PASSWORD, ""),
        (MAIL, "short", "This password is too short. It must contain at least 12 characters."),
        ("office@nordlys.example", PASSWORD, "This address is that of a person of a Group"),
    ):
        monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
        if said:
            with pytest.raises(CommandError, match=said):
                call_command("make_operator", mail)
        else:
            call_command("make_operator", mail, stdout=StringIO())
    assert User.objects.get(is_operator=True).check_password(PASSWORD)


def test_an_operator_uses_the_common_log_in_and_lands_in_the_admin(cast: Cast) -> None:
    make_operator(MAIL, PASSWORD)
    client = Client(headers=ENGLISH)
    client.post("/login/", {"username": MAIL, "password": PASSWORD})
    assert client.get("/")["Location"] == SET_UP
    assert client.get("/operator/orders/weborder/")["Location"] == SET_UP
    assert client.post("/operator/accounts/group/add/", {})["Location"] == SET_UP
    page = client.get(SET_UP)
    assert "Whoever runs the portal needs a second factor." in Page(page).text
    client.post(SET_UP, {"code": code_now(page.context["form"].secret)})
    assert len(client.get("/second-factor/codes/").context["unused_codes"]) == 10
    assert client.get("/")["Location"] == "/operator/"
    assert "Second factor" in Page(client.get("/operator/")).links
    client.post("/second-factor/switch-off/")
    assert client.get("/operator/")["Location"] == SET_UP


def test_with_a_second_factor_an_operator_is_in_only_after_the_code(cast: Cast) -> None:
    client, operator = Client(), cast.person("operator")
    data = {"username": operator.email, "password": PASSWORD, "next": "/operator/"}
    assert client.post("/login/", data)["Location"] == "/login/code/"
    assert client.get("/operator/")["Location"] == "/login/?next=/operator/"
    assert client.post("/login/code/", {"code": code_now()})["Location"] == "/operator/"
    assert client.get("/operator/").status_code == 200


def test_making_an_operator_again_removes_the_second_factor_and_ends_log_ins(
    cast: Cast, operator: Client
) -> None:
    person = cast.person("operator")
    assert operator.get("/operator/").status_code == 200
    make_operator(person.email, PASSWORD)
    assert operator.get("/operator/")["Location"] == "/login/?next=/operator/"
    assert not has_second_factor(person)


def test_operators_are_in_no_other_audience_and_nobody_else_in_theirs(cast: Cast) -> None:
    operator, office = cast.viewer("operator"), cast.viewer("office")
    others = set(Audience) - {Audience.EVERYBODY, *OF_AN_OPERATOR}
    assert [belongs_to(operator, audience) for audience in sorted(others)] == [False] * len(others)
    assert belongs_to(office, Audience.OPERATOR) is False
    User.objects.filter(pk=operator.user.pk).update(is_active=False)
    assert belongs_to(cast.viewer("operator"), Audience.OPERATOR) is False


def test_books_orders_and_what_head_office_decides_cannot_be_changed_there(
    cast: Cast, operator: Client
) -> None:
    order = delivered(cast)
    posting = Posting.objects.filter(order_no=order.order_no)[0]
    for model, pk in (
        ("orders/weborder", order.pk),
        ("ddd/posting", posting.pk),
        ("accounts/shop", cast.aarhus.pk),
        ("accounts/webshop", order.web_shop_id),
        ("accounts/user", cast.person("office").pk),
        ("accounts/group", cast.nordlys.pk),
    ):
        assert operator.post(f"/operator/{model}/{pk}/change/", {"name": "X"}).status_code == 403
        assert operator.post(f"/operator/{model}/{pk}/delete/", {"post": "yes"}).status_code == 404
        assert operator.post(
            f"/operator/{model}/", {"action": "delete_selected", "_selected_action": pk}
        ).status_code in (200, 302, 403)
    assert (WebOrder.objects.count(), Posting.objects.filter(pk=posting.pk).count()) == (1, 1)
    assert cast.aarhus.name == "Aarhus"
    for model in ("orders/weborder", "ddd/posting", "accounts/shop", "accounts/webshop"):
        assert operator.get(f"/operator/{model}/add/").status_code == 404


def test_neither_tokens_nor_customers_are_shown_there(cast: Cast, operator: Client) -> None:
    order = received(cast, new_order(receive_address="Åse Sørensen#Bakkevej 3"))
    connection_row = Connection.objects.get(group=cast.nordlys)
    web_shop = cast.web_shop("nordlys")
    pages = [
        operator.get(f"/operator/{path}").content.decode()
        for path in (
            f"orders/weborder/{order.pk}/change/",
            f"ddd/posting/{Posting.objects.get(order_no=order.order_no).pk}/change/",
            f"ddd/connection/{connection_row.pk}/change/",
            "ddd/connection/add/",
            f"accounts/webshop/{web_shop.pk}/change/",
        )
    ]
    assert order.order_no in pages[0]
    for secret in ("Sørensen", connection_row.token, web_shop.ddd_token, order.pickup_code):
        assert [page for page in pages if secret in page] == []


def test_a_group_its_way_to_ddd_and_its_first_person_are_made_there(cast: Cast, operator: Client) -> None:
    group = {"name": "Sol", "ddd_group_id": "998", "currency": "SEK", "language": "da"}
    wrong = operator.post("/operator/accounts/group/add/", group | {"time_zone": "Mars/Base"})
    assert "There is no such time zone" in wrong.content.decode()
    operator.post("/operator/accounts/group/add/", group | {"time_zone": "Europe/Stockholm"})
    made = Group.objects.get(ddd_group_id=998)
    operator.post("/operator/ddd/connection/add/", {"group": made.pk, "base_url": "https://ddd.example/"})
    assert (made.connection.base_url, made.connection.token) == ("https://ddd.example/", "")
    page = Page(operator.get(f"/operator/accounts/group/{made.pk}/change/")).text
    assert "its head office has not answered what DdD's words mean" in page
    assert "/orders/policies/ddd/setup/" in page
    person = {"email": "Office@Sol.example", "name": "Sol", "group": made.pk}
    operator.post("/operator/accounts/user/add/", person)
    office = User.objects.get(email="office@sol.example")
    assert (office.group, office.is_head_office, office.is_operator) == (made, True, False)
    assert not office.has_usable_password()
    [recorded] = SettingChange.objects.filter(group=made)
    assert (recorded.by, recorded.subject) == (cast.person("operator"), "Sol")
    theirs = User.objects.get(email=MAIL).group
    operator.post("/operator/accounts/user/add/", person | {"email": "x@y.example", "group": theirs.pk})
    assert not User.objects.filter(email="x@y.example").exists()


@pytest.mark.parametrize("how", [{"is_active": True}, {"is_active": False, "invited_at": NOW}])
def test_nobody_is_put_into_a_head_office_that_has_somebody(
    cast: Cast, operator: Client, how: dict[str, Any]
) -> None:
    User.objects.filter(group=cast.nordlys, is_head_office=True).update(**how)
    person = {"email": "boss@nordlys.example", "name": "Boss", "group": cast.nordlys.pk}
    page = operator.post("/operator/accounts/user/add/", person)
    assert "This Group has a head office already" in Page(page).text
    with pytest.raises(Conflict):
        begin_head_office(User(**person | {"group": cast.nordlys}), cast.person("operator"), NOW)
    assert not User.objects.filter(email="boss@nordlys.example").exists()


def test_where_all_of_a_head_office_have_left_somebody_can_begin_again(cast: Cast, operator: Client) -> None:
    User.objects.filter(group=cast.nordlys).update(is_active=False)
    person = {"email": "boss@nordlys.example", "name": "Boss", "group": cast.nordlys.pk}
    operator.post("/operator/accounts/user/add/", person)
    assert User.objects.get(email="boss@nordlys.example").is_head_office


@pytest.mark.parametrize("model", sorted(operator_site._registry, key=str), ids=str)
def test_no_row_is_found_by_a_column_that_is_not_offered_as_a_filter(
    cast: Cast, operator: Client, model: type[Model]
) -> None:
    meta, page = model._meta, operator_site._registry[model]
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    for field in meta.concrete_fields:
        assert operator.get(address, {f"{field.name}__startswith": "1"}).status_code == 400
    columns = {field.name for field in meta.get_fields()} | {
        f"{field.name}__{other.name}"
        for field in meta.get_fields()
        if isinstance(field.related_model, type)
        for other in field.related_model._meta.get_fields()
    }
    asked = HttpRequest()
    ways = ("", "__exact", "__startswith", "__regex", "__isnull", "__in", "__gt")
    allowed = {
        f"{one}{how}" for one, how in product(columns, ways) if page.lookup_allowed(f"{one}{how}", "1", asked)
    }
    assert allowed <= {f"{name}{how}" for name in page.list_filter for how in ("__exact", "__id__exact")}


def test_a_list_counts_no_further_than_a_thousand_and_asks_the_same_for_many(
    cast: Cast, operator: Client
) -> None:
    received(cast)
    few = _queries(operator)
    for _number in range(10):
        received(cast)
    assert _queries(operator) == few
    assert any("LIMIT 1000" in query for query in few)
    assert not any("COUNT(" in query for query in few)


@pytest.fixture
def operator(cast: Cast) -> Client:
    """A client in which the operator is logged in."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.person("operator"))
    return client


def _queries(client: Client) -> list[Any]:
    with CaptureQueriesContext(connection) as counted:
        assert client.get("/operator/orders/weborder/").status_code == 200
    return [query["sql"].partition("WHERE")[0] for query in counted if "SELECT" in query["sql"]]
