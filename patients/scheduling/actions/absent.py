"""A clinician is away: the front desk is asked to move the visits that are booked in that time, or to cancel them."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinic.staff.enums import Role
from patients.inbox import actions as inbox
from patients.scheduling import queries
from patients.scheduling.wording import day_words, time_words

if TYPE_CHECKING:
    from clinic.staff.models import User

KIND = "visit_in_absence"


def ask_to_move(absence: Any, by: "User | None") -> None:
    """A task of the front desk for each visit in the absence (port ABSENCE_COVERED). Three queries and one a visit."""
    for attendance in queries.booked_in(absence):
        segment = attendance.segment
        starts = segment.starts_at.astimezone(segment.booking.site.zone)
        inbox.ask(
            KIND, patient_id=attendance.patient_id, object_id=attendance.pk, due_on=starts.date(), by=by,
            sentence=f"{segment.clinician.given_name} is away on {day_words(starts.date())}, "
            f"{time_words(starts.time())}: move the visit, or cancel it.",
            purpose=purpose(attendance.pk), roles=[Role.FRONT_DESK],
        )  # fmt: skip


def back_early(absence: Any, by: "User | None") -> None:
    """The absence was taken off: nobody has to be asked (port ABSENCE_REMOVED)."""
    for attendance in queries.booked_in(absence):
        settled(attendance.pk, by=by, outcome="the absence was taken off")


def settled(attendance_id: UUID, *, by: "User | None", outcome: str) -> None:
    """The visit has another time, or is off."""
    inbox.finish(purpose(attendance_id), by=by, outcome=outcome)


def purpose(attendance_id: UUID) -> str:
    """One task a visit, however often the absence is entered."""
    return f"absence:{attendance_id}"
