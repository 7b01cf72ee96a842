"""Writing a draft: a copy of the version in force, its problems, objectives and interventions, one change at a time."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Unpack

from django.db import transaction
from django.db.models import Max

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import check
from patients.plan import queries, rules
from patients.plan.actions import words as write
from patients.plan.actions.steps import (
    Based,
    change,
    copy_rows,
    next_place,
    opened,
    remove,
    row_of_draft,
    step,
    unchanged_since,
)
from patients.plan.actions.words import InterventionWords, ObjectiveWords, ProblemWords
from patients.plan.enums import StepKind, VersionState
from patients.plan.models import (
    Intervention,
    InterventionRow,
    Objective,
    ObjectiveRow,
    PlanVersion,
    Problem,
    ProblemRow,
)
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User
    from patients.record.models import Condition


@transaction.atomic
def draft(patient: Patient, *, by: "User") -> PlanVersion:
    """The open draft, or a new one: a copy of the version in force, or an empty first one."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    found = PlanVersion.objects.filter(patient=patient, state=VersionState.DRAFT).first()
    if found is not None:
        return found
    number = PlanVersion.objects.filter(patient=patient).aggregate(most=Max("number"))["most"] or 0
    old = queries.in_force(patient.pk)
    version = PlanVersion.objects.create(
        patient=patient,
        number=number + 1,
        created_at=clock.now(),
        created_by=by,
        discharge_criteria=old.discharge_criteria if old else "",
    )
    if old:
        copy_rows(old, version)
    audit.record(Kind.CREATED, by=by, on=version, what="plan.draft", detail={"number": version.number})
    return version


@transaction.atomic
def save(version: PlanVersion, *, based_on: int, discharge_criteria: str | None = None, by: "User") -> PlanVersion:
    """Write when the plan has done its work (R-TP-02). Conflict if somebody else wrote it since `based_on`."""
    version = opened(version.pk)
    unchanged_since(version, version.pk, based_on)
    text = None if discharge_criteria is None else write.prose(discharge_criteria, "discharge_criteria")
    if text is not None and text != version.discharge_criteria:
        was, version.discharge_criteria = version.discharge_criteria, text
        step(version, StepKind.CRITERIA, version.pk, {"words": was}, {"words": text}, by)
    return version


@transaction.atomic
def add_problem(
    version: PlanVersion,
    *,
    title: str,
    goal_words: str = "",
    condition: "Condition | None" = None,
    problem: Problem | None = None,
    by: "User",
) -> ProblemRow:
    """Add a problem; `problem`: one that a prescription names already, else a new one."""
    version = opened(version.pk)
    fields = write.cleaned({"title": title, "goal_words": goal_words, "condition": condition})
    check(rules.same_patient, version, condition, problem)
    place = next_place(version.problem_rows)
    write.check_problem(fields)
    thing = problem or Problem.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = ProblemRow.objects.create(version=version, problem=thing, position=place, **fields)
    step(version, StepKind.PROBLEM, row.pk, {}, queries.problem_words(row), by)
    return row


@transaction.atomic
def change_problem(
    row: ProblemRow, *, by: "User", based_on: Based = None, **changes: Unpack[ProblemWords]
) -> ProblemRow:
    """Change a problem's words; fields not named stay. Conflict if it was changed since `based_on`."""
    version, row = row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    check(rules.same_patient, version, fields.get("condition"))
    write.check_problem({"title": row.title} | fields)
    return change(version, row, fields, StepKind.PROBLEM, by)


@transaction.atomic
def remove_problem(row: ProblemRow, *, by: "User", based_on: Based = None) -> None:
    """Take a problem out of the draft, with its objectives and interventions."""
    version, row = row_of_draft(row, based_on)
    remove(version, row, StepKind.PROBLEM, by)


@transaction.atomic
def add_objective(
    problem_row: ProblemRow,
    *,
    words: str,
    owner: str,
    instrument: str = "",
    unit: str = "",
    baseline: Decimal | int | None = None,
    target: Decimal | int | None = None,
    target_is_below: bool = False,
    target_on: date | None = None,
    by: "User",
) -> ObjectiveRow:
    """Add an objective to a problem: a questionnaire, or a behaviour with its unit."""
    version, problem_row = row_of_draft(problem_row, None)
    fields = write.cleaned(
        {
            "words": words, "owner": owner, "instrument": instrument, "unit": unit, "baseline": baseline,
            "target": target, "target_is_below": target_is_below, "target_on": target_on,
        }
    )  # fmt: skip
    place = next_place(problem_row.objective_rows)
    write.check_objective(fields)
    thing = Objective.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = ObjectiveRow.objects.create(
        version=version,
        problem_row=problem_row,
        objective=thing,
        position=place,
        **fields,
    )
    step(version, StepKind.OBJECTIVE, row.pk, {}, queries.objective_words(row), by)
    return row


@transaction.atomic
def change_objective(
    row: ObjectiveRow, *, by: "User", based_on: Based = None, **changes: Unpack[ObjectiveWords]
) -> ObjectiveRow:
    """Change an objective's words and numbers; fields not named stay. Conflict if changed since `based_on`."""
    version, row = row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    kept = {name: getattr(row, name) for name in ("words", "owner", "instrument", "baseline", "target")}
    write.check_objective(kept | fields)
    return change(version, row, fields, StepKind.OBJECTIVE, by)


@transaction.atomic
def remove_objective(row: ObjectiveRow, *, by: "User", based_on: Based = None) -> None:
    """Take an objective out of the draft."""
    version, row = row_of_draft(row, based_on)
    remove(version, row, StepKind.OBJECTIVE, by)


@transaction.atomic
def add_intervention(
    problem_row: ProblemRow,
    *,
    arm: str,
    modality: str = "",
    words: str = "",
    frequency: str = "",
    duration: str = "",
    provider: "User | None" = None,
    by: "User",
) -> InterventionRow:
    """Add an intervention: therapy, what the patient does, or a medication row, which shows a live prescription."""
    version, problem_row = row_of_draft(problem_row, None)
    check(rules.arm_known, arm)
    fields = write.cleaned({"modality": modality, "words": words, "frequency": frequency, "duration": duration})
    place = next_place(problem_row.intervention_rows)
    write.check_intervention({"arm": arm} | fields)
    thing = Intervention.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = InterventionRow.objects.create(
        version=version, problem_row=problem_row, intervention=thing, arm=arm, provider=provider,
        position=place, **fields,
    )  # fmt: skip
    step(version, StepKind.INTERVENTION, row.pk, {}, queries.intervention_words(row), by)
    return row


@transaction.atomic
def change_intervention(
    row: InterventionRow, *, by: "User", based_on: Based = None, **changes: Unpack[InterventionWords]
) -> InterventionRow:
    """Change an intervention's words; fields not named stay. Conflict if changed since `based_on`."""
    version, row = row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    kept = {name: getattr(row, name) for name in ("arm", "modality", "words", "frequency", "duration")}
    write.check_intervention(kept | fields)
    return change(version, row, fields, StepKind.INTERVENTION, by)


@transaction.atomic
def remove_intervention(row: InterventionRow, *, by: "User", based_on: Based = None) -> None:
    """Take an intervention out of the draft."""
    version, row = row_of_draft(row, based_on)
    remove(version, row, StepKind.INTERVENTION, by)
