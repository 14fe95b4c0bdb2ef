"""Views of the list that are kept: who finds them, who may change them, and what they show."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from office.listing import view_store
from office.models import SavedView
from tests.core.pages import Page, browser
from tests.factories import Cast, new_order, picked, received

READY = "status=ready&sort=due+first&col=status&col=customer"


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office")


@pytest.fixture
def colleague(cast: Cast) -> Client:
    """Another person at the same head office."""
    User.objects.create_user("erik@nordlys.example", name="Erik", group=cast.nordlys, is_head_office=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(email="erik@nordlys.example"))
    return client


def keep(client: Client, name: str, query: str = READY, **more: str) -> SavedView:
    answer = client.post("/orders/views/", {"name": name, "query": query, **more})
    assert answer.status_code == 302
    return SavedView.objects.get(pk=parse_qs(urlsplit(answer["Location"]).query)["view"][0])


def views(client: Client, query: str = "") -> set[str]:
    """Names of the views that are offered."""
    return {view.name for view in client.get(f"/orders/?{query}").context["views"]}


def test_a_view_keeps_filters_sort_and_columns(cast: Cast, office: Client) -> None:
    received(cast, new_order("NEW"))
    picked(cast, new=new_order("READY"))
    kept = keep(office, "To be collected")
    assert (kept.query, kept.is_shared, kept.maker) == (READY, False, cast.person("office"))

    link = Page(office.get("/orders/")).links["To be collected"]
    assert link == f"/orders/?{READY}&view={kept.pk}"
    answer = office.get(link)
    assert [order.order_no for order in answer.context["page"].orders] == ["READY"]
    heads = [text for tag, text in heads_of(answer)]
    assert heads == ["OrderNo", "Status", "Customer"]
    assert (answer.context["opened"], answer.context["is_changed"]) == (kept, False)
    assert "Save as a new view" not in Page(answer).text
    changed = office.get(f"/orders/?status=new&view={kept.pk}")
    assert "To be collected (changed)" in Page(changed).text
    assert "Save as a new view" in Page(changed).text


def heads_of(answer: object) -> list[tuple[str, str]]:
    columns = answer.context["columns"]  # type: ignore[attr-defined]
    return [("th", "OrderNo"), *(("th", str(head["column"].label)) for head in columns)]


def test_a_view_is_private_until_it_is_shared(cast: Cast, office: Client, colleague: Client) -> None:
    kept = keep(office, "Mine")
    assert (views(office), views(colleague), views(browser(cast, "fjord office"))) == ({"Mine"}, set(), set())
    assert colleague.get(f"/orders/?view={kept.pk}").context["opened"] is None
    office.post(f"/orders/views/{kept.pk}/", {"name": "Ours", "query": "status=new", "is_shared": "on"})
    kept.refresh_from_db()
    assert (kept.name, kept.query, kept.is_shared) == ("Ours", "status=new", True)
    assert (views(colleague), views(browser(cast, "fjord office"))) == ({"Ours"}, set())
    page = Page(colleague.get(f"/orders/?status=new&view={kept.pk}"))
    assert "Ours Karen Østergaard" in page.links
    assert "Change this view" not in page.text


def test_only_its_maker_changes_or_deletes_a_shared_view(
    cast: Cast, office: Client, colleague: Client
) -> None:
    kept = keep(office, "Ours", is_shared="on")
    for client in (colleague, browser(cast, "fjord office")):
        for data in ({"name": "Theirs", "query": ""}, {"do": "delete"}):
            assert client.post(f"/orders/views/{kept.pk}/", data).status_code == 404
    assert SavedView.objects.get(pk=kept.pk).name == "Ours"
    assert office.post(f"/orders/views/{kept.pk}/", {"do": "delete"}).status_code == 302
    assert not SavedView.objects.exists()


def test_saved_twice_it_exists_once_and_another_under_its_name_is_refused(
    cast: Cast, office: Client, colleague: Client
) -> None:
    assert keep(office, "Ready") == keep(office, " Ready ")
    answer = office.post("/orders/views/", {"name": "Ready", "query": "status=new"})
    assert answer.status_code == 409
    assert "You have a view called Ready already" in Page(answer).text
    other = keep(office, "Other", "status=new")
    answer = office.post(f"/orders/views/{other.pk}/", {"name": "Ready", "query": "status=new"})
    assert answer.status_code == 409
    assert list(SavedView.objects.order_by("pk").values_list("name", "query")) == [
        ("Ready", READY),
        ("Other", "status=new"),
    ]
    assert keep(colleague, "Ready", "status=picking").query == "status=picking"
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(group=cast.nordlys, maker=cast.person("office"), name="Ready")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": " ", "query": READY}, "required"),
        ({"name": "x" * 61, "query": READY}, "at most 60 characters"),
        ({"name": "Lost", "query": "status=lost"}, "mend it first"),
        ({"name": "Foreign", "query": "shop=997001"}, "mend it first"),
    ],
)
def test_a_view_without_a_name_or_of_what_does_not_exist_is_refused(
    office: Client, data: dict[str, str], said: str
) -> None:
    answer = office.post("/orders/views/", data)
    assert (answer.status_code, SavedView.objects.count()) == (422, 0)
    assert said in Page(answer).text


def test_fifty_views_are_enough_for_one_person(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_store, "MOST_VIEWS", 2)
    for name in ("one", "two"):
        keep(office, name)
    answer = office.post("/orders/views/", {"name": "three", "query": READY})
    assert (answer.status_code, views(office)) == (422, {"one", "two"})


def test_what_goes_without_saying_is_not_kept(office: Client) -> None:
    usual = "&".join(
        f"col={name}" for name in ["status", "shop", "web+shop", "pieces", "customer", "came+in", "promised"]
    )
    kept = keep(office, "All", f"q=&shop=&sort=newest&colour=blue&after=x&view=7&{usual}")
    assert kept.query == ""


def test_many_views_take_one_query(
    office: Client, colleague: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for names in (("one",), ("two", "three", "four")):
        for name in names:
            keep(colleague, name, is_shared="on")
        with django_assert_num_queries(9):  # without orders, their lines are not asked for
            assert set(names) <= views(office)


@pytest.mark.parametrize(
    ("query", "heads"),
    [
        ("", {"Came in": "sort=oldest", "Promised": "sort=due+first"}),
        ("sort=oldest&status=new", {"Came in": "status=new", "Promised": "status=new&sort=due+first"}),
        ("sort=due+first&col=promised", {"Promised": "sort=due+last&col=promised"}),
    ],
)
def test_the_head_of_a_column_sorts_by_it_and_then_the_other_way(
    cast: Cast, office: Client, query: str, heads: dict[str, str]
) -> None:
    received(cast)
    links = Page(office.get(f"/orders/?{query}")).links
    assert {name: links.get(name) for name in heads} == {name: f"?{found}" for name, found in heads.items()}


def test_every_column_can_be_shown(cast: Cast, office: Client) -> None:
    order = picked(cast, new=new_order("W-1", customer_number=100042))
    rows = Page(office.get("/orders/", {"col": ["amount", "number", "taken by", "ready"]})).rows
    assert rows[1] == f"W-1 399.90 DKK 100042 {order.taken_by} 3 Mar 10:05"
