"""The page at `/`: what the sandbox holds, the latest calls, the faults and the till's buttons."""

from collections.abc import Iterable
from typing import Any

from ddd.sandbox import faults, ledger, wire, words
from ddd.sandbox.calls import LoggedCall
from ddd.sandbox.demo_data import SHOPS
from ddd.sandbox.dialect import USUAL, Dialect
from ddd.sandbox.endpoints import Sandbox
from ddd.sandbox.faults import Rule
from ddd.sandbox.html import Markup, each, html

SHOWN = 50
CALLS_SHOWN = 30
Row = dict[str, Any]


def page(sandbox: Sandbox, *, message: str = "", refresh: str = "") -> str:
    """`message` is a refusal to show; `refresh` is "" or a number of seconds."""
    seconds = refresh if refresh.isdecimal() and refresh.isascii() and 1 <= int(refresh) <= 3600 else ""
    return html(
        _PAGE,
        style=Markup(_STYLE),
        meta=html('<meta http-equiv="refresh" content="{seconds}">', seconds=seconds) if seconds else "",
        keep=html('<a class="button" href="/">Stop refreshing</a>')
        if seconds
        else html('<a class="button" href="/?refresh=5">Refresh every 5 seconds</a>'),
        message=html('<p class="said" role="alert">{message}</p>', message=message) if message else "",
        counted=sandbox.calls.counted,
        faults=_faults(sandbox.faults.rules),
        dialect=_dialect(sandbox.dialect),
        **_sections(sandbox),
    )


def _sections(sandbox: Sandbox) -> dict[str, Any]:
    held, counts = ledger.ledger(sandbox.state, SHOWN), ledger.counts(sandbox.state)
    orders = each(_order(row) for row in reversed(held["orders"]))
    sales = each(_sale(row) for row in reversed(held["sales"]))
    transfers = each(_transfer(row) for row in reversed(held["transfers"]))
    return {
        "order_count": counts["orders"],
        "sale_count": counts["sales"],
        "transfer_count": counts["transfers"],
        "orders": (orders or _none("No web order yet.")) + _older(counts["orders"]),
        "sales": (_table(_SALE_HEAD, sales) if sales else _none("No sale yet.")) + _older(counts["sales"]),
        "transfers": (_table(_TRANSFER_HEAD, transfers) if transfers else _none("No item transfer yet."))
        + _older(counts["transfers"]),
        "calls": _calls(list(sandbox.calls.latest)[:CALLS_SHOWN]),
    }


def _dialect(dialect: Dialect) -> Markup:
    """What is not as usual."""
    usual = USUAL.as_json()
    other = [f"{name}: {value}" for name, value in dialect.as_json().items() if value != usual[name]]
    return html("<p>It speaks a dialect. {other}.</p>", other="; ".join(other)) if other else Markup()


def _none(sentence: str) -> Markup:
    return html('<p class="none">{sentence}</p>', sentence=sentence)


def _older(count: int) -> Markup:
    if count <= SHOWN:
        return Markup()
    return html(
        '<p class="none">The newest {shown} of {count}, see <a href="/ledger.json">the ledger</a>.</p>',
        shown=SHOWN,
        count=count,
    )


def _table(head: str, rows: Markup) -> Markup:
    name, titles = head.split(": ")
    return html(
        '<div class="wide" tabindex="0" role="region" aria-label="{name}"><table>'
        "<thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>",
        name=name,
        titles=each(html('<th scope="col">{title}</th>', title=title) for title in titles.split("|")),
        rows=rows,
    )


def _time(text: str) -> str:
    """A stored UTC moment as the shops' clock."""
    return wire.shop_text(text.removesuffix("0Z"))[5:19].replace("T", " ")


def _shop(shop_id: int) -> str:
    shop = SHOPS.get(shop_id)
    return f"{shop_id} {shop.name}" if shop else str(shop_id)


def _order(row: Row) -> Markup:
    now = row["now"]
    statuses = sorted({line["Status"] for line in now["WebOrderLines"]})
    return html(
        _ORDER,
        order_no=now["OrderNo"],
        group=row["group"],
        shop=_shop(now["ShopId"]),
        webshop=now["WebshopId"],
        kind=now["OrderType"],
        at=_time(row["at"]),
        changed=_time(now["ModifiedOn"]),
        paid="paid" if now["IsPaid"] else "not paid",
        maker=", made at DdD" if row["made_by"] == "till" else "",
        statuses=each(_status(status) for status in statuses),
        lines=each(_line(line) for line in now["WebOrderLines"]),
        buttons=_buttons(now["OrderNo"], row["group"], statuses),
    )


def _status(status: str) -> Markup:
    return html('<span class="status {low}">{status}</span> ', low=status.lower(), status=status)


