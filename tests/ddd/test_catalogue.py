"""What an Ean and a VariantId stand for: from DdD's pages, on demand, and never guessed."""

import json
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from accounts.models import Group, Shop
from core.errors import TryLater
from ddd.api.http import Unavailable
from ddd.api.wire import WireArticle
from ddd.lookup import catalogue
from ddd.models import Barcode, Connection, Variant
from ddd.sandbox.demo_data import (
    AMBIGUOUS_EAN,
    AMBIGUOUS_VARIANTS,
    LATE_EAN,
    LATE_VARIANT,
    SECOND_EAN,
    VARIANTS,
)
from ddd.sandbox.demo_data import SHARED_EAN as EAN_IN_BOTH_GROUPS
from tests.ddd.other_servers import Said, nobody, saying
from tests.factories import JUMPER, JUMPER_EAN, NOW, Cast, make_cast
from tests.sandbox_process import RunningSandbox

ON_PAGES = sorted(
    variant.variant_id for variant in VARIANTS if variant.group == 996 and variant.on_pages
)  # fmt: skip
Say = Callable[[str, str], Said]


@pytest.fixture
def empty_cast(db: None, sandbox: RunningSandbox) -> Cast:
    """Nordlys and Fjord before they have read anything of DdD's catalogue."""
    return make_cast(sandbox.url, articles=False)


def numbers(group: Group) -> list[int]:
    return sorted(Variant.objects.filter(group=group).values_list("variant_id", flat=True))


def resolved_eans(group: Group, *eans: str) -> dict[str, list[int]]:
    found = catalogue.resolve(group, set(), set(eans), NOW)
    return {ean: [variant.variant_id for variant in found.by_ean[ean]] for ean in eans}


