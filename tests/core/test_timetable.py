"""The workers' timetable."""

from config.celery import AT_NIGHT, TIMETABLE, app


def test_every_task_of_the_timetable_is_one_that_a_worker_knows() -> None:
    app.loader.import_default_modules()
    called = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert called == {*TIMETABLE, *AT_NIGHT}
    assert called - set(app.tasks) == set()
