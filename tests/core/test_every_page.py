"""Every page that there is, in both languages: well formed, named for screen readers, and of known icons."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import Client, override_settings
from django.utils import timezone
from lucide import IconDoesNotExist
from pytest_django import Settings

from accounts.models import User
from core.causes import as_it_is
from core.sending import REFUSED
from ddd.models import Connection, Difference, Member, Notice, Posting
from ddd.nightly import reconciling
from ddd.words.causes import AMOUNT
from ddd.words.differences import EvidenceKey, Kind
from orders import events, trouble
from orders.escalation import escalate_due
from orders.models import Mail, OrderEvent, Policy, RefundDue, WebOrder
from orders.reading import Model
from returns import desk
from returns.policy import Outcome
from tests.core.pages import DANISH, ENGLISH, HTMX, Answer, Page, browser
from tests.ddd.rows import a_difference
from tests.factories import JUMPER, NOW, Cast, delivered, new_order, picked, received, taken, taken_back
from tests.office.pages_attention import attention_pages
from tests.office.pages_export import export_pages
from tests.office.pages_figures import figure_pages
from tests.office.pages_list import list_pages
from tests.office.pages_people import people_pages
from tests.office.pages_policies import policy_pages
from tests.office.pages_shops import shop_pages_of_the_office
from tests.returns.pages import counter_pages
from tests.returns.test_refunds import due

pytestmark = pytest.mark.any_database

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
NO_SCREENS_OF_OURS = ("admin/", "core/paper/", "pos/documents/", "returns/documents/", "mails/")
ICON = re.compile(r"""{%\s*lucide\s+["']([^"']+)["']""")
ICON_OF_COMPONENT = re.compile(r"""\bicon="([^"]+)\"""")
STYLE = {
    "plain": ["core/base.css"],
    "pos": ["core/base.css", "pos/pos.css", "core/print.css"],
    "office": ["core/base.css", "office/office.css", "core/print.css"],
}
ANY_ICON = re.compile(r"{%\s*lucide\s")
# Alarms are drawn in test_kinds.py and test_dashboard.py; a component has its icon from its page.
NAMED_ELSEWHERE = re.compile(r"{% lucide (alarm\.)?icon size=[0-9]+ %}")


def every_page(cast: Cast, language: dict[str, str]) -> Iterator[tuple[str, Answer]]:
    """Every page of the portal with its name, in every state that looks different."""
    stranger = Client(headers=language, raise_request_exception=False)
    yield "the log-in", stranger.get("/login/?next=/pos/")
    yield "the log-in after an action", stranger.get("/login/?next=/pos/&unsaved=1")
    yield "a wrong log-in", stranger.post("/login/", {"username": "x", "password": "y"})
    yield "nothing here", stranger.get("/nowhere/")
    yield "something broke", stranger.get("/breaks/")
    stranger.force_login(User.objects.create_user("new@x.example", name="Ny", group=cast.nordlys))
    yield "no shop", stranger.get("/pos/")
    yield from shop_pages(cast, browser(cast, "aarhus", language))
    yield from member_pages(cast, browser(cast, "aarhus", language), browser(cast, "office", language))
    yield from counter_pages(cast, browser(cast, "aarhus", language), browser(cast, "manager", language))
    yield from pages_of_what_came_back(
        cast, browser(cast, "manager", language), browser(cast, "office", language)
    )
    yield from office_pages(cast, browser(cast, "office", language))
    yield from people_pages(cast, browser(cast, "office", language), language)


def shop_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """With nothing to do, and with everything."""
    for tab in ("new", "picking", "ready", "done"):
        yield f"empty tab {tab}", client.get("/pos/", {"tab": tab})
    orders = [
        received(cast, new_order(notes="Gift")),
        taken(cast),
        picked(cast, missing=(1,)),
        picked(cast, new=new_order(is_paid=False)),
        delivered(cast),
    ]
    received(cast, replace(new_order(), model=Model.IN_STORE))
    client.get("/pos/documents/labels.pdf", {"order": orders[2].pk})
    events.record(orders[2], OrderEvent.Kind.CHANGED, timezone.now(), fields=["ReceiveAddress"])
    for tab in ("new", "picking", "ready", "done"):
        yield f"tab {tab}", client.get("/pos/", {"tab": tab})
    for order in orders:
        yield f"order {order.phase.value}", client.get(f"/pos/orders/{order.pk}/")
    yield from picking_pages(cast, client, orders[:2])
    yield from delivering_pages(cast, client)
    yield from pages_of_a_shared_tablet(cast, client)
    finish = f"/pos/orders/{orders[1].pk}/finish/"
    yield "a refusal", client.post(finish)
    yield "a refusal for htmx", client.post(finish, headers=HTMX)


def delivering_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Every proof of a hand-over, a delivery that can be undone, and pieces in the back."""
    order, gone = picked(cast), delivered(cast)
    for proof in WebOrder.Proof:
        Policy.objects.filter(group=cast.nordlys).update(proof=proof)
        yield f"a hand-over with {proof.value}", client.get(f"/pos/orders/{order.pk}/")
    Policy.objects.filter(group=cast.nordlys).update(proof=WebOrder.Proof.NONE)
    with override_settings(UNDO_SECONDS=10**9):
        yield "a delivery to undo", client.get(f"/pos/orders/{gone.pk}/")
    yield "nothing to put back", client.get("/pos/put-back/")
    trouble.cancel(order, "customer", cast.person("aarhus"), NOW)
    yield "pieces to put back", client.get("/pos/put-back/")


