"""A signed refill was undone before it was sent: the decision stays to be read, the request is open again."""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from medications.prescribing.models import Authorisation
from medications.prescribing.queries import practice_today
from medications.refills import queries
from medications.refills.actions.opening import answer, ask_prescribers
from medications.refills.models import RefillRequest
from patients.timeline import actions as timeline

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def reopen(authorisation: Authorisation, *, by: "User") -> str:
    """Port TRANSMISSION_UNDONE: open the request anew, in its old place; the patient's message is taken back.

    What was left of an older authorisation stays void: it was cancelled when the refill was signed. Returns what is
    said to the prescriber, "" where no request stands behind the authorisation.
    """
    rows = RefillRequest.objects.select_for_update(of=("self",)).filter(state__in=["approved", "bridged"])
    row = rows.filter(authorisation=authorisation).first()
    if row is None:
        return ""
    row.state = "undone"
    row.save(update_fields=["state"])
    timeline.retract(row)
    outbox.withdraw(f"note:refill:{row.pk}", why="the refill was undone")
    audit.record(Kind.CHANGED, by=by, on=row, what="refills.undone")
    now = queries.by_prescription([row], practice_today()).get(row.prescription_id)
    if now is None or RefillRequest.objects.filter(prescription=row.prescription_id, state="requested").exists():
        return ""
    again = RefillRequest(
        prescription_id=row.prescription_id, patient_id=row.patient_id, opened_at=row.opened_at,
        opened_by=row.opened_by, source=row.source,
    )  # fmt: skip
    answer(again, now.answered, clock.now())
    again.save()
    audit.record(Kind.CREATED, by=by, on=again, what="refills.reopen")
    ask_prescribers(practice_today())
    return "The refill request is open again."