def _line(line: Row) -> Markup:
    return html(
        "<tr><td>{id}</td><td>{variant}</td><td>{status}</td><td class=number>{price}</td><td>{delivery}</td>"
        "<td>{notes}</td></tr>",
        id=line["Id"],
        variant=line["VariantId"],
        status=_status(line["Status"]),
        price=f"{line['EffectiveSalesPrice']:.2f}",
        delivery=line["DeliveryNo"] or "",
        notes=line["Notes"] or "",
    )


def _buttons(order_no: str, group: int, statuses: list[str]) -> Markup:
    may = {
        "pick": words.RESERVED in statuses,
        "deliver": words.RESERVED in statuses or words.PICKED in statuses,
        "take-back": words.DELIVERED in statuses,
    }
    verbs = {"pick": "picks", "deliver": "delivers", "take-back": "takes back"}
    return each(
        html(
            _BUTTON,
            verb=verb,
            says=verbs[verb],
            order_no=order_no,
            group=group,
        )
        for verb in may
        if may[verb]
    )


def _marks(items: Iterable[str]) -> Markup:
    return each(html("<div>{item}</div>", item=item) for item in items)


def _sale(row: Row) -> Markup:
    lines = row["ItemLines"]
    return html(
        "<tr><td>{at}</td><td>{shop}</td><td>{terminal} / {receipt}</td><td>{orders}</td><td>{lines}</td>"
        "<td>{paid}</td></tr>",
        at=_time(row["at"]),
        shop=_shop(row["ShopId"]),
        terminal=row["TerminalId"],
        receipt=row["ReceiptId"],
        orders=_marks(sorted({line.get("WebOrderOrderNo") or "–" for line in lines})),
        lines=_marks(_item(line) for line in lines),
        paid=_marks(
            f"{line['Direction']} {line['LineAmount']:.2f} by {line['TransactionType']}"
            for line in row.get("PaymentLines", [])
        ),
    )


def _item(line: Row) -> str:
    what = f"{line.get('VariantId', '')}".strip() or "no variant"
    item_group = f", item group {line['ItemGroupId']}" if line.get("ItemGroupId") else ""
    return f"{line['Type']} {line['Quantity']} × {what}{item_group}: {line['GrossLineAmount']:.2f}"


def _transfer(row: Row) -> Markup:
    return html(
        "<tr><td>{at}</td><td>{invoice}</td><td>{sender}</td><td>{recipient}</td><td>{items}</td>"
        "<td>{maker}</td></tr>",
        at=_time(row["at"]),
        invoice=row["invoice"],
        sender=_shop(row["ShopIdSender"]),
        recipient=_shop(row["ShopIdRecipient"]),
        items=_marks(f"{item['Quantity']} × {item['VariantId']}" for item in row["Items"]),
        maker="DdD's own till" if row["made_by"] == "till" else "the API",
    )


def _calls(calls: list[LoggedCall]) -> Markup:
    if not calls:
        return _none("No call yet.")
    return _table(_CALLS_HEAD, each(_call(call) for call in calls))


def _call(call: LoggedCall) -> Markup:
    good = call.status is not None and call.status < 400
    return html(
        "<tr><td class=brief>{at}</td><td>{method}</td><td class=path>{path}</td>"
        "<td class='brief {mood}'>{status}</td>"
        "<td class=brief>{took} ms</td><td>{fault}{sentence}</td></tr>",
        at=_time(wire.utc_text(call.at)),
        method=call.method,
        path=call.path,
        mood="good" if good else "bad",
        status=call.status or "no answer",
        took=f"{call.milliseconds:.0f}",
        fault=html("<b>{fault}</b> ", fault=call.fault) if call.fault else "",
        sentence=call.sentence,
    )


def _faults(rules: list[Rule]) -> Markup:
    standing = each(html("<li>{rule}</li>", rule=_rule(rule)) for rule in rules)
    return html(
        _FAULTS,
        standing=html(_STANDING, rules=standing) if rules else _none("No fault is asked for."),
        words=each(
            html("<option value='{word}'>{word}: {does}</option>", word=word, does=does)
            for word, does in faults.WORDS.items()
        ),
        on=each(html("<option>{name}</option>", name=name) for name in faults.ON),
    )


def _rule(rule: Rule) -> str:
    times = "" if rule.times is None else f", at most {rule.times} ×"
    which = "each call" if rule.every == 1 else f"each call in {rule.every}"
    words_in_turn = "”, “".join(rule.faults)
    return f"“{words_in_turn}” on {which} ({rule.on}){times}: struck {rule.struck} of {rule.seen} calls"


