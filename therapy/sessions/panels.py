"""What the session room offers to the ports: the tab, the chart's panel, and who waits for a signature."""

from datetime import datetime
from typing import Any

from clinic.ports import ChartTab
from patients.record.models import Patient
from therapy.sessions import queries

TAB = ChartTab("sessions", "Sessions", "sessions:list", "chart.read")  # port CHART_TABS


class Recent:
    """Port CHART_PANELS: the last four sessions with their homework."""

    key = "sessions"
    title = "Sessions"
    capability = "chart.read"
    place = "third"
    template = "sessions/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Two queries."""
        return {"sessions": queries.recent(patient.pk), "patient": patient}
