"""Scheduled jobs: each run is a row that the jobs page shows. The schedule itself is CELERY_BEAT_SCHEDULE.

`@job("refills.open_due")` around a function records its result (a number or a dict of numbers) as counts;
`with job("refills.open_due") as counts:` does the same for a block that fills `counts`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from clinic import clock
from clinic.outbox.models import JobRun

P = ParamSpec("P")
T = TypeVar("T")

# The jobs that run around this moment: a job inside itself is the same run.
_running: ContextVar[frozenset[str]] = ContextVar("running", default=frozenset())


class job:
    """Records one run of the job `name`. `quiet`: runs in which nothing was done share one row, the newest."""

    def __init__(self, name: str, *, quiet: bool = False) -> None:
        self.name = name
        self.quiet = quiet

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> T:
            with recording(self.name, quiet=self.quiet) as counts:
                result = function(*args, **kwargs)
                counts.update(as_counts(result))
                return result

        recorded.job_name = self.name  # type: ignore[attr-defined]
        return recorded

    def __enter__(self) -> dict[str, int]:
        self._open = recording(self.name, quiet=self.quiet)
        return self._open.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self._open.__exit__(*problem)


def as_counts(result: Any) -> dict[str, int]:
    """What a job gave back as counts: a number is what was done."""
    if isinstance(result, dict):
        return {str(key): int(value) for key, value in result.items()}
    return {"done": result} if isinstance(result, int) else {}


@contextmanager
def recording(name: str, *, quiet: bool = False) -> Iterator[dict[str, int]]:
    """A row for one run of the job `name`; what the block puts into the dict becomes its counts.

    A failure keeps the kind of error only: its text may hold a person's data.
    """
    counts: dict[str, int] = {}
    if name in _running.get():
        yield counts
        return
    token = _running.set(_running.get() | {name})
    run = JobRun(job=name, started_at=clock.now())
    if not quiet:
        run.save()
    try:
        yield counts
    except BaseException as problem:
        run.failed, run.problem = True, type(problem).__name__
        raise
    finally:
        _running.reset(token)
        run.counts, run.finished_at = counts, max(clock.now(), run.started_at)
        _keep(run, quiet)


def _keep(run: JobRun, quiet: bool) -> None:
    """Save the run; an empty run of a quiet job takes the place of the empty one before."""
    if quiet and not run.failed and not any(run.counts.values()):
        before = JobRun.objects.filter(job=run.job).order_by("-started_at").first()
        if before and not before.failed and not any(before.counts.values()) and before.started_at <= run.started_at:
            before.started_at, before.finished_at, before.counts = run.started_at, run.finished_at, run.counts
            before.save(update_fields=["started_at", "finished_at", "counts"])
            return
    run.save()
