"""What the room offers to the ports: the way to the form, lines of the day, its task."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse

from clinic import permissions
from clinic.ports import DayLine, MedicineLink, TaskKind
from medications.injections import queries
from medications.injections.actions import KIND, PAGE
from medications.injections.models import Injection
from medications.prescribing import queries as prescribing
from patients.record.access import visible_patients
from patients.record.models import Patient
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

NEAR = 7  # days ahead that “my day” names


def medicine_links(patient: Patient, viewer: Any) -> dict[UUID, list[MedicineLink]]:
    """Port MEDICINE_LINKS: every depot leads to its injections, with the last in words. Six queries at most."""
    rows = prescribing.active(patient.pk, prescribing.practice_today())
    depots = [row for row in rows if row.origin == "ours" and queries.is_depot(row)]
    last = queries.newest(patient.pk) if depots else {}
    return {
        row.pk: [MedicineLink("Record an injection", _url(patient.pk, row.pk), _said(last.get(row.pk)))]
        for row in depots
    }


def _said(row: Injection | None) -> str:
    if row is None:
        return "None is recorded yet."
    where = f", {row.get_site_display()}" if row.site else ""
    return f"{row.get_what_display().capitalize()} on {row.on_day:%b} {row.on_day.day}{where}."


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: whose injection is due, of those who come to the person that day. Seven queries at most."""
    if not permissions.may(user.held_roles(), "medication.read"):
        return []
    coming = Attendance.objects.filter(
        patient=OuterRef("pk"), segment__clinician=user, segment__starts_at__date=day
    )  # fmt: skip
    mine = Patient.objects.filter(visible_patients(user, "medication.read"), Exists(coming))
    found = []
    for one in queries.due(day, patients=mine):
        if (one.on - day).days <= NEAR:
            text = f"A long-acting injection is {_when(one.on, day)}."
            found.append(DayLine(one.row.patient_id, "m", text, _url(one.row.patient_id, one.row.pk)))
    return found


def _when(on: date, day: date) -> str:
    if on == day:
        return "due today"
    return f"{'overdue since' if on < day else 'due'} {on:%a %b} {on.day}"


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: an injection to give."""
    return [TaskKind(KIND, "Injection due", "Record the injection", PAGE, "medication.prescribe", "m")]


def _url(patient_id: UUID, pk: UUID) -> str:
    return reverse(PAGE, kwargs={"patient_id": patient_id, "pk": pk})
