"""Whatever a patient does at the device, in any order: the flag, the totals, the one scoring (R-MB-02, R-MB-07)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import clock
from clinic.refusal import Refused
from patients.measures import desk
from patients.measures.models import DeskSession, Score
from patients.record.models import Patient
from patients.risk.models import RiskFlag
from tests import cast as people
from tests.cast import Cast
from tests.patients.measures.given import NOW

ANSWER = st.tuples(st.just("answer"), st.integers(1, 17), st.none() | st.integers(0, 3))
OTHER = st.tuples(st.sampled_from(["finish", "again", "wait", "sweep"]), st.just(0), st.just(0))
NUMBERS = iter(range(5_000, 90_000))


class Visit:
    """The device in one patient's hands, and what must be true of it."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.now = cast, NOW
        self.patient: Patient = people.patient(next(NUMBERS), "Ida", "Vega", cast.site)
        self.answers: dict[int, int | None] = {}
        self.alarmed, self.shut = False, False
        self.again()

    def again(self) -> None:
        """The desk hands over once more, on the same visit or, after the end, on a new one (which ends the machine)."""
        if self.shut or (hasattr(self, "until") and self.now >= self.until):
            return
        self.token = desk.hand_over(self.patient, by=self.cast.fran).token
        self.until: datetime = self.now + timedelta(minutes=desk.MINUTES)

    def answer(self, number: int, value: int | None) -> None:
        """One answer, or none."""
        if self.shut or self.now >= self.until:
            with pytest.raises(Refused):
                desk.answer(self.token, number=number, value=value)
            return
        alarming = number == 9 and bool(value)
        assert desk.answer(self.token, number=number, value=value) == alarming
        self.answers[number], self.alarmed = value, self.alarmed or alarming

    def take(self, step: str, number: int, value: Any) -> None:
        """Do one step and look at the flag."""
        with clock.at(self.now):
            if step == "answer":
                self.answer(number, value)
            elif step == "finish":
                desk.finish(self.token)
                self.shut = True
            elif step == "sweep":
                self.shut = bool(desk.close_lapsed()) or self.shut
            elif step == "again":
                self.again()
            else:
                self.now += timedelta(minutes=12)
        assert RiskFlag.objects.filter(patient=self.patient, closed_at=None).count() == self.alarmed

    def totals(self) -> dict[str, int | None]:
        """The totals that there must be: none where nothing was answered, null where a scored item is missing."""
        items = {"phq9": range(1, 10), "gad7": range(11, 18)}
        pages = {"phq9": range(1, 11), "gad7": range(11, 18)}
        found: dict[str, int | None] = {}
        for key in items:
            if any(self.answers.get(n) is not None for n in pages[key]):
                values = [self.answers.get(n) for n in items[key]]
                found[key] = None if None in values else sum(value or 0 for value in values)
        return found


def _run(cast: Cast, steps: Sequence[tuple[str, int, Any]]) -> None:
    with clock.at(NOW):
        visit = Visit(cast)
    for step, number, value in steps:
        visit.take(step, number, value)
    with clock.at(NOW + timedelta(days=2)):
        desk.close_lapsed()
        desk.finish(visit.token)
    scores = Score.objects.filter(patient=visit.patient)
    assert dict(scores.values_list("instrument", "total")) == visit.totals()
    assert scores.count() == len(visit.totals())
    assert DeskSession.objects.filter(patient=visit.patient, finished_at=None).count() == 0


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ANSWER | ANSWER | ANSWER | OTHER, max_size=24))
def test_any_way_through(cast: Cast, steps: list[tuple[str, int, Any]]) -> None:
    _run(cast, steps)


@pytest.mark.django_db
def test_all_the_way_through(cast: Cast) -> None:
    _run(cast, [*(("answer", n, n % 4) for n in range(1, 18)), ("answer", 9, 0), ("finish", 0, 0), ("finish", 0, 0)])
