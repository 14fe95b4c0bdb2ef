"""How the sandbox speaks where DdD's contract does not say it: one `Dialect`, of which the default is usual.

Only `edge.py`, which reads requests and writes answers, speaks it; all else keeps to the words of `words.py`.
"""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from ddd.sandbox import words

CASES: Final = ("pascal", "camel", "upper", "numbers")
SINCE: Final = ("modified", "created", "ignored")
MONEY: Final = ("number", "text", "comma")
PAST_THE_END: Final = ("empty", "404")
YES: Final = ("true", "false", "empty", "text", "html")
TRANSFER_IDS: Final = ("number", "text", "zero")
USUAL_BASE: Final = "/api"

# Tables of other words: the sandbox's own -> what DdD says instead. What is not in a table stays as it is.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "own": {},
    "danish": {
        "Reserved": "Reserveret",
        "Picked": "Plukket",
        "Delivered": "Udleveret",
        "Returned": "Returneret",
        "Cancelled": "Annulleret",
        "Missing": "Mangler",
        "ClickAndCollect": "KlikOgHent",
        "OrderInStore": "OrdreIButik",
        "Sale": "Salg",
        "Return": "Retur",
        "In": "Ind",
        "Out": "Ud",
        "Discount": "Rabat",
    },
    "short": {
        "Reserved": "Open",
        "Picked": "Packed",
        "Delivered": "HandedOut",
        "Returned": "Back",
        "Cancelled": "Void",
        "Missing": "NotFound",
        "ClickAndCollect": "CNC",
        "OrderInStore": "OIS",
        "Sale": "Sold",
        "Return": "Credit",
        "In": "Debit",
        "Out": "Payout",
        "Discount": "Reduction",
    },
}
# `All` is a filter that DdD names itself, so no dialect has another word for it.
_MAY_DIFFER: Final = {word for members in words.ENUMS.values() for word in members} - {words.ALL}
_LONGEST_WORD = 40
_MOST_LATE = 86_400


class BadDialect(ValueError):
    """A dialect that makes no sense; the text names the option and says what it may be."""


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if given not in choices:
            raise BadDialect(f"must be one of {', '.join(choices)}")
        return str(given)

    return read


def _yes_or_no(given: Any) -> bool:
    if not isinstance(given, bool):
        raise BadDialect("must be true or false")
    return given


def _seconds(given: Any) -> float:
    try:
        found = float(given)
    except (TypeError, ValueError):
        found = -1.0
    if isinstance(given, bool) or not 0 <= found <= _MOST_LATE:
        raise BadDialect(f"must be a number of seconds from 0 to {_MOST_LATE}")
    return found


def _whole(given: Any) -> int:
    if isinstance(given, bool) or not re.fullmatch(r"\d{1,9}", str(given), re.ASCII):
        raise BadDialect("must be a whole number")
    return int(given)


def _numbers(given: Any) -> tuple[int, ...]:
    return tuple(_whole(one) for one in (given if isinstance(given, list | tuple) else [given]))


def _base(given: Any) -> str:
    if not isinstance(given, str) or not re.fullmatch(r"/|(?:/[\w.-]+)+/?", given, re.ASCII):
        raise BadDialect("must be a path such as /api, or / for none")
    return given.rstrip("/") or "/"


def _words(given: Any) -> Mapping[str, str]:
    """The name of a table, or other words: `Delivered=HandedOut,Picked=Packed` or an object of them."""
    if isinstance(given, str) and "=" not in given:
        if given not in TABLES:
            raise BadDialect(f"must be one of {', '.join(TABLES)}, or pairs such as Delivered=HandedOut")
        return TABLES[given]
    pairs = given if isinstance(given, Mapping) else dict(_pair(one) for one in str(given).split(","))
    for own, spoken in pairs.items():
        if own not in _MAY_DIFFER:
            raise BadDialect(f"{own} is not a word of the sandbox: {', '.join(sorted(_MAY_DIFFER))}")
        if not isinstance(spoken, str) or not 0 < len(spoken.strip()) <= _LONGEST_WORD:
            raise BadDialect(f"the word for {own} must have from 1 to {_LONGEST_WORD} characters")
    return dict(pairs)


def _pair(text: str) -> tuple[str, str]:
    own, _equals, spoken = text.partition("=")
    return own.strip(), spoken.strip()


def _number_of(enum: str, word: str) -> int:
    """As .NET numbers the members of an enumeration; that of a line's status is the sandbox's own."""
    if enum == "WebOrderLineStatus":
        return words.LINE_STATUSES[word]
    return words.ENUMS[enum].index(word)


