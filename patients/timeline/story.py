"""How the record, which stands below the timeline, tells its part of the story (port RECORD_STORY)."""

from datetime import datetime
from typing import TYPE_CHECKING

from patients.record.models import Allergy, Condition, MedicalFact
from patients.timeline import actions
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

Told = Allergy | Condition | MedicalFact


class Story:
    """Lines of kind RECORD."""

    def tell(self, row: Told, *, label: str, occurred_at: datetime, by: "User | None") -> None:
        """One line for an allergy, a condition or a medical fact."""
        actions.note(
            row.patient_id, EntryKind.RECORD, on=row, occurred_at=occurred_at, until=occurred_at, label=label, by=by
        )

    def retract(self, row: Told) -> None:
        """Entered in error: its lines leave the story."""
        actions.retract(row)
