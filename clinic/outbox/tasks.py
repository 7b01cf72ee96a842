"""Tasks only wake: the work that is due is rows, the jobs are named by settings. No argument holds a fact."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from clinic import clock
from clinic.outbox import actions
from clinic.outbox.jobs import as_counts, job, recording
from clinic.outbox.models import JobRun

KEEP_RUNS = timedelta(days=30)


@shared_task
@job("outbox.deliver", quiet=True)
def deliver() -> dict[str, int]:
    """Do everything that is due; woken after a commit, and by the sweep."""
    return actions.deliver_due()


@shared_task
def run_job(name: str) -> None:
    """Run the job `name` of settings.JOBS, whatever room it lives in, and record the run."""
    with recording(name, quiet=settings.JOBS[name].get("quiet", False)) as counts:
        counts.update(as_counts(import_string(settings.JOBS[name]["run"])()))


def expire_sessions() -> int:
    """Delete sessions that have ended (R-HS-03), so that no old key lies about."""
    from django.contrib.sessions.models import Session

    deleted, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    return deleted


def tidy_runs() -> int:
    """Delete the rows of job runs older than thirty days."""
    deleted, _ = JobRun.objects.filter(started_at__lt=clock.now() - KEEP_RUNS).delete()
    return deleted
