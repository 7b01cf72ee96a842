"""At night those are looked at whose rows changed, whoever wrote them, or whose day has come; nobody else."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.practice import actions as practice
from medications.monitoring import actions, engine, looks, queries
from medications.monitoring.actions import due
from medications.monitoring.engine import Choices, Plan
from medications.monitoring.models import Circumstance, DueItem, Looked, Result
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from medications.visits.models import Visit
from patients.measures.models import Score
from patients.notes.models import Note
from patients.record.models import Condition, MedicalFact, Patient
from tests.cast import Cast
from tests.medications.monitoring.given import LITHIUM, PLAN, day, moment, on, on_lithium, result
from tests.refused import refused_by


@pytest.fixture
def two(cast: Cast) -> Cast:
    """Ana takes lithium, Ben clozapine; both were looked at this night."""
    on_lithium(cast.ana, cast.priya)
    on("clozapine", 25, cast.ben, cast.paul)
    assert actions.sweep()["patients"] == 2
    return cast


def looked_at(today: date) -> list[Patient]:
    """Who is to be looked at on the day."""
    return list(Patient.objects.filter(pk__in=looks.to_look_at(Plan(PLAN.known, queries.choices(today)), today)))


def told(cast: Cast) -> dict[str, Any]:
    return {"patient": cast.ana, "recorded_at": clock.now() - timedelta(days=9), "recorded_by": cast.priya}


CHANGES: dict[str, Callable[[Cast], object]] = {
    "born on another day": lambda cast: Patient.objects.filter(pk=cast.ana.pk).update(born_on=date(1950, 1, 1)),
    "another sex": lambda cast: Patient.objects.filter(pk=cast.ana.pk).update(sex="other"),
    "a medical fact": lambda cast: MedicalFact.objects.create(key="kidney", answer="yes", **told(cast)),
    "a condition": lambda cast: Condition.objects.create(code="N18.3", title="x", **told(cast)),
    "a circumstance": lambda cast: Circumstance.objects.create(
        key="poor_adherence", words="x", since=day(-9), **told(cast)
    ),
    "another order": lambda cast: DoseOrder.objects.filter(patient=cast.ana).update(until_day=day(0)),
    "a pause": lambda cast: HoldPeriod.objects.create(
        prescription=Prescription.objects.get(patient=cast.ana), from_day=day(0), until_day=day(1), reason="x",
        by=cast.priya, at=clock.now(),
    ),
    "it is stopped": lambda cast: Prescription.objects.filter(patient=cast.ana).update(
        stopped_on=day(40), stopped_by=cast.priya, stop_reason="x"
    ),
    "a result": lambda cast: Result.objects.create(
        code=LITHIUM, value=Decimal(1), taken_at=moment(-9), knowledge_version="x", **told(cast)
    ),
    "a scale": lambda cast: Score.objects.create(
        instrument="aims", version="x", answered_at=moment(-9), channel="desk", total=2, **told(cast)
    ),
    "an item that somebody closed": lambda cast: DueItem.objects.filter(patient=cast.ana, code=LITHIUM).update(
        state="dropped", closed_at=clock.now(), closed_why="x"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_whoever_has_other_rows_is_looked_at(two: Cast, what: str) -> None:
    """Nobody told the room of the change, and it bears an older moment than the last look."""
    assert looked_at(day(0)) == []
    CHANGES[what](two)
    assert looked_at(day(0)) == [two.ana]


def test_nothing_that_is_read_is_left_out_of_the_comparison(two: Cast) -> None:
    """Each table from which the situation of a patient is put together has its part in the number that is compared."""
    with CaptureQueriesContext(
        connection,
    ) as context:
        queries.situations([two.ana.pk])
    tables = {name for one in context.captured_queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])}
    assert len(tables) == 12
    assert {Visit._meta.db_table, Note._meta.db_table, Result._meta.db_table} < tables
    assert [name for name in sorted(tables) if f" {name} " not in looks.TO_LOOK_AT] == []


def test_on_the_day_on_which_the_answer_may_turn_and_not_before(two: Cast) -> None:
    turns = {row.patient: row.next_on for row in Looked.objects.select_related("patient")}
    for patient, turn in turns.items():
        assert patient not in looked_at(turn - timedelta(days=1))
        assert patient in looked_at(turn)


def test_each_night_for_three_months_it_leaves_what_looking_at_everybody_leaves(two: Cast) -> None:
    result(two.ana, LITHIUM, "0.7", number=7, by=two.priya)
    plan = Plan(PLAN.known, queries.choices(day(0)))
    looked = 0
    for number in range(8, 100):
        with clock.at(moment(number)):
            looked += actions.sweep()["patients"]
        for patient, known in queries.situations([two.ana.pk, two.ben.pk]).items():
            asked = engine.due(known.person, known.courses, known.results, plan, day(number))
            kept = DueItem.objects.filter(patient=patient, state="open").values_list("code", "due_on", "reason")
            assert sorted(kept) == sorted((one.code, one.due_on, one.asks[0].why) for one in asked), number
    assert looked < 2 * 92 / 2


def test_another_choice_of_the_practice_looks_at_everybody(two: Cast) -> None:
    practice.configure(
        "monitoring_later_days", 10, effective_from=day(0), reason="The laboratory is slow.", by=two.max
    )  # fmt: skip
    assert {one.pk for one in looked_at(day(0))} == {two.ana.pk, two.ben.pk}


def test_other_knowledge_or_other_code_looks_at_everybody(two: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before = looks.stamp(PLAN)
    assert looks.stamp(Plan(PLAN.known, Choices(later=1))) != before
    monkeypatch.setattr(looks, "_code", lambda: b"")
    assert looks.stamp(PLAN) != before
    assert len(looked_at(day(0))) == 2


def test_a_day_before_the_last_look_looks_again(two: Cast) -> None:
    """A clock that was wrong: what was looked at ahead of time says nothing of today."""
    with clock.at(moment(60)):
        assert actions.sweep()["patients"] == 2
    assert len(looked_at(day(1))) == 2


def test_whom_nobody_treats_is_not_looked_at(two: Cast) -> None:
    assert (
        set(Looked.objects.values_list("patient", flat=True))
        == {two.ana.pk, two.ben.pk}
        != set(Patient.objects.values_list("pk", flat=True))
    )


def test_what_another_worker_looked_at_meanwhile_is_not_looked_at_again(two: Cast) -> None:
    CHANGES["a condition"](two)
    plan = Plan(PLAN.known, queries.choices(day(0)))
    both = (looks.to_look_at(plan, day(0)), looks.to_look_at(plan, day(0)))  # two workers ask before either has looked
    done = [due._look(list(known), known=known, plan=plan, day=day(0)) for known in both]
    assert (done[0]["patients"], done[1]) == (1, {})


def test_a_look_holds_for_a_day_at_least(two: Cast) -> None:
    with refused_by("looked_at_holds_for_a_day"):
        Looked.objects.filter(patient=two.ana).update(next_on=day(0))
