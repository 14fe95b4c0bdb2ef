"""Web shops that speak XML to DdD today: what its help pages show, without what an attacker would add."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from accounts import keyring
from accounts.models import ApiKey
from orders.models import WebOrder
from tests.factories import JUMPER, JUMPER_EAN, SCARF, SCARF_EAN, Cast, new_order, received
from tests.orders.web_shop import BY_EAN, CREATE, FETCH, PROBLEM, STATUS, Caller, body_by_ean, faults

MODELS = "http://schemas.datacontract.org/2004/07/PublicAPI.Models"
SPACES = f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{MODELS}"'
# The names and the order of the help page of clickandcollect/alternative.
ROOT = "WebOrderHeaderCreateDTOAlternativeV2OfWebOrderLineCreateDTOAlternativeiTlCtTkQ"
LINE = "WebOrderLineCreateDTOAlternative"
XML = "application/xml"


def line(ean: str, more: str = "") -> str:
    return f"""
    <{LINE}>
      <DeliveryNo></DeliveryNo>
      <DiscountAmount>20</DiscountAmount>
      <EffectiveSalesPrice>199.95</EffectiveSalesPrice>
      <Notes i:nil="true" />
      <SalesPrice> 219.95 </SalesPrice>
      <Ean>{ean}</Ean>{more}
    </{LINE}>"""


def document(more: str = "", lines: str | None = None, order_no: str = "W-1") -> str:
    """The order of `body_by_ean`."""
    lines = line(JUMPER_EAN) + line(SCARF_EAN) if lines is None else lines
    return f"""<{ROOT} {SPACES}>
  <ReceiveAddress>Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C</ReceiveAddress>
  <ReturnAddress i:nil="true" />
  <WebOrderLines>{lines}
  </WebOrderLines>
  <CustomerNumber>0</CustomerNumber>
  <IsPaid>true</IsPaid>
  <OrderNo>{order_no}</OrderNo>
  <OrderedOn>0001-01-01T00:00:00</OrderedOn>
  <ShopId>996001</ShopId>{more}
</{ROOT}>"""


def post(raw: str | bytes, path: str = BY_EAN, content_type: str = XML, **accept: str) -> Any:
    sent = raw if isinstance(raw, bytes) else raw.encode()
    return Caller().client.generic("POST", path, sent, content_type, headers=accept)


def told(answer: Any) -> str:
    """The sentence of a 400."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM), answer.content
    problem: dict[str, str] = answer.json()
    assert problem["code"] == "parse-error"
    return problem["detail"]


def test_an_order_in_xml_is_the_same_as_in_json(cast: Cast) -> None:
    answer = post(document())
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert (
        answer.content
        == b'<boolean xmlns="http://schemas.microsoft.com/2003/10/Serialization/">true</boolean>'
    )
    assert answer.headers["X-Unknown-Fields"] == "refused"
    assert Caller().post(BY_EAN, body_by_ean()).content == b"true"  # other content would be 409
    # Any root, namespace and order, lines by VariantId, one line, another charset, another media type.
    other = f"""<?xml version="1.0" encoding="iso-8859-1"?><!-- by hand --><x:o xmlns:x="urn:y">
      <orderno><![CDATA[W-2]]></orderno><ispaid>1</ispaid><x:ShopId>996001</x:ShopId>
      <x:CustomerNumber>0</x:CustomerNumber><ReceiveAddress>&#197;se &amp; S\xf8n</ReceiveAddress>
      <WebOrderLines><L><VariantId>{SCARF}</VariantId><SalesPrice>5</SalesPrice>
      <EffectiveSalesPrice>5,00</EffectiveSalesPrice><DiscountAmount>0</DiscountAmount></L></WebOrderLines></x:o>"""
    assert post(other.encode("latin-1"), CREATE, "text/xml", Accept="*/*").content == b"true"
    order = WebOrder.objects.get(order_no="W-2")
    assert (order.receive_address, order.lines.count()) == ("Åse & Søn", 1)


