"""Writing a draft: a copy of the version in force, its problems, objectives and interventions, one change at a time."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, Unpack
from uuid import UUID

from django.db import models, transaction
from django.db.models import Max

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, check
from patients.plan import queries, rules
from patients.plan.actions import words as write
from patients.plan.actions.words import InterventionWords, ObjectiveWords, ProblemWords
from patients.plan.enums import StepKind, VersionState
from patients.plan.models import (
    DraftStep,
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

R = TypeVar("R", ProblemRow, ObjectiveRow, InterventionRow)
Based = int | None


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
        _copy_rows(old, version)
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
        _step(version, StepKind.CRITERIA, version.pk, {"words": was}, {"words": text}, by)
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
    check(rules.room_for_more, version.problem_rows.count())
    write.check_problem(fields)
    thing = problem or Problem.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = ProblemRow.objects.create(version=version, problem=thing, position=_next(version.problem_rows), **fields)
    _step(version, StepKind.PROBLEM, row.pk, {}, queries.problem_words(row), by)
    return row


@transaction.atomic
def change_problem(
    row: ProblemRow, *, by: "User", based_on: Based = None, **changes: Unpack[ProblemWords]
) -> ProblemRow:
    """Change a problem's words; fields not named stay. Conflict if it was changed since `based_on`."""
    version, row = _row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    check(rules.same_patient, version, fields.get("condition"))
    write.check_problem({"title": row.title} | fields)
    return _change(version, row, fields, StepKind.PROBLEM, by)


@transaction.atomic
def remove_problem(row: ProblemRow, *, by: "User", based_on: Based = None) -> None:
    """Take a problem out of the draft, with its objectives and interventions."""
    version, row = _row_of_draft(row, based_on)
    _remove(version, row, StepKind.PROBLEM, by)


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
    version, problem_row = _row_of_draft(problem_row, None)
    fields = write.cleaned(
        {
            "words": words, "owner": owner, "instrument": instrument, "unit": unit, "baseline": baseline,
            "target": target, "target_is_below": target_is_below, "target_on": target_on,
        }
    )  # fmt: skip
    check(rules.room_for_more, problem_row.objective_rows.count())
    write.check_objective(fields)
    thing = Objective.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = ObjectiveRow.objects.create(
        version=version,
        problem_row=problem_row,
        objective=thing,
        position=_next(problem_row.objective_rows),
        **fields,
    )
    _step(version, StepKind.OBJECTIVE, row.pk, {}, queries.objective_words(row), by)
    return row


@transaction.atomic
def change_objective(
    row: ObjectiveRow, *, by: "User", based_on: Based = None, **changes: Unpack[ObjectiveWords]
) -> ObjectiveRow:
    """Change an objective's words and numbers; fields not named stay. Conflict if changed since `based_on`."""
    version, row = _row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    kept = {name: getattr(row, name) for name in ("words", "owner", "instrument", "baseline", "target")}
    write.check_objective(kept | fields)
    return _change(version, row, fields, StepKind.OBJECTIVE, by)


@transaction.atomic
def remove_objective(row: ObjectiveRow, *, by: "User", based_on: Based = None) -> None:
    """Take an objective out of the draft."""
    version, row = _row_of_draft(row, based_on)
    _remove(version, row, StepKind.OBJECTIVE, by)


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
    version, problem_row = _row_of_draft(problem_row, None)
    check(rules.arm_known, arm)
    fields = write.cleaned({"modality": modality, "words": words, "frequency": frequency, "duration": duration})
    check(rules.room_for_more, problem_row.intervention_rows.count())
    write.check_intervention({"arm": arm} | fields)
    thing = Intervention.objects.create(patient_id=version.patient_id, created_at=clock.now())
    row = InterventionRow.objects.create(
        version=version, problem_row=problem_row, intervention=thing, arm=arm, provider=provider,
        position=_next(problem_row.intervention_rows), **fields,
    )  # fmt: skip
    _step(version, StepKind.INTERVENTION, row.pk, {}, queries.intervention_words(row), by)
    return row


@transaction.atomic
def change_intervention(
    row: InterventionRow, *, by: "User", based_on: Based = None, **changes: Unpack[InterventionWords]
) -> InterventionRow:
    """Change an intervention's words; fields not named stay. Conflict if changed since `based_on`."""
    version, row = _row_of_draft(row, based_on)
    fields = write.cleaned(changes)
    kept = {name: getattr(row, name) for name in ("arm", "modality", "words", "frequency", "duration")}
    write.check_intervention(kept | fields)
    return _change(version, row, fields, StepKind.INTERVENTION, by)


