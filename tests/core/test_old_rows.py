"""Rows from before there were codes and leases: after the migrations each known sentence has its code, all
others stay as they are, and what was claimed stays claimed for its time. Going back works too.

Migrating there and back takes a minute, so all cases share one run: each makes rows of the old models,
yields, and then finds them migrated.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from accounts.causes import FIELD
from accounts.changes import in_words, subject_of
from accounts.models import SettingChange
from core.causes import in_english
from core.sending import expire_stale_claims
from orders.models import Mail, RefundDue
from tests.ddd import old_postings
from tests.passing_time import let_leases_age

BEFORE = [
    ("accounts", "0008_notices_of_changes"),
    ("ddd", "0007_leases"),
    ("office", "0011_leases"),
    ("orders", "0005_sales_booked_late"),
    ("returns", "0002_help_and_limits_of_the_policy"),
]
NEWEST: list[tuple[str, str]] = []

# Model and field, and which code each old text has.
OLD: dict[tuple[str, str], dict[str, str]] = {
    ("accounts.AccountMail", "reason"): {
        "": "",
        "Not needed any more.": "account-mail-not-needed",
        "The mail server refused it: 550 no: such user": "mail-refused",
        "The worker stopped while it was sending.": "worker-stopped",
    },
    ("orders.Mail", "reason"): {
        "": "",
        "No member has this number": "order-mail-no-member",
        "Sent, but the mail server did not say that it has it: 451 100 %": "mail-no-answer",
        "She was telephoned": "as-it-is",
    },
    ("office.BulkOrder", "why"): {"": "", "Den er klar: den bliver i sin butik.": "as-it-is"},
    ("ddd.Notice", "detail"): {
        "": "",
        "ShopId 996004": "notice-shop-id",
        "Seen on the order W-1": "notice-seen-on",
        "The order has a price that no sale can carry.": "notice-order-has",
        "The order has been eaten.": "as-it-is",
        "Pieces: 2. How the customer got her money is not known here: look in DdD.": "notice-taken-back",
    },
    ("ddd.Reconciliation", "trouble"): {
        "": "",
        "DdD's books are empty, though much was sent.": "ddd-books-empty",
        "ShopId of an order is 'x'": "ddd-wrong-field",
        "ConnectError: refused": "as-it-is",
    },
}


class Rows:
    """Makes rows of the old models."""

    def __init__(self, old: Any) -> None:
        self.old, self.now, self.number = old, timezone.now(), 0
        self.group = self.made("accounts.Group", ddd_group_id=1, name="Nordlys")
        self.person = self.made("accounts.User", name="Freja", email="f@x.example", group=self.group)
        shop = self.made("accounts.Shop", group=self.group, shop_id=996001, name="Aarhus")
        times = dict.fromkeys(("created_at", "modified_at", "promised_at"), self.now)
        order = {"group": self.group, "shop": shop, "order_no": "W-1", "is_paid": True}
        self.order = self.made("orders.WebOrder", **order, **times)

    def made(self, model: str, **values: Any) -> Any:
        return self.old.get_model(model).objects.create(**values)

    def bulk_action(self) -> Any:
        return self.made(
            "office.BulkDeed", group=self.group, maker=self.person, deed="move", made_at=self.now
        )

    def row_of(self, model: str, **values: Any) -> Any:
        """One more row of the model, with what it cannot be without."""
        self.number += 1
        mail = {"state": "sent", "language": "da", "not_before": self.now, "made_at": self.now}
        seen = {"first_seen": self.now, "last_seen": self.now}
        day = self.now.date() - timedelta(days=self.number)
        needed: dict[str, Any] = {
            "accounts.AccountMail": {"person": self.person, "kind": "invitation", **mail},
            "orders.Mail": {"group": self.group, "order": self.order, "deed": f"{self.number}", **mail},
            "office.BulkOrder": {
                "bulk_deed": self.bulk_action(),
                "order": self.order,
                "shop": self.order.shop,
            },
            "ddd.Notice": {"group": self.group, "subject": f"{self.number}", **seen},
            "ddd.Reconciliation": {"group": self.group, "day": day},
        }
        return self.made(model, **{**needed[model], **values})


def texts_become_codes(rows: Rows) -> Iterator[None]:
    made = {
        (model, rows.row_of(model, **{field: text}).pk, field): text
        for (model, field), texts in OLD.items()
        for text in texts
    }
    yield
    kept = {key: stored(*key) for key in made}
    assert {key: in_english(cause) for key, cause in kept.items()} == made
    codes = [code for texts in OLD.values() for code in texts.values()]
    assert [cause.get("code", "") for cause in kept.values()] == codes


def a_refused_shop_in_a_report_has_a_code(rows: Rows) -> Iterator[None]:
    shop = {"shop_id": 996001, "name": "Aarhus", "said": "DdD refused it with 404."}
    report = rows.row_of("ddd.Reconciliation", facts={"shops": 3, "refused": [shop]})
    yield
    said = {"code": "ddd-refused-in-confidence", "data": {"status": 404}}
    kept = stored("ddd.Reconciliation", report.pk, "data")
    assert kept == {"shops": 3, "refused": [{**shop, "said": said}]}


# The page, what was kept of it, and how it is read now.
OLD_CHANGES = [
    (
        "work",
        {"word": "Work in the shops"},
        [
            {"label": "remind the shop after (minutes)", "before": 5, "after": 6},
            {"label": "picking", "before": {"word": "Scan or tap"}, "after": {"word": "Scan only"}},
            {"label": "as it was called once", "before": None, "after": {"word": "as it was"}},
        ],
        "Arbejdet i butikkerne",
        [
            ("mind butikken om det efter (minutter)", "5", "6"),
            ("plukning", "Scan eller tryk", "Kun scan"),
            ("as it was called once", "–", "as it was"),
        ],
    ),
    (
        "ddd",
        {"word": "DdD"},
        [
            {"label": "token", "before": {"secret": True}, "after": {"secret": True}},
            {
                "label": "words for a line's status",
                "entry": "Parked",
                "before": None,
                "after": {"word": "Picked"},
            },
            {
                "label": "where an article's facts stand",
                "entry": {"word": "colour"},
                "before": "VariantParameter1",
                "after": "VariantParameter2",
            },
            {"label": "Parkeret", "before": None, "after": "Picked"},
        ],
        "DdD",
        [
            ("token", "…", "…"),
            ("ord for en linjes status, Parked", "–", "Plukket"),
            ("hvor en vares oplysninger står, farve", "VariantParameter1", "VariantParameter2"),
            ("Parkeret", "–", "Picked"),
        ],
    ),
    (
        "person-7",
        "Freja",
        [
            {"label": "Odense", "before": {"word": "staff"}, "after": {"word": "shop manager"}},
            {"label": "PIN", "before": {"word": "set"}, "after": {"word": "not set"}},
        ],
        "Freja",
        [("Odense", "medarbejder", "butikschef"), ("PIN", "valgt", "ikke valgt")],
    ),
    (
        "hours 3",
        "Odense",
        [{"label": "Monday", "before": None, "after": "09:00–17:30"}],
        "Odense",
        [("mandag", "–", "09:00–17:30")],
    ),
    (
        "holidays",
        "",
        [
            {"label": "closed", "before": None, "after": [{"day": "2026-12-24", "name": "Juleaften"}]},
            {"label": "shops", "before": None, "after": {"word": "all shops"}},
        ],
        "",
        [("lukket", "–", "tor 24. dec 2026 Juleaften"), ("butikker", "–", "alle butikker")],
    ),
]


def a_changed_setting_has_a_code(rows: Rows) -> Iterator[None]:
    at = {"group": rows.group, "by": rows.person, "at": rows.now}
    made = [
        rows.made("accounts.SettingChange", about=about, subject=subject, fields=fields, **at).pk
        for about, subject, fields, _said, _read in OLD_CHANGES
    ]
    run = {"group": rows.group, "policy": "alert", "by": rows.person, "made_at": rows.now}
    run |= {"wanted": {}, "typed": {}, "fields": OLD_CHANGES[0][2]}
    run_pk = rows.made("office.DryRun", **run).pk
    yield
    changes = SettingChange.objects.in_bulk(made)
    with translation.override("da"):
        for pk, (_about, _subject, _fields, subject, read) in zip(made, OLD_CHANGES, strict=True):
            said = [(one.label, one.before, one.after) for one in in_words(changes[pk].fields)]
            assert (subject_of(changes[pk]), said) == (subject, read)
    assert stored("office.DryRun", run_pk, "fields") == changes[made[0]].fields
    assert changes[made[0]].fields[0]["label"] == FIELD(of="orders.policy.remind_minutes")


def evidence_of_a_difference_has_codes(rows: Rows) -> Iterator[None]:
    times = dict.fromkeys(("about_at", "first_seen_at", "last_seen_at"), rows.now)
    evidence = {"receipt": "99/7", "amount at DdD": "10.00", "of the orders": "W-1"}
    difference = {"group": rows.group, "kind": "sale twice", "subject": "x", "evidence": evidence, **times}
    pk = rows.made("ddd.Difference", **difference).pk
    yield
    coded = {"receipt": "99/7", "amount-at-ddd": "10.00", "of-the-orders": "W-1"}
    assert stored("ddd.Difference", pk, "evidence") == coded


def stored(model: str, pk: int, field: str) -> Any:
    return getattr(apps.get_model(model).objects.get(pk=pk), field)


def a_claim_becomes_a_lease_that_ends(rows: Rows) -> Iterator[None]:
    now = timezone.now()
    claimed = {"now": now, "yesterday": now - timedelta(days=1), "never": None}
    mails = {
        when: rows.row_of("orders.Mail", state="sending", claimed_at=moment).pk
        for when, moment in claimed.items()
    }
    yield

    assert expire_stale_claims(Mail.objects.all()) == 2
    states = {when: stored("orders.Mail", pk, "state") for when, pk in mails.items()}
    assert states == {"now": "sending", "yesterday": "uncertain", "never": "uncertain"}
    let_leases_age(timedelta(minutes=5))
    assert expire_stale_claims(Mail.objects.all()) == 1


def a_refund_of_a_return_is_one_of_its_order(rows: Rows) -> Iterator[None]:
    owed = {"group": rows.group, "made_at": rows.now, "amount": "10.00", "currency": "DKK"}
    of_the_order = {"order": rows.order, "shop": rows.order.shop, "number": 1}
    back = rows.made(
        "returns.Return", taken_by=rows.person, outcome="web shop", why=[], **of_the_order, **owed
    )
    pk = rows.made("returns.RefundDue", taken_back=back, modified_at=rows.now, **owed).pk
    yield
    refund = RefundDue.objects.get(pk=pk)
    assert (refund.order_id, refund.shop_id) == (rows.order.pk, rows.order.shop_id)
    assert (refund.taken_back.pk, refund.changed_on) == (back.pk, rows.now)
    times = {"made_at": rows.now, "modified_at": rows.now}
    RefundDue.objects.create(
        group_id=refund.group_id, order_id=refund.order_id, shop_id=refund.shop_id, amount=5, **times
    )
    yield
    old = rows.old.get_model("returns.RefundDue").objects
    assert list(old.values_list("pk", "taken_back")) == [(pk, back.pk)]


CASES: list[Callable[[Rows], Iterator[None]]] = [
    texts_become_codes,
    a_refused_shop_in_a_report_has_a_code,
    a_changed_setting_has_a_code,
    evidence_of_a_difference_has_codes,
    a_claim_becomes_a_lease_that_ends,
    old_postings.each_says_the_same_in_codes_and_goes_back,
    a_refund_of_a_return_is_one_of_its_order,
]


@pytest.mark.slow
@pytest.mark.before_others
@pytest.mark.database_by_url
def test_old_rows_are_migrated_there_and_back(django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), empty_database():
        migrate(BEFORE)
        rows = Rows(MigrationExecutor(connection).loader.project_state(BEFORE).apps)
        cases = [case(rows) for case in CASES]
        for case in cases:
            next(case)
        for targets in (NEWEST, BEFORE):
            migrate(targets)
            for case in cases:
                next(case, None)
        for case in cases:
            assert next(case, "ended") == "ended"


def migrate(targets: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())


@contextmanager
def empty_database() -> Iterator[None]:
    """Another one without tables in place of the migrated one, which would have to be migrated back first."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = other = f"{name}_old"
    try:
        if connection.vendor == "postgresql":
            _as_server(f'CREATE DATABASE "{other}"')
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        if connection.vendor == "postgresql":
            _as_server(f'DROP DATABASE "{other}"')


def _as_server(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
