"""When each scheduled job runs next, from the same settings that beat reads."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from clinic import clock
from clinic.outbox.models import JobRun


@dataclass(frozen=True)
class Line:
    """A job as the jobs page shows it."""

    name: str
    words: str
    every: str
    last: JobRun | None
    counts: str
    next_at: datetime


def lines(last_runs: dict[str, JobRun]) -> list[Line]:
    """Every job of settings.JOBS with its last and next run."""
    found = []
    for name, job in settings.JOBS.items():
        last = last_runs.get(name)
        found.append(
            Line(
                name,
                job["words"],
                every(job["schedule"], settings.TIME_ZONE),
                last,
                counted(last),
                next_run(job["schedule"], last),
            )
        )
    return found


def next_run(schedule: timedelta | Any, last: JobRun | None) -> datetime:
    """The next moment of the schedule; an interval counts from the last run."""
    now = clock.now()
    if isinstance(schedule, timedelta):
        return max(now, last.started_at + schedule) if last else now
    begins, step, _ = schedule.remaining_delta(now, tz=UTC)
    following: datetime = begins + step
    return following


def every(schedule: timedelta | Any, zone: str = "UTC") -> str:
    """The schedule in words: “every 30 seconds”, “daily at 11:10 UTC”, “daily at 3:10 am PST” at the practice.

    Jobs run by UTC: at the practice the hour moves with the clocks, so it is today's.
    """
    if isinstance(schedule, timedelta):
        seconds = int(schedule.total_seconds())
        if seconds < 60:
            return f"every {seconds} seconds"
        return "every minute" if seconds == 60 else f"every {seconds // 60} minutes"
    hours, minute = set(schedule.hour), min(schedule.minute)
    if len(hours) == 24:
        return f"hourly at :{minute:02d}"
    if zone == "UTC":
        return f"daily at {min(hours)}:{minute:02d} UTC"
    local = clock.now().astimezone(UTC).replace(hour=min(hours), minute=minute).astimezone(ZoneInfo(zone))
    return f"daily at {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'} {local.tzname()}"


def counted(run: JobRun | None) -> str:
    """A run's counts in words: “12 sent, 1 dropped”; “nothing to do” where there was none."""
    counts: dict[str, Any] = run.counts if run else {}
    return (
        ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items() if number) or "nothing to do"
    )
