"""What the risk room offers to the ports: its tasks, and why a missed visit matters."""

from uuid import UUID

from clinic.ports import TaskKind
from patients.risk.models import RiskFlag


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a flag to be looked at by the team, or a clinician to be fetched by the desk."""
    return [
        TaskKind("risk.flag", "Risk flag", "Open the flag", "risk:flag", "risk.resolve", "risk"),
        TaskKind(
            "risk.nobody", "Clinician needed", "Fetch a clinician", "", "patient.contacts", "risk", by_hand=True
        ),
    ]  # fmt: skip


def missed_visit(patient_id: UUID) -> str:
    """Port MISSED_VISIT: a visit missed with an open risk flag is told to both clinicians (R-RE-08). One query."""
    return "open risk flag" if RiskFlag.objects.filter(patient_id=patient_id, closed_at=None).exists() else ""
