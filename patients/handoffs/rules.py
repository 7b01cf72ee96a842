"""Why the handoffs room says no."""

from clinic.staff.models import User
from patients.handoffs.models import Handoff
from patients.record.access import on_team
from patients.record.models import Patient


def send(patient: Patient, to_user: User, words: str, answer_to: Handoff | None, by: User) -> str | None:
    """A line goes to somebody else on the care team, and says something."""
    if not words:
        return "Write what the other should know."
    if to_user.pk == by.pk:
        return "This line is for somebody else on the care team. Choose whom."
    if not to_user.is_active or not on_team(to_user, patient.pk):
        return f"{to_user.name} is not on the care team now. Choose somebody who is."
    if answer_to is None:
        return None
    if answer_to.patient_id != patient.pk or answer_to.to_user_id != by.pk:
        return "This line was not sent to you."
    return "That line was marked as entered in error." if answer_to.in_error else None


def mark_read(handoff: Handoff, by: User) -> str | None:
    """Only the receiver takes note of a line."""
    return None if handoff.to_user_id == by.pk else "This line was not sent to you."


def retract(handoff: Handoff, reason: str, by: User) -> str | None:
    """Only the sender takes a line back, with a reason."""
    if handoff.from_user_id != by.pk:
        return "Only the person who sent the line can mark it as entered in error."
    if handoff.in_error:
        return "This line was marked as entered in error already."
    return None if reason else "Write why: it belongs to another patient, say."
