"""The nightly job: run twice, by two workers, killed in the middle: the same rows; a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.practice import actions as practice
from medications.monitoring import actions, tasks
from medications.monitoring.actions import due
from medications.monitoring.models import DueItem
from patients.record import actions as record
from patients.record.models import Condition
from tests.cast import Cast, on_team, patient
from tests.medications.monitoring.given import LITHIUM, day, due_on, moment, on, on_lithium, open_item, result, rows


@pytest.fixture
def two(cast: Cast) -> Cast:
    """Ana takes lithium, Ben clozapine."""
    on_lithium(cast.ana, cast.priya)
    on("clozapine", 25, cast.ben, cast.paul)
    return cast


def test_run_twice_leaves_the_same_rows(two: Cast) -> None:
    before = rows()
    with clock.at(moment(60)):
        first = actions.sweep()
        after = rows()
        second = actions.sweep()
        assert rows() == after
    assert first["patients"] == 2
    assert (second["opened"], second["moved"], second["closed"]) == (0, 0, 0)
    assert before != after  # questions of the first weeks move with the days


def test_it_makes_what_was_never_made(two: Cast) -> None:
    """As after an upgrade: orders that nobody followed."""
    everything = rows()
    DueItem.objects.filter(state="open").update(
        state="dropped", closed_at=clock.now(), closed_why="as before the upgrade"
    )
    actions.sweep()
    made = [row[:-2] for row in everything]
    assert [row[:-2] for row in rows() if row[-2] == "open"] == made


def test_killed_in_the_middle_the_next_one_does_the_rest(two: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows()
    DueItem.objects.filter(state="open").update(state="dropped", closed_at=clock.now(), closed_why="gone")
    monkeypatch.setattr(due, "BATCH", 1)
    calls: list[Any] = []
    whole = due._look

    def killed(patients: Any, **kwargs: Any) -> Any:
        calls.append(patients)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(patients, **kwargs)

    monkeypatch.setattr(due, "_look", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.sweep()
    half = DueItem.objects.filter(state="open").values("patient").distinct().count()
    assert half == 1
    actions.sweep()
    assert [row[:-2] for row in rows() if row[-2] == "open"] == [row[:-2] for row in expected]


def test_the_practices_choice_moves_what_is_due_from_its_day_on(two: Cast) -> None:
    assert open_item(two.ana, LITHIUM).refill_asks_on == day(22)  # type: ignore[union-attr]
    practice.configure(
        "monitoring_later_days", 10, effective_from=day(1), reason="The laboratory is slow.", by=two.max
    )  # fmt: skip
    actions.sweep()
    assert open_item(two.ana, LITHIUM).refill_asks_on == day(22)  # type: ignore[union-attr]
    with clock.at(moment(1)):
        actions.sweep()
    assert open_item(two.ana, LITHIUM).refill_asks_on == day(32)  # type: ignore[union-attr]


def test_a_condition_that_came_later_counts_at_night(two: Cast) -> None:
    for number in (7, 14, 360):
        result(two.ana, LITHIUM, "0.7", number=number, by=two.priya)
    assert due_on(two.ana, LITHIUM) == day(540)
    Condition.objects.create(
        patient=two.ana, code="N18.3", title="Kidney disease", since=day(370), recorded_at=clock.now(),
        recorded_by=two.priya,
    )  # fmt: skip
    with clock.at(moment(380)):
        assert tasks.renew_due()["moved"] >= 1
    assert due_on(two.ana, LITHIUM) == day(450)


def test_a_medical_fact_that_came_later_counts_at_night(two: Cast) -> None:
    """The newest answer, of the facts that a rule looks at."""
    for number in (7, 14, 360):
        result(two.ana, LITHIUM, "0.7", number=number, by=two.priya)
    for number, answer, expected in ((370, "yes", 450), (380, "no", 540)):
        with clock.at(moment(number)):
            record.record_fact(two.ana, key="kidney", answer=answer, by=two.priya)
            actions.sweep()
        assert due_on(two.ana, LITHIUM) == day(expected)


def test_it_leaves_one_row_in_the_audit(two: Cast) -> None:
    AuditEvent.objects.filter(what="monitoring.renew_due")
    actions.sweep()
    (event,) = AuditEvent.objects.filter(what="monitoring.renew_due")
    assert (event.kind, event.actor_id, event.detail["patients"]) == ("ran", None, 2)


@pytest.mark.parametrize("number", [1, 12])
def test_the_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    people = [patient(200 + one, f"Person{one}", "Test", cast.site) for one in range(number)]
    for someone in people:
        on_team(someone, cast.priya, "prescriber")
        on_lithium(someone, cast.priya)
    with clock.at(moment(1) + timedelta(hours=1)), django_assert_num_queries(15):
        actions.renew([one.pk for one in people], by=None)
