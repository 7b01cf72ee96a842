"""Constraints of the plan's tables, each broken once; signed versions cannot change even by SQL (R-TP-09)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction

from patients.plan import actions
from patients.plan.models import (
    DraftStep,
    InterventionRow,
    ObjectiveReading,
    ObjectiveRow,
    PlanVersion,
    ProblemRow,
)
from tests.cast import Cast, at
from tests.patients.plan.plans import complete_draft, fresh, signed

NOW = at("2026-03-02 10:00")
SEAL = "a" * 64


def version(cast: Cast, **fields: Any) -> PlanVersion:
    return PlanVersion.objects.create(patient=cast.ana, created_at=NOW, **{"number": 9, **fields})


SIGNED = {"state": "signed", "signed_at": NOW, "signature": "T", "content_hash": SEAL, "review_due_on": NOW.date()}


def again(row: Any, **fields: Any) -> Any:
    """The row a second time, with other fields."""
    row.pk = type(row)().pk
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


BROKEN: dict[str, Callable[[Cast, PlanVersion], object]] = {
    "plan_version_number_once": lambda c, v: version(c, number=v.number, signed_by=c.tess, **SIGNED),
    "plan_one_draft": lambda c, v: version(c),
    "plan_one_in_force": lambda c, v: [version(c, number=n, signed_by=c.tess, **SIGNED) for n in (8, 9)],
    "plan_signature_whole": lambda c, v: PlanVersion.objects.filter(pk=v.pk).update(signature="T"),
    "plan_signed_has_review_day": lambda c, v: version(c, signed_by=c.tess, **{**SIGNED, "review_due_on": None}),
    "problem_row_once": lambda c, v: again(v.problem_rows.first()),
    "problem_row_titled": lambda c, v: v.problem_rows.update(title=""),
    "objective_row_once": lambda c, v: again(v.objective_rows.first()),
    "objective_owner_known": lambda c, v: v.objective_rows.update(owner="nobody"),
    "intervention_row_once": lambda c, v: again(v.intervention_rows.first()),
    "intervention_arm_known": lambda c, v: v.intervention_rows.update(arm="surgery"),
    "intervention_medication_has_no_words": lambda c, v: v.intervention_rows.update(arm="medication"),
    "draft_step_once": lambda c, v: again(v.steps.first()),
    "draft_step_kind_known": lambda c, v: v.steps.update(kind="other"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_constraint(cast: Cast, name: str) -> None:
    draft = complete_draft(cast)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        BROKEN[name](cast, draft)
    assert getattr(error.value.__cause__, "diag").constraint_name == name  # noqa: B009


def test_every_constraint_of_the_plan_is_broken_here() -> None:
    models = [PlanVersion, ProblemRow, ObjectiveRow, InterventionRow, ObjectiveReading, DraftStep]
    assert {c.name for model in models for c in model._meta.constraints} == set(BROKEN)


TABLES = ["problemrow", "objectiverow", "interventionrow"]
STATEMENTS = [
    *[f"UPDATE patients_plan_{table} SET position = 7 WHERE version_id = %s" for table in TABLES],
    *[f"DELETE FROM patients_plan_{table} WHERE version_id = %s" for table in TABLES],
    "UPDATE patients_plan_planversion SET discharge_criteria = 'x' WHERE id = %s",
    (
        "UPDATE patients_plan_planversion SET state = 'draft', signed_at = NULL, signed_by_id = NULL, signature = '',"
        " content_hash = '' WHERE id = %s"
    ),
    "UPDATE patients_plan_planversion SET state = 'replaced', patient_agreed = 'declined' WHERE id = %s",
    "DELETE FROM patients_plan_planversion WHERE id = %s",
    (
        "INSERT INTO patients_plan_problemrow (id, version_id, problem_id, position, title, goal_words)"
        " SELECT gen_random_uuid(), version_id, problem_id, 9, 'x', '' FROM patients_plan_problemrow"
        " WHERE version_id = %s"
    ),
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_r_tp_09_a_signed_version_is_immutable_even_by_sql(cast: Cast, statement: str) -> None:
    found = signed(cast)
    with pytest.raises(Error, match="R-TP-09"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [found.pk])
    assert fresh(found).content_hash == found.content_hash


def test_r_tp_09_a_replaced_version_is_immutable_too(cast: Cast) -> None:
    found = signed(cast)
    actions.sign(actions.draft(cast.ana, by=cast.tess), patient_agreed="agreed", by=cast.tess)
    with pytest.raises(Error, match="R-TP-09"), transaction.atomic():
        PlanVersion.objects.filter(pk=found.pk).update(state="signed")


def test_a_row_of_a_draft_does_not_move_into_a_signed_version(cast: Cast) -> None:
    found = signed(cast)
    draft = actions.draft(cast.ana, by=cast.tess)
    with pytest.raises(Error, match="takes no more rows"), transaction.atomic():
        draft.problem_rows.update(version=found)


def test_readings_are_appended_only(cast: Cast) -> None:
    row = signed(cast).objective_rows.get(instrument="")
    reading = actions.record_reading(row.objective, value=3, on=NOW.date(), by=cast.tess)
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        ObjectiveReading.objects.filter(pk=reading.pk).update(value=4)
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        reading.delete()


@pytest.mark.parametrize("table", ["planversion", *TABLES, "objectivereading"])
def test_nothing_is_emptied(cast: Cast, table: str) -> None:
    with pytest.raises(Error, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE patients_plan_{table} CASCADE")
