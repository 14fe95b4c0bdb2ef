"""Every link between the documents works, and every file that SECURITY.md names exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAPERS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")
FILE = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`")


DECISION = re.compile(
    r"# (?P<number>\d+)\. (?P<title>\w+ .+ .+)\n\n"
    r"Date: \d{4}-\d\d-\d\d · Status: (accepted|replaced by \[\d+\]\(.+\))\n\n"
)


def anchors(text: str) -> set[str]:
    """The headings as a link names them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def dead_links(paper: Path, text: str) -> Iterator[str]:
    """The links of a paper that lead to no file, or to no heading of it."""
    for link in LINK.finditer(text):
        file = paper.parent / link["file"] if link["file"] else paper
        is_there = file.exists() and (not link["part"] or link["part"] in anchors(file.read_text()))
        if not is_there:
            yield link[0]


def missing_files(text: str) -> list[str]:
    """The paths in code letters that are not there."""
    return [path for path in FILE.findall(text) if not (ROOT / path).exists()]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_leads_somewhere(paper: Path) -> None:
    assert list(dead_links(paper, paper.read_text())) == []


def test_every_decision_says_what_was_decided_when_and_whether_it_holds() -> None:
    papers = sorted((ROOT / "docs" / "decisions").iterdir())
    heads = {paper.name: DECISION.match(paper.read_text()) for paper in papers}
    assert [name for name, head in heads.items() if head is None] == []
    assert [head and int(head["number"]) for head in heads.values()] == list(range(1, len(papers) + 1))
    assert DECISION.match("# 9. Figures\n\n**Counted by workers.** For each day") is None


def test_every_file_that_guards_something_is_where_security_says() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    assert len(FILE.findall(text)) > 10
    assert missing_files(text) == []


def test_a_dead_link_and_a_lost_file_are_named() -> None:
    paper = ROOT / "README.md"
    planted = "[a](docs/NOWHERE.md) [b](LICENSE) [c](#settings) [d](#nothing) `core/nothing.py` `core/`"
    assert list(dead_links(paper, planted)) == ["](docs/NOWHERE.md)", "](#nothing)"]
    assert missing_files(planted) == ["core/nothing.py"]
