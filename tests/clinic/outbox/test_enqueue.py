"""Asking for work: once per purpose, also in a race; withdrawn work comes back when asked for again."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from clinic import clock
from clinic.celery import app
from clinic.outbox import actions
from clinic.outbox.enums import State
from clinic.outbox.models import OutboxItem
from tests.clinic.outbox.helpers import KIND, due

pytestmark = pytest.mark.django_db


def test_asking_twice_for_a_purpose_makes_one_row() -> None:
    first, second = due("a"), due("a")
    assert (first.pk, OutboxItem.objects.count()) == (second.pk, 1)


def test_work_that_is_done_is_not_done_again() -> None:
    item = due("a")
    (claimed,) = actions.claim()
    actions.finish(claimed, "sent")
    assert due("a").state == State.DONE
    assert actions.claim() == []
    assert item.pk == OutboxItem.objects.get().pk


def test_withdrawn_by_prefix_only_what_is_due() -> None:
    due("a:1")
    actions.claim()
    due("a:2"), due("b:1")
    assert actions.withdraw("a:", why="not needed") == 1
    states = dict(OutboxItem.objects.values_list("purpose", "state"))
    assert states == {"a:1": State.CLAIMED, "a:2": State.DROPPED, "b:1": State.DUE}
    assert OutboxItem.objects.get(purpose="a:2").outcome == "withdrawn: not needed"


@pytest.mark.parametrize("many", [False, True])
def test_withdrawn_and_asked_for_again_is_due_again(many: bool) -> None:
    key = due("a").idempotency_key
    actions.withdraw("a", why="moved away")
    if many:
        now = clock.now()
        assert actions.enqueue_all([OutboxItem(kind=KIND, purpose="a", due_at=now, created_at=now)]) == 1
    else:
        due("a")
    item = OutboxItem.objects.get()
    assert (item.state, item.outcome, item.finished_at, item.idempotency_key) == (State.DUE, "", None, key)


def test_dropped_by_its_handler_stays_dropped() -> None:
    due("a")
    (claimed,) = actions.claim()
    actions.finish(claimed, "dropped: merged")
    assert due("a").state == State.DROPPED


def test_many_at_once_counts_what_is_new(django_assert_num_queries: Any) -> None:
    due("p1")
    now = clock.now()
    rows = [OutboxItem(kind=KIND, purpose=f"p{n}", due_at=now + timedelta(days=1), created_at=now) for n in range(50)]
    with django_assert_num_queries(5):  # savepoint, insert, revive, count, release
        assert actions.enqueue_all(rows) == 49


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_make_one_row() -> None:
    ready, found = threading.Barrier(2), []

    def ask() -> None:
        try:
            with transaction.atomic():
                ready.wait()
                found.append(due("race").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert {*found} == {OutboxItem.objects.get().pk}


def test_a_worker_is_woken_once_after_the_commit(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[dict[str, Any]] = []
    task = app.tasks[actions.WAKE]
    monkeypatch.setattr(task, "apply_async", lambda **options: woken.append(options))
    with django_capture_on_commit_callbacks(execute=True):
        due("a")
        due("b")
        due("later", due_at=clock.now() + timedelta(hours=1))
        assert woken == []
    assert woken == [{"retry": False}]


def test_what_is_due_in_seconds_wakes_a_worker_then(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Not half a minute later, when the sweep comes by."""
    woken: list[dict[str, Any]] = []
    monkeypatch.setattr(app.tasks[actions.WAKE], "apply_async", lambda **options: woken.append(options))
    now = clock.now()
    with clock.at(now), django_capture_on_commit_callbacks(execute=True):
        due("soon", due_at=now + timedelta(seconds=10))
    assert woken == [{"retry": False, "countdown": 10.0}]


def test_a_broker_that_is_gone_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def gone(**options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(app.tasks[actions.WAKE], "apply_async", gone)
    with django_capture_on_commit_callbacks(execute=True):
        due("a")
    assert OutboxItem.objects.get().state == State.DUE
