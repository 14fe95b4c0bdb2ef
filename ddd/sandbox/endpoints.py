"""What every API route does: check the token, apply faults and dialect, call the handler, log the call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from ddd.sandbox import catalogue, edge, faults, validate, wire
from ddd.sandbox.answers import HalfAnswer, Json, NoAnswer
from ddd.sandbox.calls import Calls, LoggedCall
from ddd.sandbox.demo_data import SHOPS, TOKENS, USUAL_WEB_SHOP, Token, Variant
from ddd.sandbox.dialect import USUAL, Dialect
from ddd.sandbox.faults import Faults, Strike
from ddd.sandbox.state import State

_JSON_TYPES = ("application/json", "text/json")
_SCHEME = "ddd_token "
_INVALID = "The request is invalid."


class Refused(Exception):
    """The call is answered with this status, a message and all its faults; nothing was stored."""

    def __init__(self, faults: list[str], *, status: int = 400, message: str = _INVALID) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.faults = faults


@dataclass
class Sandbox:
    """Everything a handler may need."""

    state: State
    drafts_hidden: bool = False
    more_tokens: tuple[str, ...] = ()
    dialect: Dialect = USUAL
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        every_group = [Token(text, None) for text in self.more_tokens]
        self.tokens = {token.text: token for token in (*TOKENS, *every_group)}
        self._started_with = self.dialect
        self._since_busy = 0

    def speak(self, dialect: Dialect) -> None:
        """From now on; until the sandbox is reset."""
        self.dialect, self._since_busy = dialect, 0

    def speak_as_started(self) -> None:
        self.speak(self._started_with)

    def is_busy(self) -> bool:
        """Whether this call is the one that is told to wait."""
        if not self.dialect.busy:
            return False
        self._since_busy = (self._since_busy + 1) % self.dialect.busy
        return not self._since_busy


@dataclass(frozen=True)
class Answer:
    body: Any
    status: int = 200
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Call:
    """One authorised call, its body read but not yet checked."""

    sandbox: Sandbox
    token: Token
    path: Mapping[str, str]
    query: Mapping[str, str]
    content_type: str
    raw: bytes

    @property
    def state(self) -> State:
        return self.sandbox.state

    def body(self, schema_name: str) -> tuple[dict[str, Any], list[str]]:
        """The body and its faults against the contract; what is no JSON object is refused at once."""
        if self.content_type.partition(";")[0].strip().lower() not in _JSON_TYPES:
            raise Refused([f"Content-Type: must be application/json, was “{self.content_type}”"], status=415)
        try:
            found = wire.read_json(self.raw)
        except wire.Unreadable as error:
            raise Refused([f"Body: {error}"]) from error
        if not isinstance(found, dict):
            raise Refused(["Body: must be a JSON object"])
        return found, validate.faults_of(found, schema_name)

    def number(self, name: str) -> int:
        """A whole number in the path."""
        try:
            return wire.read_integer(self.path[name])
        except wire.Unreadable as error:
            raise Refused([f"{name}: {error}"]) from error

    def shop(self, name: str = "shopId") -> int:
        """A shop in the path that the token may see."""
        shop_id = self.number(name)
        found: list[str] = []
        self.group_of_shop(shop_id, name, found)
        if found:
            raise Refused(found)
        return shop_id

    def group_of_shop(self, shop_id: object, name: str, found: list[str]) -> int | None:
        """The shop's group if the token may act there, else a fault is added. A wrong type has its own."""
        if isinstance(shop_id, bool) or not isinstance(shop_id, int):
            return None
        shop = SHOPS.get(shop_id)
        if shop is None or self.token.group not in (None, shop.group):
            whose = "any group" if self.token.group is None else f"group {self.token.group}"
            found.append(f"{name}: {shop_id} is not a shop of {whose}")
            return None
        return shop.group

    def webshop(self, group: int) -> int:
        return self.token.webshop or USUAL_WEB_SHOP[group]

    @property
    def webshop_seen(self) -> int | None:
        """The only web shop whose orders the token may read; None when it reads those of its group."""
        if not self.sandbox.dialect.bound_tokens or self.token.group is None:
            return None
        return self.webshop(self.token.group)


def known_variant(group: int | None, variant_id: object, place: str, found: list[str]) -> Variant | None:
    """The variant, or a fault when the group has none such."""
    if group is None or isinstance(variant_id, bool) or not isinstance(variant_id, int):
        return None
    variant = catalogue.variant(group, variant_id)
    if variant is None:
        found.append(f"{place}: {variant_id} is not a variant of group {group}")
    return variant


