"""Reads `ddd/contract/openapi.yaml`: schemas with every reference put in place, and decimals kept exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACT = Path(__file__).resolve().parent.parent / "contract" / "openapi.yaml"
METHODS = ("get", "post", "put", "delete")


class _ExactLoader(yaml.SafeLoader):
    """YAML with Decimal for fractions: 0.01 as a float would make `multipleOf` a matter of luck."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


@dataclass(frozen=True)
class Operation:
    """One method on one path of the contract."""

    name: str
    method: str
    path: str
    answer: dict[str, Any]


@cache
def _document() -> dict[str, Any]:
    with CONTRACT.open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.load(file, Loader=_ExactLoader)  # noqa: S506 - a SafeLoader
    return found


def _in_place(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_place(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return {**schema(name), "x-name": name}
    return {key: _in_place(inner) for key, inner in value.items()}


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema of the contract without references; what a reference named is kept as `x-name`."""
    found: dict[str, Any] = _in_place(_document()["components"]["schemas"][name])
    return found


def operations() -> Iterator[Operation]:
    for path, item in _document()["paths"].items():
        for method in METHODS:
            if method in item:
                answer = item[method]["responses"]["200"]["content"]["application/json"]["schema"]
                yield Operation(item[method]["operationId"], method.upper(), path, _in_place(answer))
