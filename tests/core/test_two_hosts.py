"""Two hosts of workers whose clocks differ by ten minutes: neither takes what the other one is at, and
neither leaves for ever what a dead one had."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import AccountMail
from core import leases, sending
from core.leases import Leased
from ddd.lookup import first_look
from ddd.models import FirstLook, Posting
from ddd.nightly import reconciling
from ddd.sending import dispatch
from office.figures import counting
from office.listing import exporting
from office.models import Counting, DryRun, Export
from office.policies import dry_run
from office.spreadsheet import Kind
from orders import mailing
from orders.models import Mail
from orders.reconciling import reconcile
from tests.ddd.rows import sale_row
from tests.factories import NOW, Cast
from tests.orders.mails import ready_order
from tests.passing_time import leased_models, let_leases_age
from workers import turns
from workers.beat import LENGTH as BEAT_LENGTH
from workers.beat import is_first, row_of_beat
from workers.models import Turn

TODAY = NOW + timedelta(hours=3)
FAST, SLOW = timedelta(minutes=10), timedelta(minutes=-10)


@dataclass(frozen=True)
class Claimed:
    """What a worker has, for how long, and how the next one comes by who would take it over."""

    row: Leased
    length: timedelta
    come: Callable[[datetime], object]

    def stored(self) -> dict[str, Any]:
        row = dict(type(self.row)._base_manager.values().get(pk=self.row.pk))
        row.pop("is_wanted_again", None)  # whoever comes may ask for another round
        return row


def a_posting_that_is_sent(cast: Cast, now: datetime) -> Claimed:
    sale_row(cast, NOW)
    posting = dispatch.claim(cast.nordlys.pk, now)
    assert posting is not None
    return Claimed(posting, dispatch._one_call(), lambda at: dispatch.drain(cast.nordlys.pk, lambda: at))


def a_posting_that_is_read_back(cast: Cast, now: datetime) -> Claimed:
    sale_row(cast, NOW)
    Posting.objects.update(state=Posting.State.UNCERTAIN)
    posting = dispatch.claim(cast.nordlys.pk, now)
    assert posting is not None
    return Claimed(posting, dispatch._one_call(), lambda at: dispatch.drain(cast.nordlys.pk, lambda: at))


def a_mail_that_is_got_ready(cast: Cast, now: datetime) -> Claimed:
    ready_order(cast)
    mail = mailing.claim(cast.nordlys.pk, now)
    assert mail is not None
    length = sending.PREPARED_WITHIN
    return Claimed(mail, length, lambda at: mailing.send_due(cast.nordlys.pk, lambda: at))


def a_mail_that_is_sent(cast: Cast, now: datetime) -> Claimed:
    claimed = a_mail_that_is_got_ready(cast, now)
    leases.renew(claimed.row, sending.SENT_WITHIN, state=Mail.State.SENDING)
    return Claimed(claimed.row, sending.SENT_WITHIN, claimed.come)


def a_nightly_report(cast: Cast, now: datetime) -> Claimed:
    report = reconciling.claim(cast.nordlys, now)
    assert report is not None
    return Claimed(report, reconciling.LONGEST_RUN, lambda at: reconcile(cast.nordlys.pk, at))


def figures(cast: Cast, now: datetime) -> Claimed:
    row = Counting.objects.create(group=cast.nordlys)
    assert leases.take(row, counting.LONGEST_STEP)
    return Claimed(row, counting.LONGEST_STEP, lambda at: counting.count(cast.nordlys.pk, at))


def a_dry_run(cast: Cast, now: datetime) -> Claimed:
    data: dict[str, Any] = {"made_at": NOW, "fields": [], "typed": {}}
    wanted = {"remind_minutes": 1, "manager_minutes": 2, "head_office_minutes": 3}
    by = cast.person("office")
    run = DryRun.objects.create(group=cast.nordlys, policy="alert", by=by, wanted=wanted, **data)
    assert leases.take(run, dry_run.LONGEST_STEP)
    return Claimed(run, dry_run.LONGEST_STEP, lambda at: dry_run.carry_out(run.pk, at))


def a_first_look(cast: Cast, now: datetime) -> Claimed:
    row = FirstLook.objects.create(group=cast.nordlys, wanted_at=NOW)
    assert leases.take(row, first_look.LONGEST)
    return Claimed(row, first_look.LONGEST, lambda at: first_look.look(cast.nordlys.pk, at))


def an_export(cast: Cast, now: datetime) -> Claimed:
    export = exporting.request_export(cast.person("office"), Kind.CSV, "", "All orders", "en", NOW)
    length = exporting.LEASE_LENGTH
    assert leases.take(export, length, state=Export.State.AT_WORK, turn=1)
    return Claimed(export, length, lambda at: exporting.make(export.pk, lambda: at))


def a_task_of_a_group(cast: Cast, now: datetime) -> Claimed:
    def nothing(group_id: int) -> None:
        pass

    name = f"{nothing.__module__}.{nothing.__name__}"
    row = Turn.objects.create(group=cast.nordlys, task=name)
    assert leases.take(row, turns.LENGTH)
    return Claimed(row, turns.LENGTH, lambda at: turns.one_at_a_time(nothing)(cast.nordlys.pk))


def beat(cast: Cast, now: datetime) -> Claimed:
    row = row_of_beat()
    assert is_first(row)
    return Claimed(row, BEAT_LENGTH, lambda at: is_first(row_of_beat()))


EVERYTHING = [
    a_posting_that_is_sent,
    a_posting_that_is_read_back,
    a_mail_that_is_got_ready,
    a_mail_that_is_sent,
    a_nightly_report,
    figures,
    a_dry_run,
    a_first_look,
    an_export,
    a_task_of_a_group,
    beat,
]
SECOND_STEPS = [a_posting_that_is_read_back, a_mail_that_is_sent]  # of what is there already
Begins = Callable[[Cast, datetime], Claimed]


@pytest.fixture(autouse=True)
def a_patient_portal(settings: Settings, tmp_path: Path) -> None:
    settings.DDD_TIMEOUT_SECONDS = 60  # a worker may take longer than the test does
    settings.DATA_DIR = tmp_path


def test_everything_that_workers_claim_is_here(cast: Cast) -> None:
    here = {type(begin(cast, TODAY).row) for begin in EVERYTHING if begin not in SECOND_STEPS}
    # Sent as the mails about orders are.
    assert set(leased_models()) == here | {AccountMail}


@pytest.mark.parametrize("wrong", [FAST, SLOW])
@pytest.mark.parametrize("begin", EVERYTHING)
def test_no_host_takes_what_a_worker_of_the_other_one_is_at(
    begin: Begins, wrong: timedelta, cast: Cast
) -> None:
    claimed = begin(cast, TODAY)
    passed = claimed.length * 0.95
    let_leases_age(passed)
    before = claimed.stored()

    claimed.come(TODAY + passed + wrong)

    assert claimed.stored() == before
    assert leases.is_held(claimed.row)
    leases.renew(claimed.row, claimed.length)


@pytest.mark.parametrize("wrong", [FAST, SLOW])
@pytest.mark.parametrize("begin", EVERYTHING)
def test_what_a_dead_worker_of_the_other_host_had_is_taken_over_when_its_time_is_up(
    begin: Begins, wrong: timedelta, cast: Cast
) -> None:
    claimed = begin(cast, TODAY + wrong)
    let_leases_age(claimed.length)

    claimed.come(TODAY + claimed.length)

    assert claimed.stored()["lease"] != claimed.row.lease
    with pytest.raises(leases.LeaseLost):
        leases.release(claimed.row)
