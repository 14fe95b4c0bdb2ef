"""A piece that comes back is chosen by its code, as it is typed or scanned at the counter."""

import pytest
from django.test import Client

from returns.models import Return
from tests.factories import CAP, JUMPER, JUMPER_EAN, SCARF, Cast, delivered, new_order, taken_back
from tests.returns.counter import address, chosen, page_of

pytestmark = pytest.mark.usefixtures("day_3")


@pytest.mark.parametrize("code", [JUMPER_EAN, str(JUMPER)], ids=["Ean", "VariantId"])
def test_a_code_chooses_one_piece_more_and_keeps_what_was_chosen(
    cast: Cast, aarhus: Client, code: str
) -> None:
    order = delivered(cast, new=new_order(variants=(SCARF, JUMPER, JUMPER)))
    scarf, first, second = order.lines.order_by("number")
    answer = aarhus.get(address(order), {**chosen(order, 1), "code": code})
    assert answer.status_code == 302
    again = aarhus.get(answer["Location"] + f"&code={code}")
    place, _mark, query = again["Location"].partition("?")
    assert (place, query.count("piece="), "code=" in query) == (address(order), 3, False)
    page = aarhus.get(again["Location"])
    rows = page.context["choice"].rows
    assert [(row.line.pk, row.chosen, row.reason) for row in rows] == [
        (scarf.pk, True, "Fortrudt"),
        (first.pk, True, ""),
        (second.pk, True, ""),
    ]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        (str(CAP), 422, f"The code {CAP} is of nothing that this customer took home."),
        (str(SCARF), 409, "came back already."),
        (str(JUMPER), 409, "is chosen already."),
        ("x\0y", 422, "The code xy is of nothing that this customer took home."),
    ],
)
def test_a_code_that_chooses_nothing_says_why(
    cast: Cast, aarhus: Client, code: str, status: int, said: str
) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF)))
    taken_back(cast, order, lines=(2,), paid_by="cash")
    answer = aarhus.get(address(order), {**chosen(order, 1), "code": code})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert Return.objects.count() == 1


def test_where_nothing_is_left_nothing_is_scanned(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    assert "Scan or type an Ean or VariantId" in page_of(aarhus, order).text
    taken_back(cast, order, paid_by="cash")
    assert "Scan or type an Ean or VariantId" not in page_of(aarhus, order).text
