"""What the room offers to the ports: when the list was gone through, what the patient says, its task."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from clinic.ports import ListTold, MedicineSaid, TaskKind
from medications.reconciling import queries
from medications.reconciling.actions import KIND, PAGE
from medications.reconciling.models import ReconciledLine
from patients.record import access
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


def told(patient: Patient, viewer: "User | None") -> ListTold:
    """Port MEDICINE_LIST: the last time, and what has not been answered since. Three queries."""
    newest = queries.last(patient.pk)
    said = queries.said(patient.pk) if newest else {}
    may = viewer is not None and access.may(viewer, "medication.report", patient.pk)
    return ListTold(
        at=newest.recorded_at if newest else None,
        by=newest.recorded_by.name if newest and newest.recorded_by else "",
        url=reverse(PAGE, kwargs={"patient_id": patient.pk, "pk": newest.pk}) if newest else "",
        go=reverse("reconciling:list", kwargs={"patient_id": patient.pk}) if may else "",
        said={key: _said(patient.pk, line) for key, line in said.items()},
    )


def _said(patient_id: UUID, line: ReconciledLine) -> MedicineSaid:
    by = line.reconciliation.recorded_by
    url = reverse(PAGE, kwargs={"patient_id": patient_id, "pk": line.reconciliation_id})
    return MedicineSaid(line.answer, line.words, line.reconciliation.recorded_at, by.name if by else "", url)


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: the patient does not take a medicine as it is ordered."""
    return [
        TaskKind(KIND, "Not taken as ordered", "See what was said", PAGE, "medication.prescribe", "m", by_hand=True)
    ]
