"""What the visit room offers to the chart: the prescriber's line, which the therapist reads."""

from datetime import datetime
from typing import Any

from clinic.staff.models import User
from medications.visits.models import Visit
from patients.record.models import Patient


class Line:
    """Port CHART_PANELS: the line of the last signed medication visit. One query."""

    key = "visits.line"
    title = "The prescriber’s line"
    capability = "medication.read"
    place = "today"
    template = "visits/panel.html"

    def context(self, patient: Patient, viewer: User, since: datetime | None) -> dict[str, Any] | None:
        """The newest visit with a line; None without one."""
        rows = Visit.objects.filter(
            patient=patient, note__signed_at__isnull=False, note__retracted_at=None
        ).exclude(line="")  # fmt: skip
        visit = rows.select_related("note__author").order_by("-note__started_at").first()
        return {"visit": visit, "mine": visit.note.author_id == viewer.pk} if visit else None
