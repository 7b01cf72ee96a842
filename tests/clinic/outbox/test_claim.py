"""Claiming: leased, in order, skipping what others hold; a lapsed lease is claimed again with the same key."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox import actions
from clinic.outbox.calc import MOST_ATTEMPTS, wait_after
from clinic.outbox.enums import State
from clinic.outbox.models import OutboxItem
from tests.cast import at
from tests.clinic.outbox.helpers import due

pytestmark = pytest.mark.django_db
NOW = at("2026-03-02 09:00")


def test_the_oldest_first_and_not_what_is_due_later() -> None:
    with clock.at(NOW):
        due("second", due_at=NOW - timedelta(minutes=1))
        due("first", due_at=NOW - timedelta(minutes=2))
        due("third", due_at=NOW)
        due("tomorrow", due_at=NOW + timedelta(seconds=1))
        assert [item.purpose for item in actions.claim(limit=2)] == ["first", "second"]
        assert [item.purpose for item in actions.claim()] == ["third"]
        assert actions.claim() == []


def test_a_lapsed_lease_is_claimed_again_with_the_same_key(settings: object) -> None:
    with clock.at(NOW):
        due("a")
        (first,) = actions.claim()
    with clock.at(NOW + timedelta(seconds=119)):
        assert actions.claim() == []
    with clock.at(NOW + timedelta(seconds=120)):
        (second,) = actions.claim()
    assert (second.pk, second.idempotency_key, second.attempts) == (first.pk, first.idempotency_key, 2)


def test_who_lost_the_lease_marks_nothing() -> None:
    with clock.at(NOW):
        due("a")
        (slow,) = actions.claim()
    with clock.at(NOW + timedelta(minutes=3)):
        (quick,) = actions.claim()
        assert actions.finish(slow, "sent") is False
        assert OutboxItem.objects.get().state == State.CLAIMED
        assert actions.finish(quick, "sent") is True
    assert AuditEvent.objects.filter(kind="sent").count() == 1


def test_what_stops_its_worker_each_time_fails_in_the_end() -> None:
    with clock.at(NOW):
        due("a")
    for attempt in range(MOST_ATTEMPTS):
        with clock.at(NOW + timedelta(minutes=5 * attempt)):
            assert len(actions.claim()) == 1
    with clock.at(NOW + timedelta(hours=2)):
        assert actions.claim() == []
    item = OutboxItem.objects.get()
    assert (item.state, item.outcome) == (State.FAILED, "It stopped its worker each time.")


def test_tried_again_after_a_wait_that_doubles_and_failed_in_the_end() -> None:
    moment = NOW
    with clock.at(moment):
        due("a")
    for attempt in range(1, MOST_ATTEMPTS):
        with clock.at(moment):
            (item,) = actions.claim()
            actions.retry(item, "TimeoutError")
        found = OutboxItem.objects.get()
        assert (found.state, found.due_at) == (State.DUE, moment + wait_after(attempt))
        moment = found.due_at
    with clock.at(moment):
        (item,) = actions.claim()
        actions.retry(item, "TimeoutError")
    found = OutboxItem.objects.get()
    assert (found.state, found.outcome, found.finished_at) == (State.FAILED, "TimeoutError", moment)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (500, 60)])
def test_the_waits(attempts: int, minutes: int) -> None:
    assert wait_after(attempts) == timedelta(minutes=minutes)


def test_put_off_on_purpose_does_not_count_as_an_attempt() -> None:
    with clock.at(NOW):
        due("a")
        (item,) = actions.claim()
        actions.postpone(item, NOW + timedelta(days=1), "moved")
    found = OutboxItem.objects.get()
    assert (found.state, found.attempts, found.due_at) == (State.DUE, 0, NOW + timedelta(days=1))


def test_dropped_with_its_reason_and_no_audit() -> None:
    due("a")
    (claimed,) = actions.claim()
    actions.finish(claimed, "dropped: the visit was moved")
    item = OutboxItem.objects.get()
    assert (item.state, item.outcome) == (State.DROPPED, "the visit was moved")
    assert AuditEvent.objects.count() == 0


def test_work_that_sends_nothing_is_done_without_an_audit_row() -> None:
    due("a")
    (claimed,) = actions.claim()
    actions.finish(claimed, "done")
    assert OutboxItem.objects.get().state == State.DONE
    assert AuditEvent.objects.count() == 0
