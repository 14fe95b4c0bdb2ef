"""Request bodies against the contract, strictly, and every fault at once."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from ddd.sandbox import contract, wire, words

# What the contract leaves open and no server could accept: an order or a transfer that does not say which.
_ALSO_REQUIRED = {
    "HeaderCreateModel": ["WebOrderLines"],
    "HeaderCreateModelAlternative": ["WebOrderLines"],
    "OisHeaderCreateModel": ["WebOrderLines"],
    "OisHeaderCreateModelAlternative": ["WebOrderLines"],
    "WebOrderHeaderCreateDTOAlternative": ["WebOrderLines"],
    "HeaderUpdateModel": ["OrderNo"],
    "LineUpdateModel": ["Id"],
    "SalePostDto": ["ItemLines"],
    "ItemTransferDto": ["ShopIdSender", "ShopIdRecipient", "Items"],
    "ItemDto": ["VariantId", "Quantity"],
}
_AT_LEAST_ONE = {"WebOrderLines", "ItemLines", "Items"}
_MAY_BE_EMPTY_LIST = {"HeaderUpdateModel"}

_formats = FormatChecker(formats=())


@_formats.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or wire.is_time(value)


def _multiple_of(_: Validator, step: Decimal, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return
    try:
        exact = value % step == 0
    except InvalidOperation:  # digits without end, such as 1e99999
        exact = False
    if not exact:
        yield ValidationError("has too many decimals")


_Strict: Callable[..., Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"multipleOf": _multiple_of}
)


def _strict(found: Any, name: str) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(found, list):
        return [_strict(inner, "") for inner in found]
    if not isinstance(found, dict):
        return found
    name = found.get("x-name", name)
    made = {key: _strict(inner, "") for key, inner in found.items() if not key.startswith("x-")}
    if name in words.ENUMS:
        made["enum"] = list(words.ENUMS[name])
    if made.get("type") == "integer":
        made.setdefault("maximum", wire.LARGEST_INTEGER)
    if "properties" in made:
        _close(made, name)
    return made


def _close(made: dict[str, Any], name: str) -> None:
    made["additionalProperties"] = False
    made["required"] = list(dict.fromkeys([*made.get("required", []), *_ALSO_REQUIRED.get(name, [])]))
    for field, inner in made["properties"].items():
        # .NET's Required refuses an empty text as well as a missing one.
        if field in made["required"] and inner.get("type") == "string" and "enum" not in inner:
            inner["minLength"] = 1
        if field in _AT_LEAST_ONE and name not in _MAY_BE_EMPTY_LIST:
            inner["minItems"] = 1
    if name == "ItemDto":
        made["properties"]["Quantity"]["minimum"] = 1


@cache
def _validator(name: str) -> Validator:
    return _Strict(_strict(contract.schema(name), name), format_checker=_formats)


def faults_of(body: Any, schema_name: str) -> list[str]:
    """Every way in which the body differs from the schema, in words, sorted by field."""
    found = [line for error in _validator(schema_name).iter_errors(body) for line in _in_words(error)]
    return sorted(set(found))


def _place(path: Iterator[str | int] | Any) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _in_words(error: ValidationError) -> list[str]:
    place = _place(error.absolute_path)
    inside = f"{place}." if place else ""
    if error.validator == "additionalProperties":
        known: dict[str, Any] = dict(error.schema)["properties"]  # type: ignore[arg-type]
        names: list[str] = list(error.instance)  # type: ignore[arg-type]
        return [f"{inside}{name}: {_unknown(name, known)}" for name in names if name not in known]
    if error.validator == "required":
        required: list[str] = error.validator_value  # type: ignore[assignment]
        missing = [name for name in required if name not in error.instance]  # type: ignore[operator]
        return [f"{inside}{name}: is missing" for name in missing]
    return [f"{place or 'Body'}: {_sentence(error)}"]


def _unknown(name: str, known: dict[str, Any]) -> str:
    meant = next((right for right in known if right.lower() == name.lower()), None)
    return f"is not a name here, write {meant}" if meant else "is not a name here"


_SENTENCES = {
    "minimum": "must be at least {limit}, was {value}",
    "maximum": "must be at most {limit}, was {value}",
    "maxLength": "may have {limit} characters, has {length}",
    "minLength": "may not be empty",
    "minItems": "must have at least one",
    "enum": "must be one of {limit}, was {value}",
    "format": "must be a time with its offset such as 2026-11-24T08:30:00Z, was {value}",
    "multipleOf": "may have at most two decimals, was {value}",
    "type": "must be of type {limit}, was {value}",
}


def _sentence(error: ValidationError) -> str:
    pattern = _SENTENCES.get(str(error.validator), error.message)
    value = error.instance
    limit = error.validator_value
    return pattern.format(
        limit=", ".join(map(str, limit)) if isinstance(limit, list) else limit,
        value=str(value) if isinstance(value, Decimal) else repr(value)[:80],
        length=len(value) if isinstance(value, str | list) else 0,
    )
