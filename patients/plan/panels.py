"""What the plan offers to the ports: the strip's word, the chart's third column, its tab and its task."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from clinic import clock
from clinic.ports import ChartTab, StripPart, TaskKind
from clinic.web.templatetags.words import short_day
from patients.plan import queries, tree
from patients.plan.enums import VersionState
from patients.plan.models import PlanVersion
from patients.record.models import Patient

TAB = ChartTab("plan", "Plan", "plan:plan", "chart.read")  # port CHART_TABS


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a plan to review."""
    return [TaskKind("plan.review", "Plan review", "Open the plan", "plan:version", "plan.write", "tm")]


def strip(patient: Patient, viewer: Any) -> StripPart:
    """Port STRIP_PARTS: which version counts, since when, and whether its review is due. One query."""
    rows = PlanVersion.objects.filter(patient=patient, state__in=[VersionState.SIGNED, VersionState.DRAFT])
    states = {row.state: row for row in rows.order_by("number")}
    url = reverse("plan:plan", kwargs={"patient_id": patient.pk})
    version, draft = states.get(VersionState.SIGNED), states.get(VersionState.DRAFT)
    if version is None:
        return StripPart("Plan", [{"text": f"v{draft.number}, in draft" if draft else "none yet", "url": url}])
    said = f"signed {short_day(version.signed_at)}"
    if version.review_due_on and version.review_due_on <= clock.today(patient.zone):
        said = f"review due {short_day(version.review_due_on)}"
    draft_said = f", v{draft.number} in draft" if draft else ""
    return StripPart("Plan", [{"text": f"v{version.number}, {said}{draft_said}", "url": url}])


class Objectives:
    """Port CHART_PANELS: the goals and where the objectives stand."""

    key = "plan"
    title = "Plan"
    capability = "chart.read"
    place = "third"
    template = "plan/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any]:
        """Six queries at most: the version with its rows, scores, readings."""
        version = queries.in_force(patient.pk)
        rows = queries.objectives_now(patient.pk, version) if version else []
        return {
            "version": version,
            "goals": [row.goal_words for row in version.problem_rows.all() if row.goal_words][:1] if version else [],
            "rows": [tree.objective_line(one.row, one.label, one) for one in rows],
        }
