"""What the handoffs room offers to the ports: the others' lines on the chart, and its tasks."""

from datetime import datetime
from typing import Any

from clinic.ports import TaskKind
from patients.handoffs import queries
from patients.record.models import Patient


class Lines:
    """Port CHART_PANELS: the newest unanswered line of each colleague, in the side column of the first page."""

    key = "handoffs"
    title = "Lines"
    capability = "handoff.write"
    place = "today"
    template = "handoffs/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """One query; None where nobody left a line."""
        lines = queries.unanswered(patient.pk, viewer)
        return {"lines": lines, "patient": patient} if lines else None


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a line to read."""
    return [TaskKind("handoffs.line", "A line for you", "Read it and answer", "handoffs:line", "handoff.write")]
