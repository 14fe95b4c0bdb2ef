"""Whatever goes wrong under /api/ is a problem in JSON, and its type is a page that explains it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework import exceptions

from accounts.demo_secrets import NORDLYS_KEY
from core import errors
from core.problem_types import MEANINGS
from orders.api import header
from tests.factories import Cast, new_order, received
from tests.orders.web_shop import CREATE, PROBLEM, STATUS, Caller, body

if TYPE_CHECKING:
    from tests.orders.web_shop import Answer

ROOT = Path(__file__).resolve().parent.parent.parent
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND")
BROKEN = pytest.mark.urls("tests.core.broken_urls")


def a_problem(answer: "Answer", status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM), answer.content[:200]
    told = answer.json()
    assert (told["status"], told["code"], told["type"]) == (status, code, f"/problems/{code}")
    assert told["title"]
    assert told["detail"]


def client_of_a_program() -> Client:
    """As programs are: without a cookie, and checked as Django checks browsers."""
    return Client(
        enforce_csrf_checks=True,
        raise_request_exception=False,
        headers={"Authorization": f"ddd_token {NORDLYS_KEY}"},
    )


def test_an_unknown_route_is_a_problem_for_every_method(cast: Cast) -> None:
    program = client_of_a_program()
    for path in ("/api", "/api/", "/API/nothing", "/api/sale", f"{CREATE}/x", "/api/returns/"):
        for method in METHODS:
            a_problem(program.generic(method, path, b"{}", "application/json"), 404, "not-found")


def test_a_method_that_a_route_does_not_have_is_a_problem(cast: Cast) -> None:
    for method in set(METHODS) - {"POST"}:
        answer = client_of_a_program().generic(method, CREATE, b"{}", "application/json")
        a_problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "POST, OPTIONS"


def test_a_browser_that_looks_at_a_route_sees_the_problem_too(cast: Cast) -> None:
    a_problem(client_of_a_program().get(CREATE, headers={"Accept": "text/html"}), 405, "method-not-allowed")


def test_an_address_of_another_host_is_a_problem(cast: Cast) -> None:
    answer = client_of_a_program().post(CREATE, b"{}", "application/json", headers={"Host": "else where"})
    a_problem(answer, 400, "bad-request")


@BROKEN
def test_an_error_of_the_portal_is_a_problem_that_names_the_request_and_no_secret(cast: Cast) -> None:
    answer = client_of_a_program().get("/api/breaks", headers={"X-Request-ID": "order-4711"})
    a_problem(answer, 500, "internal-error")
    assert "order-4711" in answer.json()["detail"]
    assert b"secret" not in answer.content


@BROKEN
def test_what_django_forbids_is_a_problem(cast: Cast) -> None:
    a_problem(client_of_a_program().get("/api/forbids"), 403, "forbidden")
    a_problem(client_of_a_program().post("/api/form"), 403, "stale-form")


@pytest.mark.usefixtures("lost_database")
def test_without_the_database_every_route_says_when_to_come_again() -> None:
    for method, path in (("POST", CREATE), ("GET", f"{STATUS}/All"), ("GET", "/api/returns/refunds")):
        answer = client_of_a_program().generic(method, path, b"{}", "application/json")
        a_problem(answer, 503, "try-later")
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.usefixtures("lost_database")
def test_without_the_database_also_a_cookie_that_must_be_looked_up_is_no_page() -> None:
    program = client_of_a_program()
    program.cookies["sessionid"] = "x" * 32
    answer = program.post(CREATE, b"{}", "application/json")
    a_problem(answer, 503, "try-later")
    assert answer.headers["Retry-After"]


def test_the_type_of_a_problem_is_a_page_for_people(cast: Cast) -> None:
    told = Caller().post(CREATE, body(ShopId=1)).json()
    page = Client().get(told["type"])
    assert page.status_code == 200
    assert "errors" in page.content.decode()
    assert "fejl" in Client().get(told["type"], headers={"Accept-Language": "da"}).content.decode()
    assert told["type"] in Client().get("/problems/").content.decode()
    assert Client().get("/problems/nothing").status_code == 404


def codes_of_refusals() -> set[str]:
    """The codes of every refusal in the modules that the API's views call."""
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    found = {one.code for one in classes if issubclass(one, errors.DomainError)}
    of_the_framework = (
        *(exceptions.NotAuthenticated, exceptions.AuthenticationFailed, exceptions.ParseError),
        *(exceptions.MethodNotAllowed, exceptions.UnsupportedMediaType),
    )
    found |= {one.default_code.replace("_", "-") for one in of_the_framework}
    for entry in ("orders/api.py", "returns/api.py"):
        for node in ast.walk(ast.parse((ROOT / entry).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = ROOT / f"{node.module.replace('.', '/')}.py"
                found |= set(codes_in(module)) if module.exists() else set()
    return found


def codes_in(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_every_code_has_its_page() -> None:
    # "refused" and "conflict" are the base classes': a refusal of the API has a code of its own.
    assert codes_of_refusals() - {"refused", "conflict"} - set(MEANINGS) == set()


def test_every_code_and_every_field_of_an_answer_stands_in_the_document(cast: Cast) -> None:
    text = (ROOT / "docs/API.md").read_text()
    named = set(re.findall(r"`([^`\n]+)`", text))
    assert {*MEANINGS, *codes_of_faults()} - named == set()
    order = header(received(cast, new_order("W-1")))
    assert {*order, *order["WebOrderLines"][0]} - named == set()


def codes_of_faults() -> set[str]:
    """The codes of single fields, as the reading modules write them."""
    modules = (
        "orders/reading",
        "orders/reading_changes",
        "orders/intake",
        "orders/changing",
        "core/bodies_api",
    )
    calls = [
        node
        for module in modules
        for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("fault", "Fault")
    ]
    found = {str(value.value) for call in calls for value in call.args if isinstance(value, ast.Constant)}
    return {code for code in found if re.fullmatch(r"[a-z]+(-[a-z]+)*", code)}
