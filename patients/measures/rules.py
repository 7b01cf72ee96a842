"""Why the measures room says no (R-MB-02, R-MB-07)."""

from collections.abc import Sequence
from datetime import datetime

from clinic import clock
from clinic.staff.models import User
from patients.measures import calc
from patients.measures.enums import Method
from patients.measures.instruments import Instrument
from patients.measures.models import Score
from patients.record.models import Patient
from patients.risk.rules import licensed
from patients.scheduling.enums import OPEN
from patients.scheduling.models import Attendance


def record(
    instrument: Instrument | None, answers: Sequence[int | None], answered_at: datetime, patient: Patient,
    attendance: Attendance | None,
) -> str | None:  # fmt: skip
    """Answers are recorded for a questionnaire that we can score, with something answered, and not in the future."""
    if instrument is None:
        return "There is no such questionnaire. Choose one from the list."
    if instrument.method is Method.TRIAGE:
        return f"{instrument.short_name} has no total and cannot be recorded as a score."
    if sentence := calc.problem_with(instrument, answers):
        return sentence
    if all(answer is None for answer in answers):
        return "Nothing is answered yet. Choose at least one answer."
    if answered_at > clock.now():
        return "The answers cannot be from the future. Check the day and the time."
    if attendance is not None and attendance.patient_id != patient.pk:
        return "This visit is another patient's."
    return None


def acknowledge(score: Score, by: User) -> str | None:
    """Answers that raised an alert are seen by a clinician whose licence is in force (R-MB-07)."""
    if score.in_error:
        return "This score was marked as entered in error."
    if not score.alerts:
        return "No answer of this score asks to be acknowledged."
    return licensed(by)


def retract(score: Score, reason: str) -> str | None:
    """A score is marked as entered in error once, with a reason."""
    if score.in_error:
        return "This score was marked as entered in error already."
    return None if reason else "Write why the score is wrong: another person's answers, say."


def hand_over(patient: Patient, attendance: Attendance | None) -> str | None:
    """The questionnaire is handed out for the patient's own visit that is not over."""
    if attendance is None:
        return None
    if attendance.patient_id != patient.pk:
        return "This visit is another patient's."
    return None if attendance.status in OPEN else "This visit is over or was cancelled. Hand it out for another visit."
