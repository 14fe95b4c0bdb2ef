"""Members of the loyalty club: found by their number, believed for minutes, and never with a password."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from ddd.api.http import DddError, Unavailable
from ddd.lookup import members
from ddd.models import Connection, Member
from ddd.tasks import look_up_members, look_up_wanted_members
from tests.core.pages import browser
from tests.ddd.other_servers import answering, nobody, saying, silent
from tests.ddd.rows import Clock
from tests.factories import NOW, Cast, new_order, received
from tests.sandbox_process import RunningSandbox

AASE = 100042
SECRET = "hunter2-the-password"


def a_member(number: int = AASE, **more: Any) -> dict[str, Any]:
    data = {
        "Id": 1,
        "CustomerNumber": number,
        "User": "aase",
        "Password": SECRET,
        "IsDeleted": False,
        "IsActive": True,
        "FirstName": "Åse",
        "LastName": "Øst",
        "Address": "Søndergade 7",
        "PostalCode": "8000",
        "City": "Aarhus C",
        "Phone": "20304050",
        "Email": "aase@kunde.example",
        "RANK": 1,
    }
    return {**data, **more}


def asked(cast: Cast, said: Any, status: int = 200) -> Member | DddError:
    """What comes of asking a DdD that says this."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with answering(status, body) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        try:
            return members.look_up(cast.connection, AASE, NOW)
        except DddError as trouble:
            return trouble


def test_a_shop_that_ddd_does_not_know_does_not_hide_the_members(booked_cast: Cast) -> None:
    Shop.objects.create(group=booked_cast.nordlys, shop_id=995_001, name="Vejle")
    assert members.look_up(booked_cast.connection, AASE, NOW).name == "Åse Øst"


def test_of_several_answers_the_one_with_exactly_this_number_counts(booked_cast: Cast) -> None:
    member = members.look_up(booked_cast.connection, AASE, NOW)
    assert (member.found, member.name, member.phone) == (True, "Åse Øst", "20304050")
    assert member.email == "aase.oest@kunde.example"
    assert member.address.startswith("Søndergade 7, 8000 Aarhus C")


def test_the_same_number_in_another_groups_club_is_another_person(booked_cast: Cast) -> None:
    fjord = Connection.objects.get(group=booked_cast.fjord)
    assert members.look_up(booked_cast.connection, AASE, NOW).name == "Åse Øst"
    assert members.look_up(fjord, AASE, NOW).name == "Ingrid Næss"
    assert Member.objects.filter(customer_number=AASE).count() == 2


@pytest.mark.parametrize(
    "said",
    [
        [],
        [a_member(1000421)],
        [a_member(IsDeleted=True)],
        [a_member(IsActive=False)],
        [a_member(CustomerNumber=None)],
    ],
    ids=["none", "longer number", "deleted", "inactive", "without number"],
)
def test_who_is_not_there_is_nobody(cast: Cast, said: Any) -> None:
    member = asked(cast, said)
    assert isinstance(member, Member)
    assert (member.found, member.name, member.email, member.phone, member.address) == (False, "", "", "", "")


def test_ddd_without_the_member_answers_404_or_nothing(cast: Cast) -> None:
    for status, body in ((404, b"{}"), (204, b"")):
        Member.objects.all().delete()
        member = asked(cast, body, status)
        assert isinstance(member, Member)
        assert member.found is False


def test_a_deleted_one_beside_the_living_one_does_not_count(cast: Cast) -> None:
    member = asked(cast, [a_member(IsDeleted=True, FirstName="Gone"), a_member()])
    assert isinstance(member, Member)
    assert member.name == "Åse Øst"


def test_names_come_in_any_case_and_of_any_length(cast: Cast) -> None:
    folded = {name[0].lower() + name[1:]: value for name, value in a_member(LastName="Ø" * 450).items()}
    member = asked(cast, [folded])
    assert isinstance(member, Member)
    assert member.name == ("Åse " + "Ø" * 450)[:200]


def test_the_term_is_quoted_into_the_route_of_a_shop_that_takes_orders(cast: Cast) -> None:
    paths = []

    def say(_method: str, path: str) -> tuple[int, bytes]:
        paths.append(path)
        return 200, b"[]"

    with saying(say) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        members.look_up(cast.connection, AASE, NOW)
    assert paths == ["/api/loyalty2/member/shop/996001/term/100042"]