Handler = Callable[[Call], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint_for(sandbox: Sandbox, handler: Handler, kind: str) -> Endpoint:
    """The Starlette endpoint of a handler. `kind` is what a fault rule can be on."""

    async def endpoint(request: Request) -> Response:
        began = perf_counter()
        try:
            raw = await request.body()
        except ClientDisconnect:
            return NoAnswer()
        strike = sandbox.faults.strike(kind, request.method == "GET")
        answer = Answer({"Message": "The sandbox broke."}, 500)
        response: Response | None = None
        try:
            if strike and strike.fault == faults.SLOW:
                await asyncio.sleep(strike.seconds)
            early = _before(strike) or _busy(sandbox)
            answer = _handled(sandbox, handler, request, raw, kind) if early is None else early
            response = _sent(sandbox.dialect, kind, answer, strike, request.method == "GET")
        finally:
            _log(sandbox, request, began, strike, answer, response)
        return response

    return endpoint


def _handled(sandbox: Sandbox, handler: Handler, request: Request, raw: bytes, kind: str) -> Answer:
    dialect = sandbox.dialect
    try:
        return handler(
            Call(
                sandbox=sandbox,
                token=_token(sandbox, request.headers.get("authorization", "")),
                path=edge.in_own_path(dialect, request.path_params),
                query=request.query_params,
                content_type=request.headers.get("content-type", ""),
                raw=edge.in_own_words(dialect, kind, raw),
            )
        )
    except edge.NotSpoken as refusal:
        return Answer({"Message": _INVALID, "Faults": refusal.faults}, 400)
    except Refused as refusal:
        return Answer({"Message": refusal.message, "Faults": refusal.faults}, refusal.status)


def _token(sandbox: Sandbox, header: str) -> Token:
    token = sandbox.tokens.get(header.removeprefix(_SCHEME)) if header.startswith(_SCHEME) else None
    if token is None:
        message = "Authorization has been denied for this request."
        raise Refused(
            ["Authorization: must be ddd_token and a token that is known"], status=401, message=message
        )
    return token


def _before(strike: Strike | None) -> Answer | None:
    """The answer of a fault that comes before the handler, so that nothing is committed."""
    if strike is None:
        return None
    on_demand = {"Message": "A fault on demand.", "Faults": [f"Sandbox: “{strike.fault}” was asked for"]}
    return {
        faults.REFUSE: Answer(on_demand, 400),
        faults.ERROR_500: Answer(on_demand, 500),
        faults.ERROR_503: Answer(on_demand, 503),
        faults.LOSE_CONNECTION: Answer(on_demand),
    }.get(strike.fault)


def _busy(sandbox: Sandbox) -> Answer | None:
    wait = {"Retry-After": str(edge.BUSY_SECONDS)}
    return Answer({"Message": edge.BUSY_MESSAGE}, 429, wait) if sandbox.is_busy() else None


def _sent(dialect: Dialect, kind: str, answer: Answer, strike: Strike | None, is_read: bool) -> Response:
    plain = edge.response(dialect, kind, answer.body, answer.status, answer.headers)
    fault = strike.fault if strike else ""
    if fault in (faults.LOSE_ANSWER, faults.LOSE_CONNECTION):
        return NoAnswer()
    if fault == faults.HALF:
        return HalfAnswer(plain)
    if fault == faults.ERROR_500_AFTER:
        return Json({"Message": "An error has occurred."}, 500)
    if fault == faults.NONSENSE:
        return HTMLResponse('<!doctype html><title>Welcome</title><p>It works! {"true": fal')
    if fault == faults.CAMEL_CASE and is_read:
        return edge.response(dialect, kind, answer.body, answer.status, answer.headers, wire.camelled)
    return plain


def _log(
    sandbox: Sandbox,
    request: Request,
    began: float,
    strike: Strike | None,
    answer: Answer,
    response: Response | None,
) -> None:
    query = f"?{request.url.query}" if request.url.query else ""
    found = answer.body.get("Faults", []) if isinstance(answer.body, dict) and answer.status >= 400 else []
    sandbox.calls.add(
        LoggedCall(
            at=wire.now(),
            method=request.method,
            path=f"{request.url.path}{query}",
            status=None if isinstance(response, NoAnswer) else response.status_code if response else 500,
            fault=strike.fault if strike else "",
            milliseconds=(perf_counter() - began) * 1000,
            sentence="; ".join(found) if not strike or strike.fault != faults.REFUSE else "",
        )
    )
