"""How the record, which stands below the timeline, tells its part of the story (port RECORD_STORY)."""

from datetime import datetime
from typing import TYPE_CHECKING

from patients.record.models import Allergy, Condition, MedicalFact, Patient, Reading
from patients.timeline import actions
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

Told = Allergy | Condition | MedicalFact | Reading | Patient


class Story:
    """Lines of kind RECORD."""

    def tell(self, row: Told, *, label: str, occurred_at: datetime, by: "User | None") -> None:
        """One line for an allergy, a condition, a medical fact, a reading, or the record as a whole."""
        patient_id = row.pk if isinstance(row, Patient) else row.patient_id
        actions.note(
            patient_id, EntryKind.RECORD, on=row, occurred_at=occurred_at, until=occurred_at, label=label, by=by
        )

    def retract(self, row: Told) -> None:
        """Entered in error: its lines leave the story."""
        actions.retract(row)
