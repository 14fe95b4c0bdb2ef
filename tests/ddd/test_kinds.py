"""What nobody has taught is never sent: each part of each kind is said, and who forgets one is told which."""

from dataclasses import fields
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.causes import as_it_is, words_of
from core.errors import Conflict
from ddd.models import Posting
from ddd.sending import decisions, dispatch
from ddd.sending.kinds import KINDS, MODULES, UnknownKind, kind_of, sale, table_of
from ddd.sending.posting_kind import PostingKind, as_it_was, complete_already, nothing_to_note
from ddd.words import causes
from office.attention.evidence import meaning_of
from tests.core.pages import Page, browser
from tests.ddd.rows import READ, SEND, Clock, State, calls, row, sale_row
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

UNKNOWN = "This version of the portal does not know how to send a posting of the kind “telegram”."


def planted(name: str, **says: object) -> ModuleType:
    module = ModuleType(f"ddd.sending.kinds.{name}")
    vars(module).update(says)
    return module


def parts_of(kind: PostingKind) -> dict[str, Any]:
    return {part.name: getattr(kind, part.name) for part in fields(kind)}


# --- The table ---------------------------------------------------------------------------------------


def test_every_kind_is_taught_by_a_module_of_its_own() -> None:
    assert sorted(KINDS) == sorted(Posting.Kind.values)
    assert {module.KIND.kind: module.KIND for module in MODULES} == KINDS


@pytest.mark.parametrize("left_out", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_kind_that_no_module_is_about_is_named_at_import(left_out: ModuleType) -> None:
    kind = left_out.KIND.kind.value
    with pytest.raises(ImproperlyConfigured, match=f"about the kind '{kind}'"):
        table_of(Posting.Kind.values, [module for module in MODULES if module is not left_out])


def test_a_new_row_of_the_enum_without_its_module_is_named_at_import() -> None:
    with pytest.raises(ImproperlyConfigured, match="about the kind 'telegram'"):
        table_of([*Posting.Kind.values, "telegram"], MODULES)


@pytest.mark.parametrize("says", [{}, {"KIND": "telegram"}])
def test_a_module_that_makes_no_kind_is_named_at_import(says: dict[str, object]) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"ddd\.sending\.kinds\.telegram makes no KIND"):
        table_of(Posting.Kind.values, [*MODULES, planted("telegram", **says)])


def test_two_modules_about_one_kind_are_named_at_import() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"kinds\.telegram is about the kind 'sale' once more"):
        table_of(Posting.Kind.values, [*MODULES, planted("telegram", KIND=sale.KIND)])


@pytest.mark.parametrize("part", [part.name for part in fields(PostingKind)])
def test_a_part_that_nobody_has_said_is_named_where_the_kind_is_made(part: str) -> None:
    parts = parts_of(sale.KIND)
    del parts[part]
    with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{part}'"):
        PostingKind(**parts)


def test_mypy_misses_a_part_as_well() -> None:
    with pytest.raises(TypeError, match="'look'"):
        # Were it not an error, mypy would say that there is nothing to ignore.
        PostingKind(  # type: ignore[call-arg]
            kind=Posting.Kind.SALE,
            meaning=gettext_lazy("Sale"),
            pieces=sale.pieces,
            note_before_sending=nothing_to_note,
            complete=complete_already,
            send=sale.send,
            body_of_today=as_it_was,
        )


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_means_to_a_shop_is_said_in_both_languages(kind: str) -> None:
    posting = Posting(kind=kind)
    with translation.override("en"):
        english = meaning_of(posting)
    with translation.override("da"):
        danish = meaning_of(posting)
    assert english
    assert danish not in ("", english)


# --- A row that a newer version has written ----------------------------------------------------------


def of_tomorrow(posting: Posting, **columns: object) -> Posting:
    Posting.objects.filter(pk=posting.pk).update(kind="telegram", **columns)
    posting.refresh_from_db()
    return posting


def test_what_this_version_does_not_know_is_not_sent_and_the_rest_goes_on(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    unknown, known = of_tomorrow(sale_row(booked_cast, clock(), "W-1")), sale_row(booked_cast, clock(), "W-2")
    body = unknown.payload

    assert dispatch.drain(booked_cast.nordlys.pk, clock) == 2

    unknown.refresh_from_db()
    known.refresh_from_db()
    assert (unknown.state, unknown.needs_attention, unknown.first_sent_at) == (State.REJECTED, True, None)
    assert unknown.payload == body
    assert calls(unknown) == [(SEND, "rejected")]
    assert [attempt.calls for attempt in unknown.attempts.all()] == [[]]
    assert known.state == State.SENT
    assert [made["ReceiptId"] for made in sandbox.ledger()["sales"]] == [known.payload["ReceiptId"]]
    assert all(booked == [] for name, booked in sandbox.ledger().items() if name in ("orders", "transfers"))


def test_what_an_other_version_may_have_sent_is_left_to_a_person(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    columns = {"state": State.UNCERTAIN, "first_sent_at": clock()}
    unknown = of_tomorrow(sale_row(booked_cast, clock()), **columns)

    dispatch.drain(booked_cast.nordlys.pk, clock)

    unknown.refresh_from_db()
    assert (unknown.state, unknown.needs_attention) == (State.UNCERTAIN, True)
    assert calls(unknown) == [(READ, "uncertain")]
    assert sandbox.ledger()["sales"] == []


def test_ddd_has_not_answered_when_nothing_was_called(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    of_tomorrow(sale_row(booked_cast, clock()))
    booked_cast.connection.mark_failing(as_it_is("away"), clock())

    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert booked_cast.connection.trouble == as_it_is("away")


def test_head_office_sees_it_with_the_reason_and_may_give_it_up(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, office = Clock(), browser(booked_cast, "office")
    unknown = of_tomorrow(sale_row(booked_cast, clock()))
    dispatch.drain(booked_cast.nordlys.pk, clock)

    assert UNKNOWN in Page(office.get("/orders/attention/")).text

    before = Posting.objects.values().get()
    with pytest.raises(Conflict, match="does not know how to send it") as refusal:
        decisions.send_again(unknown, booked_cast.person("office"), clock())
    assert refusal.value.code == "unknown-kind"
    assert Posting.objects.values().get() == before
    assert sandbox.ledger()["sales"] == []

    decisions.give_up(unknown, "Done by hand", booked_cast.person("office"), clock())
    unknown.refresh_from_db()
    assert unknown.state == State.GIVEN_UP


def test_asking_for_an_unknown_kind_names_it(cast: Cast) -> None:
    with pytest.raises(UnknownKind, match="telegram"):
        kind_of(of_tomorrow(sale_row(cast, Clock()())))
    assert words_of(causes.UNKNOWN_KIND(kind="telegram")) == UNKNOWN


@pytest.mark.parametrize("kind", ["order", "sale", "transfer"])
def test_every_kind_says_its_pieces(kind: str, cast: Cast) -> None:
    posting = row(kind, cast, Clock()())
    assert sorted(kind_of(posting).pieces(posting).values()) == [1, 1]