@pytest.mark.parametrize("charset", ["utf-16", "ISO-8859-1", '"windows-1252"', "utf-8"])
def test_the_charset_of_the_header_is_honoured(cast: Cast, charset: str) -> None:
    raw = document().encode(charset.strip('"'))
    assert post(raw, content_type=f"{XML}; charset={charset}").status_code == 200
    assert WebOrder.objects.get().receive_address.startswith("Åse Ø.")


def test_faults_and_unknown_fields_are_those_of_json(cast: Cast) -> None:
    wrong = document(
        "<Email>x</Email><shopid>1</shopid>", line("1" * 51, "<Quantity>1</Quantity>") + f"<{LINE}/>"
    )
    answer = post(wrong, Accept=XML)
    assert answer.headers["Content-Type"] == PROBLEM
    assert faults(answer) == {
        "/Email": "unknown-field",
        "/shopid": "twice",
        "/WebOrderLines/0/Ean": "too-long",
        "/WebOrderLines/0/Quantity": "unknown-field",
        **{
            f"/WebOrderLines/1/{name}": "required"
            for name in ("Ean", "SalesPrice", "EffectiveSalesPrice", "DiscountAmount")
        },
    }
    twice = document("<OrderNo xmlns='urn:other'>W-1</OrderNo>", line(JUMPER_EAN, "<Ean>1</Ean>"))
    assert faults(post(twice)) == {"/OrderNo": "twice", "/WebOrderLines/0/Ean": "twice"}
    assert faults(post("<O>text</O>"))["/"] == "not-an-object"
    assert faults(post(document(lines=""))) == {"/WebOrderLines": "required"}
    assert faults(post("<O>" + "x" * 1_000_000 + "</O>")) == {"/": "too-large"}
    assert not WebOrder.objects.exists()
    key = ApiKey.objects.select_related("web_shop").get(web_shop=cast.web_shop("nordlys"))
    keyring.pass_over_unknown_fields(key, True, cast.person("office"), timezone.now())
    passed = post(document("<Email>x</Email><Extra><A>1</A><A>2</A></Extra>"))
    # Within what is passed over a name may not stand twice either: it could be a list, or a mistake.
    assert faults(passed) == {"/Extra/A": "twice"}
    assert post(document("<Email>x</Email>")).headers["X-Unknown-Fields"] == "passed over; /Email"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS: Mapping[str, str] = {
    f'<!DOCTYPE o [<!ENTITY l0 "ha">{LAUGHS}]><o><OrderNo>&l9;</OrderNo></o>': "document type",
    '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><o><OrderNo>&x;</OrderNo></o>': "document type",
    '<!DOCTYPE o SYSTEM "http://127.0.0.1:9/o.dtd"><o/>': "document type",
    "<!DOCTYPE o><o/>": "document type",
    "<o><OrderNo>&x;</OrderNo></o>": "undefined entity",
    "<a>" * 300_000: "20 deep",
    "<a>" * 30 + "</a>" * 30: "20 deep",
    "<o><OrderNo>W-1<b/></OrderNo></o>": "OrderNo has text beside its elements",
    "{}": "This is not XML",
    "<o>": "This is not XML",
    "<o/><o/>": "This is not XML",
    "<x:o/>": "This is not XML",
    "<o>\x00</o>": "This is not XML",
    '<?xml version="1.0" encoding="idna"?><o/>': "This is not XML",
}


@pytest.mark.parametrize("raw", ATTACKS, ids=range(len(ATTACKS)))
def test_what_no_order_needs_is_refused(cast: Cast, raw: str) -> None:
    assert ATTACKS[raw] in told(post(raw))


def test_bytes_and_charsets_that_cannot_be_read_are_refused(cast: Cast) -> None:
    assert "This is not XML" in told(post(b"<o>\xff\xfe</o>"))
    assert "'ascii' codec" in told(post(document(), content_type=f"{XML}; charset=us-ascii"))
    for charset in ("punycode", "zlib", "x" * 40):
        assert "Send one of these charsets" in told(
            post(document(), content_type=f"{XML}; charset={charset}")
        )


