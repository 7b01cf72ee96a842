"""What a medication visit bills, and what of it goes under its note's hash."""

from typing import Any

from medications.visits.models import Visit
from patients.notes import cpt
from patients.notes.enums import Contact


def codes(visit: Visit, licence: str) -> tuple[str, str]:
    """The visit's code by decision making, and the add-on that therapy minutes support (R-CPT-02, R-CPT-03)."""
    note = visit.note
    match Contact(note.contact):
        case Contact.INTAKE:
            return cpt.evaluation(licence), ""
        case Contact.VISIT if visit.em_level:
            add_on = cpt.therapy(note.minutes, with_visit=True).code if note.minutes else ""
            return cpt.visit_by_decisions(visit.em_level, new_patient=False), add_on
    return "", ""


def structured(visit: Visit) -> dict[str, Any]:
    """What goes under the note's hash beside its text, with units, as the note is read."""
    note = visit.note
    return {
        "line_for_the_care_team": visit.line,
        "decision_making": visit.em_level,
        "blood_pressure": f"{visit.systolic}/{visit.diastolic} mmHg" if visit.systolic else "",
        "pulse": f"{visit.pulse}/min" if visit.pulse else "",
        "weight": f"{visit.weight_kg:.1f} kg" if visit.weight_kg else "",
        "minutes_of_the_medical_visit": str(note.em_minutes) if note.em_minutes else "",
        "minutes_of_therapy": str(note.minutes) if note.minutes else "",
    }
