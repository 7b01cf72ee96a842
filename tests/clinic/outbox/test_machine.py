"""A state machine over due work: whatever workers, crashes and clocks do, nothing is lost and nothing arrives twice."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic import clock
from clinic.outbox import actions
from clinic.outbox.enums import State
from clinic.outbox.models import LocalDelivery, OutboxItem
from tests.cast import at
from tests.clinic.outbox.helpers import KIND

START = at("2026-03-02 09:00")
PURPOSES = st.sampled_from(["a", "b", "c", "d"])


class Outbox(RuleBasedStateMachine):
    """Workers hold claims in `held`; a crash forgets one; only time gives it back."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.now = START
        self.held: list[OutboxItem] = []
        self.asked: set[str] = set()
        self.withdrawn: set[str] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.stack.close()

    def _at(self, work: Callable[[], object]) -> object:
        with clock.at(self.now):
            return work()

    @initialize()
    def begin(self) -> None:
        """An empty outbox."""
        assert not OutboxItem.objects.exists()

    @rule(purpose=PURPOSES, minutes=st.integers(0, 5))
    def ask(self, purpose: str, minutes: int) -> None:
        """Ask for work, maybe again."""
        due = self.now + timedelta(minutes=minutes)
        self._at(lambda: actions.enqueue(KIND, purpose=purpose, due_at=due))
        self.asked.add(purpose)
        self.withdrawn.discard(purpose)

    @rule(purpose=PURPOSES)
    def withdraw(self, purpose: str) -> None:
        """Take back what waits."""
        if self._at(lambda: actions.withdraw(purpose, why="test")):
            self.withdrawn.add(purpose)

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        """A worker takes some; never what another holds with a lease in force."""
        taken = self._at(lambda: actions.claim(limit=limit))
        assert isinstance(taken, list)
        in_force = {item.pk for item in self.held if item.lease_until and item.lease_until > self.now}
        assert not in_force & {item.pk for item in taken}
        assert all(item.due_at <= self.now for item in taken)
        self.held += taken

    @precondition(lambda self: self.held)
    @rule(data=st.data(), end=st.sampled_from(["sent", "crash", "send and crash", "drop", "fail", "retry", "later"]))
    def work(self, data: st.DataObject, end: str) -> None:
        """A worker goes on with one it holds, also when its lease has run out."""
        item = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        if end in ("sent", "send and crash"):
            actions.send("text", "1", subject="", body="x", key=item.idempotency_key, patient_id=None)
        ends: dict[str, Callable[[], object]] = {
            "sent": lambda: actions.finish(item, "sent"), "drop": lambda: actions.finish(item, "dropped: no need"),
            "fail": lambda: actions.fail(item, "no"), "retry": lambda: actions.retry(item, "again"),
            "later": lambda: actions.postpone(item, self.now + timedelta(minutes=3), "later"),
        }  # fmt: skip
        if end in ends:
            before = OutboxItem.objects.get(pk=item.pk)
            marked = self._at(ends[end])
            assert marked == (before.state == State.CLAIMED and before.attempts == item.attempts)

    @rule(minutes=st.integers(1, 70))
    def time_goes_by(self, minutes: int) -> None:
        """Leases run out, waits end."""
        self.now += timedelta(minutes=minutes)

    @invariant()
    def nothing_lost(self) -> None:
        """Every purpose has its one row; only withdrawing withdraws."""
        rows = {item.purpose: item for item in OutboxItem.objects.all()}
        assert set(rows) == self.asked
        taken_back = {p for p, item in rows.items() if item.outcome.startswith(actions.WITHDRAWN)}
        assert taken_back == self.withdrawn

    @invariant()
    def nothing_doubled(self) -> None:
        """What is marked as sent arrived, and nothing arrived but under a row's key."""
        keys = set(OutboxItem.objects.values_list("idempotency_key", flat=True))
        arrived = list(LocalDelivery.objects.values_list("idempotency_key", flat=True))
        assert len(arrived) == len(set(arrived))
        assert set(arrived) <= keys
        done = OutboxItem.objects.filter(state=State.DONE).values_list("idempotency_key", flat=True)
        assert set(done) <= set(arrived)


@pytest.mark.django_db
def test_whatever_happens(settings: object) -> None:
    run_state_machine_as_test(Outbox, settings=STEPS)


STEPS = settings(max_examples=40, stateful_step_count=30, deadline=None)
