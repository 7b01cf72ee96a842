"""Why the visit room says no."""

from typing import TYPE_CHECKING
from uuid import UUID

from medications.visits.models import Visit
from patients.notes.enums import Contact
from patients.record import access

if TYPE_CHECKING:
    from clinic.staff.models import User

LEVELS = ("straightforward", "low", "moderate", "high")
WITHOUT_LEVEL = frozenset({Contact.INTAKE, Contact.MISSED, Contact.TELEPHONE, Contact.CRISIS})


def begin(by: "User", patient_id: UUID) -> str | None:
    """Medication visits are the prescriber's."""
    if access.may(by, "medication.prescribe", patient_id):
        return None
    return "Only a prescriber on the care team begins a medication visit."


def level(em_level: str) -> str | None:
    """A level by medical decision making (R-CPT-03), or none yet."""
    return None if em_level in ("", *LEVELS) else "Choose the level of decision making from the list."


def sign(visit: Visit) -> str | None:
    """A visit says what the care team needs to know, and how much was decided (R-CPT-03)."""
    contact = Contact(visit.note.contact)
    if contact is Contact.MISSED:
        return None
    if not visit.line:
        return "Write the line for the care team: one sentence that the therapist reads."
    if not visit.em_level and contact not in WITHOUT_LEVEL:
        return "Choose the level of decision making, then sign."
    return None