def pages_of_a_shared_tablet(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Who it is, with a PIN that is locked and one that is not, and the page for no network."""
    mads, freja = cast.person("manager"), cast.person("aarhus")
    yield "who it is", client.get("/pos/who/")
    yield "a PIN", client.get(f"/pos/who/{mads.pk}/")
    for _try in range(5):
        client.post(f"/pos/who/{mads.pk}/", {"pin": "9999"})
    yield "a locked PIN", client.get(f"/pos/who/{mads.pk}/")
    yield "a new PIN", client.get("/pos/pin/")
    yield "a new PIN while the old one is locked", client.get("/pos/pin/", {"who": mads.pk})
    client.post("/pos/done/")
    yield "nobody stands there", client.get("/pos/")
    client.post(f"/pos/who/{freja.pk}/", {"pin": "2468"})
    yield "somebody stands there", client.get("/pos/")
    User.objects.filter(pk=freja.pk).update(pin="")
    yield "the device's own user needs none", client.get("/pos/who/")
    yield "it is me", client.get(f"/pos/who/{freja.pk}/")
    yield "no network", client.get("/pos/offline/")


def member_pages(cast: Cast, shop: Client, office: Client) -> Iterator[tuple[str, Answer]]:
    """What is known of a member, and what became of the mail to them."""
    order, now = picked(cast, new=new_order(customer_number=100042)), timezone.now()
    page, known = f"/pos/orders/{order.pk}/", {"name": "Åse", "phone": "20304050", "email": "a@b.example"}
    for found in ({}, {"asked_at": NOW}, {"answered_at": now}, {"found": True, **known}):
        Member.objects.filter(customer_number=100042).update(**found)
        yield f"a member {found}", shop.get(page)
        yield f"a member for head office {found}", office.get(f"/orders/{order.pk}/")
    for state in Mail.State:
        order.mails.update(state=state, sent_at=now, reason=REFUSED(said="550"))
        yield f"a mail that is {state.value}", shop.get(page)
        yield f"head office and a mail that is {state.value}", office.get(f"/orders/{order.pk}/")
        yield f"the work list and a mail that is {state.value}", office.get("/orders/attention/")


def pages_of_what_came_back(cast: Cast, shop: Client, office: Client) -> Iterator[tuple[str, Answer]]:
    """An order with a piece paid out, a refund due and a cancelled return, and one of which all is back."""
    part, whole = delivered(cast, new=new_order(variants=(JUMPER,) * 4)), delivered(cast)
    taken_back(cast, part, lines=(1,), paid_by="cash")
    instead = Outcome.WEB_SHOP
    taken_back(cast, part, "manager", lines=(2,), instead=instead, overrule_reason="No cash today")
    wrong = taken_back(cast, part, lines=(3,), paid_by="terminal")
    desk.cancel(wrong, "Wrong bag", cast.person("manager"), NOW)
    taken_back(cast, whole, paid_by="cash")
    for name, order in (("part", part), ("all", whole)):
        yield f"{name} of an order is back", shop.get(f"/pos/orders/{order.pk}/")
        yield f"{name} is back, for head office", office.get(f"/orders/{order.pk}/")


def picking_pages(cast: Cast, client: Client, orders: list[WebOrder]) -> Iterator[tuple[str, Answer]]:
    """What is late, looked for, in trouble, or picked together: a new order and one that somebody has."""
    yield "late", client.get("/pos/?tab=late")
    yield "all paid", client.get("/pos/?tab=new&unpaid=1")
    for text in ("Åse", "nobody"):
        yield f"looked for {text}", client.get("/pos/", {"q": text})
    new, old = orders
    walk = f"order={new.pk}&order={old.pk}"
    yield "a walk nobody has", client.get(f"/pos/batch/?{walk}")
    client.post(f"/pos/batch/accept/?{walk}")
    scanned = client.post(f"/pos/batch/scan/?{walk}", {"code": JUMPER})
    yield "a walk", client.get(scanned["Location"])
    line = old.lines.all()[1]
    client.post(f"/pos/orders/{old.pk}/pieces/{line.pk}/missing/", {"reason": "sold"})
    yield "an order in trouble", client.get(f"/pos/orders/{old.pk}/")
    yield "another shop, asked for", client.get(f"/pos/orders/{new.pk}/?elsewhere=1")
    stray = client.post(f"/pos/orders/{new.pk}/scan/", {"code": "100041"})
    yield "a wrong item", stray
    cancelled = received(cast)
    client.post(f"/pos/orders/{cancelled.pk}/cancel/", {"reason": "customer"})
    yield "a cancelled order", client.get(f"/pos/orders/{cancelled.pk}/")


def office_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """With everything that may stand there."""
    yield "the overview", client.get("/orders/dashboard/")
    yield "nothing to decide", client.get("/orders/attention/")
    yield from policy_pages(cast, client)
    yield from export_pages(cast, client)
    yield from shop_pages_of_the_office(cast, client)
    yield from comparison_pages(cast, client)
    yield from return_pages(cast, client)
    for state in Posting.State:
        order = delivered(cast)
        stuck = state in (Posting.State.REJECTED, Posting.State.UNCERTAIN)
        Posting.objects.filter(order_no=order.order_no).update(
            state=state,
            needs_attention=stuck,
            reason=as_it_is("why"),
            evidence={AMOUNT.code: 1},
            lane="",
        )
        yield f"order with {state.value}", client.get(f"/orders/{order.pk}/")
    first, behind = delivered(cast), delivered(cast)
    for state in (Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN):
        transfer = Posting.objects.filter(order_no=first.order_no, kind="transfer")
        transfer.update(state=state, needs_attention=state == Posting.State.UNCERTAIN)
        yield f"an order behind one with {state.value}", client.get(f"/orders/{behind.pk}/")
    for number, kind in enumerate(Notice.Kind):
        Notice.put(cast.nordlys, kind, f"subject {number}", as_it_is("detail"), NOW)
    received(cast)
    escalate_due(NOW + timedelta(minutes=30))
    Connection.objects.update(trouble=as_it_is("503"), trouble_since=NOW, last_good_poll_at=NOW)
    yield "an overview of trouble", client.get("/orders/dashboard/")
    yield from list_pages(cast, client)
    yield "the list", client.get("/orders/")
    yield "a list of a day", client.get("/orders/?happened=ready&since=2026-03-03&until=2026-03-04")
    yield "a wrong filter", client.get("/orders/?shop=1")
    yield "nothing fits", client.get("/orders/?q=zzz")
    yield "a broken page address", client.get("/orders/?after=x")
    yield "the work list", client.get("/orders/attention/")
    yield from attention_pages(cast, client)
    yield from figure_pages(cast, client)


def comparison_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Nothing compared, being compared, not complete, and every kind of difference in every state."""
    yield "nothing compared", client.get("/orders/comparison/")
    client.post("/orders/comparison/again/")
    yield "being compared", client.get("/orders/comparison/")
    report = reconciling.claim(cast.nordlys, timezone.now())
    assert report is not None
    reconciling.keep(report, reconciling.Outcome(NOW, trouble=as_it_is("503")), timezone.now())
    yield "not complete", client.get("/orders/comparison/")
    sale = Posting.objects.filter(kind="sale").values_list("pk", flat=True).first()
    for number, kind in enumerate(Kind):
        evidence = {EvidenceKey.RECEIPT: "99/1", EvidenceKey.PIECES_HERE: ""}
        a_difference(cast.nordlys, kind, shop_id=996001, posting=sale, evidence=evidence)
        state = list(Difference.State)[number % 4]
        Difference.objects.filter(kind=kind).update(state=state, closed_at=None if number % 4 == 0 else NOW)
        yield f"a difference: {kind.value}, {state.value}", client.get("/orders/comparison/")
    Difference.objects.update(state="open")
    yield "differences on the work list", client.get("/orders/attention/")


def return_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """The return policy as it is and as it cannot be, its words confirmed or not, and every refund."""
    yield "the return policy", client.get("/returns/policy/")
    yield "a return policy that cannot be", client.post("/returns/policy/", {"days": "-1", "where": "chosen"})
    Connection.objects.update(
        return_words_confirmed_at=timezone.now(), return_words_confirmed_by=cast.person("office")
    )
    yield "confirmed words", client.get("/returns/policy/")
    for tab in ("open", "done"):
        yield f"no refund is {tab}", client.get("/returns/refunds/", {"tab": tab})
    for state in RefundDue.State:
        refund = due(cast)
        closed_at = None if state in RefundDue.OPEN else timezone.now()
        RefundDue.objects.filter(pk=refund.pk).update(state=state, reference="PAY-1", closed_at=closed_at)
    for tab in ("open", "done"):
        yield f"refunds that are {tab}", client.get("/returns/refunds/", {"tab": tab})
    for page in ("", "invalid"):
        yield f"problems of the API: {page or 'all'}", client.get(f"/problems/{page}")
    yield "a refund without a reference", client.post(f"/returns/refunds/{refund.pk}/close/")


@pytest.fixture(autouse=True)
def urls_with_one_that_breaks(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.core.broken_urls"


@pytest.mark.slow
@pytest.mark.parametrize(("code", "language"), [("en", ENGLISH), ("da", DANISH)])
def test_every_page_is_well_formed_in_both_languages(cast: Cast, code: str, language: dict[str, str]) -> None:
    faults, used = {}, set()
    for name, answer in every_page(cast, language):
        used |= {template.name for template in answer.templates}
        page = Page(answer)
        faults[name] = list(page.faults)
        if name != "a refusal for htmx":
            tag, attributes = page.attributes[0]
            faults[name] += [] if (tag, attributes.get("lang")) == ("html", code) else [f"lang is not {code}"]
            faults[name] += page_faults(page)
    assert {name: found for name, found in faults.items() if found} == {}
    assert ours() - used == set(), "no page above shows these templates"


def page_faults(page: Page) -> list[str]:
    """What a whole page must have."""
    tags = [tag for tag, _attributes in page.attributes]
    found = [f"{tags.count(tag)} <{tag}>" for tag in ("h1", "main", "title") if tags.count(tag) != 1]
    if "{%" in page.text or "{{" in page.text or "None" in page.text:
        found.append("something of the template shows")
    return found + style_faults(page)


def style_faults(page: Page) -> list[str]:
    """A tablet does not load the office's rules, and the log-in neither's."""
    kind = next(attributes.get("class", "") for tag, attributes in page.attributes if tag == "body")
    links = [attributes for tag, attributes in page.attributes if tag == "link"]
    sheets = [link["href"].removeprefix("/static/") for link in links if link["rel"] == "stylesheet"]
    return [] if sheets == STYLE[kind] else [f"a {kind} page loads {sheets}"]


def test_a_tablet_that_loads_the_office_s_style_would_be_seen() -> None:
    links = [f'<link rel="stylesheet" href="/static/{name}">' for name in STYLE["office"]]
    page = Page(f'<head>{"".join(links)}</head><body class="pos"></body>')
    assert style_faults(page) == [f"a pos page loads {STYLE['office']}"]


def ours() -> set[str]:
    """Every template of a screen; those of paper, of mails and of Django's admin have their own tests."""
    names = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    return {name for name in names if not name.startswith(NO_SCREENS_OF_OURS)}


def test_every_icon_exists() -> None:
    found = {}
    for name in sorted(ours()):
        source = NAMED_ELSEWHERE.sub("", (TEMPLATES / name).read_text())
        icons = ICON.findall(source)
        assert len(icons) == len(ANY_ICON.findall(source)), f"{name} names an icon in a way not read here"
        found.update(dict.fromkeys([*icons, *ICON_OF_COMPONENT.findall(source)], name))
    assert len(found) > 25
    for icon in found:
        assert "<svg" in draw(icon)


def test_an_icon_that_does_not_exist_would_be_seen() -> None:
    with pytest.raises(IconDoesNotExist):
        draw("no-such-icon")


def test_an_icon_takes_its_lines_from_the_style_and_is_no_name() -> None:
    start = '<svg width="24" height="24" viewBox="0 0 24 24" class="icon" aria-hidden="true">'
    assert draw("check") == f'{start}<path d="M20 6 9 17l-5-5" /></svg>'


def draw(icon: str) -> str:
    return Template(f'{{% load lucide %}}{{% lucide "{icon}" %}}').render(Context())


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("<p><b>x</p>", "</p> closes b"),
        ("<p>", "<p> is not closed"),
        ('<p id="a"></p><p id="a"></p>', "id a stands 2 times"),
        ('<input name="q">', "the field q has no label"),
        ('<p style="color:red"></p>', "<p> has a style or script of its own, which the policy stops"),
        ('<p onclick="x()"></p>', "<p> has a style or script of its own, which the policy stops"),
        ("<button><svg></svg></button>", "a button has no name"),
        (
            '<table><tr><th rowspan="2">A</th><th>B</th></tr><tr><th>C</th></tr><tr><td>1</td></tr></table>',
            "1 cells stand under 2",
        ),
        (
            '<form method="post"><button>Send</button><label>Why <input name="why"></label></form>',
            "Enter in why presses a button that stands before it",
        ),
    ],
)
def test_the_reader_of_pages_sees_faults(source: str, fault: str) -> None:
    assert fault in Page(source).faults
