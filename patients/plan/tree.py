"""A version as the page shows it: problems, objectives with where they stand, interventions with the live arms."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe

from clinic.ports import Arm as LiveArm
from clinic.web.templatetags.words import amount
from patients.plan import calc, queries
from patients.plan.enums import Arm, Owner
from patients.plan.mini import mini
from patients.plan.models import InterventionRow, ObjectiveRow, PlanVersion, ProblemRow
from patients.plan.queries import ObjectiveNow

OWNER_MARKS = {Owner.THERAPIST: "t", Owner.PRESCRIBER: "m", Owner.BOTH: "tm", Owner.PATIENT: "p"}
ARM_MARKS = {Arm.THERAPY: "t", Arm.MEDICATION: "m", Arm.PATIENT: "p"}


@dataclass(frozen=True)
class ObjectiveLine:
    """An objective on the page. `now` and `seen_on` only where the version is in force."""

    row: ObjectiveRow
    label: str
    mark: str
    stands: ObjectiveNow | None
    drawn: SafeString
    course: str

    @property
    def place(self) -> str:
        """Its anchor."""
        return f"row-{self.row.pk}"


@dataclass(frozen=True)
class InterventionLine:
    """An intervention on the page: what is done, then by whom, how often, for how long."""

    row: InterventionRow
    mark: str
    strong: str
    text: str
    meta: str = ""
    url: str = ""
    ended: bool = False

    @property
    def place(self) -> str:
        """Its anchor."""
        return f"row-{self.row.pk}"


@dataclass(frozen=True)
class ProblemPart:
    """A problem with what hangs below it."""

    number: int
    row: ProblemRow
    objectives: list[ObjectiveLine]
    interventions: list[InterventionLine]

    @property
    def place(self) -> str:
        """Its anchor."""
        return f"row-{self.row.pk}"

    @property
    def add_objective(self) -> str:
        """Where the form of a new objective opens."""
        return f"add-objective-{self.row.pk}"

    @property
    def add_intervention(self) -> str:
        """Where the form of a new intervention opens."""
        return f"add-intervention-{self.row.pk}"


def problems(version: PlanVersion, *, live: bool, arms: Mapping[UUID, LiveArm] | None = None) -> list[ProblemPart]:
    """The loaded version, ready to show. `live`: with today's scores, readings and orders; else as it was signed.

    `arms`: the live orders, where the caller has them (a draft shows them too).
    """
    stands = {one.row.pk: one for one in queries.objectives_now(version.patient_id, version)} if live else {}
    arms = arms if arms is not None else queries.live_arms(version.patient_id) if live else {}
    return [
        ProblemPart(
            n,
            row,
            [
                objective_line(one, calc.label(n, place), stands.get(one.pk))
                for place, one in enumerate(row.objective_rows.all())
            ],
            [intervention_line(one, arms) for one in row.intervention_rows.all()],
        )
        for n, row in enumerate(version.problem_rows.all(), 1)
    ]


def objective_line(row: ObjectiveRow, label: str, stands: ObjectiveNow | None = None) -> ObjectiveLine:
    """One objective, with where it stands if that is asked."""
    now = stands.now if stands else None
    said = [f"from {amount(row.baseline)}" if row.baseline is not None else ""]
    said += [
        f"to {amount(now)}" if now is not None else "",
        f"aim {amount(row.target)}" if row.target is not None else "",
    ]
    drawn = mini(row.baseline, now, row.target, ", ".join(part for part in said if part))
    return ObjectiveLine(
        row,
        label,
        OWNER_MARKS[Owner(row.owner)],
        stands,
        mark_safe(drawn),  # noqa: S308
        course(stands),
    )


def course(stands: ObjectiveNow | None) -> str:
    """How far an objective is, in words."""
    if stands is None:
        return ""
    if stands.now is None:
        return "not seen yet"
    if stands.progress.met:
        return "met"
    if stands.progress.back:
        return "behind its start"
    if stands.progress.fraction is None:
        return ""
    return f"{stands.progress.fraction:.0%} of the way".replace("%", " %")


def intervention_line(row: InterventionRow, arms: Mapping[UUID, LiveArm]) -> InterventionLine:
    """One intervention; a medication row resolves to the live order, its own text is stored nowhere else."""
    mark = ARM_MARKS[Arm(row.arm)]
    arm = arms.get(row.intervention_id)
    if row.arm == Arm.MEDICATION:
        return _medication(row, mark, arm)
    modality = queries.modality_name(row.modality)
    strong = modality or row.words
    rest = [row.words if modality else "", row.frequency, row.duration, row.provider.given_name if row.provider else ""]
    text = ", ".join(part for part in rest if part)
    return InterventionLine(row, mark, strong, text, arm.text if arm else "", arm.url if arm else "")


def _medication(row: InterventionRow, mark: str, arm: LiveArm | None) -> InterventionLine:
    if arm is None:
        if row.snapshot:
            return InterventionLine(row, mark, row.snapshot, "")
        url = _address("prescribing:medication", row.version.patient_id)
        return InterventionLine(row, mark, "no prescription linked yet", "", "link one on the Medication tab", url)
    meta = arm.meta if arm.live else "ended"
    if row.snapshot and not row.snapshot.startswith(arm.text):
        meta = f"{meta}; signed as {row.snapshot}" if meta else f"signed as {row.snapshot}"
    return InterventionLine(row, mark, arm.text, "", meta, arm.url, ended=not arm.live)


def _address(name: str, patient_id: UUID) -> str:
    try:
        return reverse(name, kwargs={"patient_id": patient_id})
    except NoReverseMatch:
        return ""
