"""Reading the shared plan: versions with their rows, where objectives stand, what the arms say today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic.ports import Arm as LiveArm
from clinic.ports import load
from patients.measures import instruments
from patients.measures.models import Score
from patients.plan import calc
from patients.plan.calc import Progress
from patients.plan.enums import VersionState
from patients.plan.models import InterventionRow, ObjectiveReading, ObjectiveRow, PlanVersion, ProblemRow


@dataclass(frozen=True, slots=True)
class ObjectiveNow:
    """Where an objective stands: its row, its number, start, now and aim. `now` is None while nothing is known."""

    row: ObjectiveRow
    label: str
    start: Decimal | None
    now: Decimal | None
    aim: Decimal | None
    progress: Progress
    seen_on: date | datetime | None = None

    @property
    def owner(self) -> str:
        """Who carries it."""
        return self.row.owner

    @property
    def words(self) -> str:
        """What is to be reached."""
        return self.row.words

    @property
    def below(self) -> bool:
        """Whether the aim is to be under a number, not at it."""
        return self.row.target_is_below


def with_rows(versions: QuerySet[PlanVersion]) -> QuerySet[PlanVersion]:
    """The versions with problems, objectives and interventions, in order: four queries whatever the number."""
    objectives = ObjectiveRow.objects.order_by("position", "id")
    interventions = InterventionRow.objects.select_related("provider", "version").order_by("position", "id")
    problems = (
        ProblemRow.objects.select_related("condition")
        .order_by("position", "id")
        .prefetch_related(Prefetch("objective_rows", objectives), Prefetch("intervention_rows", interventions))
    )
    return versions.select_related("signed_by", "created_by").prefetch_related(Prefetch("problem_rows", problems))


def in_force(patient_id: UUID) -> PlanVersion | None:
    """The signed version that counts, with its rows; None before the first signature. Four queries at most."""
    return with_rows(PlanVersion.objects.filter(patient_id=patient_id, state=VersionState.SIGNED)).first()


def open_draft(patient_id: UUID) -> PlanVersion | None:
    """The draft that is being written, with its rows, if there is one. Four queries at most."""
    return with_rows(PlanVersion.objects.filter(patient_id=patient_id, state=VersionState.DRAFT)).first()


def history(patient_id: UUID) -> list[PlanVersion]:
    """The signed versions, newest first, without rows. One query."""
    versions = PlanVersion.objects.filter(patient_id=patient_id).exclude(state=VersionState.DRAFT)
    return list(versions.select_related("signed_by").order_by("-number"))


def objectives_now(patient_id: UUID, version: PlanVersion | None = None) -> list[ObjectiveNow]:
    """Where each objective of the plan in force (or of `version`, loaded) stands. Two queries beside the plan's own."""
    plan = version or in_force(patient_id)
    if plan is None:
        return []
    rows = [
        (row, calc.label(n, place))
        for n, problem in enumerate(plan.problem_rows.all(), 1)
        for place, row in enumerate(problem.objective_rows.all())
    ]
    scores = _latest_scores(patient_id, {row.instrument for row, _ in rows if row.instrument})
    readings = _latest_readings({row.objective_id for row, _ in rows if not row.instrument})
    return [_stands(row, name, scores, readings) for row, name in rows]


def live_arms(patient_id: UUID) -> dict[UUID, LiveArm]:
    """What each intervention that a room is linked to says today (port PLAN_ARMS). One query a room."""
    return {arm.intervention_id: arm for room in load("PLAN_ARMS") for arm in room.arms(patient_id)}


def measures_against(patient_id: UUID) -> list[str]:
    """What the rooms of the arms hold against signing (R-TP-08)."""
    return [sentence for room in load("PLAN_ARMS") for sentence in room.problems_without_measure(patient_id)]


def modality_name(key: str) -> str:
    """The name of a modality by its key (port PLAN_MODALITIES); what is not a key stands for itself."""
    return next((name for found, name in modalities() if found == key), key)


