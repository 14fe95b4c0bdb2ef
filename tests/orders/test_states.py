"""The table of moves, and the button that follows from it."""

from itertools import product

import pytest

from orders.states import (
    LINE_MOVES,
    NUMBERS,
    ORDER_MOVES,
    Phase,
    Status,
    Step,
    line_may_move,
    may_pick,
    next_step,
    order_may_move,
    phase_of,
    status_of,
)

END = {Status.CANCELLED}


def reached(moves: dict[str, frozenset[str]], start: str) -> set[str]:
    found, new = {start}, {start}
    while new:
        new = {after for before in new for after in moves[before]} - found
        found |= new
    return found


def test_every_status_of_an_order_has_its_moves_and_missing_is_none() -> None:
    assert set(ORDER_MOVES) == set(Status) - {Status.MISSING}
    assert set(LINE_MOVES) == set(Status)


def test_every_move_leads_to_a_status_of_the_table_and_never_to_itself() -> None:
    for moves in (ORDER_MOVES, LINE_MOVES):
        for old, new in moves.items():
            assert new <= set(moves)
            assert old not in new


def test_every_status_is_reached_from_reserved_and_leads_to_an_end() -> None:
    for moves in (ORDER_MOVES, LINE_MOVES):
        assert reached(moves, Status.RESERVED) == set(moves)
        assert {status for status, after in moves.items() if not after} == END
        for status in moves:
            assert reached(moves, status) & END


def test_what_a_customer_has_is_never_cancelled_and_what_is_sold_was_found() -> None:
    for moves in (ORDER_MOVES, LINE_MOVES):
        # From delivered back to ready is the undo of a wrong tap: no customer has it.
        assert moves[Status.DELIVERED] == {Status.RETURNED, Status.PICKED}
    assert not line_may_move(Status.MISSING, Status.DELIVERED)
    assert not order_may_move(Status.CANCELLED, Status.DELIVERED)
    assert not order_may_move(Status.DELIVERED, Status.DELIVERED)


@pytest.mark.parametrize(
    ("status", "taken", "lines", "step"),
    [
        (Status.RESERVED, False, ["Reserved", "Reserved"], Step.ACCEPT),
        (Status.RESERVED, True, ["Reserved", "Reserved"], None),
        (Status.RESERVED, True, ["Picked", "Reserved"], None),
        (Status.RESERVED, True, ["Missing", "Reserved"], None),
        (Status.RESERVED, True, ["Picked", "Picked"], Step.FINISH),
        (Status.RESERVED, True, ["Picked", "Missing"], Step.FINISH),
        (Status.RESERVED, True, ["Missing", "Missing"], Step.CLOSE_EMPTY),
        (Status.PICKED, True, ["Picked", "Missing"], Step.DELIVER),
        (Status.PICKED, False, ["Picked"], Step.DELIVER),
        (Status.DELIVERED, True, ["Delivered"], None),
        (Status.RETURNED, True, ["Returned"], None),
        (Status.CANCELLED, True, ["Missing"], None),
    ],
)
def test_the_button_is_the_next_thing_that_can_be_done(
    status: str, taken: bool, lines: list[str], step: Step | None
) -> None:
    assert next_step(status, taken, lines) == step


def test_no_button_is_offered_that_is_not_a_move() -> None:
    leads_to = {
        Step.FINISH: Status.PICKED,
        Step.CLOSE_EMPTY: Status.CANCELLED,
        Step.DELIVER: Status.DELIVERED,
    }
    for status, taken, line in product(ORDER_MOVES, (True, False), LINE_MOVES):
        step = next_step(status, taken, [line])
        if step in leads_to:
            assert order_may_move(status, leads_to[step])
        if not ORDER_MOVES[status]:
            assert step is None


def test_a_piece_is_picked_only_while_the_order_is_and_only_by_a_move() -> None:
    allowed = {(order, line) for order, line in product(ORDER_MOVES, LINE_MOVES) if may_pick(order, line)}
    assert allowed == {(Status.RESERVED, Status.RESERVED), (Status.RESERVED, Status.MISSING)}
    for _order, line in allowed:
        assert line_may_move(line, Status.PICKED)


def test_every_status_has_its_word_on_screen() -> None:
    words = {
        (status, taken): phase_of(status, taken) for status, taken in product(ORDER_MOVES, (True, False))
    }
    assert set(words.values()) == set(Phase)
    assert words[Status.RESERVED, False] == Phase.NEW
    assert words[Status.RESERVED, True] == Phase.PICKING


def test_a_status_is_found_by_name_in_any_case_and_by_number() -> None:
    for number, word in NUMBERS.items():
        for text in (number, word, word.lower(), word.upper()):
            assert status_of(text) == word
    for text in ("", "7", "00", "01", "-1", "reserve", " Reserved", "None"):
        assert status_of(text) is None
