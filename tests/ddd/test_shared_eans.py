"""An Ean that several variants share is found when the catalogue is read, and gone when DdD has mended it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.errors import TryLater
from ddd.api.http import wire_to
from ddd.api.wire import WireArticle
from ddd.lookup import catalogue, shared_eans
from ddd.models import Barcode, Connection, SharedEan
from ddd.sandbox.demo_data import AMBIGUOUS_EAN, AMBIGUOUS_VARIANTS
from tests.ddd.other_servers import Said, saying
from tests.factories import JUMPER, JUMPER_EAN, NOW, SCARF, Cast, make_cast
from tests.sandbox_process import RunningSandbox

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def empty_cast(db: None, sandbox: RunningSandbox) -> Cast:
    """Nordlys before it has read anything of DdD's catalogue."""
    return make_cast(sandbox.url, articles=False)


def article(variant_id: int, ean: str) -> WireArticle:
    return WireArticle(variant_id, ean, 1010, {"StyleParameter1": f"Article {variant_id}"})


def standing(cast: Cast) -> list[tuple[str, list[int]]]:
    """Each shared Ean with the variants that have it."""
    rows = SharedEan.objects.filter(group=cast.nordlys, gone_at=None).order_by("ean")
    return [(row.ean, sorted(row.variants.values_list("variant_id", flat=True))) for row in rows]


def test_two_articles_of_different_pages_share_an_ean(empty_cast: Cast) -> None:
    catalogue.store(empty_cast.connection, [article(1, "57"), article(2, "58")], NOW)
    assert standing(empty_cast) == []
    catalogue.store(empty_cast.connection, [article(3, "57")], NOW)
    catalogue.store(Connection.objects.get(group=empty_cast.fjord), [article(4, "58")], NOW)
    assert standing(empty_cast) == [("57", [1, 3])]
    assert not SharedEan.objects.filter(group=empty_cast.fjord).exists()


def test_an_ean_that_ddd_is_asked_for_is_noted_and_stays_while_ddd_names_both(empty_cast: Cast) -> None:
    catalogue.resolve(empty_cast.nordlys, set(), {AMBIGUOUS_EAN}, NOW)
    assert standing(empty_cast) == [(AMBIGUOUS_EAN, sorted(AMBIGUOUS_VARIANTS))]
    catalogue.read_catalogue(empty_cast.connection, LATER)
    assert standing(empty_cast) == [(AMBIGUOUS_EAN, sorted(AMBIGUOUS_VARIANTS))]
    assert SharedEan.objects.get().asked_at == LATER


def test_it_is_gone_when_ddd_has_given_all_but_one_another_ean(empty_cast: Cast) -> None:
    """The sandbox has the jumper alone under its Ean."""
    catalogue.store(empty_cast.connection, [article(JUMPER, JUMPER_EAN), article(SCARF, JUMPER_EAN)], NOW)
    shared_eans.wait_for_ddd(SharedEan.objects.get(), empty_cast.person("office"), NOW, " DdD is told ")
    assert SharedEan.objects.get().note == "DdD is told"
    catalogue.read_catalogue(empty_cast.connection, LATER)
    assert standing(empty_cast) == []
    assert SharedEan.objects.get().gone_at == LATER
    names = Barcode.objects.filter(ean=JUMPER_EAN).values_list("variant__variant_id", flat=True)
    assert list(names) == [JUMPER]
    catalogue.store(empty_cast.connection, [article(SCARF, JUMPER_EAN)], LATER)
    row = SharedEan.objects.get()
    assert (row.gone_at, row.seen_at, row.seen_by, row.note) == (None, None, None, "")


def test_what_somebody_has_seen_stands_there_again_when_a_third_variant_shares_it(empty_cast: Cast) -> None:
    catalogue.store(empty_cast.connection, [article(1, "57"), article(2, "57")], NOW)
    shared_eans.wait_for_ddd(SharedEan.objects.get(), empty_cast.person("office"), NOW)
    catalogue.store(empty_cast.connection, [article(2, "57")], LATER)
    assert SharedEan.objects.get().seen_at == NOW
    catalogue.store(empty_cast.connection, [article(3, "57")], LATER)
    assert SharedEan.objects.get().seen_at is None
    assert standing(empty_cast) == [("57", [1, 2, 3])]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ([{"VariantId": 1, "EAN": "57"}], [1, 2]),  # its page shows it: one answer may be all that DdD gives
        ([], [1, 2, 3]),  # no answer is no proof
    ],
)
def test_a_variant_keeps_the_ean_that_its_page_shows(
    empty_cast: Cast, answer: list[dict[str, Any]], kept: list[int]
) -> None:
    def say(_method: str, _path: str) -> Said:
        return 200, json.dumps(answer).encode()

    catalogue.store(empty_cast.connection, [article(number, "57") for number in (1, 2, 3)], NOW)
    with saying(say) as url:
        Connection.objects.filter(group=empty_cast.nordlys).update(base_url=url)
        with wire_to(empty_cast.connection) as wire:
            shared_eans.ask_again(empty_cast.connection, wire, {2: "57", 3: "99"}, LATER)
    assert standing(empty_cast) == [("57", kept)]


def test_many_shared_eans_cost_a_page_no_more_questions_the_second_time(
    empty_cast: Cast, django_assert_num_queries: Any
) -> None:
    page = [article(number, f"57{number // 2}") for number in range(2, 102)]
    catalogue.store(empty_cast.connection, page, NOW)
    assert SharedEan.objects.count() == 50
    # transaction, variants, their keys, Eans; which are shared, the rows of these with their variants
    with django_assert_num_queries(9):
        catalogue.store(empty_cast.connection, page, LATER)


def test_while_ddd_is_away_nothing_is_called_mended(empty_cast: Cast, sandbox: RunningSandbox) -> None:
    catalogue.store(empty_cast.connection, [article(1, "57"), article(2, "57")], NOW)
    sandbox.fault("503")
    with pytest.raises(TryLater):
        catalogue.resolve(empty_cast.nordlys, set(), {"59"}, NOW)
    assert standing(empty_cast) == [("57", [1, 2])]
