"""What the actions of the way share: the lock, the names of due work and tasks, who is asked."""

from typing import TYPE_CHECKING
from uuid import UUID

from clinic.outbox import actions as outbox
from clinic.staff.enums import Role
from medications.pharmacies.models import Transmission
from patients.inbox import actions as inbox
from patients.record.access import members
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

SEND, CANCEL, ANSWER = "pharmacies.send", "pharmacies.cancel", "pharmacies.answer"
FAILED, UNFILLED, UNTOLD = "pharmacies.failed", "pharmacies.unfilled", "pharmacies.untold"
UNMATCHED, REFUSED, UNANSWERED = "pharmacies.unmatched", "pharmacies.refused", "pharmacies.unanswered"


def locked(row: Transmission) -> Transmission:
    """The transmission as it is now, locked, the patient first as everywhere in medications."""
    Patient.objects.select_for_update(no_key=True).get(pk=row.patient_id)
    rows = Transmission.objects.select_for_update(of=("self",)).select_related(
        "authorisation__prescription__drug", "patient", "pharmacy", "asked_by", "fill"
    )
    return rows.get(pk=row.pk)


def purpose(row: Transmission) -> str:
    """What makes its leaving one piece of work."""
    return f"transmission:{row.pk}"


def task(kind: str, key: UUID) -> str:
    """What makes a task one."""
    return f"{kind}:{key}"


def ask(kind: str, row: Transmission, sentence: str, *, by: "User | None", urgent: bool = False) -> None:
    """A task for who signed it, if they still may see the patient; else for the prescribers of the care team."""
    inbox.ask(
        kind, sentence=sentence, purpose=task(kind, row.pk), patient_id=row.patient_id, users=_asked(row),
        object_id=row.pk, urgent=urgent, by=by,
    )  # fmt: skip


def asked_no_more(row: Transmission, outcome: str, *, by: "User | None", but: str = "") -> None:
    """What was asked about it is over."""
    for kind in (FAILED, UNFILLED, UNTOLD):
        if kind != but:
            inbox.finish(task(kind, row.pk), by=by, outcome=outcome)
    outbox.settle(purpose(row), why=outcome)


def _asked(row: Transmission) -> list["User"]:
    team = [
        one.user
        for one in members().filter(patient_id=row.patient_id).select_related("user").order_by("user_id")
        if one.user.is_active and Role.PRESCRIBER in one.user.held_roles()
    ]
    signed = [user for user in team if user.pk == row.asked_by_id]
    return signed or team
