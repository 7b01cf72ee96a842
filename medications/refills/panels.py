"""What the refill room offers to the ports: its task kinds, the lines of the day, the prescriber's tab count."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from clinic import permissions
from clinic.ports import ChartTab, DayLine, MedicineLink, TaskKind
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Prescription
from medications.prescribing.queries import practice_today
from medications.refills import queries
from patients.record.access import may
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

SOON_DAYS = 3
TAB = ChartTab("refill-call", "Refill call", "refills:ask", "refill.ask")  # the front desk's; it names no medicine


def medicine_links(patient: Patient, viewer: Any) -> dict[UUID, list[MedicineLink]]:
    """Port MEDICINE_LINKS: the care team notes that a pharmacy asks for a refill. Two queries, whatever the number."""
    if not may(viewer, "medication.report", patient.pk):
        return {}
    rows = Prescription.objects.filter(
        prescribing.not_over(practice_today()), patient=patient, origin="ours", held_at=None, stopped_on=None
    ).values_list("pk", flat=True)
    return {
        pk: [
            MedicineLink(
                "A pharmacy asks", reverse("refills:pharmacy_asks", kwargs={"patient_id": patient.pk, "pk": pk})
            )
        ]
        for pk in rows
    }


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: the desk waits; somebody asks for a call; a visit to book (the front desk's)."""
    return [
        TaskKind("refills.desk", "Refills wait", "Open the refill desk", "refills:desk", "refill.decide", "m"),
        TaskKind("refills.overdue", "Supply run out", "Open the refill desk", "refills:desk", "refill.decide", "m"),
        TaskKind("refills.visit", "Visit to book", "Book the visit", "scheduling:book", "schedule.book", by_hand=True),
        TaskKind("refills.call", "Refill call", "Call the patient", "refills:call", "refill.decide", "m"),
    ]


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: open requests for supplies that end within three days. One query, none without the right."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return []
    return [
        DayLine(
            row.patient_id, "m", _words(row.supply_end, day),
            reverse("refills:decide", kwargs={"patient_id": row.patient_id, "pk": row.pk}),
        )
        for row in queries.desk(user).prefetch_related(None)
        if (row.supply_end - day).days <= SOON_DAYS
    ]  # fmt: skip


def nav_count(user: "User") -> dict[str, int]:
    """Port NAV_COUNTS: how many requests wait at the person's desk. One query, none without the right."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return {}
    return {"refills:desk": queries.desk(user).count()}


def _words(supply_end: date, day: date) -> str:
    left = (supply_end - day).days
    if left <= 0:
        return "A supply has run out; the refill waits at your desk."
    return f"A supply runs out in {left} day{'s' if left != 1 else ''}; the refill waits at your desk."
