"""Where prescriptions and the shared plan meet: problems to choose from, arms, what stands against signing."""

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse

from clinic.ports import Arm
from medications.prescribing import queries
from medications.prescribing.models import Prescription, PrescriptionTarget
from patients.plan import queries as plan
from patients.plan.enums import Arm as ArmKind
from patients.plan.models import ProblemRow


def problem_rows(patient_id: UUID) -> list[ProblemRow]:
    """The problems of the draft, else of the plan in force, with their rows. Five queries at most."""
    version = plan.open_draft(patient_id) or plan.in_force(patient_id)
    return list(version.problem_rows.all()) if version else []


def problem_choices(patient_id: UUID) -> list[tuple[str, str]]:
    """The problems that a prescription may be for, as choices."""
    return [(str(row.problem_id), f"{n}. {row.title}") for n, row in enumerate(problem_rows(patient_id), 1)]


def intervention_choices(patient_id: UUID) -> list[tuple[str, str]]:
    """The plan's medication interventions, as choices."""
    return [
        (str(one.intervention_id), f"medication for {n}. {row.title}")
        for n, row in enumerate(problem_rows(patient_id), 1)
        for one in row.intervention_rows.all()
        if one.arm == ArmKind.MEDICATION
    ]


def titles(patient_id: UUID, problem_ids: set[UUID]) -> dict[UUID, str]:
    """What the plan calls each problem, newest version first. One query."""
    rows = ProblemRow.objects.filter(problem_id__in=problem_ids, version__patient_id=patient_id)
    found: dict[UUID, str] = {}
    for problem_id, title in rows.order_by("-version__number").values_list("problem_id", "title"):
        found.setdefault(problem_id, title)
    return found


class Arms:
    """Port PLAN_ARMS: prescriptions speak for the interventions they are linked to."""

    def arms(self, patient_id: UUID) -> Sequence[Arm]:
        """One Arm per linked prescription. Six queries, whatever the number."""
        linked = dict(
            PrescriptionTarget.objects.filter(prescription__patient_id=patient_id, intervention__isnull=False)
            .values_list("prescription_id", "intervention_id")
        )  # fmt: skip
        if not linked:
            return []
        rows = queries.with_orders(Prescription.objects.filter(pk__in=linked))
        return [arm_of(row, linked[row.pk]) for row in rows if linked[row.pk] is not None]

    def problems_without_measure(self, patient_id: UUID) -> Sequence[str]:
        """R-TP-08: every active medicine of ours has a problem, every problem with a medicine a measure."""
        today = queries.practice_today()
        ours = Prescription.objects.filter(queries.not_over(today), patient_id=patient_id, origin="ours")
        targets: dict[UUID, set[UUID]] = {pk: set() for pk in ours.values_list("pk", flat=True)}
        if not targets:
            return []
        rows = {row.problem_id: row for row in problem_rows(patient_id)}
        for pk, problem in PrescriptionTarget.objects.filter(prescription__in=targets).values_list(
            "prescription_id", "problem_id"
        ):
            targets[pk].add(problem)
        found = []
        loose = sum(not (problems & rows.keys()) for problems in targets.values())
        if loose:
            what = "One medicine that we prescribe is" if loose == 1 else f"{loose} medicines that we prescribe are"
            found.append(f"{what} linked to no problem of this plan. Link it on the Medication tab.")
        with_drug = set().union(*targets.values()) & rows.keys()
        for n, (problem, row) in enumerate(rows.items(), 1):
            if problem in with_drug and not any(
                one.instrument or one.target is not None for one in row.objective_rows.all()
            ):
                found.append(f"Problem {n} has a medicine but no measure. Add an objective with a number.")
        return found


def arm_of(prescription: Prescription, intervention_id: UUID) -> Arm:
    """What the plan shows of a prescription: the live order's words, stored nowhere else."""
    today = queries.practice_today()
    order = queries.last_order(prescription, today)
    name = queries.generic_name(prescription).capitalize()
    url = reverse("prescribing:medication", kwargs={"patient_id": prescription.patient_id})
    if prescription.retracted_at is not None:
        return Arm(intervention_id, "med", f"{name}, entered in error", live=False, url=url)
    if prescription.stopped_on is not None and prescription.stopped_on <= today:
        day = prescription.stopped_on
        return Arm(intervention_id, "med", f"{name}, stopped {day:%b} {day.day}", live=False, url=url)
    if order is None:
        return Arm(intervention_id, "med", name, live=False, url=url)
    dose = queries.dose(order)
    text = f"{name} {dose}, on hold" if prescription.held_at else f"{name} {dose}: {order.sig}"
    return Arm(intervention_id, "med", text, meta=f"since {order.from_day:%b} {order.from_day.day}", url=url)
