"""The sandbox's own routes: page, ledger, faults, dialect, the till's buttons, the back office. Without a
token: they are not DdD's."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ddd.sandbox import back_office, page, till, wire, words
from ddd.sandbox.answers import Json
from ddd.sandbox.dialect import BadDialect, read_dialect
from ddd.sandbox.endpoints import Refused, Sandbox
from ddd.sandbox.faults import BadRule
from ddd.sandbox.ledger import ledger

# The first part of the path of each; the other paths are DdD's.
FOLDERS = frozenset({"", "back-office", "dialect", "faults", "healthz", "ledger.json", "reset", "till"})
_FORM = "application/x-www-form-urlencoded"
Verb = Callable[[Sandbox, Request], Awaitable[Any]]


def routes(sandbox: Sandbox) -> list[Route]:
    def route(path: str, method: str, verb: Verb) -> Route:
        return Route(path, _endpoint(sandbox, verb), methods=[method])

    return [
        route("/", "GET", _page),
        route("/healthz", "GET", _healthz),
        route("/ledger.json", "GET", _ledger),
        route("/faults", "GET", _faults),
        route("/faults", "POST", _add_fault),
        route("/faults", "DELETE", _clear_faults),
        route("/faults/clear", "POST", _clear_faults),
        route("/dialect", "GET", _dialect),
        route("/dialect", "POST", _speak),
        route("/dialect", "DELETE", _speak_as_started),
        route("/till/order", "POST", _till_order),
        route("/till/pick", "POST", _till_pick),
        route("/till/deliver", "POST", _till_deliver),
        route("/till/take-back", "POST", _till_take_back),
        route("/back-office/delete-sale", "POST", _delete_sale),
        route("/back-office/delete-transfer", "POST", _delete_transfer),
        route("/back-office/change-transfer", "POST", _change_transfer),
        route("/back-office/delete-order", "POST", _delete_order),
        route("/back-office/set-status", "POST", _set_status),
        route("/reset", "POST", _reset),
    ]


def _endpoint(sandbox: Sandbox, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
    """A form is led back to the page, with the refusal on it if there is one; other callers get JSON."""

    async def endpoint(request: Request) -> Response:
        from_page = _is_form(request)
        try:
            done = await verb(sandbox, request)
        except Refused as refusal:
            if from_page:
                return HTMLResponse(page.page(sandbox, message="; ".join(refusal.faults)), refusal.status)
            return Json({"Message": refusal.message, "Faults": refusal.faults}, refusal.status)
        if isinstance(done, Response):
            return done
        return RedirectResponse("/", 303) if from_page else Json(done)

    return endpoint


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(_FORM)


async def _given(request: Request) -> dict[str, Any]:
    """The fields of the form or of the JSON object."""
    raw = await request.body()
    try:
        if _is_form(request):
            return dict(parse_qsl(raw.decode("utf-8")))
        found = wire.read_json(raw)
    except (wire.Unreadable, ValueError) as error:
        raise Refused([f"Body: {error}"]) from error
    if not isinstance(found, dict):
        raise Refused(["Body: must be a JSON object"])
    return found


async def _page(sandbox: Sandbox, request: Request) -> Response:
    return HTMLResponse(page.page(sandbox, refresh=request.query_params.get("refresh", "")))


async def _healthz(sandbox: Sandbox, request: Request) -> Any:
    return {"status": "ok", "calls": sandbox.calls.counted}


async def _ledger(sandbox: Sandbox, request: Request) -> Any:
    return ledger(sandbox.state)


async def _faults(sandbox: Sandbox, request: Request) -> Any:
    return [rule.as_json() for rule in sandbox.faults.rules]


async def _add_fault(sandbox: Sandbox, request: Request) -> Any:
    try:
        return sandbox.faults.add(await _given(request)).as_json()
    except BadRule as error:
        raise Refused([str(error)]) from error


async def _clear_faults(sandbox: Sandbox, request: Request) -> Any:
    sandbox.faults.clear()
    return []


async def _dialect(sandbox: Sandbox, request: Request) -> Any:
    return sandbox.dialect.as_json()


async def _speak(sandbox: Sandbox, request: Request) -> Any:
    try:
        sandbox.speak(read_dialect(await _given(request)))
    except BadDialect as error:
        raise Refused([str(error)]) from error
    return sandbox.dialect.as_json()


async def _speak_as_started(sandbox: Sandbox, request: Request) -> Any:
    sandbox.speak_as_started()
    return sandbox.dialect.as_json()


async def _till_order(sandbox: Sandbox, request: Request) -> Any:
    content_type = request.headers.get("content-type", "")
    webshop = request.query_params.get("webshop", "")
    return till.make_order(sandbox, content_type, await request.body(), webshop).body


async def _till_pick(sandbox: Sandbox, request: Request) -> Any:
    till.pick(sandbox, *_order_of(await _given(request)))
    return True


async def _till_deliver(sandbox: Sandbox, request: Request) -> Any:
    till.deliver(sandbox, *_order_of(await _given(request)))
    return True


async def _till_take_back(sandbox: Sandbox, request: Request) -> Any:
    till.take_back(sandbox, *_order_of(await _given(request)))
    return True


async def _delete_sale(sandbox: Sandbox, request: Request) -> Any:
    given = await _given(request)
    back_office.delete_sale(sandbox, *(_whole(given, name) for name in ("shop", "terminal", "receipt")))
    return True


async def _delete_transfer(sandbox: Sandbox, request: Request) -> Any:
    back_office.delete_transfer(sandbox, str(_whole(await _given(request), "invoice")))
    return True


async def _change_transfer(sandbox: Sandbox, request: Request) -> Any:
    given = await _given(request)
    back_office.change_transfer(sandbox, str(_whole(given, "invoice")), _whole(given, "quantity"))
    return True


async def _delete_order(sandbox: Sandbox, request: Request) -> Any:
    order_no, _group = _order_of(await _given(request))
    back_office.delete_order(sandbox, order_no)
    return True


async def _set_status(sandbox: Sandbox, request: Request) -> Any:
    given = await _given(request)
    order_no, _group = _order_of(given)
    status = given.get("status")
    if status not in words.LINE_STATUSES or status == words.ALL:
        raise Refused(["status: must be that of a line"])
    back_office.set_status(sandbox, order_no, status)
    return True


def _whole(given: dict[str, Any], name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not str(value).isdecimal():
        raise Refused([f"{name}: must be a whole number"])
    return int(str(value))


def _order_of(given: dict[str, Any]) -> tuple[str, int | None]:
    order_no, group = given.get("order_no"), given.get("group")
    if not isinstance(order_no, str) or not order_no:
        raise Refused(["order_no: is missing"])
    if group in (None, ""):
        return order_no, None
    if isinstance(group, bool) or not str(group).isdecimal():
        raise Refused(["group: must be a whole number"])
    return order_no, int(str(group))


async def _reset(sandbox: Sandbox, request: Request) -> Any:
    sandbox.state.empty()
    sandbox.faults.clear()
    sandbox.calls.forget()
    sandbox.speak_as_started()
    return True
