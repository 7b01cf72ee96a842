"""A real Celery worker on the real broker: asked for, committed, woken, delivered."""

import time
from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import transaction

from clinic.celery import app
from clinic.outbox.enums import State
from clinic.outbox.models import JobRun, LocalDelivery, OutboxItem
from clinic.outbox.tasks import run_job
from tests.clinic.outbox.helpers import Sender, due


@pytest.fixture
def worker(transactional_db: None, sender: type[Sender]) -> Iterator[None]:
    """A worker in a thread."""
    with start_worker(app, perform_ping_check=False, pool="solo"):
        yield


def until(condition: object, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def test_woken_after_the_commit_and_delivered_and_swept(worker: None) -> None:
    with transaction.atomic():
        due("a")
        time.sleep(0.3)
        assert LocalDelivery.objects.count() == 0  # nobody is woken before the commit
    until(lambda: OutboxItem.objects.filter(state=State.DONE).exists())
    assert LocalDelivery.objects.count() == 1
    until(lambda: JobRun.objects.filter(job="outbox.deliver", counts={"sent": 1}).exists())

    OutboxItem.objects.filter(purpose="a").update(state=State.DUE, finished_at=None)  # as if the call was lost
    run_job.delay("outbox.deliver")  # what beat sends every half minute
    until(lambda: OutboxItem.objects.filter(state=State.DONE).exists())
    assert LocalDelivery.objects.count() == 1
