"""Plans that the tests of tapers start from: clonazepam 1 mg at bedtime since autumn, by tablets of 0.5 mg."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.staff.models import User
from medications.prescribing.actions import Override
from medications.prescribing.models import Prescription
from medications.tapers import actions
from medications.tapers.actions import Design
from medications.tapers.calc import Stair
from medications.tapers.enums import Kind
from medications.tapers.models import TaperPlan, TaperStep
from patients.plan.models import Intervention, InterventionRow, PlanVersion, Problem, ProblemRow
from patients.record.models import Patient
from tests.cast import at
from tests.medications.prescribing.given import regimen, started, supply

LONG_AGO = at("2025-10-06 10:00")
JOINT = "benzodiazepine_asam_2025"
WHY = Override("benefit", "Agreed with her, seen every week.")


class Everything(dict[str, Override]):
    """The same reason, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        """Always that reason."""
        return WHY


EVERYTHING: Mapping[str, Override] = Everything()


def clonazepam(patient: Patient, *, by: User, strength: str = "1", when: str = "bedtime") -> Prescription:
    """Taken for five months."""
    with clock.at(LONG_AGO):
        return started(
            patient, by=by, regimen=regimen("clonazepam", strength, when=when), supply=supply(), answers=EVERYTHING
        ).prescription


def stairs(*given: tuple[int, str], start: date) -> list[Stair]:
    """Days from `start`, and mg."""
    return [Stair(start + timedelta(days=days), Decimal(dose)) for days, dose in given]


def design(
    *given: tuple[int, str], start: date, kind: str = "taper", template: str = "", floor: str = "0.125"
) -> Design:
    """What a prescriber designed."""
    return Design(Kind(kind), template, stairs(*given, start=start), Decimal(floor))


def planned(
    prescription: Prescription, *given: tuple[int, str], by: User, kind: str = "taper", **more: Any
) -> TaperPlan:
    """A draft: days from today, and mg."""
    today = clock.today(prescription.patient.zone)
    return actions.draft(prescription, design=design(*given, start=today, kind=kind, **more), by=by)


def running(prescription: Prescription, *given: tuple[int, str], by: User, **more: Any) -> TaperPlan:
    """A plan under way."""
    steps = given or ((14, "0.75"), (42, "0.5"), (70, "0.375"), (98, "0"))
    plan = planned(prescription, *steps, by=by, **more)
    return actions.start(plan, answers=EVERYTHING, by=by)


def confirmed(plan: TaperPlan, *, by: User, **more: Any) -> TaperStep:
    """The next step, signed, whatever stands against it."""
    return actions.confirm_step(plan, answers=EVERYTHING, by=by, **more)


def therapy(patient: Patient, *, by: User, modality: str = "cbti") -> None:
    """A signed plan that names a therapy."""
    moment = clock.now()
    version = PlanVersion.objects.create(patient=patient, number=1, created_at=moment)
    problem = Problem.objects.create(patient=patient, created_at=moment)
    row = ProblemRow.objects.create(version=version, problem=problem, position=0, title="Sleep")
    InterventionRow.objects.create(
        version=version, problem_row=row, position=0, arm="therapy", modality=modality, frequency="weekly",
        intervention=Intervention.objects.create(patient=patient, created_at=moment),
    )  # fmt: skip
    PlanVersion.objects.filter(pk=version.pk).update(
        state="signed", signed_at=moment, signed_by=by, patient_agreed="agreed", content_hash="0" * 64, signature="T",
        review_due_on=moment.date() + timedelta(days=90),
    )  # fmt: skip


def days(plan: TaperPlan) -> list[tuple[str, str]]:
    """The steps that stand: day and mg."""
    rows = TaperStep.objects.filter(plan=plan, replaced_at=None).order_by("number")
    return [(one.on_day.isoformat(), f"{one.dose_mg.normalize():f}") for one in rows]
