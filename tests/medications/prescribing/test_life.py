"""A prescription's life in any order of steps: one dose at a time, nothing lost, the timeline equals the orders."""

from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic import clock
from clinic.refusal import Refused
from medications.prescribing import actions, queries
from medications.prescribing.models import Authorisation, DoseOrder, HoldPeriod, Prescription
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, changed, started, supply

STRENGTHS = [25, 50, 100]


class Life(RuleBasedStateMachine):
    """Start, change today or later, hold, resume, stop, retract, authorise, and let days pass."""

    cast: Cast
    now: datetime

    @initialize(strength=st.sampled_from(STRENGTHS))
    def start(self, strength: int) -> None:
        self.now = NOW
        with clock.at(self.now):
            self.pk = started(self.cast.ana, by=self.cast.priya, strength=strength).prescription_id
        self.signed = 1

    @property
    def row(self) -> Prescription:
        return Prescription.objects.get(pk=self.pk)

    @property
    def today(self) -> date:
        return self.now.date()

    def live(self) -> bool:
        return self.row.retracted_at is None and self.row.stopped_on is None

    def attempt(self, act: Any, **kwargs: Any) -> bool:
        """Do it; a refusal leaves everything as it was."""
        before = self.facts()
        try:
            with clock.at(self.now):
                act(**kwargs, by=self.cast.priya)
        except Refused:
            done = False
        else:
            done = True
        assert done or self.facts() == before
        return done

    def facts(self) -> list[Any]:
        orders = DoseOrder.objects.filter(prescription=self.pk).order_by("pk")
        return [
            list(orders.values_list("pk", "from_day", "until_day", "retracted_at")), self.row.revision,
            self.row.held_at, self.row.stopped_on, Entry.objects.filter(retracted_at=None).count(),
            Authorisation.objects.filter(voided_at=None).count(),
        ]  # fmt: skip

    @rule(hours=st.integers(1, 200))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(strength=st.sampled_from(STRENGTHS), ahead=st.integers(-1, 12), dispensed=st.booleans())
    def change(self, strength: int, ahead: int, dispensed: bool) -> None:
        day = self.today + timedelta(days=ahead)
        allowed = self.live() and self.row.held_at is None and ahead >= 0
        given = supply() if dispensed else None
        done = self.attempt(lambda by: changed(self.row, by=by, strength=strength, from_day=day, supply=given))
        assert allowed or not done
        self.signed += done

    @rule()
    def hold(self) -> None:
        allowed = self.live() and self.row.held_at is None
        assert self.attempt(lambda by: actions.hold(self.row, reason="Vomiting.", by=by)) is allowed

    @rule()
    def resume(self) -> None:
        allowed = self.live() and self.row.held_at is not None
        assert self.attempt(lambda by: actions.resume(self.row, by=by)) is allowed

    @rule()
    def authorise(self) -> None:
        self.attempt(lambda by: actions.authorise(self.row, supply=supply(), by=by))

    @rule(ahead=st.integers(0, 6))
    def stop(self, ahead: int) -> None:
        day = self.today + timedelta(days=ahead)
        allowed = self.live() and day >= self.row.started_on
        assert self.attempt(lambda by: actions.stop(self.row, on=day, reason="Agreed.", by=by)) is allowed

    @precondition(lambda self: DoseOrder.objects.filter(prescription=self.pk, retracted_at=None).exists())
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        rows = list(DoseOrder.objects.filter(prescription=self.pk, retracted_at=None).order_by("signed_at", "pk"))
        order = data.draw(st.sampled_from(rows))
        assert self.attempt(lambda by: actions.retract_order(order, reason="Wrong chart.", by=by))

    @invariant()
    def one_dose_on_each_day(self) -> None:
        orders = list(DoseOrder.objects.filter(prescription=self.pk, retracted_at=None))
        for days in range(-3, 40, 3):
            day = self.today + timedelta(days=days)
            holding = [o for o in orders if o.from_day <= day and (o.until_day is None or day < o.until_day)]
            assert len(holding) <= 1
            if days == 0:
                assert queries.current_order(self.row, day) == (holding[0] if holding else None)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert DoseOrder.objects.filter(prescription=self.pk).count() == self.signed

    @invariant()
    def supplies_belong_to_the_dose_that_was_last_signed(self) -> None:
        """R-RX-11: a change or a stop leaves no older authorisation alive."""
        live = list(Authorisation.objects.filter(prescription=self.pk, voided_at=None))
        assert len(live) <= 1
        if self.row.stopped_on or self.row.retracted_at:
            assert live == []

    @invariant()
    def a_hold_is_open_only_while_on_hold(self) -> None:
        opened = HoldPeriod.objects.filter(prescription=self.pk, until_day=None).exists()
        assert opened is (self.row.held_at is not None)

    @invariant()
    def the_timeline_equals_the_orders(self) -> None:
        told = {
            entry.object_id: (entry.value, entry.until is None)
            for entry in Entry.objects.filter(kind="dose", retracted_at=None)
        }
        orders = DoseOrder.objects.filter(prescription=self.pk, retracted_at=None)
        due = {
            o.pk: (o.daily_amount, o.until_day is None)
            for o in orders
            if o.until_day is None or o.until_day > o.from_day
        }
        assert {pk: fact for pk, fact in told.items() if pk in due} == due
        assert set(told) <= {o.pk for o in orders}


@pytest.mark.django_db
def test_a_prescriptions_life(cast: Cast) -> None:
    class Here(Life):
        def __init__(self) -> None:
            super().__init__()
            self.cast = cast
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
