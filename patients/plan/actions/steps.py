"""What every change of a draft does: lock, see that nobody was faster, write, count the step, copy rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Count, Max

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, check
from patients.plan import queries, rules
from patients.plan.enums import StepKind, VersionState
from patients.plan.models import DraftStep, InterventionRow, ObjectiveRow, PlanVersion, ProblemRow

if TYPE_CHECKING:
    from clinic.staff.models import User

R = TypeVar("R", ProblemRow, ObjectiveRow, InterventionRow)
Based = int | None

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
    found = (steps.filter(thing_id=thing_id) if thing_id else steps).select_related("by").order_by("-revision").first()
    if found is not None:
        who = found.by.name if found.by else "Somebody"
        raise Conflict(f"{who} changed this meanwhile. What you typed is kept; look at both and save again.")


def row_of_draft(row: R, based_on: Based) -> tuple[PlanVersion, R]:
    """The locked draft and the row in it; Conflict if the row was changed since `based_on`, or removed."""
    version = opened(row.version_id)
    unchanged_since(version, row.pk, based_on)
    found = type(row)._default_manager.filter(pk=row.pk, version=version).first()
    if found is None:
        raise Conflict("Somebody removed this row meanwhile. What you typed is kept; add it again if it is needed.")
    return version, found


def change(version: PlanVersion, row: R, fields: Mapping[str, Any], kind: StepKind, by: "User") -> R:
    """Write the fields into the row; a step only where a word differs."""
    was = WORDS[kind](row)
    for name, value in fields.items():
        setattr(row, name, value)
    now = WORDS[kind](row)
    if now != was:
        row.save(update_fields=list(fields))
        step(version, kind, row.pk, was, now, by)
    return row


def remove(version: PlanVersion, row: R, kind: StepKind, by: "User") -> None:
    """Delete the row from the draft; its identity stays."""
    was, pk = WORDS[kind](row), row.pk
    row.delete()
    step(version, kind, pk, was, {}, by)


def step(
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


def next_place(rows: "models.Manager[Any]") -> int:
    """One below the last row. Refused where there is no room for one more."""
    found = rows.aggregate(count=Count("pk"), most=Max("position"))
    check(rules.room_for_more, found["count"])
    return (found["most"] or 0) + 1


def copy_rows(old: PlanVersion, new: PlanVersion) -> None:
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
