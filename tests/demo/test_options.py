from pathlib import Path

import pytest

from demo import Refused
from demo.options import ROOT, read_options


def test_without_options_everything_has_its_usual_place() -> None:
    options = read_options([])
    assert (options.port, options.ddd_port, options.data) == (8000, 8765, ROOT / "var" / "demo")
    assert (options.reset, options.quiet_shop, options.ddd_url, options.ddd_token) == (False, False, "", "")
    assert not options.careful


def test_all_options_are_taken(tmp_path: Path) -> None:
    options = read_options(
        [
            *("--port", "9001", "--data", str(tmp_path), "--reset", "--quiet-shop", "--careful"),
            *("--ddd-url", "https://ddd.example/api", "--ddd-token", "abc"),
        ]
    )
    assert (options.port, options.data, options.reset, options.quiet_shop) == (9001, tmp_path, True, True)
    assert (options.ddd_url, options.ddd_token) == ("https://ddd.example/api", "abc")
    assert options.careful


def test_a_relative_folder_is_meant_from_where_the_caller_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_options(["--data", "here"]).data == tmp_path / "here"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "0"], "'0' is not a port"),
        (["--port", "65536"], "'65536' is not a port"),
        (["--port", "²"], "is not a port"),
        (["--ddd-port", "http"], "'http' is not a port"),
        (["--port", "9000", "--ddd-port", "9000"], "both have port 9000"),
        (["--ddd-url", "https://ddd.example"], "give both or none"),
        (["--ddd-token", "abc"], "give both or none"),
        (["--ddd-url", "ddd.example", "--ddd-token", "abc"], "--ddd-url must be an address"),
        (["--ddd-url", "http://[", "--ddd-token", "abc"], "--ddd-url must be an address"),
        (["--quick"], "unrecognized arguments: --quick"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(arguments: list[str], word: str) -> None:
    with pytest.raises(Refused, match=word.replace("[", r"\[")) as refused:
        read_options(arguments)
    assert "\n" not in str(refused.value)