@transaction.atomic
def remove_intervention(row: InterventionRow, *, by: "User", based_on: Based = None) -> None:
    """Take an intervention out of the draft."""
    version, row = _row_of_draft(row, based_on)
    _remove(version, row, StepKind.INTERVENTION, by)


# --- what every change does ------------------------------------------------------------------

WORDS: dict[str, Any] = {
    StepKind.PROBLEM: queries.problem_words,
    StepKind.OBJECTIVE: queries.objective_words,
    StepKind.INTERVENTION: queries.intervention_words,
}


def opened(pk: UUID) -> PlanVersion:
    """The version, locked; Conflict if somebody signed it meanwhile."""
    version = PlanVersion.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if version is None:
        raise Conflict("This draft is no longer there. Open the plan again.")
    if version.state != VersionState.DRAFT and version.signed_by:
        raise Conflict(f"{rules.draft_only(version)} Signed by {version.signed_by.signature}.")
    return version


def unchanged_since(version: PlanVersion, thing_id: UUID | None, based_on: Based) -> None:
    """Conflict if the thing (or, for None, anything of the draft) was changed after revision `based_on`."""
    if based_on is None or based_on == version.revision:
        return
    steps = DraftStep.objects.filter(version=version, revision__gt=based_on)
    step = (steps.filter(thing_id=thing_id) if thing_id else steps).select_related("by").order_by("-revision").first()
    if step is not None:
        who = step.by.name if step.by else "Somebody"
        raise Conflict(f"{who} changed this meanwhile. What you typed is kept; look at both and save again.")


def _row_of_draft(row: R, based_on: Based) -> tuple[PlanVersion, R]:
    version = opened(row.version_id)
    unchanged_since(version, row.pk, based_on)
    found = type(row)._default_manager.filter(pk=row.pk, version=version).first()
    if found is None:
        raise Conflict("Somebody removed this row meanwhile. What you typed is kept; add it again if it is needed.")
    return version, found


def _change(version: PlanVersion, row: R, fields: Mapping[str, Any], kind: StepKind, by: "User") -> R:
    was = WORDS[kind](row)
    for name, value in fields.items():
        setattr(row, name, value)
    now = WORDS[kind](row)
    if now != was:
        row.save(update_fields=list(fields))
        _step(version, kind, row.pk, was, now, by)
    return row


def _remove(version: PlanVersion, row: R, kind: StepKind, by: "User") -> None:
    was, pk = WORDS[kind](row), row.pk
    row.delete()
    _step(version, kind, pk, was, {}, by)


def _step(
    version: PlanVersion, kind: StepKind, thing_id: UUID, was: dict[str, str], now: dict[str, str], by: "User"
) -> None:
    """Count the change, keep what it was and what it is now, and record who did it."""
    version.revision += 1
    version.save(update_fields=["revision", "discharge_criteria"])
    DraftStep.objects.create(
        version=version, revision=version.revision, kind=kind, thing_id=thing_id, was=was, now=now,
        at=clock.now(), by=by,
    )  # fmt: skip
    audit.record(Kind.CHANGED, by=by, on=version, what=f"plan.{kind}", detail={"revision": version.revision})


def _next(rows: "models.Manager[Any]") -> int:
    return (rows.aggregate(most=Max("position"))["most"] or 0) + 1


def _copy_rows(old: PlanVersion, new: PlanVersion) -> None:
    """The rows of a loaded version again in `new`, pointing at the same problems, objectives and interventions."""
    problems, objectives, interventions = [], [], []
    for problem in old.problem_rows.all():
        copied = _copy(problem, version=new)
        problems.append(copied)
        objectives += [_copy(row, version=new, problem_row=copied) for row in problem.objective_rows.all()]
        interventions += [
            _copy(row, version=new, problem_row=copied, snapshot="") for row in problem.intervention_rows.all()
        ]
    ProblemRow.objects.bulk_create(problems)
    ObjectiveRow.objects.bulk_create(objectives)
    InterventionRow.objects.bulk_create(interventions)


def _copy(row: R, **others: Any) -> R:
    """A new row with the same words."""
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    made = type(row)(**{name: getattr(row, name) for name in names})
    for name, value in others.items():
        setattr(made, name, value)
    return made
