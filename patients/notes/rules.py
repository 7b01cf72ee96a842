"""Why the note machine says no."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinic import clock
from clinic.staff import rules as staff
from clinic.staff.enums import Profession
from patients.notes import calc, formats, same_day
from patients.notes.cpt import everything
from patients.notes.enums import Contact
from patients.notes.models import Note
from patients.notes.same_day import ASK, REFUSE, Claim, Finding
from patients.record import access
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST_MINUTES = 720
MOST_TEXT = 50_000  # characters of one part


def begin(patient_id: UUID, attendance: Attendance | None, kind: str, note_format: str) -> str | None:
    """A note belongs to an attendance of its own patient, in a format of its kind."""
    if attendance is not None and attendance.patient_id != patient_id:
        return "That visit belongs to somebody else. Open it from the right chart."
    if note_format not in formats.formats_for(kind):
        return "This kind of note has no such format. Choose one of those shown."
    return None


def change(note: Note, by: "User") -> str | None:
    """Only its author writes in a draft."""
    if note.author_id != by.pk:
        return "Only its author writes in this note."
    if note.retracted_at is not None:
        return "This note was marked as entered in error and takes no more text."
    if note.is_signed:
        return "This note is signed and can no longer change. Add what is missing as an addendum."
    return None


def times(started_at: datetime, ended_at: datetime | None, minutes: int | None, em_minutes: int | None) -> str | None:
    """A contact ends after it began, within a day; minutes are sensible."""
    if ended_at is not None and ended_at < started_at:
        return "The end is before the start. Correct one of the two."
    if ended_at is not None and ended_at - started_at > timedelta(days=1):
        return "The end is more than a day after the start. Correct one of the two."
    for value in (minutes, em_minutes):
        if value is not None and not 0 <= value <= MOST_MINUTES:
            return f"Minutes go from 0 to {MOST_MINUTES}."
    together = (minutes or 0) + (em_minutes or 0)  # therapy minutes exclude those of the medical visit (R-CPT-03)
    if ended_at is not None and together > calc.minutes_between(started_at, ended_at) + 1:
        return "There are more minutes than between start and end. Correct one of them."
    return None


def sign(note: Note, by: "User") -> str | None:
    """The author signs, licensed today, a note with something in every section (R-HS-05, R-TP-10)."""
    if refusal := change(note, by):
        return refusal
    if refusal := staff.may_sign(by):
        return refusal
    if note.started_at > clock.now() + timedelta(minutes=5):
        return "The note begins in the future. Correct the start, or sign it after the visit."
    if empty := formats.empty_sections(note.parts, note.format):
        return f"Still empty: {', '.join(section.label for section in empty)}. Write a line in each, then sign."
    if note.contact != Contact.MISSED and note.ended_at is None:
        return "Enter when it ended, then sign."
    return times(note.started_at, note.ended_at, note.minutes, note.em_minutes)


def codes(note: Note, licence: str, level_by: str) -> list[Claim]:
    """The claims that a note makes."""
    found = []
    for code in (note.code, note.add_on_code):
        if code:
            row = everything().get(code)
            visit = row is not None and row.is_visit
            minutes = note.em_minutes if visit else note.minutes
            found.append(Claim(code, str(note.author_id), licence, level_by if visit else "", minutes))
    return found


def against_codes(mine: list[Claim], others: list[Claim]) -> list[Finding]:
    """What stands against these codes, beside what others of that day say already (R-CPT-02 to R-CPT-08)."""
    known = same_day.check_day(others)
    return [finding for finding in same_day.check_day([*others, *mine]) if finding not in known]


def bill(note: Note, findings: list[Finding]) -> str | None:
    """Codes of their day, that nothing refuses; what only asks needs a reason (R-CPT-08)."""
    day = note.started_at.astimezone(note.patient.zone).date()
    for code in filter(None, (note.code, note.add_on_code)):
        if code in everything() and not everything()[code].in_force(day):
            return f"{code} was not in force on that day. Choose another code."
    if refused := [finding.sentence for finding in findings if finding.kind == REFUSE]:
        return " ".join(refused)
    asked = [finding.sentence for finding in findings if finding.kind == ASK]
    if asked and not note.code_reason:
        return f"{' '.join(asked)} Correct the minutes or the code, or say why it stays."
    return None


def add_addendum(note: Note, by: "User") -> str | None:
    """The author or another member of the care team who writes notes adds to a signed note."""
    if not note.is_signed:
        return "The note is not signed yet. Write in the note itself."
    if note.retracted_at is not None:
        return "This note was marked as entered in error and takes no more text."
    if note.author_id != by.pk and not access.may(by, "note.write", note.patient_id):
        return "Only the author and the care team add to this note."
    return staff.may_sign(by)


def retract(note: Note, by: "User") -> str | None:
    """The author, or the author's supervisor, marks a note as entered in error."""
    if note.retracted_at is not None:
        return "This note was marked as entered in error already."
    if by.pk not in (note.author_id, note.author.supervisor_id, note.cosigner_id):
        return "Only the author or the author's supervisor marks this note as entered in error."
    return None


def cosign(note: Note, by: "User") -> str | None:
    """The supervisor who was asked co-signs, once, licensed."""
    if note.cosigner_id != by.pk:
        return "This note asks somebody else to co-sign."
    if not note.is_signed or note.retracted_at is not None:
        return "Only a signed note that stands can be co-signed."
    if note.cosigned_at is not None:
        return "This note is co-signed already."
    return staff.may_sign(by)


def licence_of(user: "User", note: Note) -> str:
    """The profession of the licence in force on the note's day, the most recent first; empty: none."""
    day = note.started_at.astimezone(note.patient.zone).date()
    held = [one for one in user.licences.all() if one.in_force(day)]
    return max(held, key=lambda one: one.issued_on).profession if held else ""


def needs_cosigner(user: "User", licence: str) -> bool:
    """An associate's note asks the supervisor."""
    return licence == Profession.LPC_A and user.supervisor_id is not None
