"""Why going through the list says no. Sentences name no drug and no person: they also stand in the audit."""

from typing import TYPE_CHECKING

from medications.reconciling.enums import Answer
from medications.reconciling.models import Reconciliation
from medications.visits.models import Visit
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

WORDS = {
    Answer.DIFFERENTLY: "Write how it is taken, as the patient says.",
    Answer.STOPPED: "Write since when it is not taken, and why.",
}
UNANSWERED = "Choose how it is taken."


def line(answer: str, words: str) -> tuple[str, str] | None:
    """Each line has one answer, and words where they carry it: the sentence and "answer" or "words"."""
    if answer not in Answer.values:
        return UNANSWERED, "answer"
    if not words and Answer(answer) in WORDS:
        return WORDS[Answer(answer)], "words"
    return None


def visit(found: Visit, patient: Patient, by: "User") -> str | None:
    """Only at a visit with this patient that the person is writing."""
    if found.patient_id != patient.pk or found.note.author_id != by.pk or found.note.is_signed:
        return "That visit is over or is not yours. Go through the list from the Medication tab."
    return None


def retract(found: Reconciliation) -> str | None:
    """Once."""
    return "This was marked as entered in error already." if found.retracted_at is not None else None
