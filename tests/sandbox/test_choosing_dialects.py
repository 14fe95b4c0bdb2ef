"""How the sandbox is told which dialect to speak: while it runs, by options, and by name."""

import re
from typing import Any

import pytest

from ddd.sandbox import dialect
from ddd.sandbox.dialect import NAMED, OPTIONS, USUAL, Dialect, read_dialect
from tests.sandbox import caller
from tests.sandbox.caller import HTTP, Caller
from tests.sandbox_process import ROOT, RunningSandbox

CREATE, ALL = "/api/weborder/clickandcollect", "/api/weborder/status/All"


def test_a_running_sandbox_is_told_another_dialect_until_it_is_reset(
    nordlys: Caller, sandbox: RunningSandbox
) -> None:
    told = HTTP.post(f"{sandbox.url}/dialect", json={"dialect": "danish", "late": 2}).json()
    assert (told["late"], told["money"], told["words"]["Sale"]) == (2.0, "comma", "Salg")
    assert HTTP.get(f"{sandbox.url}/dialect").json() == told
    page = HTTP.get(sandbox.url).text
    assert "late: 2.0; unset_dates: True; money: comma" in page
    assert HTTP.delete(f"{sandbox.url}/dialect").json() == USUAL.as_json()
    sandbox.speak("late")
    sandbox.reset()
    assert HTTP.get(f"{sandbox.url}/dialect").json() == USUAL.as_json()
    assert "It speaks a dialect" not in HTTP.get(sandbox.url).text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"dialect": "klingon"}, "dialect: must be one of usual, danish,"),
        ({"tongue": "danish"}, "tongue: is no option. There are: words, case,"),
        ({"case": "Upper"}, "case: must be one of pascal, camel, upper, numbers, was 'Upper'"),
        ({"late": -1}, "late: must be a number of seconds from 0 to 86400, was -1"),
        ({"wrapped": "yes"}, "wrapped: must be true or false, was 'yes'"),
        ({"busy": "often"}, "busy: must be a whole number, was 'often'"),
        ({"refuse_clerks": ["Ole"]}, "refuse_clerks: must be a whole number, was ['Ole']"),
        ({"base": "api"}, "base: must be a path such as /api, or / for none, was 'api'"),
        ({"words": {"Sold": "Salg"}}, "words: Sold is not a word of the sandbox:"),
        ({"words": {"Sale": " "}}, "words: the word for Sale must have from 1 to 40 characters"),
        ({"words": {"Sale": "RETUR", "Return": "Retur"}}, "words: two of Sale, Return would be the same"),
        ({"words": {"Delivered": "All"}}, "words: two of All, Reserved,"),
    ],
)
def test_what_is_no_dialect_is_refused_with_the_reason(
    asked: dict[str, Any], sentence: str, sandbox: RunningSandbox
) -> None:
    (fault,) = caller.faults(HTTP.post(f"{sandbox.url}/dialect", json=asked))
    assert fault.startswith(sentence)
    assert HTTP.get(f"{sandbox.url}/dialect").json() == USUAL.as_json()


def test_the_command_takes_each_option_and_starts_with_it_again_after_a_reset() -> None:
    options = (
        *("--dialect", "one-web-shop", "--words", "Delivered=Given,Sale=Sold", "--case", "upper"),
        *("--late", "0.5", "--since", "created", "--unset-dates", "--money", "text", "--wrapped"),
        *(
            "--past-the-end",
            "404",
            "--odd-yes",
            "text",
            "--busy",
            "9",
            "--refuse-transaction-types",
            "1",
            "2",
        ),
        *("--refuse-clerks", "3", "--refuse-terminals", "4", "--refuse-item-groups", "5"),
        *("--transfer-ids", "text", "--bound-tokens", "--base", "/x"),
    )
    expected = Dialect(
        words={"Delivered": "Given", "Sale": "Sold"},
        case="upper",
        late=0.5,
        since="created",
        unset_dates=True,
        money="text",
        wrapped=True,
        past_the_end="404",
        odd_yes="text",
        busy=9,
        refuse_transaction_types=(1, 2),
        refuse_clerks=(3,),
        refuse_terminals=(4,),
        refuse_item_groups=(5,),
        transfer_ids="text",
        bound_tokens=True,
        base="/x",
    )
    assert all(getattr(expected, name) != getattr(USUAL, name) for name in OPTIONS)
    with RunningSandbox(*options) as started:
        assert HTTP.get(f"{started.url}/dialect").json() == expected.as_json()
        started.speak("danish")
        started.reset()
        assert HTTP.get(f"{started.url}/dialect").json() == expected.as_json()


def told(heading: str) -> list[str]:
    """The first column of the table under a heading of the document."""
    text = (ROOT / "docs/SANDBOX.md").read_text(encoding="utf-8")
    (section,) = (part for part in text.split("\n## ") if part.startswith(heading))
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_document_tells_of_each_option_and_each_named_dialect() -> None:
    assert told("What it does otherwise") == [f"--{name.replace('_', '-')}" for name in OPTIONS]
    assert told("Named dialects") == list(NAMED)


def test_each_named_dialect_can_be_spoken_and_differs_from_the_others(sandbox: RunningSandbox) -> None:
    spoken = [str(NAMED[name].as_json()) for name in NAMED]
    assert len(set(spoken)) == len(spoken) >= 5
    for name, one in NAMED.items():
        sandbox.speak(name)
        assert HTTP.get(f"{sandbox.url}/dialect").json() == one.as_json()
        assert read_dialect({"dialect": name}) == one
    assert set(dialect.TABLES) >= {"own", "danish"}
