"""Workers killed with -9 in the middle: none lost, none doubled. Two at once: each item once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from clinic.audit.models import AuditEvent
from clinic.outbox import actions
from clinic.outbox.enums import State
from clinic.outbox.models import LocalDelivery, OutboxItem
from tests.clinic.outbox.helpers import due

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import django
django.setup()
from django.conf import settings
settings.OUTBOX_HANDLERS = ["tests.clinic.outbox.helpers.Sender"]
from clinic.outbox import actions
from tests.clinic.outbox.helpers import Sender
import time
Sender.after = staticmethod(lambda: time.sleep(0.005))
while True:
    actions.deliver_due()
    time.sleep(0.02)
"""


def start() -> subprocess.Popen[bytes]:
    """A worker process on the test's database, with a lease of one second."""
    parts = connection.settings_dict
    url = f"postgres://{parts['USER']}@/{parts['HOST']}/{parts['NAME']}".replace("@//", "@//")
    env = {**os.environ, "DATABASE_URL": url, "OUTBOX_LEASE_SECONDS": "1", "TANDEM_TEST_TEMPLATE": ""}
    env["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", WORKER], cwd=ROOT, env=env)


def wait_for(count: int, seconds: float = 30) -> None:
    """Until so many messages have arrived."""
    end = time.monotonic() + seconds
    while LocalDelivery.objects.count() < count:
        assert time.monotonic() < end, f"only {LocalDelivery.objects.count()} of {count} arrived"
        time.sleep(0.005)


def wait_until_all_marked(seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while OutboxItem.objects.exclude(state=State.DONE).exists():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_none_lost_none_doubled() -> None:
    for number in range(120):
        due(f"p{number}")
    for mark in (10, 40, 75):
        worker = start()
        wait_for(mark)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert OutboxItem.objects.filter(state=State.CLAIMED).exists()  # it died holding work
    worker = start()
    try:
        wait_until_all_marked()
    finally:
        worker.kill()
        worker.wait()
    assert LocalDelivery.objects.count() == 120
    assert set(LocalDelivery.objects.values_list("idempotency_key", flat=True)) == set(
        OutboxItem.objects.values_list("idempotency_key", flat=True)
    )
    assert AuditEvent.objects.filter(kind="sent").count() == 120


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_each_item_once() -> None:
    for number in range(100):
        due(f"p{number}")
    workers = [start(), start()]
    try:
        wait_until_all_marked()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert set(OutboxItem.objects.values_list("attempts", flat=True)) == {1}
    assert LocalDelivery.objects.count() == AuditEvent.objects.filter(kind="sent").count() == 100


@pytest.mark.django_db(transaction=True)
def test_what_another_holds_is_skipped_not_waited_for() -> None:
    import threading

    from django.db import transaction

    due("a"), due("b")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                OutboxItem.objects.select_for_update().get(purpose="a")
                holding.set()
                done.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=hold)
    other.start()
    holding.wait(10)
    try:
        assert [item.purpose for item in actions.claim()] == ["b"]
    finally:
        done.set()
        other.join()