_CALLS_HEAD = "Latest calls: At|Method|Path|Answer|Took|Why"
_SALE_HEAD = "Sales: At|Shop|Terminal / receipt|OrderNo|Items|Payment"
_TRANSFER_HEAD = "Item transfers: At|Invoice|From|To|Pieces|Made by"

_ORDER = """
<article class="order">
<header><h3>{order_no}</h3> {statuses}
<span class="facts">{shop}, web shop {webshop}, group {group}, {kind}, {paid}{maker};
came {at}, changed {changed}</span></header>
<div class="wide"><table><thead><tr>
<th scope="col">Id</th><th scope="col">VariantId</th><th scope="col">Status</th>
<th scope="col" class="number">Price</th><th scope="col">DeliveryNo</th><th scope="col">Notes</th>
</tr></thead><tbody>{lines}</tbody></table></div>
<div class="row">{buttons}</div>
</article>"""

_BUTTON = """<form method="post" action="/till/{verb}">
<input type="hidden" name="order_no" value="{order_no}">
<input type="hidden" name="group" value="{group}">
<button aria-label="DdD's own till {says} {order_no}">DdD's own till {says}</button></form>"""

_STANDING = """<ul>{rules}</ul>
<form method="post" action="/faults/clear"><button>Clear all faults</button></form>"""

_FAULTS = """{standing}
<form method="post" action="/faults" class="row asked">
<label>What goes wrong <select name="fault">{words}</select></label>
<label>On <select name="on">{on}</select></label>
<label>Each … call <input name="every" type="number" min="1" value="1"></label>
<label>At most … times <input name="times" type="number" min="1" placeholder="no end"></label>
<label>Seconds, if slow <input name="seconds" type="number" min="0" max="600" step="0.1" value="3"></label>
<button class="main">Add fault</button>
</form>"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">{meta}
<title>DdD sandbox</title><style>{style}</style></head><body>
<header class="top"><h1>DdD sandbox</h1>
<p>Web orders: {order_count} · Sales: {sale_count} · Item transfers: {transfer_count} · Calls: {counted}</p>
{dialect}
<nav class="row"><a class="button" href="/ledger.json">Ledger</a> {keep}
<form method="post" action="/reset"><button>Forget everything</button></form></nav></header>
<main>{message}
<section><h2>Faults</h2>{faults}</section>
<section><h2>Web orders</h2>{orders}</section>
<section><h2>Sales</h2>{sales}</section>
<section><h2>Item transfers</h2>{transfers}</section>
<section><h2>Latest calls</h2>{calls}</section>
</main></body></html>"""

_STYLE = """
:root { --ink: #1d2430; --soft: #5a6475; --line: #dde1e8; --paper: #fff; --ground: #f4f5f8; --main: #1f4fbf; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
.top { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center; padding: 12px 24px;
  background: #1d2430; color: #fff; }
.top p { margin: 0; flex: 1; color: #cfd6e4; }
h1 { font-size: 20px; margin: 0; } h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 16px; margin: 0; }
main { max-width: 1240px; margin: 0 auto; padding: 20px 24px 48px; display: grid; gap: 20px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px;
  min-width: 0; }
.row { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: end; }
.asked { margin-top: 14px; } ul { margin: 0 0 10px; padding-left: 20px; }
.order { border-top: 1px solid var(--line); padding: 14px 0; }
.order header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; margin-bottom: 6px; }
.facts, .none { color: var(--soft); } .none { margin: 4px 0; } .none:empty { display: none; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-bottom: 8px; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.path { overflow-wrap: anywhere; min-width: 260px; } .brief { white-space: nowrap; }
.status { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 13px; font-weight: 600;
  background: #e6e9ef; }
.status.reserved { background: #fff0cc; color: #6b4700; }
.status.picked { background: #dce8ff; color: #17408f; }
.status.delivered { background: #d9f2e1; color: #125c32; }
.status.returned { background: #f1e2fb; color: #5b2180; }
.good { color: #125c32; } .bad { color: #a61b1b; font-weight: 600; }
.said { margin: 0; padding: 12px 16px; border-radius: 10px; background: #fde3e3; color: #7d1212; }
label { display: grid; gap: 3px; font-size: 13px; color: var(--soft); max-width: 100%; }
input, select, button, .button { font: inherit; min-height: 38px; padding: 6px 12px; border-radius: 7px;
  border: 1px solid #aeb6c4; background: #fff; color: var(--ink); max-width: 100%; }
select[name=fault] { width: 340px; } input[type=number] { width: 130px; }
button, .button { cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; }
button:hover, .button:hover { background: #eef1f7; }
.main { background: var(--main); border-color: var(--main); color: #fff; }
.main:hover { background: #173d95; }
:focus-visible { outline: 3px solid #6f9bff; outline-offset: 2px; }
"""