def _option(default: Any, read: Callable[[Any], Any], told: str, metavar: str = "") -> Any:
    about = {"read": read, "told": told, "metavar": metavar}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Dialect:
    """What DdD may do otherwise than the sandbox usually does. Each field is an option of the command too."""

    words: Mapping[str, str] = _option(
        {}, _words, "other words: own, danish, short, or pairs such as Delivered=HandedOut", "TABLE"
    )
    case: str = _option("pascal", _one_of(*CASES), "how words are written", "|".join(CASES))
    late: float = _option(
        0.0, _seconds, "listings show orders, sales and item transfers so much later", "SECONDS"
    )
    since: str = _option("modified", _one_of(*SINCE), "what the since of a listing compares", "|".join(SINCE))
    unset_dates: bool = _option(False, _yes_or_no, "dates that nobody has set are 0001-01-01T00:00:00")
    money: str = _option("number", _one_of(*MONEY), "how amounts are written", "|".join(MONEY))
    wrapped: bool = _option(False, _yes_or_no, "lists come in an object")
    past_the_end: str = _option(
        "empty", _one_of(*PAST_THE_END), "the answer past the last page of articles", "|".join(PAST_THE_END)
    )
    odd_yes: str = _option(
        "true", _one_of(*YES), "what says yes to an order, a change or a sale", "|".join(YES)
    )
    busy: int = _option(0, _whole, "one of so many calls is answered 429 with Retry-After", "CALLS")
    refuse_transaction_types: tuple[int, ...] = _option(
        (), _numbers, "transaction types that a sale is refused for", "NUMBER"
    )
    refuse_clerks: tuple[int, ...] = _option((), _numbers, "clerks that a sale is refused for", "NUMBER")
    refuse_terminals: tuple[int, ...] = _option(
        (), _numbers, "terminals that a sale is refused for", "NUMBER"
    )
    refuse_item_groups: tuple[int, ...] = _option(
        (), _numbers, "item groups that a sale is refused for", "NUMBER"
    )
    transfer_ids: str = _option(
        "number", _one_of(*TRANSFER_IDS), "the answer to an item transfer", "|".join(TRANSFER_IDS)
    )
    bound_tokens: bool = _option(False, _yes_or_no, "each token sees the orders of one web shop only")
    base: str = _option(USUAL_BASE, _base, "the path under which DdD's routes are", "PATH")

    def __post_init__(self) -> None:
        for name, members in words.ENUMS.items():
            spoken = [self.spoken(name, word).casefold() for word in members]
            if len(set(spoken)) < len(spoken):
                raise BadDialect(f"words: two of {', '.join(members)} would be the same word")

    def spoken(self, enum: str, word: str) -> str:
        """DdD's word for one of the sandbox's own."""
        if word == words.ALL:
            return word
        if self.case == "numbers":
            return str(_number_of(enum, word))
        found = self.words.get(word, word)
        if self.case == "upper":
            return found.upper()
        return found[:1].lower() + found[1:] if self.case == "camel" else found

    def own(self, enum: str, spoken: str) -> str | None:
        """The sandbox's own word for one of DdD's; None when DdD does not say it."""
        return next((word for word in words.ENUMS[enum] if self.spoken(enum, word) == spoken), None)

    @property
    def has_other_words(self) -> bool:
        return bool(self.words) or self.case != "pascal"

    def as_json(self) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }


USUAL: Final = Dialect()
NAMED: Final[Mapping[str, Dialect]] = {
    "usual": USUAL,
    "danish": Dialect(
        words=TABLES["danish"], unset_dates=True, money="comma", transfer_ids="text", past_the_end="404"
    ),
    "numbers": Dialect(case="numbers", money="text", since="created", unset_dates=True, odd_yes="empty"),
    "capitals": Dialect(
        words=TABLES["short"],
        case="upper",
        wrapped=True,
        busy=5,
        refuse_transaction_types=(100, 110, 150),
        refuse_clerks=(1,),
        refuse_terminals=(99,),
        refuse_item_groups=(9900,),
    ),
    "late": Dialect(case="camel", late=120, since="ignored", odd_yes="text"),
    "one-web-shop": Dialect(bound_tokens=True, base="/retail/api", transfer_ids="zero", odd_yes="html"),
}
OPTIONS: Final = {one.name: one for one in fields(Dialect)}


def read_dialect(given: Mapping[str, Any]) -> Dialect:
    """The options over those of the one that `dialect` names, or over the usual one. BadDialect says what is
    wrong."""
    name = given.get("dialect") or "usual"
    if name not in NAMED:
        raise BadDialect(f"dialect: must be one of {', '.join(NAMED)}")
    chosen: dict[str, Any] = {}
    for option, value in given.items():
        if option == "dialect":
            continue
        if option not in OPTIONS:
            raise BadDialect(f"{option}: is no option. There are: {', '.join(OPTIONS)}")
        try:
            chosen[option] = OPTIONS[option].metadata["read"](value)
        except BadDialect as error:
            raise BadDialect(f"{option}: {error}, was {value!r:.80}") from error
    return replace(NAMED[name], **chosen)


def add_options(parser: ArgumentParser) -> None:
    """An option of the command for each of the dialect, and `--dialect` for the named ones."""
    group = parser.add_argument_group("dialect", "What DdD may do otherwise (docs/SANDBOX.md).")
    group.add_argument("--dialect", metavar="NAME", help=f"one of {', '.join(NAMED)}")
    for name, option in OPTIONS.items():
        flag, about = f"--{name.replace('_', '-')}", option.metadata
        if option.default is False:
            group.add_argument(flag, action="store_true", default=None, help=about["told"])
        elif option.default == ():
            group.add_argument(flag, nargs="+", metavar=about["metavar"], help=about["told"])
        else:
            group.add_argument(flag, metavar=about["metavar"], help=about["told"])


def dialect_of(asked: Namespace) -> Dialect:
    """The dialect that the command was given; BadDialect."""
    given = {name: getattr(asked, name) for name in ("dialect", *OPTIONS)}
    return read_dialect({name: value for name, value in given.items() if value is not None})
