"""Runs of jobs as rows: counts, failures without their words, empty runs in one row; schedule and next run."""

from datetime import timedelta
from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings

from clinic import clock
from clinic.celery import app
from clinic.outbox import schedule, tasks
from clinic.outbox.jobs import job
from clinic.outbox.models import JobRun
from tests.cast import at

pytestmark = pytest.mark.django_db
NOW = at("2026-03-02 09:00")


@job("test.count")
def count_three() -> int:
    """Did three."""
    return 3


def fail() -> int:
    """Fails with a name in its words."""
    raise ValueError("Ana Quiroga")


def test_a_run_keeps_when_and_what_it_did() -> None:
    with clock.at(NOW):
        assert count_three() == 3
    run = JobRun.objects.get()
    assert (run.job, run.started_at, run.finished_at, run.failed, run.counts) == (
        "test.count", NOW, NOW, False, {"done": 3},
    )  # fmt: skip


def test_a_failure_keeps_the_kind_of_error_only_r_hs_07() -> None:
    with pytest.raises(ValueError, match="Ana"):
        job("test.fail")(fail)()
    run = JobRun.objects.get()
    assert (run.failed, run.problem, run.finished_at is not None) == (True, "ValueError", True)


def test_a_block_fills_its_counts() -> None:
    with job("test.block") as counts:
        counts["opened"] = 2
    assert JobRun.objects.get().counts == {"opened": 2}


def test_a_block_that_fails_is_recorded() -> None:
    with pytest.raises(ValueError, match="x"), job("test.block"):
        raise ValueError("x")
    assert JobRun.objects.get().problem == "ValueError"


def test_runs_without_work_share_a_row() -> None:
    quiet = job("test.quiet", quiet=True)
    for minute, done in enumerate([0, 0, 5, 0, 0, 0]):
        with clock.at(NOW + timedelta(minutes=minute)):
            quiet(lambda: done)()  # noqa: B023 called at once
    assert [(run.started_at - NOW, run.counts) for run in JobRun.objects.order_by("started_at")] == [
        (timedelta(minutes=1), {"done": 0}), (timedelta(minutes=2), {"done": 5}), (timedelta(minutes=5), {"done": 0}),
    ]  # fmt: skip


def test_the_dispatcher_runs_another_rooms_job_and_records_it_once(settings: Any) -> None:
    settings.JOBS = {"test.count": {"run": "tests.clinic.outbox.test_jobs.count_three", "schedule": timedelta(days=1)}}
    tasks.run_job("test.count")
    assert list(JobRun.objects.values_list("job", "counts")) == [("test.count", {"done": 3})]


def test_the_dispatcher_records_what_failed(settings: Any) -> None:
    settings.JOBS = {"test.fail": {"run": "tests.clinic.outbox.test_jobs.fail", "schedule": timedelta(days=1)}}
    with pytest.raises(ValueError, match="Ana"):
        tasks.run_job("test.fail")
    assert JobRun.objects.get().problem == "ValueError"


@pytest.mark.parametrize("name", [name for name in settings.JOBS if not name.startswith("refills.")])
def test_every_job_of_the_settings_runs(name: str, cast: Any) -> None:
    tasks.run_job(name)
    assert JobRun.objects.get().failed is False


def test_the_workers_know_every_task_that_beat_sends() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(settings.JOBS)


def test_a_beat_message_that_nobody_took_lapses_before_the_next() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        limit = entry["schedule"].total_seconds() if isinstance(entry["schedule"], timedelta) else 3_600
        assert 0 < entry["options"]["expires"] <= limit


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (crontab(minute=5), "2026-03-02 09:05"),
        (crontab(minute=0), "2026-03-02 10:00"),
        (crontab(hour=11, minute=10), "2026-03-03 03:10"),
        (crontab(hour=18, minute=0), "2026-03-02 10:00"),
    ],
)
def test_the_next_run_of_a_daily_or_hourly_job(when: crontab, expected: str) -> None:
    with clock.at(NOW):
        assert schedule.next_run(when, None) == at(expected)


def test_the_next_run_of_an_interval_counts_from_the_last() -> None:
    with clock.at(NOW):
        last = JobRun(job="a", started_at=NOW - timedelta(seconds=10))
        assert schedule.next_run(timedelta(seconds=30), last) == NOW + timedelta(seconds=20)
        assert schedule.next_run(timedelta(seconds=5), last) == NOW


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (timedelta(seconds=30), "every 30 seconds"), (timedelta(minutes=1), "every minute"),
        (timedelta(minutes=5), "every 5 minutes"), (crontab(minute=5), "hourly at :05"),
        (crontab(hour=11, minute=10), "daily at 11:10 UTC"),
    ],
)  # fmt: skip
def test_the_schedule_in_words(when: Any, words: str) -> None:
    assert schedule.every(when) == words


@pytest.mark.parametrize(
    ("now", "words"), [("2026-03-02 09:00", "daily at 3:10 am PST"), ("2026-03-09 09:00", "daily at 4:10 am PDT")]
)
def test_the_page_says_the_hour_of_the_practice(now: str, words: str) -> None:
    """The clocks change on March 8."""
    with clock.at(at(now)):
        assert schedule.every(crontab(hour=11, minute=10), "America/Los_Angeles") == words
        shown = {line.name: line.every for line in schedule.lines({})}
    assert shown["refills.open_due"] == words
    assert [one for one in shown.values() if "UTC" in one] == []


def test_old_runs_and_ended_sessions_are_deleted() -> None:
    from django.contrib.sessions.models import Session

    with clock.at(NOW):
        for days in (29, 31):
            JobRun.objects.create(job="a", started_at=NOW - timedelta(days=days))
        for number, hours in enumerate((-1, 1)):
            Session.objects.create(session_key=f"k{number}", session_data="", expire_date=NOW + timedelta(hours=hours))
        assert (tasks.tidy_runs(), tasks.expire_sessions()) == (1, 1)
    assert JobRun.objects.get().started_at == NOW - timedelta(days=29)
    assert Session.objects.get().session_key == "k1"