# --- pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 200])
def test_all_pages_are_read_to_the_end(size: int, empty_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PAGE_SIZE", size)

    assert catalogue.read_catalogue(empty_cast.connection, NOW) == len(ON_PAGES)

    assert numbers(empty_cast.nordlys) == ON_PAGES
    assert numbers(empty_cast.fjord) == []
    assert empty_cast.connection.catalogue_read_at == NOW


def paged(first: int, before_the_first: str, past_the_end: str, size: int = 3, count: int = 8) -> Say:
    """DdD with `count` articles on pages that begin at `first`."""
    articles = [{"VariantId": 100001 + number, "EAN": str(5700000000000 + number)} for number in range(count)]
    last = first + (count - 1) // size

    def say(_method: str, path: str) -> Said:
        page = int(path.split("/")[4])
        if page < first and before_the_first != "the first page":
            return (200, b"[]") if before_the_first == "nothing" else (int(before_the_first), b"{}")
        if page > last and past_the_end == "404":
            return 404, b"{}"
        if page > last and past_the_end != "the last page":
            return (200, b"[]") if past_the_end == "nothing" else (204, b"")
        begin = (min(max(page, first), last) - first) * size
        return 200, json.dumps(articles[begin : begin + size]).encode()

    return say


@pytest.mark.parametrize("past_the_end", ["nothing", "no content", "404", "the last page"])
@pytest.mark.parametrize(
    ("first", "before"),
    [(0, "400"), (1, "400"), (1, "404"), (1, "500"), (1, "nothing"), (1, "the first page")],
)
def test_pages_are_read_to_the_end_whether_they_begin_at_0_or_at_1(
    first: int, before: str, past_the_end: str, empty_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 3)
    with saying(paged(first, before, past_the_end)) as url:
        Connection.objects.filter(group=empty_cast.nordlys).update(base_url=url)
        assert catalogue.read_catalogue(empty_cast.connection, NOW) == 8

    assert numbers(empty_cast.nordlys) == list(range(100001, 100009))


def test_a_catalogue_that_breaks_off_keeps_what_was_read_and_says_so(
    empty_cast: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 5)
    sandbox.fault("half an answer", every=4)

    with pytest.raises(Unavailable):
        catalogue.read_catalogue(empty_cast.connection, NOW)

    assert numbers(empty_cast.nordlys) == ON_PAGES[:10]
    assert empty_cast.connection.catalogue_read_at is None


def test_a_catalogue_that_is_nowhere_is_not_taken_for_an_empty_one(empty_cast: Cast) -> None:
    with saying(lambda _method, _path: (404, b"{}")) as url:
        Connection.objects.filter(group=empty_cast.nordlys).update(base_url=url)
        with pytest.raises(Unavailable):
            catalogue.read_catalogue(empty_cast.connection, NOW)

    assert empty_cast.connection.catalogue_read_at is None


@pytest.mark.parametrize("fault", ["lose the connection before committing", "half an answer", "nonsense"])
def test_a_first_page_without_an_answer_is_not_taken_for_a_page_that_does_not_exist(
    fault: str, empty_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.fault(fault, times=1)

    with pytest.raises(Unavailable):
        catalogue.read_catalogue(empty_cast.connection, NOW)

    assert empty_cast.connection.catalogue_read_at is None


def test_reading_again_renews_a_variant_and_keeps_its_other_eans(cast: Cast) -> None:
    jumper = Variant.objects.get(group=cast.nordlys, variant_id=JUMPER)
    renewed = WireArticle(JUMPER, "5799999999999", 1020, {"StyleParameter1": "Wool jumper Læsø"})

    catalogue.store(cast.connection, [renewed], NOW)

    again = Variant.objects.get(group=cast.nordlys, variant_id=JUMPER)
    assert (again.pk, again.description, again.item_group) == (jumper.pk, "Wool jumper Læsø", 1020)
    assert sorted(again.barcodes.values_list("ean", flat=True)) == [JUMPER_EAN, "5799999999999"]


def test_facts_that_do_not_fit_are_cut_and_the_rest_is_kept(cast: Cast) -> None:
    slots = {"StyleParameter1": "Æ" * 200, "VariantParameter1": "Ø" * 40, "VariantParameter2": "Å" * 40}

    catalogue.store(
        cast.connection,
        [
            WireArticle(7, "9" * 51, 10**12, slots),
            WireArticle(8, "5700000000008", 0, {}),
            WireArticle(0, "5700000000009", 1, {}),
            WireArticle(100_000_000, "5700000000010", 1, {}),
        ],
        NOW,
    )

    odd = Variant.objects.get(variant_id=7)
    assert (len(odd.description), len(odd.colour), len(odd.size), odd.item_group) == (100, 30, 30, None)
    assert odd.barcodes.count() == 0
    assert Variant.objects.get(variant_id=8).description == "8"
    assert not Variant.objects.filter(variant_id__in=[0, 100_000_000]).exists()


# --- on demand --------------------------------------------------------------------------------------------


def test_what_the_catalogue_knows_is_not_asked_for(cast: Cast) -> None:
    """The cast's DdD is nowhere."""
    found = catalogue.resolve(cast.nordlys, {JUMPER}, {JUMPER_EAN}, NOW)

    assert found.by_variant_id[JUMPER].variant_id == JUMPER
    assert [variant.variant_id for variant in found.by_ean[JUMPER_EAN]] == [JUMPER]


def test_an_ean_that_is_on_no_page_is_asked_for_once(empty_cast: Cast, sandbox: RunningSandbox) -> None:
    assert resolved_eans(empty_cast.nordlys, LATE_EAN) == {LATE_EAN: [LATE_VARIANT]}

    sandbox.fault("503")
    assert resolved_eans(empty_cast.nordlys, LATE_EAN) == {LATE_EAN: [LATE_VARIANT]}
    assert numbers(empty_cast.fjord) == []


def test_a_second_ean_stands_for_its_variant_beside_the_main_one(empty_cast: Cast) -> None:
    assert resolved_eans(empty_cast.nordlys, SECOND_EAN) == {SECOND_EAN: [JUMPER]}
    assert resolved_eans(empty_cast.nordlys, JUMPER_EAN) == {JUMPER_EAN: [JUMPER]}


def test_a_variant_id_that_is_on_no_page_is_found_by_its_stock(empty_cast: Cast) -> None:
    found = catalogue.resolve(empty_cast.nordlys, {LATE_VARIANT}, set(), NOW)

    assert found.by_variant_id[LATE_VARIANT].description == "Advent star Julelys"
    assert [barcode.ean for barcode in found.by_variant_id[LATE_VARIANT].barcodes.all()] == [LATE_EAN]


@pytest.mark.parametrize("ean", ["96385074", "0012345678905"])
def test_a_variant_id_is_found_though_stock_tells_its_ean_as_a_number(ean: str, empty_cast: Cast) -> None:
    """An EAN-8 never had leading zeros, an EAN-13 may have lost them."""

    def say(_method: str, path: str) -> Said:
        if "/stocks/" in path:
            return 200, json.dumps({"variantId": "7", "ean": int(ean)}).encode()
        asked = unquote(path.rsplit("/", 1)[1])
        article = {"VariantId": 7, "EAN": ean, "StyleParameter1": "Candle"}
        return (200, json.dumps(article).encode()) if asked == ean else (404, b"{}")

    with saying(say) as url:
        Connection.objects.filter(group=empty_cast.nordlys).update(base_url=url)
        found = catalogue.resolve(empty_cast.nordlys, {7}, set(), NOW)

    assert found.by_variant_id[7].description == "Candle"
    assert list(Barcode.objects.values_list("ean", flat=True)) == [ean]


def test_a_shop_that_ddd_does_not_know_does_not_hide_a_variant(empty_cast: Cast) -> None:
    Shop.objects.create(group=empty_cast.nordlys, shop_id=995_001, name="Vejle")
    found = catalogue.resolve(empty_cast.nordlys, {LATE_VARIANT}, set(), NOW)
    assert list(found.by_variant_id) == [LATE_VARIANT]


def test_an_ean_of_several_variants_names_them_all(empty_cast: Cast) -> None:
    assert resolved_eans(empty_cast.nordlys, AMBIGUOUS_EAN) == {AMBIGUOUS_EAN: sorted(AMBIGUOUS_VARIANTS)}


def test_what_ddd_does_not_know_is_unknown(empty_cast: Cast) -> None:
    found = catalogue.resolve(empty_cast.nordlys, {99999}, {"0000000000000", "å/b?"}, NOW)

    assert 99999 not in found.by_variant_id
    assert (found.by_ean["0000000000000"], found.by_ean["å/b?"]) == ([], [])
    assert not Variant.objects.exists()


@pytest.mark.parametrize("fault", ["500", "503", "nonsense", "half an answer", "refuse"])
def test_when_ddd_cannot_be_asked_nobody_knows_and_it_is_to_be_sent_again(
    fault: str, empty_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.fault(fault)

    with pytest.raises(TryLater):
        catalogue.resolve(empty_cast.nordlys, set(), {JUMPER_EAN}, NOW)
    with pytest.raises(TryLater):
        catalogue.resolve(empty_cast.nordlys, {JUMPER}, set(), NOW)
    assert not Variant.objects.exists()


def test_when_ddd_is_not_there_known_articles_are_still_sold(cast: Cast) -> None:
    Connection.objects.update(base_url=nobody())

    assert resolved_eans(cast.nordlys, JUMPER_EAN) == {JUMPER_EAN: [JUMPER]}
    with pytest.raises(TryLater):
        catalogue.resolve(cast.nordlys, set(), {JUMPER_EAN, "5712345009999"}, NOW)


def test_nonsense_about_a_stock_is_no_crash(empty_cast: Cast) -> None:
    with saying(lambda _method, _path: (200, b'["Ean"]')) as url:
        Connection.objects.filter(group=empty_cast.nordlys).update(base_url=url)
        with pytest.raises(TryLater):
            catalogue.resolve(empty_cast.nordlys, {JUMPER}, set(), NOW)


# --- access ------------------------------------------------------------------------------------------------


def test_the_same_ean_in_two_groups_is_each_groups_own_variant(empty_cast: Cast) -> None:
    for group in (empty_cast.nordlys, empty_cast.fjord):
        catalogue.read_catalogue(Connection.objects.get(group=group), NOW)
    of_nordlys = catalogue.resolve(empty_cast.nordlys, set(), {EAN_IN_BOTH_GROUPS}, NOW)
    of_fjord = catalogue.resolve(empty_cast.fjord, set(), {EAN_IN_BOTH_GROUPS}, NOW)

    [jumper_of_nordlys] = of_nordlys.by_ean[EAN_IN_BOTH_GROUPS]
    [jumper_of_fjord] = of_fjord.by_ean[EAN_IN_BOTH_GROUPS]
    assert jumper_of_nordlys.group == empty_cast.nordlys
    assert jumper_of_fjord.group == empty_cast.fjord
    assert jumper_of_nordlys.pk != jumper_of_fjord.pk


def test_the_same_variant_id_in_two_groups_is_each_groups_own(cast: Cast) -> None:
    found = catalogue.resolve(cast.fjord, {JUMPER}, set(), NOW)

    assert found.by_variant_id[JUMPER].group == cast.fjord


def test_an_article_that_only_nordlys_has_is_unknown_to_fjord(empty_cast: Cast) -> None:
    assert resolved_eans(empty_cast.fjord, LATE_EAN) == {LATE_EAN: []}
    assert not Variant.objects.exists()
