"""Postings and attempts from before there were codes keep what they said, to the letter."""

from collections.abc import Iterator
from typing import Any, Protocol

from django.utils import translation

from core.causes import in_english
from ddd.models import Attempt, Posting
from tests.factories import NOW

LOST = "Sent, but no answer came: ReadTimeout: timed out"
REASONS = [
    ("", None),
    ('DdD refused it with 400: {"Message": "ShopId: 100 % wrong"}\nline 2', "ddd-refused"),
    ("DdD turned us away with 401: not you", "ddd-turned-away"),
    (LOST, "ddd-no-answer"),
    (f"Sent 8 times, and DdD does not have it. The last time: {LOST}", "posting-sent-in-vain"),
    ("DdD was read back: it is not there. It is sent again.", "posting-not-there"),
    ("The worker stopped while it was sending.", "worker-stopped"),
    (
        "DdD has 2 payments of together 10.00 under this receipt number; ours is 20.00.",
        "posting-other-payments",
    ),
    ("The nightly comparison did not find it at DdD.", "posting-not-seen-at-night"),
    ("ConnectError: [Errno 111] Connection refused", "as-it-is"),
    ("Bogført i hånden tirsdag", "as-it-is"),
    ("DdD refused it with 400: " + "x" * 475, "ddd-refused"),
]
EVIDENCE = {"payments": 2, "amount": "10.00", "new between the two shops": ["7"], "with the same pieces": []}
CODED = {
    "found-payments": 2,
    "found-amount": "10.00",
    "found-new-transfers": ["7"],
    "found-equal-transfers": [],
}
KEPT = {"Id": 7, "ShopId": 996001, "VariantIds": [1, 2]}


def old_rows(old: Any) -> list[int]:
    """A posting with one attempt for each of the reasons; all but the first have found something."""
    group = old.get_model("accounts.Group").objects.get()
    made = []
    for number, (text, _code) in enumerate(REASONS):
        posting = old.get_model("ddd.Posting").objects.create(
            group=group,
            kind="sale",
            deed=f"sale:{number}",
            order_no="W-1",
            payload={},
            reason=text,
            evidence=EVIDENCE | KEPT if number else {},
            not_before=NOW,
            made_at=NOW,
        )
        posting.attempts.create(
            purpose="send", started_at=NOW, duration_ms=1, outcome="sent", detail=text or "true"
        )
        made.append(posting.pk)
    return made


class OldModels(Protocol):
    """Those of before the migrations."""

    old: Any


def each_says_the_same_in_codes_and_goes_back(rows: OldModels) -> Iterator[None]:
    """A case of tests/core/test_old_rows.py: migrated at the first yield, and back at the second."""
    keys = old_rows(rows.old)
    yield

    kept = list(Posting.objects.filter(pk__in=keys).order_by("pk"))
    assert [in_english(posting.reason) for posting in kept] == [text for text, _code in REASONS]
    assert [posting.reason.get("code") for posting in kept] == [code for _text, code in REASONS]
    assert kept[4].reason["data"]["last"]["code"] == "ddd-no-answer"
    tries = Attempt.objects.filter(posting__in=keys).order_by("pk")
    assert [in_english(attempt.detail) for attempt in tries] == [text or "true" for text, _code in REASONS]

    assert [posting.evidence for posting in kept] == [{}, *[CODED | KEPT] * (len(keys) - 1)]
    with translation.override("en"):
        assert dict(kept[1].evidence_words) == {
            "payments": "2",
            "amount": "10.00",
            "new between the two shops": "7",
            "with the same pieces": "–",
            "Id": "7",
            "ShopId": "996001",
            "VariantIds": "1, 2",
        }

    yield
    again = rows.old.get_model("ddd.Posting").objects.filter(pk__in=keys).order_by("pk")
    # Going back cuts what would not have fitted everywhere.
    assert [posting.reason for posting in again] == [text[:300] for text, _code in REASONS]
    assert [posting.evidence for posting in again] == [{}, *[EVIDENCE | KEPT] * (len(keys) - 1)]
