"""What monitoring offers to the ports: tab, panels of chart and session, lines of “since” and of the day, tasks."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from clinic import clock, permissions
from clinic.ports import ChartTab, DayLine, SinceLine, TaskKind
from medications.monitoring import pages, queries
from medications.monitoring.actions.results import said
from patients.record.access import may
from patients.record.models import Patient
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

TAB = ChartTab("monitoring", "Monitoring", "monitoring:monitoring", "medication.read")
AT_ONCE, IN_A_PANEL = 3, 12


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a result that asks for an answer; a scale of movements that asks for a work-up."""
    return [
        TaskKind(
            "monitoring.alert", "Result to answer", "Read and answer it", "monitoring:result", "medication.read", "m"
        ),
        TaskKind(
            "monitoring.movements", "Movements to look at", "Read the scale", "measures:score", "medication.read", "m",
            by_hand=True,
        ),
    ]  # fmt: skip


def _shown(patient: Patient, viewer: Any) -> dict[str, Any] | None:
    """What is overdue or due soon, what waits for an answer, and the signs to look out for (R-MO-99). Three queries."""
    everything = pages.due_of(patient)
    near = [one for one in everything if one.days >= -queries.SOON and (not one.item.question or one.days >= 0)]
    waiting = queries.to_handle(patient.pk)
    if not everything and not waiting:
        return None
    overdue = [one for one in near if one.days > 0 and not one.item.question]
    first, later = _parted(near)
    plain = not may(viewer, "results.handle", patient.pk)
    return {
        "lines": first, "later": later, "more": max(len(near) - len(first) - len(later), 0), "patient": patient,
        "alerts": pages.alert_lines(waiting, plain=plain), "signs": pages.watch_signs(overdue),
        "next": next((one for one in everything if one not in near), None),
    }  # fmt: skip


def _parted(near: list[pages.Line]) -> tuple[list[pages.Line], list[pages.Line]]:
    """What is shown at once (overdue or due today, three at most, else the next), and what opens below it."""
    now = [one for one in near if one.days >= 0] or near[:1]
    first = sorted(now, key=lambda one: (not one.blocking, one.item.question, -one.days))[:AT_ONCE]
    rest = [one for one in near if one not in first]
    return first, rest[: IN_A_PANEL - len(first)]


class Panel:
    """Port CHART_PANELS: monitoring, seen by both disciplines."""

    key = "monitoring"
    title = "Monitoring"
    capability = "medication.read"
    place = "third"
    template = "monitoring/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Three queries; None where nothing is followed."""
        return _shown(patient, viewer)


class Beside:
    """Port SESSION_PANELS: what is overdue and what to look out for, beside the session's note (R-MO-99)."""

    key = "monitoring"
    title = "Monitoring"
    capability = "medication.read"
    template = "monitoring/beside.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Three queries; None where nothing is overdue, asked or unanswered."""
        found = _shown(patient, viewer)
        return found if found and (found["lines"] or found["alerts"]) else None


def overdue(patient: Patient, viewer: Any, since: datetime) -> Iterable[SinceLine]:
    """Port SINCE_LINES: results without an answer, and what is overdue, each with its signs (R-MO-99). Three queries.

    Questions are left to the panel: they are asked when the person is there.
    """
    if not may(viewer, "medication.read", patient.pk):
        return
    url = reverse("monitoring:monitoring", kwargs={"patient_id": patient.pk})
    for row in queries.to_handle(patient.pk):
        sentence = " ".join(one["plain"] for one in row.alerts)
        where = reverse("monitoring:result", kwargs={"patient_id": patient.pk, "pk": row.pk})
        yield SinceLine("m", said(row), sentence, "not answered yet", where)
    for one in pages.due_of(patient):
        if one.days > 0 and not one.item.question:
            watch = f"; look out for: {one.watch}" if one.watch and one.blocking else ""
            yield SinceLine("m", one.name, f"{one.when}{watch}", f"for {one.drug}", url)


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: of the people who come to the person that day, what stops a refill, and unanswered results.

    Two queries, none without the right.
    """
    if not permissions.may(user.held_roles(), "medication.read"):
        return []
    coming = Attendance.objects.filter(
        patient=OuterRef("patient"), segment__clinician=user, segment__starts_at__date__gte=day,
        segment__starts_at__date__lte=day,
    )  # fmt: skip
    found = []
    for row in queries.unanswered(user).filter(Exists(coming)):
        plain = " ".join(one["plain"] for one in row.alerts)
        url = reverse("monitoring:result", kwargs={"patient_id": row.patient_id, "pk": row.pk})
        found.append(DayLine(row.patient_id, "m", f"{said(row)}. {plain}", url))
    rows = queries.overdue_today(user, Q(Exists(coming)), clock.today(queries.ZONE))
    for row_due in rows.filter(refill_asks_on__isnull=False):
        one = pages.line(row_due, clock.today(queries.ZONE))
        if one is not None and not one.item.question:
            url = reverse("monitoring:monitoring", kwargs={"patient_id": row_due.patient_id})
            watch = f": {one.watch}" if one.watch else ""
            found.append(DayLine(row_due.patient_id, "m", f"{one.name} {one.when}{watch}", url))
    return found