def modalities() -> list[tuple[str, str]]:
    """The kinds of therapy that a plan may name: key and name, from the rooms of port PLAN_MODALITIES."""
    return [(key, term.name) for room in load("PLAN_MODALITIES") for key, term in room().items()]


def _latest_scores(patient_id: UUID, keys: Iterable[str]) -> dict[str, tuple[Decimal, datetime]]:
    wanted = set(keys)
    if not wanted:
        return {}
    rows = (
        Score.objects.filter(patient_id=patient_id, instrument__in=wanted, retracted_at=None, total__isnull=False)
        .order_by("instrument", "-answered_at", "-pk")
        .distinct("instrument")
        .values_list("instrument", "total", "answered_at")
    )
    return {key: (Decimal(total), at) for key, total, at in rows if total is not None}


def _latest_readings(objectives: Iterable[UUID]) -> dict[UUID, tuple[Decimal, date]]:
    wanted = set(objectives)
    if not wanted:
        return {}
    rows = (
        ObjectiveReading.objects.filter(objective_id__in=wanted)
        .order_by("objective", "-on", "-recorded_at", "-pk")
        .distinct("objective")
        .values_list("objective_id", "value", "on")
    )
    return {objective: (value, on) for objective, value, on in rows}


def _stands(
    row: ObjectiveRow,
    name: str,
    scores: Mapping[str, tuple[Decimal, datetime]],
    readings: Mapping[UUID, tuple[Decimal, date]],
) -> ObjectiveNow:
    found = scores.get(row.instrument) if row.instrument else readings.get(row.objective_id)
    now = found[0] if found else None
    progress = calc.progress(row.baseline, now, row.target, below=row.target_is_below)
    return ObjectiveNow(row, name, row.baseline, now, row.target, progress, found[1] if found else None)


# --- a version as plain words: for comparing and for the hash -------------------------------


def _amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def problem_words(row: ProblemRow) -> dict[str, str]:
    """A problem's fields as words, in the order in which they are shown."""
    condition = f"{row.condition.code} {row.condition.title}" if row.condition else ""
    return {"problem": row.title, "diagnosis": condition, "goal": row.goal_words}


def objective_words(row: ObjectiveRow) -> dict[str, str]:
    """An objective's fields as words."""
    found = instruments.everything().get(row.instrument)
    aim = _amount(row.target)
    return {
        "objective": row.words,
        "measure": found.short_name if found else row.instrument,
        "unit": row.unit,
        "start": _amount(row.baseline),
        "aim": f"below {aim}" if aim and row.target_is_below else aim,
        "by": row.target_on.isoformat() if row.target_on else "",
        "owner": row.owner,
    }


def intervention_words(row: InterventionRow) -> dict[str, str]:
    """An intervention's fields as words; a medication row says what its snapshot says."""
    return {
        "arm": row.arm,
        "modality": modality_name(row.modality),
        "intervention": row.words,
        "frequency": row.frequency,
        "duration": row.duration,
        "provider": row.provider.signature if row.provider else "",
        "prescription": row.snapshot,
    }


def as_rows(version: PlanVersion) -> list[calc.PlanRow]:
    """A loaded version as rows ready to compare (R-TP-09)."""
    rows = []
    for problem in version.problem_rows.all():
        rows.append(calc.PlanRow(str(problem.problem_id), "problem", problem_words(problem)))
        rows += [
            calc.PlanRow(str(row.objective_id), "objective", objective_words(row))
            for row in problem.objective_rows.all()
        ]
        rows += [
            calc.PlanRow(str(row.intervention_id), "intervention", intervention_words(row))
            for row in problem.intervention_rows.all()
        ]
    rows.append(calc.PlanRow("criteria", "criteria", {"ready to finish when": version.discharge_criteria}))
    return rows


def compare(old: PlanVersion, new: PlanVersion) -> Sequence[calc.RowChange]:
    """What changed between two loaded versions."""
    return calc.diff(as_rows(old), as_rows(new))