def test_an_answer_is_believed_for_minutes_only(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    members.look_up(booked_cast.connection, AASE, NOW)
    Member.objects.update(name="As it was told")
    assert members.look_up(booked_cast.connection, AASE, NOW + timedelta(minutes=9)).name == "As it was told"
    assert members.look_up(booked_cast.connection, AASE, NOW + timedelta(minutes=11)).name == "Åse Øst"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([a_member()], 500),
        ([a_member()], 400),
        ([a_member()], 403),
        (a_member(), 200),
        ([json.dumps(a_member())], 200),
        ([a_member(CustomerNumber=SECRET)], 200),
        ([a_member(IsActive="yes")], 200),
        (f'{{"Password": "{SECRET}"'.encode(), 200),
        (f"Password={SECRET}".encode(), 503),
    ],
)
def test_the_password_is_in_no_row_no_log_and_no_sentence_whatever_ddd_says(
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
    said: Any,
    status: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    trouble = asked(cast, said, status)
    assert isinstance(trouble, Unavailable)
    assert SECRET not in trouble.sentence
    assert not Member.objects.exists()
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    order = received(cast, new_order(customer_number=AASE))
    page = browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/")
    with answering(status, body) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        assert look_up_members(cast.nordlys.pk) == 0
    assert SECRET not in caplog.text
    assert SECRET not in page.content.decode()
    assert SECRET not in str(list(Member.objects.values())) + str(list(Connection.objects.values()))


def test_a_good_answers_password_is_in_no_row_no_log_and_no_response(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    member = asked(cast, [a_member()])
    assert isinstance(member, Member)
    Member.objects.update(answered_at=NOW + timedelta(days=9999), asked_at=NOW)
    order = received(cast, new_order(customer_number=AASE))
    answers = [
        browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/"),
        browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/member/"),
        browser(cast, "office").get(f"/orders/{order.pk}/"),
    ]
    for answer in answers:
        assert "20304050" in answer.content.decode()
        assert SECRET not in answer.content.decode()
    assert SECRET not in caplog.text
    assert SECRET not in str(list(Member.objects.values()))
    assert "password" not in {field.name for field in Member._meta.get_fields()}


@pytest.mark.parametrize("ddd", [nobody, silent])
def test_ddd_away_delays_no_screen_and_says_so(cast: Cast, ddd: Callable[[], Any]) -> None:
    order = received(cast, new_order(customer_number=AASE))
    page = browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/").content.decode()
    assert "asking DdD" in page
    assert f'hx-get="/pos/orders/{order.pk}/member/"' in page
    Member.objects.update(asked_at=NOW)
    page = browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/member/").content.decode()
    assert "DdD does not answer" in page
    assert "hx-get" in page


def test_a_worker_fills_the_fragment(booked_cast: Cast) -> None:
    order = received(booked_cast, new_order(customer_number=AASE))
    client = browser(booked_cast, "aarhus")
    assert "asking DdD" in client.get(f"/pos/orders/{order.pk}/").content.decode()
    assert look_up_members(booked_cast.nordlys.pk) == 1
    fragment = client.get(f"/pos/orders/{order.pk}/member/").content.decode()
    assert "Åse Øst" in fragment
    assert "20304050" in fragment
    assert "hx-get" not in fragment
    assert look_up_members(booked_cast.nordlys.pk) == 0


def test_a_wrong_number_is_visible_and_not_fatal(booked_cast: Cast) -> None:
    order = received(booked_cast, new_order(customer_number=10004))
    client = browser(booked_cast, "aarhus")
    client.get(f"/pos/orders/{order.pk}/")
    look_up_members(booked_cast.nordlys.pk)
    page = client.get(f"/pos/orders/{order.pk}/")
    assert page.status_code == 200
    assert "No member has this number" in page.content.decode()


def test_an_order_without_a_number_asks_nobody(cast: Cast) -> None:
    order = received(cast, new_order())
    page = browser(cast, "aarhus").get(f"/pos/orders/{order.pk}/").content.decode()
    assert 'id="member"' not in page
    assert not Member.objects.exists()


def test_wanted_asks_once_and_again_only_after_a_while(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = members.request_member(cast.nordlys, AASE, NOW)
    assert first.asked_at == NOW
    with django_assert_num_queries(1):
        members.request_member(cast.nordlys, AASE, NOW + timedelta(seconds=29))
    members.request_member(cast.nordlys, AASE, NOW + timedelta(seconds=31))
    assert Member.objects.get().asked_at == NOW + timedelta(seconds=31)


def test_old_knowledge_is_shown_while_it_is_asked_for_anew(booked_cast: Cast) -> None:
    members.look_up(booked_cast.connection, AASE, NOW)
    later = NOW + timedelta(minutes=11)
    member = members.request_member(booked_cast.nordlys, AASE, later)
    assert members.member_status(member, later) == members.MemberStatus.KNOWN
    assert members.groups_that_wait(later) == [booked_cast.nordlys.pk]
    clock = Clock()
    clock.now = later
    assert members.look_up_requested(booked_cast.nordlys.pk, clock) == 1
    assert members.groups_that_wait(later) == []


def test_nobody_asks_for_ever(cast: Cast) -> None:
    members.request_member(cast.nordlys, AASE, NOW)
    assert members.groups_that_wait(NOW + timedelta(minutes=4)) == [cast.nordlys.pk]
    assert members.groups_that_wait(NOW + timedelta(minutes=6)) == []


def test_after_a_first_failure_nobody_else_of_the_group_is_asked_for(cast: Cast) -> None:
    calls = []

    def say(_method: str, path: str) -> tuple[int, bytes]:
        calls.append(path)
        return 503, b""

    clock = Clock()
    for number in range(5):
        members.request_member(cast.nordlys, 1 + number, clock())
    with saying(say) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        assert members.look_up_requested(cast.nordlys.pk, clock) == 0
    assert len(calls) == 1


def test_what_was_told_a_day_ago_is_forgotten(cast: Cast) -> None:
    for number, ago in ((1, 23), (2, 25)):
        at = NOW - timedelta(hours=ago)
        Member.objects.create(
            group=cast.nordlys, customer_number=number, found=True, name="N", asked_at=NOW, answered_at=at
        )
    Member.objects.create(group=cast.nordlys, customer_number=3, asked_at=NOW - timedelta(hours=25))
    Member.objects.create(group=cast.nordlys, customer_number=4, asked_at=NOW)
    assert members.forget_old(NOW) == 2
    assert sorted(Member.objects.values_list("customer_number", flat=True)) == [1, 4]


def test_a_group_without_connection_or_without_shops_harms_nobody(cast: Cast) -> None:
    clock = Clock()
    members.request_member(cast.nordlys, AASE, clock())
    cast.nordlys.shops.update(takes_orders=False)
    assert members.look_up_requested(cast.nordlys.pk, clock) == 0
    Connection.objects.filter(group=cast.nordlys).delete()
    assert members.look_up_requested(cast.nordlys.pk, clock) == 0


def test_the_sweep_needs_no_broker_when_nobody_waits(cast: Cast) -> None:
    look_up_wanted_members()
