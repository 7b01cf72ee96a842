"""Why the visit room says no."""

from typing import TYPE_CHECKING
from uuid import UUID

from medications.visits.models import Visit
from patients.notes import cpt
from patients.notes.enums import Contact
from patients.record import access
from patients.scheduling.enums import Service
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

LEVELS = ("straightforward", "low", "moderate", "high")
WITHOUT_LEVEL = frozenset({Contact.INTAKE, Contact.MISSED, Contact.TELEPHONE, Contact.CRISIS})
OF_THERAPY = (Service.THERAPY, Service.GROUP)


def begin(by: "User", patient_id: UUID, attendance: Attendance | None = None) -> str | None:
    """Medication visits are the prescriber's; a colleague's therapy session is not turned into one."""
    if not access.may(by, "medication.prescribe", patient_id):
        return "Only a prescriber on the care team begins a medication visit."
    if attendance is None:
        return None
    if attendance.patient_id != patient_id:
        return "That visit belongs to somebody else. Open it from the right chart."
    if attendance.segment.service in OF_THERAPY and attendance.segment.clinician_id != by.pk:
        return "That is a colleague’s therapy session. Begin the visit without it."
    return None


def level(em_level: str) -> str | None:
    """A level by medical decision making (R-CPT-03), or none yet."""
    return None if em_level in ("", *LEVELS) else "Choose the level of decision making from the list."


def sign(visit: Visit) -> str | None:
    """A visit says what the care team needs to know and how much was decided; with therapy, both times (R-CPT-03)."""
    note, contact = visit.note, Contact(visit.note.contact)
    if contact is Contact.MISSED:
        return None
    if not visit.line:
        return "Write the line for the care team: one sentence that the therapist reads."
    if contact in WITHOUT_LEVEL:
        return None
    if not visit.em_level:
        return "Choose the level of decision making, then sign."
    if note.minutes and cpt.therapy(note.minutes, with_visit=True).code and not note.em_minutes:
        return "Write the minutes of the medical visit, apart from those of therapy."
    return None
