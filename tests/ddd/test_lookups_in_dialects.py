"""Articles, members and stock are read from a DdD that speaks otherwise."""

from dataclasses import replace

import pytest

from ddd.api import client
from ddd.api.http import wire_to
from ddd.lookup import catalogue, members
from ddd.models import Connection, Variant
from ddd.sandbox.demo_data import AMBIGUOUS_EAN, AMBIGUOUS_VARIANTS, VARIANTS
from ddd.sandbox.dialect import NAMED
from tests.factories import JUMPER, NOW, Cast, make_cast
from tests.sandbox_process import RunningSandbox

AASE = 100042
ON_PAGES = {variant.variant_id for variant in VARIANTS if variant.group == 996 and variant.on_pages}


@pytest.fixture(params=NAMED)
def cast(request: pytest.FixtureRequest, db: None, sandbox: RunningSandbox) -> Cast:
    """Nordlys before it has read anything of a DdD that is never busy."""
    dialect = replace(NAMED[request.param], busy=0)
    sandbox.speak(**dialect.as_json())
    found = make_cast(sandbox.url, articles=False)
    Connection.objects.update(base_url=f"{sandbox.url}{dialect.base}")
    return found


def test_the_catalogue_is_read_to_its_end(cast: Cast) -> None:
    assert catalogue.read_catalogue(cast.connection, NOW) == len(ON_PAGES)
    assert set(Variant.objects.values_list("variant_id", flat=True)) == ON_PAGES


def test_an_ean_of_several_variants_names_them_all(cast: Cast) -> None:
    found = catalogue.resolve(cast.nordlys, set(), {AMBIGUOUS_EAN}, NOW).by_ean[AMBIGUOUS_EAN]
    assert {variant.variant_id for variant in found} == set(AMBIGUOUS_VARIANTS)


def test_a_member_is_found(cast: Cast) -> None:
    assert members.look_up(cast.connection, AASE, NOW).name == "Åse Øst"


def test_stock_is_read(cast: Cast) -> None:
    with wire_to(cast.connection) as wire:
        assert client.stock_of(wire, 996001, JUMPER) > 0
