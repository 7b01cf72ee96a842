"""A booking's life by a simple model: whatever desks and clinicians do in any order, status, time and story agree."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic import clock
from clinic.refusal import Refused
from patients.record.models import Patient
from patients.scheduling import actions
from patients.scheduling.models import Attendance, Booking, Occupancy
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.patients.scheduling.booking import part

DAY = at("2026-03-02 08:00")
HOURS = st.integers(0, 6)
FORWARD = {
    "booked": {"confirmed", "arrived", "in_session", "no_show", "cancelled"},
    "confirmed": {"arrived", "in_session", "no_show", "cancelled"},
    "arrived": {"in_session", "no_show", "cancelled"},
    "in_session": {"completed"}, "completed": set(), "no_show": set(), "cancelled": set(),
}  # fmt: skip
LOST = {"no_show", "cancelled"}


class Life(RuleBasedStateMachine):
    """Two patients, one therapist, one day; the model holds each booking's steps and its hour."""

    cast: Cast

    @initialize()
    def begin(self) -> None:
        """Seven in the morning of an empty day."""
        self.now: datetime = DAY - timedelta(minutes=30)
        self.paths: dict[Booking, list[str]] = {}
        self.hours: dict[Booking, int] = {}
        self.who: dict[Booking, Patient] = {}
        self.errors: set[Booking] = set()

    def free(self, hour: int, patient: Patient, but: Booking | None = None) -> bool:
        """Whether nobody else has the hour in the model; there is one clinician."""
        return not any(hour == self.hours[b] and self.paths[b][-1] not in LOST for b in self.paths if b != but)

    def expect(self, possible: bool, act: object) -> bool:
        """The act is done exactly if the model says so."""
        with clock.at(self.now):
            try:
                act()  # type: ignore[operator]
            except Refused:
                assert not possible
                return False
        assert possible
        return True

    @rule(hour=HOURS, ana=st.booleans())
    def book(self, hour: int, ana: bool) -> None:
        """A visit at a full hour."""
        patient, start = (self.cast.ana if ana else self.cast.ben), DAY + timedelta(hours=hour)
        made: list[Booking] = []
        wanted = [part(self.cast.tess, f"{start:%Y-%m-%d %H:%M}")]
        later = start >= self.now - timedelta(minutes=10)

        def act() -> None:
            made.append(actions.book(patient=patient, site=self.cast.site, parts=wanted, by=self.cast.fran))

        if self.expect(later and self.free(hour, patient), act):
            self.paths[made[0]], self.hours[made[0]], self.who[made[0]] = ["booked"], hour, patient

    @rule(minutes=st.integers(0, 90))
    def time_passes(self, minutes: int) -> None:
        """Within the day."""
        self.now = min(self.now + timedelta(minutes=minutes), DAY + timedelta(hours=9))

    @rule(data=st.data(), to=st.sampled_from(["confirmed", "arrived", "in_session", "completed", "no_show"]))
    def step(self, data: st.DataObject, to: str) -> None:
        """One step forward, lawful or not."""
        if not self.paths:
            return
        booking = data.draw(st.sampled_from(list(self.paths)))
        path, start = self.paths[booking], DAY + timedelta(hours=self.hours[booking])
        act = {
            "confirmed": actions.confirm, "arrived": actions.arrive, "in_session": actions.start,
            "completed": actions.complete, "no_show": actions.no_show,
        }[to]  # fmt: skip
        extra = {"reason": "forgot"} if to == "no_show" else {}
        attendance = Attendance.objects.get(segment__booking=booking)
        timely = {"no_show": self.now >= start, "confirmed": self.now < start + timedelta(minutes=45)}.get(to, True)
        same = path[-1] == to
        possible = same or (to in FORWARD[path[-1]] and timely)
        if self.expect(possible, lambda: act(attendance, by=self.cast.fran, **extra)) and not same:  # type: ignore[operator]
            path.append(to)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Whatever has not begun."""
        if not self.paths:
            return
        booking = data.draw(st.sampled_from(list(self.paths)))
        possible = self.paths[booking][-1] in ("booked", "confirmed", "arrived")
        if self.expect(possible, lambda: actions.cancel(booking, reason="unwell", by=self.cast.fran)):
            self.paths[booking].append("cancelled")

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """One step back, if the time is still free."""
        if not self.paths:
            return
        booking = data.draw(st.sampled_from(list(self.paths)))
        path = self.paths[booking]
        free = path[-1] not in LOST or self.free(self.hours[booking], self.who[booking], booking)
        possible = booking not in self.errors and len(path) > 1 and free
        attendance = Attendance.objects.get(segment__booking=booking)
        if self.expect(possible, lambda: actions.reopen(attendance, by=self.cast.fran)):
            path.pop()

    @rule(data=st.data(), hour=HOURS)
    def move(self, data: st.DataObject, hour: int) -> None:
        """To another hour, or the same."""
        if not self.paths:
            return
        booking = data.draw(st.sampled_from(list(self.paths)))
        path, start = self.paths[booking], DAY + timedelta(hours=hour)
        later = start >= self.now - timedelta(minutes=10)
        possible = path[-1] in ("booked", "confirmed") and later and self.free(hour, self.who[booking], booking)
        wanted = [part(self.cast.tess, f"{start:%Y-%m-%d %H:%M}")]
        if self.expect(possible, lambda: actions.move(booking, parts=wanted, by=self.cast.fran)):
            self.hours[booking] = hour
            self.paths[booking] = ["booked"]

    @rule(data=st.data())
    def error(self, data: st.DataObject) -> None:
        """Entered in error; for ever."""
        if not self.paths:
            return
        booking = data.draw(st.sampled_from(list(self.paths)))
        if self.expect(True, lambda: actions.in_error(booking, words="wrong day", by=self.cast.fran)):
            self.errors.add(booking)
            if self.paths[booking][-1] != "cancelled":
                self.paths[booking].append("cancelled")

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        """Status, occupied time and the story's hollow ticks."""
        if not hasattr(self, "paths"):
            return
        found = {a.segment.booking: a for a in Attendance.objects.select_related("segment__booking")}
        assert {b: a.status for b, a in found.items()} == {b: path[-1] for b, path in self.paths.items()}
        standing = {b for b, path in self.paths.items() if path[-1] not in LOST}
        taken = Occupancy.objects.filter(clinician__isnull=False).values_list("segment__booking", flat=True)
        assert sorted(taken) == sorted(b.pk for b in standing)
        missed = set(self.paths) - standing - self.errors
        lines = Entry.objects.filter(retracted_at=None).values_list("object_id", flat=True)
        assert sorted(lines) == sorted(found[b].pk for b in missed)
        for booking, attendance in found.items():
            last = attendance.steps.last()
            assert last is not None
            assert last.status == attendance.status, booking


@pytest.mark.django_db(transaction=False)
def test_a_bookings_life(cast: Cast) -> None:
    """Hypothesis plays the desk."""
    from django.db import transaction

    class Isolated(Life):
        def __init__(self) -> None:
            super().__init__()
            self.mark = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.mark)

    Isolated.cast = cast
    run_state_machine_as_test(
        Isolated,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
