"""The application: every operation of the contract, and the sandbox's own routes."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ddd.sandbox import (
    articles,
    contract,
    edge,
    members,
    orders,
    own,
    sales,
    stocks,
    transactions,
    transfers,
    words,
)
from ddd.sandbox.answers import Json
from ddd.sandbox.endpoints import Handler, Sandbox, endpoint_for

_CNC, _OIS = words.CLICK_AND_COLLECT, words.ORDER_IN_STORE

# The contract's operation: what a fault rule can be on, and who answers.
HANDLERS: dict[str, tuple[str, Handler]] = {
    "createClickAndCollect": ("order", orders.create("HeaderCreateModel", _CNC)),
    "createClickAndCollectByEan": ("order", orders.create("HeaderCreateModelAlternative", _CNC)),
    "createOrderInStore": ("order", orders.create("OisHeaderCreateModel", _OIS)),
    "createOrderInStoreByEan": ("order", orders.create("OisHeaderCreateModelAlternative", _OIS)),
    "createWebOrderByEanOldModel": ("order", orders.create("WebOrderHeaderCreateDTOAlternative", _CNC)),
    "updateWebOrder": ("order", orders.change),
    "fetchWebOrder": ("fetch", orders.fetch),
    "listWebOrdersByStatus": ("poll", orders.listed),
    "listWebOrdersByStatusSince": ("poll", orders.listed_since),
    "listWebshopWebOrdersByStatusSince": ("poll", orders.listed_since_for_webshop),
    "postSale": ("sale", sales.post),
    "initiateItemTransfer": ("transfer", transfers.initiate),
    "listTransactions": ("transactions", transactions.everything),
    "listSalePayments": ("transactions", transactions.sale_payments),
    "listTransfers": ("transactions", transactions.transfers),
    "listTransfersByRecipient": ("transactions", transactions.transfers_by_recipient),
    "getStockByBarcode": ("stock", stocks.by_barcode),
    "getCombinedStock": ("stock", stocks.combined),
    "getArticleByEan": ("article", articles.by_ean),
    "getArticleByMultiEan": ("article", articles.by_any_ean),
    "getStyle": ("article", articles.style),
    "listArticles": ("article", articles.page),
    "getMemberByUserName": ("member", members.by_user_name),
    "searchMembers": ("member", members.search),
    "createMember": ("member", members.create("MemberInsertModel")),
    "createMemberV2": ("member", members.create("MemberInsertV2Model")),
}


def application(sandbox: Sandbox) -> Starlette:
    """Starts only when each operation of the contract has its handler."""
    app = Starlette(
        routes=[*own.routes(sandbox), *_contract_routes(sandbox)],
        exception_handlers={404: _no_such_route, 405: _no_such_route},
    )
    app.router.redirect_slashes = False
    app.add_middleware(edge.AtBase, dialect=lambda: sandbox.dialect, own=own.FOLDERS)
    return app


def _contract_routes(sandbox: Sandbox) -> list[Route]:
    # Spelled so in a deprecation note of the contract; before the other, which would take it for an OrderNo.
    by_order_no = endpoint_for(sandbox, orders.fetch_by_order_no, "fetch")
    found = [Route("/api/weborder/fetch/orderNo/{orderNo:path}", by_order_no, methods=["GET"])]
    for operation in contract.operations():
        kind, handler = HANDLERS[operation.name]
        # An OrderNo may have a slash in it.
        path = operation.path.replace("{orderId}", "{orderId:path}")
        found.append(Route(path, endpoint_for(sandbox, handler, kind), methods=[operation.method]))
    return found


async def _no_such_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    asked = request.scope.get("raw_path", b"").decode() or request.url.path
    message = f"No HTTP resource was found that matches {request.method} {asked}."
    return Json({"Message": message}, status)
