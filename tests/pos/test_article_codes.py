"""A code is compared as what it is, not as text: online, offline, at the counter and in the Public API."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from core.article_codes import canonical, spellings
from core.errors import Invalid
from ddd.models import Barcode, Variant
from orders import picking, putting_back, trouble
from orders.models import Line
from tests.factories import JUMPER, NOW, SCARF, Cast, new_order, picked, taken
from tests.orders.web_shop import CREATE, Caller, body, faults, line

TABLE = Path(__file__).with_name("article_codes.json")
EXAMPLES = [tuple(pair) for pair in json.loads(TABLE.read_text())]
SCRIPT = Path(__file__).parents[2] / "static" / "pos" / "codes.js"
RUN = f"""
import {{ canonical }} from {json.dumps(str(SCRIPT))};
import {{ readFileSync }} from "node:fs";
const pairs = JSON.parse(readFileSync({json.dumps(str(TABLE))}));
console.log(JSON.stringify(pairs.map(([scanned]) => [scanned, canonical(scanned)])));
"""
UPC = "075678164125"
FORMS = [
    UPC,
    "0" + UPC,
    "00" + UPC,
    f"]E00{UPC}",
    f"]C10100{UPC}10LOT\x1d",
    f" 0{UPC}\u200b",
    UPC.lstrip("0"),
]


@pytest.mark.parametrize(("scanned", "code"), EXAMPLES)
def test_a_code_has_one_form(scanned: str, code: str) -> None:
    assert canonical(scanned) == code
    assert canonical(code) == code
    assert all(canonical(spelled) == code for spelled in spellings(scanned))


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js here")
def test_a_tablet_without_network_has_the_same_rule() -> None:
    command = ["node", "--input-type=module", "--eval", RUN]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert [tuple(pair) for pair in json.loads(ran.stdout)] == EXAMPLES


def known_as(cast: Cast, variant_id: int, ean: str) -> Variant:
    variant = Variant.objects.get(group=cast.nordlys, variant_id=variant_id)
    Barcode.objects.filter(variant=variant).delete()
    Barcode.objects.create(group=cast.nordlys, variant=variant, ean=ean)
    return variant


@pytest.mark.parametrize("stored", [UPC, "0" + UPC])
@pytest.mark.parametrize("scanned", FORMS)
def test_every_form_of_a_code_picks_its_piece(cast: Cast, stored: str, scanned: str) -> None:
    known_as(cast, SCARF, stored)
    found = picking.pick_by_code(taken(cast), scanned, cast.person("aarhus"), NOW)
    assert found.variant.variant_id == SCARF


def test_a_piece_is_put_back_and_ordered_by_every_form(cast: Cast) -> None:
    known_as(cast, SCARF, UPC)
    assert (
        Caller().post(f"{CREATE}/alternative", body("W-1", WebOrderLines=[by_ean("0" + UPC)])).json() is True
    )
    assert Line.objects.get().variant.variant_id == SCARF
    order, mads = picked(cast), cast.person("manager")
    trouble.cancel(order, "other", mads, NOW)
    back = putting_back.put_back_by_code(cast.aarhus, f"]E00{UPC}", mads, NOW)
    assert back.variant.variant_id == SCARF
    known_as(cast, JUMPER, "0" + UPC)  # two articles that are one code in two forms: as it is written
    Caller().post(f"{CREATE}/alternative", body("W-2", WebOrderLines=[by_ean("0" + UPC)]))
    assert Line.objects.get(order__order_no="W-2").variant.variant_id == JUMPER
    answer = Caller().post(f"{CREATE}/alternative", body("W-3", WebOrderLines=[by_ean("00" + UPC)]))
    assert faults(answer) == {"/WebOrderLines/0/Ean": "ambiguous-ean"}


def by_ean(ean: str) -> dict[str, object]:
    return {name: value for name, value in line().items() if name != "VariantId"} | {"Ean": ean}


def test_a_code_that_is_an_ean_is_never_somebody_elses_variant_id(cast: Cast) -> None:
    blue = Variant.objects.create(group=cast.nordlys, variant_id=40123455, description="Blue", read_at=NOW)
    known_as(cast, SCARF, "40123455")
    order = taken(cast, new=new_order(variants=(blue.variant_id,)))
    with pytest.raises(Invalid, match="Wrong item: Scarf"):
        picking.pick_by_code(order, "40123455", cast.person("aarhus"), NOW)
    assert {one.status for one in order.lines.all()} == {"Reserved"}
    both = taken(cast, new=new_order(variants=(blue.variant_id, SCARF)))
    assert picking.pick_by_code(both, "40123455", cast.person("aarhus"), NOW).variant.variant_id == SCARF
    with pytest.raises(Invalid, match="nobody here knows"):
        picking.pick_by_code(both, f"000{JUMPER}", cast.person("aarhus"), NOW)