def fields(element: ElementTree.Element) -> dict[str, Any]:
    """As JSON has them, all as text."""

    def value(one: ElementTree.Element) -> Any:
        if one.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
            return None
        return [fields(entry) for entry in one] if len(one) else one.text or ""

    return {one.tag.removeprefix(f"{{{MODELS}}}"): value(one) for one in element}


def as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [as_text(entry) for entry in value]
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def get(path: str, accept: str, **query: str) -> Any:
    caller = Caller()
    caller.client.defaults["HTTP_ACCEPT"] = accept
    return caller.get(path, **query)


def test_answers_in_xml_say_what_json_says_and_can_be_sent_back(cast: Cast) -> None:
    received(cast, new_order("W-1"))
    WebOrder.objects.update(receive_address="Åse <&> \x0b\ud7ff#\r1")
    order = Caller().get(f"{FETCH}/W-1").json()
    answer = get(f"{FETCH}/W-1", "text/xml")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - we have just written it
    assert root.tag == f"{{{MODELS}}}WebOrderHeader"
    assert [one.tag for one in root] == sorted(one.tag for one in root)
    found = fields(root)
    assert found.pop("ReceiveAddress") == "Åse <&> \ufffd\ud7ff#\r1"
    order.pop("ReceiveAddress")
    assert found == as_text(order)

    listed = get(f"{STATUS}/All/since", XML, dateTime="2020-01-01")
    rows = ElementTree.fromstring(listed.content)  # noqa: S314
    assert (rows.tag, len(rows), "X-Next-Cursor" in listed.headers) == (
        f"{{{MODELS}}}ArrayOfWebOrderHeader",
        1,
        True,
    )
    WebOrder.objects.update(receive_address="Åse")
    back = Caller().client.generic("PUT", "/api/weborder", get(f"{FETCH}/W-1", XML).content, XML)
    assert (back.status_code, back.content[:8]) == (200, b"<boolean")


def test_a_change_as_the_help_page_shows_it(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    first = order.lines.all()[0]
    sent = f"""<WebOrderHeaderUpdateDTOOfWebOrderLineUpdateDTOiTlCtTkQ {SPACES}>
      <ReceiveAddress>Åse</ReceiveAddress><ReturnAddress i:nil="true"/>
      <WebOrderLines><WebOrderLineUpdateDTO>
        <DeliveryNo>D-1</DeliveryNo><DiscountAmount i:nil="true"/>
        <EffectiveSalesPrice>3.1</EffectiveSalesPrice>
        <Notes></Notes><Id>{first.pk}</Id></WebOrderLineUpdateDTO></WebOrderLines>
      <OrderNo>W-1</OrderNo></WebOrderHeaderUpdateDTOOfWebOrderLineUpdateDTOiTlCtTkQ>"""
    answer = Caller().client.generic("PUT", "/api/weborder", sent.encode(), XML)
    assert answer.status_code == 200, answer.content
    first.refresh_from_db()
    assert (first.delivery_no, str(first.effective_sales_price), first.variant.variant_id) == (
        "D-1",
        "3.10",
        JUMPER,
    )


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/xml, application/json", "xml"),
        ("application/json, application/xml", "json"),
        ("application/json;q=0.5, application/xml;q=0.8", "xml"),
        ("*/*, text/xml", "xml"),
        ("application/xml;q=0.1, */*", "json"),
        ("application/xml;q=0, */*;q=0.1", "json"),
        ("application/xml;q=x", "xml"),
        ("APPLICATION/XML ; charset=utf-8", "xml"),
        ("text/html,application/xhtml+xml,image/png", "json"),
        ("", "json"),
        ("nonsense;;;,,", "json"),
    ],
)
def test_xml_is_answered_to_who_prefers_it(cast: Cast, accept: str, answered: str) -> None:
    received(cast, new_order("W-1"))
    assert answered in get(f"{FETCH}/W-1", accept).headers["Content-Type"]
    assert get(f"{FETCH}/W-2", accept).headers["Content-Type"] == PROBLEM
