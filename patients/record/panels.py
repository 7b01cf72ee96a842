"""What the record shows on other pages: its parts of the patient strip, its tabs."""

from datetime import datetime
from typing import TYPE_CHECKING

from clinic.ports import ChartTab, StripPart
from clinic.web.templatetags.words import clock_time
from patients.record import queries
from patients.record.enums import AllergyAnswer, ContactChannel, TeamRole
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

MARKS = {TeamRole.THERAPIST: "t", TeamRole.PRESCRIBER: "m", TeamRole.COVER: "hollow"}
MOST = 3  # allergies that the strip names; the rest are counted

RECORD_TAB = ChartTab("record", "Record", "record:record", "chart.read")
DESK_TAB = ChartTab("desk", "Contacts", "record:desk", "patient.contacts")


def allergies(patient: Patient, viewer: "User") -> StripPart:
    """Allergies: listed, none known, or never asked, which is not the same. One query if some are listed."""
    if patient.allergies == AllergyAnswer.NEVER_ASKED:
        return StripPart("Allergies", [{"strong": "never asked"}])
    if patient.allergies == AllergyAnswer.NONE_KNOWN:
        return StripPart("Allergies", [{"text": "none known"}])
    rows = sorted(queries.allergies(patient.pk), key=lambda row: (not row.severe, row.name))
    pieces = [{"strong": row.name, "text": f"({row.reaction})" if row.reaction else ""} for row in rows[:MOST]]
    if len(rows) > MOST:
        pieces.append({"text": f"and {len(rows) - MOST} more"})
    return StripPart("Allergies", pieces)


def care_team(patient: Patient, viewer: "User") -> StripPart:
    """Who treats the patient now. One query."""
    pieces = []
    for row in queries.care_team(patient):
        text = row.user.signature + (" (covering)" if row.role == TeamRole.COVER else "")
        pieces.append({"mark": MARKS[TeamRole(row.role)], "text": text, "said": TeamRole(row.role).label})
    return StripPart("Care team", pieces or [{"strong": "nobody yet"}])


def opened(patient: Patient, until: datetime) -> StripPart:
    """That the chart is open by an emergency, and until when (R-HS-02)."""
    words = f"open to you until {clock_time(until, patient.site.zone)}"
    return StripPart("Emergency", [{"strong": words, "text": "and recorded"}])


def reached(patient: Patient) -> StripPart:
    """How the desk reaches the patient; no clinical word (R-HP-08). One query."""
    channel = queries.channel(patient.pk)
    pieces = [{"strong": patient.phone.as_national if patient.phone else "no telephone number"}]
    words = "no messages" if channel == ContactChannel.NONE else f"reminders by {channel.label}"
    return StripPart("Reached by", [*pieces, {"text": words}])
